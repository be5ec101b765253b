import Domain
import Foundation
import Synchronization
import Testing
import WorkerProtocol

@testable import Scheduling

/// These run the real `hone-worker`, built beside the tests.
@Suite(.timeLimit(.minutes(15)))
struct ProcessWorkerLauncherTests {
    private static let request = WorkerRequest.score(.init(items: []))

    private func launcher(
        executable: String = ProcessWorkerLauncher.besideThisProgram(),
        timing: WorkerTiming = .quick
    ) -> ProcessWorkerLauncher {
        ProcessWorkerLauncher(executable: executable, threads: 1, timing: timing) { _, _, _ in }
    }

    /// What a request throws, if it does.
    private func failure(of worker: any WorkerPort) async -> HoneError? {
        do throws(HoneError) {
            _ = try await worker.request(Self.request, deadline: .seconds(900))
            return nil
        } catch {
            return error
        }
    }

    /// Whether a process is there and not merely waiting to be reaped.
    private func exists(_ processID: Int32) -> Bool { kill(processID, 0) == 0 }

    @Test
    func `a process answers, shows itself and ends when asked`() async throws {
        let launcher = launcher()
        let worker = try await launcher.launch(role: "policy")
        let status = await worker.status
        #expect(status.state == .idle && status.role == "policy" && status.restarts == 0)
        #expect(exists(status.processID))
        await worker.shutdown()
        #expect(await worker.status.state == .dead)
        #expect(!exists(status.processID))
        let next = try await launcher.launch(role: "policy")
        #expect(await next.status.restarts == 1)
        await next.shutdown()
    }

    @Test
    func `a killed process is noticed in the middle of a request, with the signal`() async throws {
        let worker = try await launcher().launch(role: "reward")
        let processID = await worker.status.processID
        // Stopped, it cannot answer before it is killed.
        kill(processID, SIGSTOP)
        async let failure = failure(of: worker)
        let status = try await worker.status { $0.state == .busy }
        #expect(status.state == .busy)
        kill(processID, SIGKILL)
        let error = await failure
        #expect(error?.code == .workerLost)
        #expect(error?.message.contains("was killed by SIGKILL") == true)
        #expect(error?.message.contains("while at score") == true)
        #expect(await worker.status.state == .dead)
    }

    @Test
    func `a stopped process is killed at the request's deadline`() async throws {
        let worker = try await launcher().launch(role: "policy")
        let processID = await worker.status.processID
        kill(processID, SIGSTOP)
        let error = await #expect(throws: HoneError.self) {
            try await worker.request(Self.request, deadline: .milliseconds(50))
        }
        #expect(error?.code == .deadlineExceeded)
        #expect(!exists(processID))
    }

    @Test
    func `a stopped process is found by its silence`() async throws {
        var timing = WorkerTiming.quick
        timing.silenceLimit = .milliseconds(1500)
        let worker = try await launcher(timing: timing).launch(role: "policy")
        kill(await worker.status.processID, SIGSTOP)
        let error = await #expect(throws: HoneError.self) {
            try await worker.request(Self.request, deadline: .seconds(900))
        }
        #expect(error?.code == .workerLost)
        #expect(error?.message.contains("sent no heartbeat") == true)
    }

    @Test
    func `a process ends by itself when its daemon's end closes, even with siblings`() async throws
    {
        var sockets: [FrameSocket] = []
        var processes: [SpawnedProcess] = []
        for _ in 0..<2 {
            let (process, socket) = try spawnWorker()
            // Once it has said hello it is waiting for requests.
            _ = try await socket.receiveFrames()
            processes.append(process)
            sockets.append(socket)
        }
        // Dropped, the descriptor is closed, as the kernel does for a daemon that is killed: a copy
        // in the sibling, which was started later, would keep the connection open.
        sockets.removeFirst()
        #expect(await exitCause(of: processes[0]) == .exited(code: 0))
        #expect(processes[1].waitForExit(timeout: .zero) == nil)
        sockets.removeFirst()
        #expect(await exitCause(of: processes[1]) == .exited(code: 0))
    }

    private func exitCause(of process: SpawnedProcess) async -> ExitCause? {
        await withCheckedContinuation { waiter in
            Thread {
                waiter.resume(returning: process.waitForExit(timeout: .seconds(30)))
            }.start()
        }
    }

    private func spawnWorker() throws -> (process: SpawnedProcess, socket: FrameSocket) {
        let (ours, theirs) = try FrameSocket.descriptorPair()
        defer { close(theirs) }
        let process = try SpawnedProcess(
            executable: ProcessWorkerLauncher.besideThisProgram(),
            arguments: ["--socket-fd", "3"],
            environment: [:],
            socket: theirs,
            onLine: { _, _ in }
        )
        return (process, FrameSocket(fileDescriptor: ours))
    }

    @Test
    func `a program that fails at once is lost with its code and last lines`() async throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("hone-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let script = folder.appendingPathComponent("worker").path
        try "#!/bin/sh\necho first\necho 'no library' >&2\nexit 7\n"
            .write(toFile: script, atomically: true, encoding: .utf8)
        #expect(chmod(script, 0o755) == 0)
        let lines = Mutex<[String]>([])
        let launcher = ProcessWorkerLauncher(executable: script, threads: 1, timing: .quick) {
            role,
            _,
            line in lines.withLock { $0.append("\(role): \(line)") }
        }
        let error = await #expect(throws: HoneError.self) {
            try await launcher.launch(role: "policy")
        }
        #expect(error?.code == .workerLost)
        #expect(error?.message.contains("exited with code 7") == true)
        #expect(error?.message.hasSuffix("its last lines: first | no library") == true)
        #expect(lines.withLock { $0 } == ["policy: first", "policy: no library"])
    }

    @Test
    func `a program that is not there is named`() async {
        let error = await #expect(throws: HoneError.self) {
            try await launcher(executable: "/nowhere/hone-worker").launch(role: "policy")
        }
        #expect(error?.code == .internalError)
        #expect(error?.param == "/nowhere/hone-worker")
    }
}
