import Domain
import Foundation
public import Kernels

/// All parameters (or gradients, or moments) of a table in one block of memory.
public struct ParameterArena: Sendable {
    /// Names, shapes and places of the tensors.
    public let table: ParameterTable
    let storage: Storage<Float>
    private let origin: Int

    /// Fresh zeros.
    public init(_ table: ParameterTable) {
        self.init(table, Storage(count: table.count), origin: 0)
    }

    /// A view of mapped or shared memory whose element `origin` is the first of the table.
    public init(_ table: ParameterTable, _ storage: Storage<Float>, origin: Int) {
        precondition(origin + table.count <= storage.count)
        self.table = table
        self.storage = storage
        self.origin = origin
    }

    /// The whole arena as one row.
    public var all: Tensor { Tensor(storage, offset: origin, rows: 1, columns: table.count) }

    /// Lets resident pages of a mapped file go, to be read again when touched; see `Storage.unload`.
    public func unload() { storage.unload() }

    /// The tensor of one entry.
    public func tensor(_ entry: ParameterEntry) -> Tensor {
        Tensor(storage, offset: origin + entry.offset, rows: entry.rows, columns: entry.columns)
    }

    /// The tensor called `name`, when the table has it.
    public func tensor(_ name: String) -> Tensor? { table[name].map(tensor) }

    /// Entries that follow each other, as one matrix.
    ///
    /// - Parameter names: in arena order, equal in columns.
    /// - Returns: rows of all, columns of each; `nil` if the table lacks one of the names.
    public func fused(_ names: [String]) -> Tensor? {
        let entries = names.compactMap { table[$0] }
        guard let first = entries.first, entries.count == names.count else { return nil }
        var end = first.offset
        for entry in entries {
            precondition(entry.offset == end && entry.columns == first.columns)
            end += entry.count
        }
        let rows = entries.reduce(0) { $0 + $1.rows }
        return Tensor(storage, offset: origin + first.offset, rows: rows, columns: first.columns)
    }

    /// Fills every tensor with its initial distribution; draws depend on (seed, tensor index).
    public func initialise(seed: UInt64) {
        for (index, entry) in table.entries.enumerated() {
            var random = PhiloxSequence(seed: seed, stream: UInt64(index))
            switch entry.initial {
            case .zeros: tensor(entry).assign(Array(repeating: 0, count: entry.count))
            case .ones: tensor(entry).assign(Array(repeating: 1, count: entry.count))
            case .normal(let deviation):
                tensor(entry).assign(normals(entry.count, deviation, &random))
            }
        }
    }

    private func normals(
        _ count: Int,
        _ deviation: Double,
        _ random: inout PhiloxSequence
    ) -> [Float] {
        // Box–Muller, two at a time.
        var result: [Float] = []
        result.reserveCapacity(count + 1)
        while result.count < count {
            let radius = (-2 * log(1 - Double.random(in: 0..<1, using: &random))).squareRoot()
            let angle = 2 * Double.pi * Double.random(in: 0..<1, using: &random)
            result.append(Float(deviation * radius * cos(angle)))
            result.append(Float(deviation * radius * sin(angle)))
        }
        return Array(result.prefix(count))
    }
}
