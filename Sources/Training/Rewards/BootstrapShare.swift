import Domain
import Foundation

/// How often each member of an ensemble sees an element of the data: a sample with replacement, drawn
/// by the element's own tokens.
///
/// The number is Poisson with mean 1, which drawing n of n comes to for many elements (Oza & Russell
/// 2001, "Online bagging"). It is a pure function of seed, member and tokens, so that head fit,
/// gradient steps and a resumed run agree on it.
struct BootstrapShare: Sendable {
    let seed: UInt64

    /// The weight of an element in the loss of `member`: 0, 1, 2, ….
    func weight(member: Int, of texts: [[Int32]]) -> Double {
        let identity = Self.identity(texts)
        let draw = Philox(seed: seed).uniform(
            Int(truncatingIfNeeded: identity & 0xFFFF_FFFF),
            Int(truncatingIfNeeded: identity >> 32),
            member,
            0x626F_6F74
        )
        var (count, term) = (0.0, exp(-1.0))
        var sum = term
        while draw >= sum && count < 16 {
            count += 1
            term /= count
            sum += term
        }
        return count
    }

    /// FNV-1a over the tokens, texts apart.
    private static func identity(_ texts: [[Int32]]) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for text in texts {
            for token in text {
                hash = (hash ^ UInt64(UInt32(bitPattern: token))) &* 0x100_0000_01B3
            }
            hash = (hash ^ 0xFFFF_FFFF_FF) &* 0x100_0000_01B3
        }
        return hash
    }
}
