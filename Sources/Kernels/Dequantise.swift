import CKernels

/// How the elements of stored weights are encoded, by the names that model files give them.
public enum ElementEncoding: String, Sendable, Hashable, CaseIterable {
    case float32 = "F32"
    case float16 = "F16"
    case bfloat16 = "BF16"
    case q8_0 = "Q8_0"
    case q4_0 = "Q4_0"
    case q4_1 = "Q4_1"

    /// Elements of one block.
    public var blockCount: Int {
        switch self {
        case .float32, .float16, .bfloat16: 1
        case .q8_0, .q4_0, .q4_1: 32
        }
    }

    /// Bytes of one block.
    public var blockBytes: Int {
        switch self {
        case .float32: 4
        case .float16, .bfloat16: 2
        case .q8_0: 34
        case .q4_0: 18
        case .q4_1: 20
        }
    }
}

/// Decodes stored weights to float32.
///
/// - Parameters:
///   - bytes: whole blocks; `out.count` elements of them.
///   - type: how the blocks are coded.
///   - out: receives the elements.
public func dequantise(
    _ bytes: UnsafeRawBufferPointer,
    as type: ElementEncoding,
    into out: UnsafeMutableBufferPointer<Float>
) {
    precondition(out.count % type.blockCount == 0)
    precondition(bytes.count >= out.count / type.blockCount * type.blockBytes)
    guard let source = bytes.baseAddress, let target = out.baseAddress else { return }
    switch type {
    case .float32:
        UnsafeMutableRawPointer(target).copyMemory(from: source, byteCount: out.count * 4)
    case .float16: ck_from_f16(target, source, out.count)
    case .bfloat16: ck_from_bf16(target, source, out.count)
    case .q8_0: ck_from_q8_0(target, source, out.count)
    case .q4_0: ck_from_q4_0(target, source, out.count)
    case .q4_1: ck_from_q4_1(target, source, out.count)
    }
}
