import Dispatch
import Foundation

/// The lines of standard input, read by a thread of its own: a blocked read cannot be cancelled,
/// waiting for a line can.
struct InputLines: AsyncSequence {
    /// Lines read ahead at most.
    private static let ahead = 64

    struct Iterator: AsyncIteratorProtocol {
        fileprivate var lines: AsyncStream<String>.Iterator
        fileprivate let room: DispatchSemaphore

        mutating func next() async -> String? {
            let line = await lines.next()
            room.signal()
            return line
        }
    }

    func makeAsyncIterator() -> Iterator {
        let (stream, continuation) = AsyncStream.makeStream(of: String.self)
        // Filled from zero: libdispatch traps when one is freed below the value it began with.
        let room = DispatchSemaphore(value: 0)
        for _ in 0..<Self.ahead { room.signal() }
        Thread.detachNewThread {
            while let line = readLine(strippingNewline: true) {
                room.wait()
                continuation.yield(line)
            }
            continuation.finish()
        }
        return Iterator(lines: stream.makeAsyncIterator(), room: room)
    }
}
