public import Domain
import Foundation
import Rewards
import WorkerProtocol

/// Runs graders in confined Python processes: one for some completions, with limits on everything.
public struct PythonRunner: Sendable {
    /// What one process may use.
    public struct Limits: Sendable, Hashable {
        /// For everything together, of the clock.
        public var deadline: Duration = .seconds(60)
        /// Processor time, seconds.
        public var processorSeconds = 20
        /// Address space, bytes.
        public var memoryBytes = 1 << 30
        /// Of each file that it writes, bytes.
        public var fileBytes = 1 << 20
        /// What it may answer, bytes.
        public var outputBytes = 1 << 20
        /// Completions of one process.
        public var casesAtOnce = 32

        /// The defaults.
        public init() {}
    }

    /// What a function grades.
    struct Case: Sendable {
        var sample: Value
        var item: Value
    }

    /// Processes that may die one after another without an answer before the rest is given up.
    static let deathLimit = 3

    private let executable: String
    private let limits: Limits
    /// Whether graders run even where they cannot be kept from the network.
    let mayHaveNetwork: Bool

    /// Finds the machine's Python.
    ///
    /// With `mayHaveNetwork` graders run even where they cannot be kept from the network.
    /// - Throws: `.notFound` when there is none.
    public init(limits: Limits = Limits(), mayHaveNetwork: Bool = false) throws(HoneError) {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let places = ["/usr/bin"] + path.split(separator: ":").map(String.init)
        let found = places.map { $0 + "/python3" }.first {
            FileManager.default.isExecutableFile(atPath: $0)
        }
        guard let found else {
            throw HoneError(.notFound, "there is no python3 to run graders with", param: "python3")
        }
        self.init(executable: found, limits: limits, mayHaveNetwork: mayHaveNetwork)
    }

    /// A runner of another Python.
    init(executable: String, limits: Limits = Limits(), mayHaveNetwork: Bool = false) {
        self.executable = executable
        self.limits = limits
        self.mayHaveNetwork = mayHaveNetwork
    }

    /// The same, keeping graders from the network or not running them.
    var keepingFromNetwork: PythonRunner {
        PythonRunner(executable: executable, limits: limits)
    }

    /// Grades cases; the one that a process died of is unscored, and those after it go to another.
    func grade(_ code: String, _ cases: [Case]) async -> [RewardScore] {
        var scores: [RewardScore] = []
        var deaths = 0
        while scores.count < cases.count {
            if deaths >= Self.deathLimit || Task.isCancelled {
                let reason = scores.last?.reason ?? "broken off"
                let rest = cases.count - scores.count
                return scores + Array(repeating: RewardScore(unscored: reason), count: rest)
            }
            let end = min(cases.count, scores.count + limits.casesAtOnce)
            let part = Array(cases[scores.count..<end])
            let found = await withCheckedContinuation { continuation in
                // A thread of its own: it waits for the process.
                let thread = Thread { continuation.resume(returning: self.run(code, part)) }
                thread.name = "python-grader"
                thread.start()
            }
            deaths = found.count == 1 && part.count > 1 ? deaths + 1 : 0
            scores += found
        }
        return scores
    }

    /// At least one score: those answered, and the failure of the one after them.
    private func run(_ code: String, _ cases: [Case]) -> [RewardScore] {
        let folder = NSTemporaryDirectory() + "hone-grader-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        do {
            try FileManager.default.createDirectory(
                atPath: folder,
                withIntermediateDirectories: false,
                attributes: [.posixPermissions: 0o700]
            )
            return try PythonProcess(
                executable,
                limits: limits,
                folder: folder,
                mayHaveNetwork: mayHaveNetwork
            ).grade(code, cases)
        } catch {
            return [RewardScore(unscored: "no Python can be started: \(error)", mayComeLater: true)]
        }
    }
}

/// The rewards of a grader in Python.
struct PythonProvider: RewardProvider {
    let grader: PythonGrader
    let runner: PythonRunner?

    func score(_ groups: [RewardGroup]) async throws(HoneError) -> [[RewardScore]] {
        let items = groups.flatMap(\.members)
        guard let runner else {
            let reason = "python graders are off: start with --allow-python-graders"
            return groups.split(items.map { _ in RewardScore(unscored: reason) })
        }
        let cases = items.map { item in
            let isShort = item.completion.utf8.count <= 1 << 20
            let text = Data(item.completion.utf8)
            let parsed = isShort ? try? JSONDecoder().decode(Value.self, from: text) : nil
            return PythonRunner.Case(
                sample: [
                    "output_text": .string(item.completion), "output_json": parsed ?? .null,
                ],
                item: item.item
            )
        }
        return groups.split(await runner.grade(grader.code, cases))
    }
}
