/// What did not come about in time.
struct TooLate: Error, CustomStringConvertible {
    let description: String
}

/// Asks again and again until there is an answer.
///
/// - Throws: `TooLate` when `limit` passes, or what the question throws.
@discardableResult
func eventually<Answer>(
    _ what: String,
    within limit: Duration = .seconds(600),
    _ question: () async throws -> Answer?
) async throws -> Answer {
    let deadline = ContinuousClock.now + limit
    while true {
        if let answer = try await question() { return answer }
        guard ContinuousClock.now < deadline else {
            throw TooLate(description: "after \(limit) still not: \(what)")
        }
        try await Task.sleep(for: .milliseconds(10))
    }
}
