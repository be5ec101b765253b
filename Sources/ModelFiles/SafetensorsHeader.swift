internal import Domain
internal import FoundationEssentials

/// The JSON header of a safetensors file: a little-endian `u64` length, then the JSON, then the data.
///
/// Format: the `safetensors` crate's README, "Format".
struct SafetensorsHeader {
    /// The reference implementation's limit.
    static let lengthLimit = 100_000_000

    struct Entry {
        var name: String
        var shape: [Int]
        var type: StoredType
        /// In the file, not in the data section.
        var range: Range<Int>
    }

    /// In the order of their data.
    var entries: [Entry]
    var metadata: [String: String]

    init(reading file: MappedFile) throws {
        let dataStart = try Self.dataStart(of: file)
        let header = try file.withUnsafeBytes(in: 8..<dataStart) { Data($0) }
        if let problem = JSONCheck.problem(in: header) {
            throw FileFailure.invalid(file.path, "its header is not JSON: \(problem)")
        }
        let fields: [String: Value]
        do {
            fields = try JSONDecoder().decode([String: Value].self, from: header)
        } catch {
            throw FileFailure.invalid(file.path, "its header is not JSON: \(jsonProblem(error))")
        }
        metadata = try Self.metadata(fields["__metadata__"], path: file.path)
        entries = []
        // In an order that is the same each time: the first fault is what is told.
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) where name != "__metadata__" {
            entries.append(try Self.entry(name, value, file: file, dataStart: dataStart))
        }
        entries.sort {
            ($0.range.lowerBound, $0.range.upperBound, $0.name)
                < ($1.range.lowerBound, $1.range.upperBound, $1.name)
        }
        try checkContiguity(file: file, dataStart: dataStart)
    }

    private static func metadata(_ value: Value?, path: String) throws -> [String: String] {
        guard let value else { return [:] }
        guard let fields = value.objectValue,
            fields.values.allSatisfy({ $0.stringValue != nil })
        else { throw FileFailure.invalid(path, "its __metadata__ is not an object of texts") }
        return fields.compactMapValues(\.stringValue)
    }

    private static func dataStart(of file: MappedFile) throws -> Int {
        guard file.count >= 8 else {
            throw FileFailure.invalid(
                file.path,
                "has \(file.count) bytes; a safetensors file begins with an 8-byte header length"
            )
        }
        let length = try file.withUnsafeBytes(in: 0..<8) {
            UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self))
        }
        guard length <= UInt64(lengthLimit) else {
            throw FileFailure.invalid(
                file.path,
                "its header length \(length) at offset 0 is above the limit of \(lengthLimit); "
                    + "it is not a safetensors file or is damaged"
            )
        }
        guard Int(length) <= file.count - 8 else {
            throw FileFailure.invalid(
                file.path,
                "is truncated: its header needs \(length) bytes after offset 8, "
                    + "and \(file.count - 8) are there"
            )
        }
        return 8 + Int(length)
    }

    private static func entry(
        _ name: String,
        _ value: Value,
        file: MappedFile,
        dataStart: Int
    ) throws -> Entry {
        func failure(_ problem: String) -> HoneError {
            FileFailure.invalid(file.path, "tensor \"\(name)\": \(problem)")
        }
        guard let typeName = value["dtype"]?.stringValue else { throw failure("has no dtype") }
        guard let type = StoredType.safetensors(typeName) else {
            throw failure("its dtype \"\(typeName)\" is not known")
        }
        guard let shape = integers(value["shape"]), shape.count <= 8 else {
            throw failure("its shape is not a list of at most 8 whole numbers")
        }
        guard let offsets = integers(value["data_offsets"]), offsets.count == 2 else {
            throw failure("its data_offsets are not two whole numbers")
        }
        let available = file.count - dataStart
        guard offsets[0] <= offsets[1], offsets[1] <= available else {
            throw failure(
                "its data_offsets \(offsets) lie outside the \(available) bytes of data "
                    + "(is the file truncated?)"
            )
        }
        guard let needed = type.byteCount(shape: shape), needed == offsets[1] - offsets[0] else {
            throw failure(
                "\(typeName) of shape \(shape) does not fill its \(offsets[1] - offsets[0]) bytes"
            )
        }
        let range = dataStart + offsets[0]..<dataStart + offsets[1]
        return Entry(name: name, shape: shape, type: type, range: range)
    }

    private static func integers(_ value: Value?) -> [Int]? {
        guard let list = value?.arrayValue else { return nil }
        let numbers = list.compactMap { $0.integerValue.flatMap { $0 >= 0 ? $0 : nil } }
        return numbers.count == list.count ? numbers : nil
    }

    /// The format allows neither holes nor overlaps, so that nothing can hide in a file.
    private func checkContiguity(file: MappedFile, dataStart: Int) throws {
        var end = dataStart
        for entry in entries {
            guard entry.range.lowerBound == end else {
                let kind =
                    entry.range.lowerBound < end ? "overlaps its neighbour" : "follows a hole"
                throw FileFailure.invalid(
                    file.path,
                    "tensor \"\(entry.name)\" \(kind) at offset \(entry.range.lowerBound)"
                )
            }
            end = entry.range.upperBound
        }
        guard end == file.count else {
            throw FileFailure.invalid(
                file.path,
                "its tensors end at offset \(end), but the file has \(file.count) bytes"
            )
        }
    }
}
