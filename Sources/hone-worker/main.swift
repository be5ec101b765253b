import Domain
import Foundation
import WorkerProtocol

/// Answers that this build computes nothing.
struct UnlinkedHandler: WorkerHandler {
    func handle(_ request: WorkerRequest, progress: WorkerProgress) throws -> WorkerReply {
        throw HoneError(.internalError, "no numerics linked")
    }
}

/// The number after `--socket-fd`: the socket that the daemon left open for this process.
func socketDescriptor(in arguments: [String]) -> Int32? {
    guard let option = arguments.firstIndex(of: "--socket-fd"),
        arguments.indices.contains(option + 1)
    else { return nil }
    return Int32(arguments[option + 1])
}

/// Says why on the standard error, which the daemon logs, and ends.
func fail(_ reason: String, _ status: Int32) -> Never {
    try? FileHandle.standardError.write(contentsOf: Data("hone-worker: \(reason)\n".utf8))
    exit(status)
}

guard let descriptor = socketDescriptor(in: CommandLine.arguments) else {
    fail("started by honed and hone train, not by hand: --socket-fd N is missing", EX_USAGE)
}
do throws(HoneError) {
    try WorkerServer.run(fileDescriptor: descriptor, handler: UnlinkedHandler())
} catch {
    fail(error.message, EX_UNAVAILABLE)
}
