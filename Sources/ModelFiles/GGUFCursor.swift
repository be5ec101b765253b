internal import Domain

/// Reads a GGUF file's numbers and strings one after another; no read goes past the end.
struct GGUFCursor {
    private let bytes: UnsafeRawBufferPointer
    private let path: String
    private(set) var offset = 0
    /// How many array elements were read.
    private var elementCount = 0

    /// Longer strings are taken for damage; the longest real ones are chat templates.
    static let stringLimit = 16 << 20
    /// More array elements in one file are taken for an attack: each takes some 24 bytes of memory.
    static let elementLimit = 1 << 23

    init(_ bytes: UnsafeRawBufferPointer, path: String) {
        self.bytes = bytes
        self.path = path
    }

    var remaining: Int { bytes.count - offset }

    /// An error that names the file and the place.
    func failure(_ problem: String, at place: Int? = nil) -> HoneError {
        FileFailure.invalid(path, "\(problem) at offset \(place ?? offset)")
    }

    mutating func integer<Number: FixedWidthInteger>(_ what: String) throws -> Number {
        let size = MemoryLayout<Number>.size
        try need(size, what)
        defer { offset += size }
        return Number(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Number.self))
    }

    /// A count that must not be above `limit`, of things that take at least `size` bytes each.
    mutating func count(_ what: String, limit: Int, size: Int = 0) throws -> Int {
        let place = offset
        let number: UInt64 = try integer(what)
        guard let count = Int(exactly: number), count <= limit else {
            throw failure("absurd \(what) \(number) (limit here \(limit))", at: place)
        }
        guard size == 0 || count <= remaining / size else {
            throw failure(
                "the file is cut short, fetch it again: \(what) \(count), of at least \(size) bytes "
                    + "each, with \(remaining) bytes left",
                at: place
            )
        }
        return count
    }

    mutating func string(_ what: String, limit: Int = stringLimit) throws -> String {
        let place = offset
        let length = try count("length of \(what)", limit: limit)
        try need(length, what)
        defer { offset += length }
        guard
            let text = String(
                validating: UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + length]),
                as: UTF8.self
            )
        else { throw failure("\(what) is not UTF-8", at: place) }
        return text
    }

    private func need(_ size: Int, _ what: String) throws {
        guard size <= remaining else {
            throw failure(
                "the file is cut short, fetch it again: \(what) needs \(size) bytes, with "
                    + "\(remaining) left"
            )
        }
    }
}

// MARK: - Metadata

extension GGUFCursor {
    mutating func kind() throws -> GGUFValueKind {
        let place = offset
        let number: UInt32 = try integer("value type")
        guard let kind = GGUFValueKind(rawValue: number) else {
            throw failure("unknown value type \(number)", at: place)
        }
        return kind
    }

    mutating func value(_ kind: GGUFValueKind, of key: String, depth: Int = 0) throws -> GGUFValue {
        switch kind {
        case .uint8: .uint8(try integer(key))
        case .int8: .int8(try integer(key))
        case .uint16: .uint16(try integer(key))
        case .int16: .int16(try integer(key))
        case .uint32: .uint32(try integer(key))
        case .int32: .int32(try integer(key))
        case .uint64: .uint64(try integer(key))
        case .int64: .int64(try integer(key))
        case .float32: .float32(Float(bitPattern: try integer(key)))
        case .float64: .float64(Double(bitPattern: try integer(key)))
        case .bool: .bool(try bool(key))
        case .string: .string(try string(key))
        case .array: try array(of: key, depth: depth)
        }
    }

    private mutating func bool(_ key: String) throws -> Bool {
        let place = offset
        let byte: UInt8 = try integer(key)
        guard byte <= 1 else { throw failure("\(key) is \(byte), not a boolean,", at: place) }
        return byte == 1
    }

    private mutating func array(of key: String, depth: Int) throws -> GGUFValue {
        guard depth < 4 else { throw failure("\(key) nests arrays too deeply") }
        let kind = try kind()
        let place = offset
        // The count is bounded by what is left of the file.
        let count = try count(
            "element count of \(key)",
            limit: 1 << 32,
            size: kind.leastByteCount
        )
        elementCount += count
        guard elementCount <= Self.elementLimit else {
            throw failure("more than \(Self.elementLimit) array elements with \(key)", at: place)
        }
        var elements: [GGUFValue] = []
        elements.reserveCapacity(count)
        for _ in 0..<count { elements.append(try value(kind, of: key, depth: depth + 1)) }
        return .array(kind, elements)
    }
}
