/// A tensor as it lies in a mapped file: its bytes are neither copied nor converted.
public struct RawTensor: Sendable {
    /// The name in its file.
    public let name: String
    /// Row-major, outermost dimension first, as in PyTorch; empty for a scalar.
    public let shape: [Int]
    /// The encoding of its elements.
    public let type: TensorType
    /// Where the bytes are.
    public let file: MappedFile
    /// The bytes' place in `file`; always inside it and of the length that shape and type ask for.
    public let range: Range<Int>

    /// The product of the shape.
    public var elementCount: Int { range.count / type.bytesPerBlock * type.blockSize }

    /// Calls `body` with the little-endian bytes, which need not be aligned to their element.
    ///
    /// - Throws: `HoneError(.invalidModelFile)` when the file has shrunk, and what `body` throws.
    public func withBytes<Result>(
        _ body: (UnsafeRawBufferPointer) throws -> Result
    ) throws -> Result {
        try file.withUnsafeBytes(in: range, body)
    }
}

/// A tensor whose encoding Hone knows by name but cannot read, such as `Q4_K` or `I64`.
public struct UnreadableTensor: Sendable, Hashable {
    /// The name, as its format spells it.
    public let name: String
    /// Row-major, outermost dimension first.
    public let shape: [Int]
    /// The encoding, as its format spells it.
    public let typeName: String
}

/// The tensors of a model as its files list them.
public struct TensorListing: Sendable {
    /// Those whose encoding can be read.
    public internal(set) var tensors: [RawTensor] = []
    /// Those known by name only.
    public internal(set) var unreadable: [UnreadableTensor] = []

    /// The tensor called `name`.
    public subscript(name: String) -> RawTensor? { tensors.first { $0.name == name } }

    /// The names of all tensors, readable or not.
    var names: [String] { tensors.map(\.name) + unreadable.map(\.name) }

    mutating func add(
        _ name: String,
        shape: [Int],
        type: StoredType,
        file: MappedFile,
        range: Range<Int>
    ) {
        if let readable = type.readable {
            tensors.append(
                RawTensor(name: name, shape: shape, type: readable, file: file, range: range)
            )
        } else {
            unreadable.append(UnreadableTensor(name: name, shape: shape, typeName: type.name))
        }
    }
}
