import Foundation
import Synchronization
import WorkerProtocol

/// Reads what a child writes, line by line, on a thread of its own, and remembers the last lines.
final class OutputReader: Sendable {
    /// How many lines are remembered.
    static let rememberedLines = 20
    /// Bytes at which a line without an end is cut.
    static let longestLine = 8192

    private struct State {
        var lines: [String] = []
        var partial = Data()
    }

    private let state = Mutex(State())
    private let hasEnded = Latch()
    private let onLine: @Sendable (String) -> Void

    /// Takes over the descriptor and reads it to its end.
    init(fileDescriptor: Int32, onLine: @escaping @Sendable (String) -> Void) {
        self.onLine = onLine
        let thread = Thread { self.readAll(fileDescriptor) }
        thread.name = "worker-output"
        thread.start()
    }

    /// The last lines that came.
    var lastLines: [String] { state.withLock { $0.lines } }

    /// Waits until the child has closed its output, at most `timeout`.
    func waitForEnd(timeout: Duration) {
        _ = hasEnded.wait(timeout)
    }

    private func readAll(_ fileDescriptor: Int32) {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(fileDescriptor, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { break }
            take(Data(buffer.prefix(count)))
        }
        close(fileDescriptor)
        take(Data("\n".utf8))
        hasEnded.open()
    }

    /// Splits into lines; an empty one is dropped.
    private func take(_ bytes: Data) {
        let lines = state.withLock { state in
            state.partial.append(bytes)
            var lines: [String] = []
            while let end = Self.endOfLine(state.partial) {
                lines.append(String(decoding: state.partial[..<end], as: UTF8.self))
                state.partial = Data(state.partial[end...].drop { $0 == UInt8(ascii: "\n") })
            }
            lines.removeAll { $0.isEmpty }
            state.lines = (state.lines + lines).suffix(Self.rememberedLines)
            return lines
        }
        for line in lines { onLine(line) }
    }

    private static func endOfLine(_ bytes: Data) -> Data.Index? {
        if let newline = bytes.firstIndex(of: UInt8(ascii: "\n")) { return newline }
        return bytes.count >= longestLine ? bytes.endIndex : nil
    }
}
