public import Domain
import Foundation
import Synchronization
public import WorkerProtocol

/// Starts `hone-worker` processes, each connected by a socket pair that dies with this process.
public final class ProcessWorkerLauncher: WorkerLauncher {
    /// Where workers' output goes, line by line; called on threads of the launcher's own.
    public typealias Log =
        @Sendable (_ role: String, _ processID: Int32, _ line: String) -> Void

    private let executable: String
    private let threads: Int
    private let timing: WorkerTiming
    private let folder: DataFolder?
    private let log: Log
    /// How many workers of each role were launched.
    private let launches = Mutex<[String: Int]>([:])

    /// Prepares to launch.
    /// - Parameters:
    ///   - executable: The path of `hone-worker`; see `besideThisProgram`.
    ///   - threads: How many threads each worker computes with.
    ///   - dataFolder: The data folder, whose models and runs are the only files that workers reach,
    ///     where the kernel has Landlock; `nil`: they reach what this process does.
    ///   - timing: How long workers are waited for.
    ///   - log: Takes what workers write to their standard output and error.
    public init(
        executable: String = besideThisProgram(),
        threads: Int,
        dataFolder: String? = nil,
        timing: WorkerTiming = WorkerTiming(),
        log: @escaping Log
    ) {
        self.executable = executable
        self.threads = threads
        self.timing = timing
        folder = dataFolder.map { DataFolder($0) }
        self.log = log
    }

    /// Whether the kernel keeps workers from files that are not theirs; from all else it does anyway.
    public static var confinesFiles: Bool { Confinement.coversFiles }

    /// The path of `hone-worker` in the folder of the running program.
    public static func besideThisProgram() -> String {
        let path = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        let folder = URL(fileURLWithPath: path ?? CommandLine.arguments.first ?? "")
            .deletingLastPathComponent()
        return folder.appendingPathComponent("hone-worker").path
    }

    /// Starts a worker and waits for its hello; see `WorkerLauncher`.
    public func launch(
        role: String,
        share: ThreadShare,
        reach: Confinement.Reach
    ) async throws(HoneError) -> any WorkerPort {
        let worker = try start(role: role, threads: share.of(threads), reach)
        try await worker.waitForHello()
        return worker
    }

    private func start(
        role: String,
        threads: Int,
        _ reach: Confinement.Reach
    ) throws(HoneError) -> ProcessWorker {
        let (ours, theirs) = try FrameSocket.descriptorPair()
        defer { close(theirs) }
        let socket = FrameSocket(fileDescriptor: ours)
        let log = log
        let process = try SpawnedProcess(
            executable: executable,
            arguments: arguments(role: role, threads: threads) + paths(reach),
            environment: environment(),
            socket: theirs,
            onLine: { log(role, $0, $1) }
        )
        return ProcessWorker(
            role: role,
            restarts: countLaunch(of: role),
            socket: socket,
            process: process,
            timing: timing
        )
    }

    /// How many there were before this one.
    private func countLaunch(of role: String) -> Int {
        launches.withLock { launches in
            defer { launches[role, default: 0] += 1 }
            return launches[role, default: 0]
        }
    }

    /// The role is for whoever lists processes.
    private func arguments(role: String, threads: Int) -> [String] {
        ["--socket-fd", "\(SpawnedProcess.childSocket)", "--threads", "\(threads)", "--role", role]
    }

    /// What the worker is confined to, as it reads it.
    private func paths(_ reach: Confinement.Reach) -> [String] {
        guard let folder else { return [] }
        let whole = folder.reach.joined(reach)
        return ["--lock", FolderLock.workersPath(folder.root)]
            + whole.readable.flatMap { ["--read", $0] }
            + whole.writable.flatMap { ["--write", $0] }
    }

    private func environment() -> [String: String] {
        var environment = ProcessInfo.processInfo.environment
        environment["HONE_TOKEN"] = nil
        // The worker splits the work over a pool of its own: BLAS's threads would only wait.
        environment["OPENBLAS_NUM_THREADS"] = "1"
        environment["OMP_NUM_THREADS"] = "1"
        return environment
    }
}
