/// How the rows of a stored matrix map to the rows the model wants.
public enum RowOrder: Sendable, Hashable {
    /// Row for row.
    case asStored
    /// Query or key rows as llama.cpp keeps them; see `RotaryRowOrder`.
    case interleavedRotary(headCount: Int, headSize: Int)

    /// The stored row that holds row `row` of the model's (Hugging Face's) order.
    public func storedRow(_ row: Int) -> Int {
        switch self {
        case .asStored: row
        case .interleavedRotary(let headCount, let headSize):
            RotaryRowOrder.ggufRow(huggingFace: row, headCount: headCount, headSize: headSize)
        }
    }
}

/// A tensor of a model, ready to be copied into its place.
public struct ModelTensor: Sendable {
    /// Hugging Face's name, whatever the file calls it.
    public let name: String
    /// The stored bytes; the shape is the model's.
    public let raw: RawTensor
    /// Which stored row is which.
    public let rowOrder: RowOrder
}

/// A tensor that a configuration asks for.
public struct ExpectedTensor: Sendable, Hashable {
    /// The name, as its format spells it.
    public var name: String
    /// Outermost first.
    public var shape: [Int]
}
