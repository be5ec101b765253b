internal import Domain

/// Writes safetensors files that the reference implementation and `transformers` load.
public enum SafetensorsWriter {
    /// Publishes `tensors` in the given order as the file at `path`, atomically.
    ///
    /// The data section begins at a multiple of 64 bytes, so that a mapping of it is aligned.
    ///
    /// `metadata` is further `__metadata__`; `format` is `pt` unless it says otherwise.
    /// - Throws: `HoneError(.invalidData)` for names given twice and types that the format lacks,
    ///   `.diskFull`, `.internalError`, and what a tensor's `emit` throws. The previous file stays.
    public static func write(
        _ tensors: [OutgoingTensor],
        metadata: [String: String] = [:],
        to path: String
    ) throws {
        try write(tensors, metadata: metadata, to: path, calls: .system)
    }

    package static func write(
        _ tensors: [OutgoingTensor],
        metadata: [String: String] = [:],
        to path: String,
        calls: WriteCalls
    ) throws {
        let header = try header(tensors, metadata: metadata)
        try AtomicFile.write(to: path, calls: calls) { file in
            let length = UInt64(header.count).littleEndian
            try withUnsafeBytes(of: length) { try file.write($0) }
            try file.write(header)
            for tensor in tensors { try tensor.write(to: file) }
        }
    }

    private static func header(
        _ tensors: [OutgoingTensor],
        metadata: [String: String]
    ) throws -> [UInt8] {
        try checkDistinct(tensors.map(\.name), what: "tensor")
        let metadata = ["format": "pt"].merging(metadata) { $1 }
        let notes = metadata.sorted { $0.key < $1.key }.map {
            ($0.key, OrderedJSON.string($0.value))
        }
        var fields = [("__metadata__", OrderedJSON.object(notes))]
        var offset = 0
        for tensor in tensors {
            let end = offset + (try checkedByteCount(tensor))
            fields.append(
                (
                    tensor.name,
                    .object([
                        ("dtype", .string(tensor.type.rawValue)),
                        ("shape", .array(tensor.shape.map(OrderedJSON.integer))),
                        ("data_offsets", .array([.integer(offset), .integer(end)])),
                    ])
                )
            )
            offset = end
        }
        var header = Array(OrderedJSON.object(fields).compact.utf8)
        // The format lets spaces follow the JSON.
        while !(header.count + 8).isMultiple(of: 64) { header.append(UInt8(ascii: " ")) }
        return header
    }

    private static func checkedByteCount(_ tensor: OutgoingTensor) throws -> Int {
        guard tensor.type.isSafetensorsType, tensor.name != "__metadata__" else {
            throw HoneError(
                .invalidData,
                "safetensors cannot hold tensor \"\(tensor.name)\" of type \(tensor.type.rawValue)",
                param: tensor.name
            )
        }
        return try tensor.byteCount()
    }
}
