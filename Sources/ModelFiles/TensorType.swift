/// The element encodings whose bytes Hone can read.
public enum TensorType: String, Sendable, Hashable, CaseIterable {
    /// IEEE 754 single precision.
    case f32 = "F32"
    /// IEEE 754 half precision.
    case f16 = "F16"
    /// The upper half of a single.
    case bf16 = "BF16"
    /// 32 signed bytes and a half-precision scale (ggml).
    case q8_0 = "Q8_0"
    /// 32 4-bit numbers less 8 and a half-precision scale (ggml).
    case q4_0 = "Q4_0"
    /// 32 4-bit numbers, a half-precision scale and a half-precision minimum (ggml).
    case q4_1 = "Q4_1"

    /// How many consecutive elements of the innermost dimension share one block; 1 for plain types.
    public var blockSize: Int { stored.blockSize }

    /// The size of one block in bytes.
    public var bytesPerBlock: Int { stored.bytesPerBlock }

    /// The size in bytes of a tensor of `shape` (outermost first).
    ///
    /// `nil` when a dimension is negative, the product overflows, or the innermost dimension is not a
    /// multiple of `blockSize`.
    public func byteCount(shape: [Int]) -> Int? { stored.byteCount(shape: shape) }

    /// Whether a safetensors file can hold it.
    public var isSafetensorsType: Bool { blockSize == 1 }

    var stored: StoredType {
        switch self {
        case .f32: StoredType("F32", 1, 4, self)
        case .f16: StoredType("F16", 1, 2, self)
        case .bf16: StoredType("BF16", 1, 2, self)
        case .q8_0: StoredType("Q8_0", 32, 34, self)
        case .q4_0: StoredType("Q4_0", 32, 18, self)
        case .q4_1: StoredType("Q4_1", 32, 20, self)
        }
    }
}
