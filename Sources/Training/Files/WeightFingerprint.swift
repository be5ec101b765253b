import Kernels
import Models

/// A short name of weights, to notice that they are not the ones that adapters were trained over.
///
/// It guards against mistakes, not against an adversary: 64 bits, multiplied and mixed lane by lane
/// (as FNV-1a does for bytes; Fowler, Noll, Vo 1991).
enum WeightFingerprint {
    private static let prime: UInt64 = 0x0000_0100_0000_01B3
    private static let start: UInt64 = 0xCBF2_9CE4_8422_2325

    /// 16 hexadecimal digits of all names, shapes and values.
    ///
    /// Reads every page, and lets those of a mapping go again: not all of them need be resident.
    static func of(_ weights: ParameterArena) -> String {
        var hash = start
        for entry in weights.table.entries {
            for byte in "\(entry.name) \(entry.rows)x\(entry.columns)".utf8 {
                hash = mixed(hash, UInt64(byte))
            }
        }
        hash = mixed(hash, weights.all.withHostBytes { lanes($0) })
        weights.unload()
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// Four lanes, so that one word's product need not wait for the last one's.
    private static func lanes(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var (a, b, c, d) = (start, start &+ 1, start &+ 2, start &+ 3)
        let words = bytes.count / 8
        func word(_ index: Int) -> UInt64 {
            bytes.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self)
        }
        var index = 0
        while index + 4 <= words {
            a = mixed(a, word(index))
            b = mixed(b, word(index + 1))
            c = mixed(c, word(index + 2))
            d = mixed(d, word(index + 3))
            index += 4
        }
        while index < words {
            a = mixed(a, word(index))
            index += 1
        }
        // Weights are float32: half a word may be left.
        if bytes.count % 8 == 4 {
            a = mixed(
                a,
                UInt64(bytes.loadUnaligned(fromByteOffset: bytes.count - 4, as: UInt32.self))
            )
        }
        return mixed(mixed(mixed(a, b), c), d)
    }

    private static func mixed(_ hash: UInt64, _ value: UInt64) -> UInt64 {
        // A product moves bits upwards only: the shift brings the high ones back.
        let product = (hash ^ value) &* prime
        return product ^ (product >> 29)
    }
}
