public import Domain
public import Kernels

/// Keys and values of every layer for `rowCount` token slots; who owns which slot is the sampler's.
public final class KeyValueCache: Sendable {
    /// Token slots of each layer.
    public let rowCount: Int
    private let keys: [Tensor]
    private let values: [Tensor]

    /// An empty cache: per layer (rowCount, key heads · head size) keys and as many values.
    public init(_ shape: ModelConfiguration, rowCount: Int) {
        self.rowCount = rowCount
        let width = shape.keyValueHeadCount * shape.headSize
        keys = (0..<shape.layerCount).map { _ in Tensor(rows: rowCount, columns: width) }
        values = (0..<shape.layerCount).map { _ in Tensor(rows: rowCount, columns: width) }
    }

    func layer(_ layer: Int, rows: [Int32]) -> LayerCache {
        LayerCache(keys: keys[layer], values: values[layer], rows: rows)
    }

    /// Copies the slots `source` of another cache of the same shape, or of this one, to the slots
    /// from `target` on; within one cache the two must not overlap.
    public func copy(
        _ source: Range<Int>,
        of other: KeyValueCache,
        to target: Int,
        _ backend: any Backend
    ) {
        let rows = target..<target + source.count
        for (from, to) in [(other.keys, keys), (other.values, values)] {
            for layer in to.indices {
                backend.copy(from[layer].rows(source), into: to[layer].rows(rows))
            }
        }
    }

    /// Bytes of `rowCount` slots.
    public static func bytes(_ shape: ModelConfiguration, rowCount: Int) -> Int {
        shape.layerCount * 2 * shape.keyValueHeadCount * shape.headSize * rowCount * 4
    }
}
