import Glibc
import Synchronization

/// Cosines and sines of the rotary angles, (positions, head size / 2) each.
///
/// They are computed when a position is first reached: a model of a long context would spend most
/// of its opening on angles that few texts need.
public struct RotaryTable: Sendable {
    private let cosines: Storage<Float>
    private let sines: Storage<Float>
    private let frequencies: [Double]
    private let filled: FilledRows
    /// Positions the table covers.
    public let positionCount: Int

    /// Positions that are computed at a time.
    private static let block = 256

    /// How many positions are computed already.
    private final class FilledRows: Sendable {
        let count = Mutex(0)
    }

    /// Angles position · theta^(−2c / head size), in double until the last step.
    public init(positionCount: Int, headSize: Int, theta: Double) {
        let half = headSize / 2
        cosines = Storage(count: positionCount * half)
        sines = Storage(count: positionCount * half)
        frequencies = (0..<half).map { pow(theta, -2 * Double($0) / Double(headSize)) }
        filled = FilledRows()
        self.positionCount = positionCount
    }

    /// Cosines and sines, (positions, head size / 2), computed up to `position` at least.
    func angles(
        through position: Int
    ) -> (cosines: UnsafePointer<Float>, sines: UnsafePointer<Float>) {
        filled.count.withLock { count in
            guard position >= count else { return }
            let end = min(positionCount, (position / Self.block + 1) * Self.block)
            fill(count..<end)
            count = end
        }
        return (UnsafePointer(cosines.base), UnsafePointer(sines.base))
    }

    private func fill(_ positions: Range<Int>) {
        for position in positions {
            for (channel, frequency) in frequencies.enumerated() {
                let angle = Double(position) * frequency
                cosines.base[position * frequencies.count + channel] = Float(cos(angle))
                sines.base[position * frequencies.count + channel] = Float(sin(angle))
            }
        }
    }
}
