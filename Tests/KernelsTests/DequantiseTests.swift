import Kernels
import Testing

/// Blocks written out by hand; every value is exact, so equality is asked for.
@Suite struct `Stored weights` {
    private func decode(_ bytes: [UInt8], _ type: ElementEncoding, _ count: Int) -> [Float] {
        var out = [Float](repeating: .nan, count: count)
        bytes.withUnsafeBytes { source in
            out.withUnsafeMutableBufferPointer { dequantise(source, as: type, into: $0) }
        }
        return out
    }

    @Test func `float32 is copied`() {
        let values: [Float] = [0, -1.5, .pi, .leastNonzeroMagnitude, .infinity]
        let bytes = values.flatMap { value in
            (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
        }
        #expect(decode(bytes, .float32, 5) == values)
    }

    @Test func `half floats with subnormals and infinities`() {
        let halves: [(UInt16, Float)] = [
            (0x0000, 0), (0x3C00, 1), (0xC000, -2), (0x3555, 0.333251953125), (0x7BFF, 65504),
            (0x0001, 0x1p-24), (0x83FF, -0x3FFp-24), (0x0400, 0x1p-14), (0x7C00, .infinity),
            (0xFC00, -.infinity),
        ]
        let bytes = halves.flatMap { [UInt8($0.0 & 0xFF), UInt8($0.0 >> 8)] }
        #expect(decode(bytes, .float16, halves.count) == halves.map { $0.1 })
        #expect(decode([0x00, 0x80], .float16, 1)[0].sign == .minus)
        #expect(decode([0x01, 0x7E], .float16, 1)[0].isNaN)
    }

    @Test func `bfloat16 is the upper half of float32`() {
        let bytes: [UInt8] = [0x80, 0x3F, 0x49, 0xC0, 0x80, 0x7F, 0x01, 0x00]
        #expect(decode(bytes, .bfloat16, 4) == [1, -3.140625, .infinity, 0x1p-133])
    }

    @Test func `Q8_0 is a scale and signed bytes`() {
        // Scales 0.5 (0x3800) and −2 (0xC000).
        let quants = (0..<32).map { Int8($0 * 8 - 128) }
        let block = [0x00, 0x38] + quants.map { UInt8(bitPattern: $0) }
        let second = [0x00, 0xC0] + quants.map { UInt8(bitPattern: $0) }
        let expected = quants.map { Float($0) * 0.5 } + quants.map { Float($0) * -2 }
        #expect(decode(block + second, .q8_0, 64) == expected)
    }

    private static let rising = (0..<16).map { Float($0) }
    /// Low nibbles 0 to 15, high nibbles 15 to 0.
    private static let risingAndFalling = (0..<16).map { (index: UInt8) -> UInt8 in
        index | (15 - index) << 4
    }

    @Test func `Q4_0 has the first sixteen weights in the low nibbles`() {
        let block = [0x00, 0x3C] + Self.risingAndFalling
        let expected: [Float] = Self.rising.map { $0 - 8 } + Self.rising.map { 7 - $0 }
        #expect(decode(block, .q4_0, 32) == expected)
    }

    @Test func `Q4_1 has a minimum beside its scale`() {
        // Scale 0.25 (0x3400), minimum −3 (0xC200).
        let block = [0x00, 0x34, 0x00, 0xC2] + Self.risingAndFalling
        let low: [Float] = Self.rising.map { $0 * 0.25 - 3 }
        let high: [Float] = Self.rising.map { (15 - $0) * 0.25 - 3 }
        let expected = low + high
        #expect(decode(block, .q4_1, 32) == expected)
    }

    @Test(arguments: ElementEncoding.allCases)
    func `nothing stored is nothing decoded`(type: ElementEncoding) {
        #expect(decode([], type, 0) == [])
        #expect(type.blockBytes > 0 && type.blockCount > 0)
    }
}
