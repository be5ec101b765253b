import Glibc
import Synchronization

/// Writes whole lines to standard error, one at a time.
public enum StandardErrorSink {
    private static let turn = Mutex(())

    /// Writes one line; lines of several threads never mix.
    ///
    /// A failing write is given up.
    public static func write(_ line: String) {
        var line = line
        turn.withLock { _ in
            line.withUTF8 { bytes in
                var rest = bytes[...]
                while !rest.isEmpty {
                    let part = UnsafeBufferPointer(rebasing: rest)
                    let written = Glibc.write(STDERR_FILENO, part.baseAddress, part.count)
                    if written < 0 && errno == EINTR { continue }
                    guard written > 0 else { return }
                    rest = rest.dropFirst(written)
                }
            }
        }
    }
}
