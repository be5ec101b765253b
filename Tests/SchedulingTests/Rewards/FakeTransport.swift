import Domain
import Foundation
import Synchronization

@testable import Scheduling

/// A service in this process that answers from a closure.
final class FakeTransport: RemoteTransport {
    /// Gets the number of the request, from 0, and its body; `nil` lets the service count.
    typealias Answer = @Sendable (Int, Value) throws(RemoteFailure) -> RemoteReply?

    private struct State {
        var count = 0
        var open = 0
        var mostOpen = 0
    }

    private let state = Mutex(State())
    private let answer: Answer

    var count: Int { state.withLock { $0.count } }
    var mostOpen: Int { state.withLock { $0.mostOpen } }

    /// A service in OpenRLHF's shape that scores by the number of characters.
    init(_ answer: @escaping Answer = { _, _ in nil }) { self.answer = answer }

    func refusal(of url: String) -> String? {
        url.contains("forbidden") ? "the host is not allowed" : nil
    }

    func post(
        _ url: String,
        body: [UInt8],
        timeout: Duration
    ) async throws(RemoteFailure) -> RemoteReply {
        let number = state.withLock { state in
            state.open += 1
            state.mostOpen = max(state.mostOpen, state.open)
            state.count += 1
            return state.count - 1
        }
        defer { state.withLock { $0.open -= 1 } }
        for _ in 0..<10 { await Task.yield() }
        let value = (try? JSONDecoder().decode(Value.self, from: Data(body))) ?? .null
        if let reply = try answer(number, value) { return reply }
        let texts = value["query"]?.arrayValue ?? []
        let scores = texts.map { String($0.stringValue?.count ?? 0) }
        return .ok(#"{"rewards":[\#(scores.joined(separator: ","))]}"#)
    }
}

extension RemoteReply {
    static func ok(_ text: String) -> RemoteReply {
        RemoteReply(status: 200, body: Array(text.utf8))
    }
}
