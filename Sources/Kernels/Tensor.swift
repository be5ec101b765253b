/// A row-major float32 matrix: a view of `rows` × `columns` elements in a `Storage`.
///
/// Vectors are one row. Views of rows or columns share the storage. Elements are reached through a
/// `Backend` or by the explicit host copies below; no pointer leaves this module.
public struct Tensor: Sendable {
    let storage: Storage<Float>
    let offset: Int
    /// Number of rows.
    public let rows: Int
    /// Number of columns.
    public let columns: Int
    /// Distance between rows, in elements.
    let stride: Int

    /// A fresh matrix of zeros.
    public init(rows: Int, columns: Int) {
        self.init(Storage(count: rows * columns), offset: 0, rows: rows, columns: columns)
    }

    /// A contiguous view that begins at element `offset` of `storage`.
    public init(_ storage: Storage<Float>, offset: Int, rows: Int, columns: Int) {
        self.init(storage: storage, offset: offset, rows: rows, columns: columns, stride: columns)
    }

    private init(storage: Storage<Float>, offset: Int, rows: Int, columns: Int, stride: Int) {
        precondition(rows >= 0 && columns >= 0 && offset >= 0)
        precondition(rows == 0 || offset + (rows - 1) * stride + columns <= storage.count)
        self.storage = storage
        self.offset = offset
        self.rows = rows
        self.columns = columns
        self.stride = stride
    }

    /// Rows `range` of this matrix, sharing its elements.
    public func rows(_ range: Range<Int>) -> Tensor {
        precondition(range.lowerBound >= 0 && range.upperBound <= rows)
        return Tensor(
            storage: storage,
            offset: offset + range.lowerBound * stride,
            rows: range.count,
            columns: columns,
            stride: stride
        )
    }

    /// Columns `range` of this matrix, sharing its elements.
    public func columns(_ range: Range<Int>) -> Tensor {
        precondition(range.lowerBound >= 0 && range.upperBound <= columns)
        return Tensor(
            storage: storage,
            offset: offset + range.lowerBound,
            rows: rows,
            columns: range.count,
            stride: stride
        )
    }

    /// Gives the memory of the whole storage back: all its elements are 0 until they are written again.
    public func discard() { storage.discard() }

    /// Whether the rows follow each other without gaps.
    public var isContiguous: Bool { stride == columns || rows <= 1 }

    var pointer: UnsafeMutablePointer<Float> { storage.base + offset }

    func row(_ index: Int) -> UnsafeMutablePointer<Float> { pointer + index * stride }
}

extension Tensor {
    /// Copies the elements to the host, row after row.
    public func hostCopy() -> [Float] {
        var result: [Float] = []
        result.reserveCapacity(rows * columns)
        for index in 0..<rows {
            result += UnsafeBufferPointer(start: row(index), count: columns)
        }
        return result
    }

    /// Writes host elements, row after row; `elements.count` must be rows × columns.
    public func assign(_ elements: [Float]) {
        precondition(elements.count == rows * columns)
        elements.withUnsafeBufferPointer { source in
            guard let start = source.baseAddress else { return }
            for index in 0..<rows {
                row(index).update(from: start + index * columns, count: columns)
            }
        }
    }

    /// The one element of a 1 × 1 view.
    public subscript(row index: Int, column column: Int) -> Float {
        precondition(index >= 0 && index < rows && column >= 0 && column < columns)
        return row(index)[column]
    }

    /// The raw bytes of a contiguous matrix, for writing to a file.
    public func withHostBytes<Result>(
        _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        precondition(isContiguous)
        return try body(UnsafeRawBufferPointer(start: pointer, count: rows * columns * 4))
    }

    /// Fills a contiguous matrix from raw little-endian float32 bytes of the same size.
    public func assignHostBytes(_ bytes: UnsafeRawBufferPointer) {
        precondition(isContiguous && bytes.count == rows * columns * 4)
        UnsafeMutableRawBufferPointer(start: pointer, count: bytes.count).copyMemory(from: bytes)
    }
}
