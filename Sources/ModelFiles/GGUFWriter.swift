internal import Domain

/// Writes GGUF files, version 3, little-endian, alignment 32.
public enum GGUFWriter {
    private static let alignment = 32

    /// Publishes metadata and tensors, both in the given order, as the file at `path`, atomically.
    ///
    /// `fields` are all metadata but `general.alignment`, which is left at its default.
    /// - Throws: `HoneError(.invalidData)` for names given twice and shapes GGUF cannot hold,
    ///   `.diskFull`, `.internalError`, and what a tensor's `emit` throws. The previous file stays.
    public static func write(
        fields: [GGUFField],
        tensors: [OutgoingTensor],
        to path: String
    ) throws {
        let header = try header(fields: fields, tensors: tensors)
        try AtomicFile.write(to: path) { file in
            try file.write(header)
            for tensor in tensors {
                try file.pad(to: alignment)
                try tensor.write(to: file)
            }
            try file.pad(to: alignment)
        }
    }

    private static func header(fields: [GGUFField], tensors: [OutgoingTensor]) throws -> [UInt8] {
        let fields = fields.filter { $0.key != "general.alignment" }
        try checkDistinct(fields.map(\.key), what: "metadata key")
        try checkDistinct(tensors.map(\.name), what: "tensor")
        var bytes = GGUFBytes()
        bytes.append(GGUFFile.magic)
        bytes.append(UInt32(3))
        bytes.append(UInt64(tensors.count))
        bytes.append(UInt64(fields.count))
        for field in fields {
            bytes.append(field.key)
            bytes.append(field.value.kind.rawValue)
            bytes.append(field.value)
        }
        var offset = 0
        for tensor in tensors {
            try bytes.append(tensor, offset: offset)
            offset += (try tensor.byteCount() + alignment - 1) / alignment * alignment
        }
        return bytes.bytes
    }
}

/// The header of a GGUF file as it grows.
private struct GGUFBytes {
    var bytes: [UInt8] = []

    mutating func append(_ number: some FixedWidthInteger) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func append(_ text: String) {
        append(UInt64(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    mutating func append(_ value: GGUFValue) {
        switch value {
        case .uint8(let value): append(value)
        case .int8(let value): append(value)
        case .uint16(let value): append(value)
        case .int16(let value): append(value)
        case .uint32(let value): append(value)
        case .int32(let value): append(value)
        case .uint64(let value): append(value)
        case .int64(let value): append(value)
        case .float32(let value): append(value.bitPattern)
        case .float64(let value): append(value.bitPattern)
        case .bool(let value): append(UInt8(value ? 1 : 0))
        case .string(let value): append(value)
        case .array(let kind, let elements):
            append(kind.rawValue)
            append(UInt64(elements.count))
            for element in elements { append(element) }
        }
    }

    mutating func append(_ tensor: OutgoingTensor, offset: Int) throws {
        guard (1...4).contains(tensor.shape.count), !tensor.shape.contains(where: { $0 < 1 }) else {
            throw HoneError(
                .invalidData,
                "GGUF cannot hold tensor \"\(tensor.name)\" of shape \(tensor.shape)",
                param: tensor.name
            )
        }
        append(tensor.name)
        append(UInt32(tensor.shape.count))
        for dimension in tensor.shape.reversed() { append(UInt64(dimension)) }
        append(StoredType.ggufNumber(tensor.type))
        append(UInt64(offset))
    }
}
