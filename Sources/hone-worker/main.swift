import Domain
import Foundation
import WorkerProtocol

/// The number after an option.
func number(after option: String, in arguments: [String]) -> Int? {
    guard let index = arguments.firstIndex(of: option), arguments.indices.contains(index + 1) else {
        return nil
    }
    return Int(arguments[index + 1])
}

/// Says why on the standard error, which the daemon logs, and ends.
func fail(_ reason: String, _ status: Int32) -> Never {
    try? FileHandle.standardError.write(contentsOf: Data("hone-worker: \(reason)\n".utf8))
    exit(status)
}

/// Every value of an option that may be given more than once.
func paths(after option: String, in arguments: [String]) -> [String] {
    arguments.indices.dropLast().filter { arguments[$0] == option }.map { arguments[$0 + 1] }
}

/// Shares a lock until the process ends, so that the next owner of the data folder waits for that.
func share(lock path: String) {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0, flock(descriptor, LOCK_SH) == 0 else {
        fail("cannot share the lock \(path): \(String(cString: strerror(errno)))", EX_OSERR)
    }
}

/// Leaves the process its own files only, where any were named, and no way to others.
func confine(_ reach: Confinement.Reach, hasReach: Bool) {
    do throws(Confinement.Failure) {
        try Confinement.enter(hasReach ? reach : nil)
    } catch {
        fail("cannot be confined: \(error.reason)", EX_OSERR)
    }
}

/// Tries what a confined worker must not be able to do; a line each, exit code 1 if anything went as it
/// must not.
func proveConfinement(_ reach: Confinement.Reach, foreign: [String]) -> Never {
    let outcomes = ConfinementTrial.run(within: reach, foreign: foreign)
    for outcome in outcomes {
        let words = outcome.refusal.map { "refused: \($0)" } ?? "done"
        print("\(outcome.isRight ? "right" : "WRONG")  \(outcome.attempt): \(words)")
    }
    if !Confinement.coversFiles { print("this kernel has no Landlock: files are not kept") }
    fflush(nil)
    exit(outcomes.allSatisfy(\.isRight) ? EXIT_SUCCESS : EXIT_FAILURE)
}

// A limit of file sizes is an error of the write that meets it, not the end.
for number in [SIGPIPE, SIGXFSZ] { signal(number, SIG_IGN) }
let arguments = CommandLine.arguments
let reach = Confinement.Reach(
    readable: paths(after: "--read", in: arguments),
    writable: paths(after: "--write", in: arguments)
)
if let lock = paths(after: "--lock", in: arguments).first { share(lock: lock) }
let isTrial = arguments.contains("--try-confinement")
confine(reach, hasReach: isTrial || arguments.contains("--write"))
if isTrial { proveConfinement(reach, foreign: paths(after: "--foreign", in: arguments)) }
guard let descriptor = number(after: "--socket-fd", in: arguments).flatMap({ Int32(exactly: $0) })
else {
    fail("started by honed and hone train, not by hand: --socket-fd N is missing", EX_USAGE)
}
let threads =
    number(after: "--threads", in: arguments) ?? ProcessInfo.processInfo.activeProcessorCount
do throws(HoneError) {
    let handler = NumericHandler(threadCount: max(1, threads))
    try WorkerServer.run(fileDescriptor: descriptor, handler: handler)
} catch {
    fail(error.message, EX_UNAVAILABLE)
}
