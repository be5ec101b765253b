import Domain
import Foundation
import Synchronization
import Testing
import WorkerProtocol

@testable import Scheduling

@Suite struct DrawnTokenTests {
    /// Draws three tokens for each request, one a step.
    private final class Drawer: WorkerHandler, @unchecked Sendable {
        private var requests: [(id: Int, reports: Bool, count: Int)] = []
        private var drawn: [(id: Int, tokens: [DrawnToken])] = []

        func handle(_ request: WorkerRequest, progress: WorkerProgress) -> WorkerReply { .done }

        func begin(_ request: WorkerRequest, id: Int) -> Bool {
            guard case .sample(let order) = request else { return false }
            requests.append((id, order.reportsTokens, 0))
            return true
        }

        func advance(progress: WorkerProgress) -> [SharedAnswer] {
            for place in requests.indices {
                let request = requests[place]
                if request.reports {
                    let token = DrawnToken(
                        prompt: 0,
                        sample: 0,
                        place: request.count,
                        token: Int32(request.count),
                        text: "\(request.count)"
                    )
                    drawn.append((request.id, [token]))
                }
                requests[place].count += 1
            }
            let done = requests.filter { $0.count == 3 }
            requests.removeAll { $0.count == 3 }
            return done.map { SharedAnswer(id: $0.id, result: .success(.sampled([]))) }
        }

        func takeDrawn() -> [(id: Int, tokens: [DrawnToken])] {
            defer { drawn = [] }
            return drawn
        }

        func drop(id: Int) { requests.removeAll { $0.id == id } }
    }

    private static func order(reports: Bool) -> WorkerRequest {
        var order = WorkerRequest.Sample(
            prompts: [.tokens([1])],
            promptStreams: [0],
            groupSize: 1,
            sampling: SamplingParameters(),
            seed: 0,
            includesReference: false
        )
        order.reportsTokens = reports
        return .sample(order)
    }

    @Test func `what is drawn is told in order before the answer, to who asked alone`()
        async throws
    {
        let worker = try InProcessWorker.unserved()
        let server = WorkerServer(
            socket: worker.workerEnd,
            heartbeatInterval: .milliseconds(5),
            onDisconnect: { _ in }
        )
        let child = worker.child
        Thread {
            try? server.run(handler: Drawer())
            child.exit(.exited(code: 0))
        }.start()
        try await worker.port.waitForHello()
        let heard = Told()
        let pool: any WorkerPort = worker.port
        async let silent = pool.request(Self.order(reports: false), deadline: .seconds(900))
        _ = try await pool.request(Self.order(reports: true), deadline: .seconds(900)) { tokens in
            heard.add(tokens)
        }
        #expect(heard.tokens.map(\.text) == ["0", "1", "2"])
        _ = try await silent
        #expect(heard.tokens.count == 3)
        await worker.port.shutdown()
    }

    /// Tokens as they come.
    private final class Told: Sendable {
        private let list = Mutex<[DrawnToken]>([])
        var tokens: [DrawnToken] { list.withLock { $0 } }
        func add(_ tokens: [DrawnToken]) { list.withLock { $0 += tokens } }
    }
}
