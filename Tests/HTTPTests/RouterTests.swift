import Testing

@testable import HTTP

private let router = Router([
    .immediate(.get, "/") { _ in .text("root") },
    .immediate(.get, "/runs/{id}") { _ in .text("run") },
    .immediate(.delete, "/runs/{id}") { _ in .text("gone") },
    .immediate(.get, "/runs/latest") { _ in .text("latest") },
    .immediate(.get, "/runs/{id}/events") { _ in .text("events") },
    .immediate(.get, "/files/{path...}") { _ in .text("file") },
])

private func template(_ method: HTTPMethod, _ segments: [String]) -> String? {
    guard case .found(_, let route) = router.match(method, segments) else { return nil }
    return route.template.text
}

@Test func `literals win over parameters and give way where they lead nowhere`() {
    #expect(template(.get, []) == "/")
    #expect(template(.get, ["runs", "latest"]) == "/runs/latest")
    #expect(template(.get, ["runs", "7"]) == "/runs/{id}")
    #expect(template(.get, ["runs", "latest", "events"]) == "/runs/{id}/events")
    #expect(template(.delete, ["runs", "latest"]) == "/runs/{id}")
    #expect(template(.get, ["runs", ""]) == nil)
    #expect(template(.get, ["nothing"]) == nil)
}

@Test func `parameters get decoded values and the rest is joined`() {
    #expect(
        PathTemplate("/runs/{id}/events").values(in: ["runs", "a/b", "events"]) == ["id": "a/b"]
    )
    #expect(template(.get, ["files", "a", "b"]) == "/files/{path...}")
    #expect(PathTemplate("/files/{path...}").values(in: ["files", "a", "b"]) == ["path": "a/b"])
}

@Test func `HEAD goes to GET and other methods are told what is allowed`() {
    #expect(template(.head, ["runs", "7"]) == "/runs/{id}")
    guard case .methodNotAllowed(let allowed) = router.match(.post, ["runs", "7"]) else {
        Issue.record("POST was not refused")
        return
    }
    #expect(Set(allowed) == [.get, .head, .delete, .options])
    guard case .options(let options) = router.match(.options, ["runs", "7"]) else {
        Issue.record("OPTIONS was not answered")
        return
    }
    #expect(options == allowed)
}
