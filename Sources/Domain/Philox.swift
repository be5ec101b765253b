/// Philox4x32-10, a counter-based generator: draw i of a stream is a pure function of (key, i).
///
/// Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (SC 2011), section 4.3.
/// A rollout's draws depend on (seed, prompt, sample, position) only, never on its batch-mates.
public struct Philox: Sendable, Hashable {
    private let key: (UInt32, UInt32)

    /// - Parameter seed: both key words.
    public init(seed: UInt64) {
        key = (UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
    }

    /// The four words at `counter`.
    public func block(
        _ counter: (UInt32, UInt32, UInt32, UInt32)
    ) -> (UInt32, UInt32, UInt32, UInt32) {
        var (a, b, c, d) = counter
        var (k0, k1) = key
        for _ in 0..<10 {
            let left = UInt64(a) * 0xD251_1F53
            let right = UInt64(c) * 0xCD9E_8D57
            let next = (
                UInt32(truncatingIfNeeded: right >> 32) ^ b ^ k0,
                UInt32(truncatingIfNeeded: right),
                UInt32(truncatingIfNeeded: left >> 32) ^ d ^ k1,
                UInt32(truncatingIfNeeded: left)
            )
            (a, b, c, d) = next
            k0 &+= 0x9E37_79B9
            k1 &+= 0xBB67_AE85
        }
        return (a, b, c, d)
    }

    /// A uniform number in [0, 1) with 53 bits, at the stream position given by four words.
    public func uniform(_ a: Int, _ b: Int, _ c: Int, _ d: Int) -> Double {
        let words = block(
            (
                UInt32(truncatingIfNeeded: a), UInt32(truncatingIfNeeded: b),
                UInt32(truncatingIfNeeded: c), UInt32(truncatingIfNeeded: d)
            )
        )
        let bits = (UInt64(words.0) << 32 | UInt64(words.1)) >> 11
        return Double(bits) * 0x1p-53
    }

    /// Equal keys give equal draws everywhere.
    public static func == (left: Philox, right: Philox) -> Bool { left.key == right.key }

    /// Hashes the two words of the key.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(key.0)
        hasher.combine(key.1)
    }
}

/// A sequential stream over `Philox`, for shuffles and initial weights.
public struct PhiloxSequence: RandomNumberGenerator, Sendable {
    private let philox: Philox
    private let stream: UInt64
    private var index: UInt64 = 0

    /// - Parameters:
    ///   - seed: the run's seed.
    ///   - stream: keeps streams of one seed apart (iteration number, tensor index).
    public init(seed: UInt64, stream: UInt64 = 0) {
        philox = Philox(seed: seed)
        self.stream = stream
    }

    /// The next 64 bits: the first two words of the block at this stream's next index.
    public mutating func next() -> UInt64 {
        defer { index &+= 1 }
        let words = philox.block(
            (
                UInt32(truncatingIfNeeded: index), UInt32(truncatingIfNeeded: index >> 32),
                UInt32(truncatingIfNeeded: stream), UInt32(truncatingIfNeeded: stream >> 32)
            )
        )
        return UInt64(words.0) << 32 | UInt64(words.1)
    }
}
