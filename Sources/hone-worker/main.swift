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

let arguments = CommandLine.arguments
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
