internal import Domain

/// A tensor to be written: its bytes are asked for piece by piece when their turn comes.
public struct OutgoingTensor {
    /// Receives the next bytes of a tensor.
    public typealias Sink = (UnsafeRawBufferPointer) throws -> Void

    /// The name, as its format spells it.
    public var name: String
    /// Row-major, outermost dimension first.
    public var shape: [Int]
    /// The encoding of its elements.
    public var type: TensorType
    /// Hands all bytes, in order and little-endian, to the sink in as many pieces as it likes.
    public var emit: (Sink) throws -> Void

    /// Makes it from its parts.
    public init(
        name: String,
        shape: [Int],
        type: TensorType,
        emit: @escaping (Sink) throws -> Void
    ) {
        self.name = name
        self.shape = shape
        self.type = type
        self.emit = emit
    }

    /// The bytes of a tensor that was read, unchanged.
    public init(copying tensor: RawTensor, name: String? = nil) {
        self.init(name: name ?? tensor.name, shape: tensor.shape, type: tensor.type) { sink in
            try tensor.withBytes(sink)
        }
    }

    /// The size its shape and type ask for.
    func byteCount() throws -> Int {
        guard let count = type.byteCount(shape: shape) else {
            throw HoneError(
                .invalidData,
                "tensor \"\(name)\" cannot be written: \(shape) is no shape for \(type.rawValue)",
                param: name
            )
        }
        return count
    }

    /// Appends the bytes to `file`, checking that there are as many as promised.
    func write(to file: OutputFile) throws {
        let start = file.count
        try emit { try file.write($0) }
        let (written, promised) = (file.count - start, try byteCount())
        guard written == promised else {
            throw HoneError(
                .internalError,
                "tensor \"\(name)\" gave \(written) bytes instead of \(promised)",
                param: name
            )
        }
    }
}

/// Refuses a name that occurs twice.
func checkDistinct(_ names: some Sequence<String>, what: String) throws {
    var seen: Set<String> = []
    for name in names where !seen.insert(name).inserted {
        throw HoneError(.invalidData, "\(what) \"\(name)\" is to be written twice", param: name)
    }
}
