import Domain
import Foundation
import Synchronization
import Testing
import WorkerProtocol

@testable import Scheduling

/// Computes sample requests together: one with seed n takes n steps; 0 is refused, 999 never ends.
final class StepHandler: WorkerHandler, Sendable {
    struct State {
        var remaining: [Int: UInt64] = [:]
        /// What happened, in order.
        var log: [String] = []
    }

    let state = Mutex(State())
    /// Nothing advances before so many have begun: how fast requests arrive must not matter.
    let quorum: Int

    init(quorum: Int = 1) { self.quorum = quorum }

    var log: [String] { state.withLock { $0.log } }

    func handle(_ request: WorkerRequest, progress: WorkerProgress) throws -> WorkerReply {
        state.withLock { $0.log.append(request.name) }
        return .done
    }

    func begin(_ request: WorkerRequest, id: Int) throws -> Bool {
        guard case .sample(let order) = request else { return false }
        if order.seed == 0 { throw HoneError(.invalidRequest, "no seed", param: "seed") }
        state.withLock {
            $0.remaining[id] = order.seed
            $0.log.append("begin \(order.seed)")
        }
        return true
    }

    func advance(progress: WorkerProgress) -> [SharedAnswer] {
        state.withLock { state in
            let begun = state.log.filter { $0.hasPrefix("begin") }.count
            guard begun >= quorum else { return [] }
            progress.update(completed: begun, total: 1000)
            var done: [SharedAnswer] = []
            for (id, steps) in state.remaining where steps != 999 {
                state.remaining[id] = steps == 1 ? nil : steps - 1
                if steps > 1 { continue }
                state.log.append("end \(id)")
                done.append(SharedAnswer(id: id, result: .success(.sampled([]))))
            }
            return done
        }
    }

    func drop(id: Int) {
        state.withLock {
            $0.remaining[id] = nil
            $0.log.append("drop \(id)")
        }
    }
}

@Suite(.timeLimit(.minutes(15)))
struct SharedWorkTests {
    private static func sample(_ seed: UInt64) -> WorkerRequest {
        .sample(
            .init(
                prompts: [.text("a")],
                promptStreams: [0],
                groupSize: 1,
                sampling: SamplingParameters(),
                seed: seed,
                includesReference: false
            )
        )
    }

    private static let decode = WorkerRequest.decode(.init(sequences: []))

    /// What a server answers to messages that are all there before it starts, in its order.
    private func answers(
        to messages: [WorkerMessage],
        _ handler: StepHandler
    ) async throws -> [(id: Int, reply: WorkerReply)] {
        let (ours, theirs) = try FrameSocket.pair()
        for message in messages { try ours.send(Frame(message)) }
        let server = WorkerServer(
            socket: theirs,
            heartbeatInterval: .seconds(60),
            onDisconnect: { _ in }
        )
        Thread { try? server.run(handler: handler) }.start()
        var answers: [(id: Int, reply: WorkerReply)] = []
        let expected = messages.filter { if case .request = $0 { true } else { false } }.count
        while answers.count < expected {
            for frame in try await ours.receiveFrames() {
                if case .reply(let id, let reply) = try frame.message() {
                    answers.append((id, reply))
                }
            }
        }
        ours.shutDown()
        return answers
    }

    @Test
    func `requests of two clients are computed together and answered as they are done`()
        async throws
    {
        let handler = StepHandler(quorum: 2)
        let answers = try await answers(
            to: [.request(id: 1, Self.sample(5)), .request(id: 2, Self.sample(2))],
            handler
        )
        #expect(answers.map(\.id) == [2, 1])
        #expect(handler.log == ["begin 5", "begin 2", "end 2", "end 1"])
    }

    @Test
    func `a request of another kind gets its turn before later ones join`() async throws {
        let handler = StepHandler()
        let answers = try await answers(
            to: [
                .request(id: 1, Self.sample(3)), .request(id: 2, Self.decode),
                .request(id: 3, Self.sample(1)), .request(id: 4, Self.decode),
            ],
            handler
        )
        #expect(answers.map(\.id) == [1, 2, 3, 4])
        #expect(handler.log == ["begin 3", "end 1", "decode", "begin 1", "end 3", "decode"])
    }

