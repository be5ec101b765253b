/// An element encoding found in a file, whether Hone reads it or only knows its name and size.
struct StoredType {
    var name: String
    var blockSize: Int
    var bytesPerBlock: Int
    /// `nil` when the encoding is known by name only.
    var readable: TensorType?

    init(_ name: String, _ blockSize: Int, _ bytesPerBlock: Int, _ readable: TensorType? = nil) {
        self.name = name
        self.blockSize = blockSize
        self.bytesPerBlock = bytesPerBlock
        self.readable = readable
    }

    func byteCount(shape: [Int]) -> Int? {
        guard let elements = elementCount(shape: shape) else { return nil }
        guard blockSize == 1 || (shape.last ?? 1).isMultiple(of: blockSize) else { return nil }
        let (bytes, overflow) = (elements / blockSize).multipliedReportingOverflow(
            by: bytesPerBlock
        )
        return overflow ? nil : bytes
    }

    /// The encodings of `dtype` in safetensors headers.
    static func safetensors(_ name: String) -> StoredType? {
        switch name {
        case "F32": TensorType.f32.stored
        case "F16": TensorType.f16.stored
        case "BF16": TensorType.bf16.stored
        case "BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0": StoredType(name, 1, 1)
        case "I16", "U16": StoredType(name, 1, 2)
        case "I32", "U32": StoredType(name, 1, 4)
        case "I64", "U64", "F64", "C64": StoredType(name, 1, 8)
        default: nil
        }
    }

    /// The encodings of `enum ggml_type`, by number; sizes as in gguf-py's `GGML_QUANT_SIZES`.
    static func gguf(_ number: UInt32) -> StoredType? { ggufTypes[number] }

    /// The number of a readable type in `enum ggml_type`.
    static func ggufNumber(_ type: TensorType) -> UInt32 {
        switch type {
        case .f32: 0
        case .f16: 1
        case .q4_0: 2
        case .q4_1: 3
        case .q8_0: 8
        case .bf16: 30
        }
    }

    private static let ggufTypes: [UInt32: StoredType] = {
        var types: [UInt32: StoredType] = [
            6: StoredType("Q5_0", 32, 22), 7: StoredType("Q5_1", 32, 24),
            9: StoredType("Q8_1", 32, 40), 10: StoredType("Q2_K", 256, 84),
            11: StoredType("Q3_K", 256, 110), 12: StoredType("Q4_K", 256, 144),
            13: StoredType("Q5_K", 256, 176), 14: StoredType("Q6_K", 256, 210),
            15: StoredType("Q8_K", 256, 292), 16: StoredType("IQ2_XXS", 256, 66),
            17: StoredType("IQ2_XS", 256, 74), 18: StoredType("IQ3_XXS", 256, 98),
            19: StoredType("IQ1_S", 256, 50), 20: StoredType("IQ4_NL", 32, 18),
            21: StoredType("IQ3_S", 256, 110), 22: StoredType("IQ2_S", 256, 82),
            23: StoredType("IQ4_XS", 256, 136), 24: StoredType("I8", 1, 1),
            25: StoredType("I16", 1, 2), 26: StoredType("I32", 1, 4),
            27: StoredType("I64", 1, 8), 28: StoredType("F64", 1, 8),
            29: StoredType("IQ1_M", 256, 56), 34: StoredType("TQ1_0", 256, 54),
            35: StoredType("TQ2_0", 256, 66), 39: StoredType("MXFP4", 32, 17),
            40: StoredType("NVFP4", 64, 36),
        ]
        for type in TensorType.allCases { types[ggufNumber(type)] = type.stored }
        return types
    }()
}

/// The product of `shape`, 1 for a scalar; `nil` when it overflows or a dimension is negative.
func elementCount(shape: [Int]) -> Int? {
    var product = 1
    for dimension in shape {
        let (next, overflow) = product.multipliedReportingOverflow(by: dimension)
        guard dimension >= 0, !overflow else { return nil }
        product = next
    }
    return product
}
