import Domain
import Foundation
import Testing
import WorkerProtocol

@testable import Scheduling

@Suite(.timeLimit(.minutes(15)))
struct ProcessWorkerTests {
    private static func decode(_ tokens: [Int32]) -> WorkerRequest {
        .decode(.init(sequences: [Packed(tokens)]))
    }

    /// Answers a decode request with its tokens in words.
    private static func spell(_ request: WorkerRequest) -> WorkerReply {
        guard case .decode(let decode) = request else { return .done }
        return .decoded(decode.sequences.map { "\($0.elements)" })
    }

    /// What a request throws, if it does.
    private static func failure(
        of worker: any WorkerPort,
        deadline: Duration = .seconds(900)
    ) async -> HoneError? {
        do throws(HoneError) {
            _ = try await worker.request(decode([1]), deadline: deadline)
            return nil
        } catch {
            return error
        }
    }

    @Test
    func `each of many concurrent requests gets its own answer`() async throws {
        let worker = try await InProcessWorker.serving { request, _ in Self.spell(request) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<200 as Range<Int32> {
                group.addTask {
                    let reply = try await worker.port.request(
                        Self.decode([number]),
                        deadline: .seconds(900)
                    )
                    guard case .decoded(let texts) = reply else {
                        Issue.record("another answer came")
                        return
                    }
                    #expect(texts == ["[\(number)]"])
                }
            }
            try await group.waitForAll()
        }
        #expect(await worker.port.status.state == .idle)
        await worker.port.shutdown()
        #expect(await worker.port.status.state == .dead)
        #expect(worker.child.exitCause == .exited(code: 0))
    }

    @Test
    func `a large payload comes through both ways`() async throws {
        let worker = try await InProcessWorker.serving { request, _ in
            guard case .decode(let decode) = request else { return .done }
            return .logprobs([decode.sequences.map { Packed($0.elements.map(Float.init)) }])
        }
        let count: Int32 = 2_000_000
        let reply = try await worker.port.request(
            Self.decode(Array(0..<count)),
            deadline: .seconds(900)
        )
        guard case .logprobs(let groups) = reply else {
            Issue.record("another answer came")
            return
        }
        #expect(groups.first?.first?.elements == (0..<count).map(Float.init))
        await worker.port.shutdown()
    }

    @Test
    func `failures are thrown as they are and the worker lives on`() async throws {
        struct Odd: Error {}
        let worker = try await InProcessWorker.serving { request, _ in
            if case .plan = request { throw Odd() }
            if case .decode = request { throw HoneError(.promptTooLong, "too long", param: "x") }
            return .done
        }
        #expect(
            await Self.failure(of: worker.port)
                == HoneError(.promptTooLong, "too long", param: "x")
        )
        let plan = WorkerRequest.plan(.init(modelFolder: "m"))
        let odd = await #expect(throws: HoneError.self) {
            try await worker.port.request(plan, deadline: .seconds(900))
        }
        #expect(odd?.code == .internalError)
        #expect(odd?.message == "plan failed: Odd()")
        let score = WorkerRequest.score(.init(items: []))
        guard case .done = try await worker.port.request(score, deadline: .seconds(900)) else {
            Issue.record("another answer came")
            return
        }
        await worker.port.shutdown()
    }

    @Test
    func `a request past its deadline costs the worker, the others are lost with it`() async throws
    {
        let release = Latch()
        let worker = try await InProcessWorker.serving { _, progress in
            progress.begin("sampling", total: 80)
            progress.advance(by: 12)
            _ = release.wait(.seconds(900))
            return .done
        }
        defer { release.open() }
        // Long enough for a heartbeat and a second request to pass on a busy machine.
        async let first = Self.failure(of: worker.port, deadline: .milliseconds(2500))
        let status = try await worker.port.status { $0.completed > 0 }
        #expect(status.activity == "sampling" && status.completed == 12 && status.total == 80)
        async let second = Self.failure(of: worker.port)
        let (late, lost) = await (first, second)
        #expect(late?.code == .deadlineExceeded)
        #expect(late?.message.contains("did not finish decode within 2.5 seconds") == true)
        #expect(lost?.code == .workerLost)
        #expect(worker.child.exitCause == .killed(signal: SIGKILL))
        #expect(await Self.failure(of: worker.port)?.code == .workerLost)
    }

    @Test
    func `a worker that falls silent is killed and lost`() async throws {
        var timing = WorkerTiming.quick
        timing.silenceLimit = .milliseconds(50)
        let worker = try InProcessWorker.unserved(timing: timing, lastLines: ["one", "two"])
        try worker.greet()
        let error = await Self.failure(of: worker.port)
        #expect(error?.code == .workerLost)
        #expect(error?.message.contains("sent no heartbeat") == true)
        #expect(error?.message.hasSuffix("its last lines: one | two") == true)
        #expect(worker.child.exitCause == .killed(signal: SIGKILL))
    }

    @Test
    func `a worker that never says hello is killed`() async throws {
        var timing = WorkerTiming.quick
        timing.helloDeadline = .milliseconds(20)
        let worker = try InProcessWorker.unserved(timing: timing)
        let error = await #expect(throws: HoneError.self) { try await worker.port.waitForHello() }
        #expect(error?.code == .workerLost)
        #expect(error?.message.contains("did not say hello") == true)
    }

    @Test
    func `a worker of another version is refused for good`() async throws {
        let worker = try InProcessWorker.unserved()
        try worker.greet(version: 99)
        let error = await #expect(throws: HoneError.self) { try await worker.port.waitForHello() }
        #expect(error?.code == .internalError)
        #expect(error?.message.contains("version 99") == true)
    }

    @Test
    func `an exit in the middle of a request names the code`() async throws {
        let worker = try InProcessWorker.unserved()
        try worker.greet()
        try await worker.port.waitForHello()
        async let failure = Self.failure(of: worker.port)
        _ = try await worker.workerEnd.receiveFrames()
        worker.child.exit(.exited(code: 3))
        let error = await failure
        #expect(error?.code == .workerLost)
        #expect(error?.message.contains("exited with code 3, while at decode") == true)
    }

    @Test
    func `an answer out of turn ends the conversation`() async throws {
        let worker = try InProcessWorker.unserved()
        try worker.greet()
        async let failure = Self.failure(of: worker.port)
        try worker.workerEnd.send(Frame(.reply(id: 77, .done)))
        let error = await failure
        #expect(error?.message.contains("answered request 77 out of turn") == true)
        #expect(worker.child.exitCause == .killed(signal: SIGKILL))
    }

    @Test
    func `shutting down a worker that does not answer ends it by a signal`() async throws {
        var timing = WorkerTiming.quick
        timing.shutdownGrace = .milliseconds(20)
        let worker = try InProcessWorker.unserved(timing: timing)
        try worker.greet()
        async let failure = Self.failure(of: worker.port)
        _ = try await worker.workerEnd.receiveFrames()
        await worker.port.shutdown()
        #expect(worker.child.exitCause == .killed(signal: SIGTERM))
        let error = await failure
        #expect(error?.message.contains("was shut down") == true)
        await worker.port.shutdown()
    }
}