    @Test
    func `a request that cannot be begun fails alone`() async throws {
        let handler = StepHandler(quorum: 2)
        let answers = try await answers(
            to: [
                .request(id: 1, Self.sample(4)), .request(id: 2, Self.sample(0)),
                .request(id: 3, Self.sample(4)),
            ],
            handler
        )
        #expect(answers.map(\.id) == [2, 1, 3] || answers.map(\.id) == [2, 3, 1])
        guard case .failed(let error) = answers[0].reply else {
            Issue.record("it did not fail")
            return
        }
        #expect(error == HoneError(.invalidRequest, "no seed", param: "seed"))
    }

    @Test
    func `a cancelled request is dropped at the next step or never begun`() async throws {
        let handler = StepHandler()
        let answers = try await answers(
            to: [
                .request(id: 1, Self.sample(999)), .request(id: 2, Self.decode),
                .request(id: 3, Self.sample(1)), .cancel(id: 3), .cancel(id: 1), .cancel(id: 77),
            ],
            handler
        )
        #expect(Set(answers.map(\.id)) == [1, 2, 3])
        for (id, reply) in answers where id != 2 {
            guard case .failed(let error) = reply else {
                Issue.record("request \(id) was done")
                continue
            }
            #expect(error.code == .conflict)
        }
        // Whether the first had begun depends on how fast the messages were read.
        #expect(handler.log.last == "decode" && !handler.log.contains("begin 1"))
        #expect(handler.log.contains("drop 1") == handler.log.contains("begin 999"))
    }

    // MARK: The daemon's side

    /// A supervised worker whose handler computes sample requests together.
    private func worker(_ handler: StepHandler) async throws -> InProcessWorker {
        let worker = try InProcessWorker.unserved()
        let server = WorkerServer(
            socket: worker.workerEnd,
            heartbeatInterval: .milliseconds(5),
            onDisconnect: { _ in }
        )
        let child = worker.child
        Thread {
            try? server.run(handler: handler)
            child.exit(.exited(code: 0))
        }.start()
        try await worker.port.waitForHello()
        return worker
    }

    private static func outcome(
        of request: WorkerRequest,
        _ port: ProcessWorker
    ) async -> Result<WorkerReply, HoneError> {
        do throws(HoneError) {
            return .success(try await port.request(request, deadline: .seconds(900)))
        } catch {
            return .failure(error)
        }
    }

    @Test
    func `many clients share a worker, each with its own answer`() async throws {
        let handler = StepHandler(quorum: 20)
        let worker = try await worker(handler)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 1...20 as ClosedRange<UInt64> {
                group.addTask {
                    let reply = try await worker.port.request(
                        Self.sample(21 - number),
                        deadline: .seconds(900)
                    )
                    guard case .sampled = reply else {
                        Issue.record("another answer came")
                        return
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(handler.log.prefix(20).allSatisfy { $0.hasPrefix("begin") })
        #expect(await worker.port.status.state == .idle)
        await worker.port.shutdown()
        #expect(worker.child.exitCause == .exited(code: 0))
    }

    @Test
    func `cancelling the caller's task takes its request out of the batch`() async throws {
        let handler = StepHandler()
        let worker = try await worker(handler)
        let endless = Task { await Self.outcome(of: Self.sample(999), worker.port) }
        _ = try await worker.port.status { $0.completed > 0 }
        let other = Task { await Self.outcome(of: Self.sample(3), worker.port) }
        endless.cancel()
        guard case .failure(let error) = await endless.value else {
            Issue.record("it was done")
            return
        }
        #expect(error.code == .conflict)
        guard case .success(.sampled) = await other.value else {
            Issue.record("the other was not done")
            return
        }
        #expect(handler.log.contains("drop 1"))
        // What is cancelled before it is sent never goes out.
        let never = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await Self.outcome(of: Self.sample(7), worker.port)
        }
        guard case .failure = await never.value else {
            Issue.record("it was done")
            return
        }
        #expect(!handler.log.contains("begin 7"))
        await worker.port.shutdown()
    }
}
