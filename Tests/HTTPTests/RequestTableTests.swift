import Testing

@testable import HTTP

/// The daemon's answers to the table's well-formed requests, without the daemon.
private let routes: [Route] = {
    let body = #"{"reward":{"name":"length","target":5},"items":[{"completion":"hello"}]}"#
    let health = Route.immediate(.get, "/healthz") { _ in
        HTTPResponse(contentType: "application/json", bytes: bytes(#"{"status":"ok"}"#))
    }
    var rewards = Route.immediate(.post, "/v1/rewards") { request in
        request.body == bytes(body) ? .text("scored") : .text("not JSON", status: 400)
    }
    rewards.requiresBody = true
    return [health, rewards, .immediate(.post, "/v1/updates") { _ in .text("") }]
}()

/// Stands in for the daemon's guard against names that are not this machine's.
@Sendable private func guardHost(_ head: RequestHead, _ route: Route?) -> HTTPResponse? {
    let host = head.headers["host"]?.lowercased() ?? "localhost"
    let isHere = ["localhost", "127.0.0.1", "[::1]"].contains { host.hasPrefix($0) }
    return isHere && !host.hasSuffix("example") ? nil : .text("who?", status: 403)
}

/// What a connection makes of bytes that come in the given pieces.
private func play(_ request: RawRequest, _ pieces: [[UInt8]]) -> Bench {
    var bench = Bench(routes, admission: guardHost)
    for piece in pieces { bench.receive(piece) }
    if request.ends { bench.end() }
    var answered = 0
    while answered < bench.waiting.count {
        let (sequence, asked) = bench.waiting[answered]
        let path = asked.path == "/healthz" ? 0 : 1
        guard case .immediate(let handle) = routes[path].handler else { break }
        bench.machine.complete(sequence, handle(asked))
        bench.run()
        answered += 1
    }
    return bench
}

@Test(arguments: RawRequest.table)
func `each raw request gets its answer`(request: RawRequest) {
    let bench = play(request, [request.bytes])
    #expect(bench.statuses == request.replies)
    #expect(bench.isFinished == request.closes)
    let text = bench.text.lowercased()
    for part in request.has { #expect(text.contains(part)) }
    for part in request.lacks { #expect(!text.contains(part)) }
    #expect(bench.text.hasSuffix(request.ending))
}

@Test func `raw requests get the same answers byte by byte`() {
    #expect(RawRequest.table.count > 700)
    for request in RawRequest.table where !request.isWhole && request.bytes.count < 1000 {
        let bench = play(request, request.bytes.map { [$0] })
        #expect(bench.statuses == request.replies, "\(request.testDescription)")
        #expect(bench.isFinished == request.closes, "\(request.testDescription)")
    }
}

/// Replaces, drops or doubles one byte, by a number that is different each time.
private func mutated(_ bytes: [UInt8], _ draw: inout UInt64) -> [UInt8] {
    draw = draw &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    let number = draw >> 33
    guard !bytes.isEmpty else { return bytes }
    var result = bytes
    let place = Int(number % UInt64(bytes.count))
    let dangerous: [UInt8] = [0, 9, 10, 13, 32, 44, 58, 59, 48, 255]
    switch number >> 16 & 3 {
    case 0: result.remove(at: place)
    case 1: result.insert(result[place], at: place)
    case 2: result[place] = dangerous[Int(number >> 20) % dangerous.count]
    default: result.insert(dangerous[Int(number >> 20) % dangerous.count], at: place)
    }
    return result
}

@Test func `mutated raw requests get the same answers whole and byte by byte`() {
    var draw: UInt64 = 1
    for request in RawRequest.table where request.bytes.count < 1000 {
        for _ in 0..<3 {
            let bytes = mutated(request.bytes, &draw)
            let whole = play(request, [bytes])
            let cut = play(request, bytes.map { [$0] })
            // Whether 100 Continue is sent depends on whether the body has begun.
            let isSame = whole.statuses.filter { $0 != 100 } == cut.statuses.filter { $0 != 100 }
            #expect(isSame, "\(request.testDescription): \(bytes)")
            #expect(whole.isFinished == cut.isFinished, "\(request.testDescription): \(bytes)")
        }
    }
}
