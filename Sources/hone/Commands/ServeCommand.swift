import Arguments
import Domain
import Foundation
import Glibc

/// Becomes honed, so that signals and the exit code are its own.
enum ServeCommand: Command {
    static let description = CommandDescription.serve("hone serve")

    static func run(_ arguments: ParsedArguments) async throws {
        throw Sibling.become("honed", arguments.words)
    }
}

/// The other executables of this package, in the same folder.
enum Sibling {
    static func path(_ name: String) -> String {
        let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let folder = URL(fileURLWithPath: own ?? CommandLine.arguments[0])
            .deletingLastPathComponent()
        return folder.appendingPathComponent(name).path
    }

    /// Replaces this process; returns only with the reason why it could not.
    static func become(_ name: String, _ arguments: [String]) -> HoneError {
        let path = path(name)
        // Ctrl-C belongs to the new program from here on.
        signal(SIGINT, SIG_DFL)
        var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) }
        words.append(nil)
        execv(path, words)
        let reason = String(cString: strerror(errno))
        for word in words { free(word) }
        return HoneError(
            .notFound,
            "\(path) cannot be started: \(reason); build it with `swift build -c release`",
            param: name
        )
    }
}
