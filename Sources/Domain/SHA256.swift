/// SHA-256 (FIPS 180-4 §6.2), and HMAC with it (RFC 2104).
///
/// For signatures and digests of short messages. Foundation has none on Linux.
public struct SHA256: Sendable {
    /// Bytes of a digest.
    public static let digestBytes = 32

    private static let blockBytes = 64

    /// The digest of a message.
    public static func digest(_ message: some Sequence<UInt8>) -> [UInt8] {
        var hash = SHA256()
        hash.update(message)
        return hash.finish()
    }

    /// The code that proves knowledge of `key` for a message (RFC 2104 §2).
    public static func authenticationCode(
        _ message: some Sequence<UInt8>,
        key: [UInt8]
    ) -> [UInt8] {
        var block = key.count > blockBytes ? digest(key) : key
        block += [UInt8](repeating: 0, count: blockBytes - block.count)
        var inner = SHA256()
        inner.update(block.map { $0 ^ 0x36 })
        inner.update(message)
        return digest(block.map { $0 ^ 0x5c } + inner.finish())
    }

    /// Whether two digests or codes are equal; takes as long wherever they differ, so that the time
    /// tells nothing of them.
    public static func isEqual(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        guard one.count == other.count else { return false }
        return zip(one, other).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }

    private var state = initialState
    private var pending: [UInt8] = []
    private var messageBytes: UInt64 = 0

    private init() {}

    private mutating func update(_ bytes: some Sequence<UInt8>) {
        for byte in bytes {
            pending.append(byte)
            messageBytes += 1
            if pending.count == Self.blockBytes {
                compress(pending)
                pending.removeAll(keepingCapacity: true)
            }
        }
    }

    /// Pads with a one bit, zeros and the length in bits (§5.1.1).
    private mutating func finish() -> [UInt8] {
        let bits = messageBytes * 8
        update([0x80])
        while pending.count != 56 { update([0]) }
        update((0..<8).map { UInt8(truncatingIfNeeded: bits >> (56 - 8 * $0)) })
        return state.flatMap { word in
            (0..<4).map { UInt8(truncatingIfNeeded: word >> (24 - 8 * $0)) }
        }
    }

    /// One block into the state (§6.2.2).
    private mutating func compress(_ block: [UInt8]) {
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        var (e, f, g, h) = (state[4], state[5], state[6], state[7])
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 64) { schedule in
            fill(schedule, from: block)
            for time in 0..<64 {
                let choice = (e & f) ^ (~e & g)
                let majority = (a & b) ^ (a & c) ^ (b & c)
                let upper = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)
                let lower = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)
                let sum = h &+ upper &+ choice &+ Self.constants[time] &+ schedule[time]
                (h, g, f, e) = (g, f, e, d &+ sum)
                (d, c, b, a) = (c, b, a, sum &+ lower &+ majority)
            }
        }
        for (index, word) in [a, b, c, d, e, f, g, h].enumerated() { state[index] &+= word }
    }

    private func fill(_ schedule: UnsafeMutableBufferPointer<UInt32>, from block: [UInt8]) {
        for word in 0..<16 {
            schedule[word] = (0..<4).reduce(UInt32(0)) { $0 << 8 | UInt32(block[4 * word + $1]) }
        }
        for time in 16..<64 {
            let (old, new) = (schedule[time - 15], schedule[time - 2])
            let first = rotated(old, 7) ^ rotated(old, 18) ^ (old >> 3)
            let second = rotated(new, 17) ^ rotated(new, 19) ^ (new >> 10)
            schedule[time] = first &+ schedule[time - 16] &+ schedule[time - 7] &+ second
        }
    }

    private func rotated(_ word: UInt32, _ count: UInt32) -> UInt32 {
        word >> count | word << (32 - count)
    }

    /// Fractions of the square roots of the first eight primes (§5.3.3).
    private static let initialState: [UInt32] = [
        0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a,
        0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
    ]

    /// Fractions of the cube roots of the first 64 primes (§4.2.2).
    private static let constants: [UInt32] = [
        0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4,
        0xab1c_5ed5, 0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe,
        0x9bdc_06a7, 0xc19b_f174, 0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f,
        0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da, 0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7,
        0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967, 0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc,
        0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85, 0xa2bf_e8a1, 0xa81a_664b,
        0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070, 0x19a4_c116,
        0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
        0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7,
        0xc671_78f2,
    ]
}
