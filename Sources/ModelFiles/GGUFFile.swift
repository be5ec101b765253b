internal import Domain

/// A GGUF file, version 2 or 3: metadata and tensors (ggml's `docs/gguf.md`).
public struct GGUFFile: Sendable {
    /// The path it was opened at.
    public let path: String
    /// The format version, 2 or 3.
    public let version: Int
    /// In the file's order.
    public let fields: [GGUFField]
    /// In the file's order; shapes are outermost first, the reverse of the file's.
    public let listing: TensorListing
    private let values: [String: GGUFValue]

    /// The first four bytes of every GGUF file.
    static let magic: UInt32 = 0x4655_4747

    /// Opens and checks the file at `path`.
    ///
    /// - Throws: `HoneError(.invalidModelFile)` naming the file, what is wrong and its offset.
    public static func open(_ path: String) throws -> GGUFFile {
        let file = try MappedFile(path: path)
        try file.refuseHollow()
        return try file.withUnsafeBytes { try GGUFFile(parsing: $0, of: file) }
    }

    /// The metadata value called `key`.
    public subscript(key: String) -> GGUFValue? { values[key] }

    private init(parsing bytes: UnsafeRawBufferPointer, of file: MappedFile) throws {
        var cursor = GGUFCursor(bytes, path: file.path)
        path = file.path
        version = try Self.version(&cursor)
        // A tensor's entry takes at least 24 bytes, a metadata field at least 13.
        let tensorCount = try cursor.count("tensor count", limit: 1 << 20, size: 24)
        let fieldCount = try cursor.count("metadata count", limit: 1 << 20, size: 13)
        fields = try Self.fields(&cursor, count: fieldCount)
        values = Dictionary(fields.map { ($0.key, $0.value) }) { first, _ in first }
        guard values.count == fields.count else {
            throw cursor.failure("a metadata key occurs twice")
        }
        let alignment = try Self.alignment(values["general.alignment"], cursor)
        listing = try GGUFTensorTable(&cursor, count: tensorCount, alignment: alignment)
            .listing(file: file)
    }

    private static func version(_ cursor: inout GGUFCursor) throws -> Int {
        let found: UInt32 = try cursor.integer("magic")
        guard found == magic else { throw cursor.failure("no GGUF magic", at: 0) }
        let version: UInt32 = try cursor.integer("version")
        if (2...3).contains(version) { return Int(version) }
        if (1...3).contains(version.byteSwapped) {
            throw cursor.failure("big-endian GGUF cannot be read; convert it: version", at: 4)
        }
        throw cursor.failure("GGUF version \(version) cannot be read, only 2 and 3,", at: 4)
    }

    private static func fields(_ cursor: inout GGUFCursor, count: Int) throws -> [GGUFField] {
        var fields: [GGUFField] = []
        for _ in 0..<count {
            let key = try cursor.string("metadata key", limit: 65_535)
            let kind = try cursor.kind()
            fields.append(GGUFField(key, try cursor.value(kind, of: key)))
        }
        return fields
    }

    private static func alignment(_ value: GGUFValue?, _ cursor: GGUFCursor) throws -> Int {
        guard let value else { return 32 }
        guard let alignment = value.integerValue, (8...(1 << 20)).contains(alignment),
            alignment.nonzeroBitCount == 1
        else {
            throw cursor.failure("general.alignment is not a power of two from 8 to 2^20, before")
        }
        return alignment
    }
}
