internal import Domain

/// The tensor entries of a GGUF file and where their data lie.
struct GGUFTensorTable {
    private struct Entry {
        var name: String
        /// Outermost first.
        var shape: [Int]
        var type: StoredType
        /// Within the data section.
        var offset: UInt64
    }

    private var entries: [Entry] = []
    private let dataStart: Int
    private let alignment: Int

    init(_ cursor: inout GGUFCursor, count: Int, alignment: Int) throws {
        self.alignment = alignment
        var names: Set<String> = []
        for _ in 0..<count {
            let entry = try Self.entry(&cursor)
            guard names.insert(entry.name).inserted else {
                throw cursor.failure("tensor \"\(entry.name)\" is listed twice")
            }
            entries.append(entry)
        }
        // Both terms are bounded by the file's size and 2^20.
        dataStart = (cursor.offset + alignment - 1) / alignment * alignment
    }

    private static func entry(_ cursor: inout GGUFCursor) throws -> Entry {
        let name = try cursor.string("tensor name", limit: 1024)
        let rank: UInt32 = try cursor.integer("rank of \"\(name)\"")
        guard (1...4).contains(rank) else {
            throw cursor.failure("tensor \"\(name)\" has \(rank) dimensions, not 1 to 4,")
        }
        var shape: [Int] = []
        for _ in 0..<rank {
            let dimension = try cursor.count("dimension of \"\(name)\"", limit: 1 << 40)
            guard dimension > 0 else { throw cursor.failure("\"\(name)\" has an empty dimension") }
            shape.append(dimension)
        }
        let number: UInt32 = try cursor.integer("type of \"\(name)\"")
        guard let type = StoredType.gguf(number) else {
            throw cursor.failure("tensor \"\(name)\" has the unknown type \(number)")
        }
        let offset: UInt64 = try cursor.integer("data offset of \"\(name)\"")
        return Entry(name: name, shape: shape.reversed(), type: type, offset: offset)
    }

    func listing(file: MappedFile) throws -> TensorListing {
        var listing = TensorListing()
        var ranges: [(range: Range<Int>, name: String)] = []
        for entry in entries {
            let range = try range(of: entry, file: file)
            ranges.append((range, entry.name))
            listing.add(entry.name, shape: entry.shape, type: entry.type, file: file, range: range)
        }
        ranges.sort { $0.range.lowerBound < $1.range.lowerBound }
        for (left, right) in zip(ranges, ranges.dropFirst())
        where left.range.upperBound > right.range.lowerBound {
            throw FileFailure.invalid(
                file.path,
                "tensors \"\(left.name)\" and \"\(right.name)\" overlap at offset "
                    + "\(right.range.lowerBound)"
            )
        }
        return listing
    }

    private func range(of entry: Entry, file: MappedFile) throws -> Range<Int> {
        func failure(_ problem: String) -> HoneError {
            FileFailure.invalid(file.path, "tensor \"\(entry.name)\": \(problem)")
        }
        guard let size = entry.type.byteCount(shape: entry.shape) else {
            throw failure("\(entry.shape) is no shape for \(entry.type.name)")
        }
        guard entry.offset.isMultiple(of: UInt64(alignment)) else {
            throw failure("its data offset \(entry.offset) is not aligned to \(alignment)")
        }
        let available = max(0, file.count - dataStart)
        guard let offset = Int(exactly: entry.offset), offset <= available,
            size <= available - offset
        else {
            throw failure(
                "its \(size) bytes at data offset \(entry.offset) lie outside the \(available) bytes "
                    + "of data that begin at offset \(dataStart) (is the file truncated?)"
            )
        }
        return dataStart + offset..<dataStart + offset + size
    }
}
