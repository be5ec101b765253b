import CLinux
import Glibc

/// Tries what a confined process must not be able to do, and what it must: the proof of `Confinement`.
public enum ConfinementTrial {
    /// One attempt and what came of it.
    public struct Outcome: Sendable, Hashable {
        /// What was tried.
        public var attempt: String
        /// What the system said; `nil`: it let it happen.
        public var refusal: String?
        /// Whether it had to be refused.
        public var isForbidden: Bool

        /// Whether it went as it has to.
        public var isRight: Bool { (refusal != nil) == isForbidden }
    }

    private static let calls: [(String, Int32)] = [
        ("open a socket to the network", Int32(CLINUX_TRY_INTERNET)),
        ("open a socket to another process", Int32(CLINUX_TRY_LOCAL_SOCKET)),
        ("start a process", Int32(CLINUX_TRY_PROCESS)),
        ("signal the parent", Int32(CLINUX_TRY_PARENT)),
        ("trace the parent", Int32(CLINUX_TRY_TRACE)),
        ("set up io_uring", Int32(CLINUX_TRY_RING)),
        // Last: were it let, nothing would come after it.
        ("start a program", Int32(CLINUX_TRY_PROGRAM)),
    ]

    /// Tries everything within a reach; on a confined process.
    ///
    /// - Parameters:
    ///   - reach: What the process was confined to.
    ///   - foreign: Files that are outside of it: they are opened for reading, and a new one is tried
    ///     beside each.
    /// - Returns: what came of each attempt; files are forbidden where the kernel has Landlock.
    public static func run(within reach: Confinement.Reach, foreign: [String]) -> [Outcome] {
        let covers = Confinement.coversFiles
        var outcomes: [Outcome] = []
        for path in reach.readable + reach.writable {
            outcomes.append(outcome("read \(path)", false, open(path, O_RDONLY)))
        }
        for folder in reach.readable { outcomes.append(create(in: folder, isForbidden: covers)) }
        for folder in reach.writable { outcomes.append(create(in: folder, isForbidden: false)) }
        for path in foreign {
            outcomes.append(outcome("read \(path)", covers, open(path, O_RDONLY)))
            let folder = path.split(separator: "/").dropLast().joined(separator: "/")
            outcomes.append(create(in: "/" + folder, isForbidden: covers))
        }
        outcomes += calls.map { name, number in
            let result = clinux_try(number)
            let refusal = result == 0 ? nil : String(cString: strerror(-result))
            return Outcome(attempt: name, refusal: refusal, isForbidden: true)
        }
        return outcomes
    }

    private static func create(in folder: String, isForbidden: Bool) -> Outcome {
        let path = "\(folder)/.confinement-trial-\(getpid())"
        let result = open(path, O_WRONLY | O_CREAT | O_EXCL, 0o600)
        let found = outcome("write in \(folder)", isForbidden, result)
        if result >= 0 { unlink(path) }
        return found
    }

    /// Closes what was opened.
    private static func outcome(
        _ attempt: String,
        _ isForbidden: Bool,
        _ descriptor: Int32
    ) -> Outcome {
        let refusal = descriptor < 0 ? String(cString: strerror(errno)) : nil
        if descriptor >= 0 { close(descriptor) }
        return Outcome(attempt: attempt, refusal: refusal, isForbidden: isForbidden)
    }
}
