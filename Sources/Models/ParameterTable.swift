/// One parameter tensor: its name in Hugging Face's spelling, its shape and how it is treated.
public struct ParameterEntry: Sendable, Hashable {
    /// The name in weight files.
    public var name: String
    /// Rows of the matrix; 1 for vectors.
    public var rows: Int
    /// Columns of the matrix; the length of a vector.
    public var columns: Int
    /// Vectors are written to files with one dimension.
    public var isVector: Bool
    /// How a fresh tensor is filled.
    public var initial: Initial
    /// Whether weight decay applies: matrices yes, norms and biases no.
    public var decays: Bool
    /// The transformer layer it belongs to; `nil` for embeddings, final norm and heads.
    public var layer: Int?
    /// First element in the arena.
    public internal(set) var offset = 0

    /// Number of elements.
    public var count: Int { rows * columns }
    /// The shape as files have it.
    public var shape: [Int] { isVector ? [columns] : [rows, columns] }

    /// The distribution of a fresh tensor.
    public enum Initial: Sendable, Hashable {
        case zeros, ones
        /// Normal with this standard deviation.
        case normal(Double)
    }

    /// A matrix of these rows and columns, to which weight decay applies.
    public init(
        matrix name: String,
        _ rows: Int,
        _ columns: Int,
        layer: Int? = nil,
        initial: Initial
    ) {
        self.init(name, rows, columns, isVector: false, layer: layer, initial: initial)
    }

    /// A vector of this length, to which weight decay does not apply.
    public init(vector name: String, _ count: Int, layer: Int? = nil, initial: Initial) {
        self.init(name, 1, count, isVector: true, layer: layer, initial: initial)
    }

    private init(
        _ name: String,
        _ rows: Int,
        _ columns: Int,
        isVector: Bool,
        layer: Int?,
        initial: Initial
    ) {
        self.name = name
        self.rows = rows
        self.columns = columns
        self.isVector = isVector
        self.layer = layer
        self.initial = initial
        decays = !isVector
    }
}

/// The parameters of a model in arena order: one table drives allocation, gradients, moments,
/// checkpoints and checks.
public struct ParameterTable: Sendable {
    /// The entries in arena order, each with its offset.
    public let entries: [ParameterEntry]
    /// Elements of the arena.
    public let count: Int
    private let indexByName: [String: Int]

    /// Lays the entries one behind the other without gaps.
    public init(_ entries: [ParameterEntry]) {
        var laid = entries
        var offset = 0
        for index in laid.indices {
            laid[index].offset = offset
            offset += laid[index].count
        }
        self.entries = laid
        count = offset
        indexByName = Dictionary(
            uniqueKeysWithValues: laid.enumerated().map { ($0.element.name, $0.offset) }
        )
    }

    /// The entry called `name`.
    public subscript(name: String) -> ParameterEntry? { indexByName[name].map { entries[$0] } }

    /// The same entries without those that `isIncluded` refuses, laid out anew.
    public func filter(_ isIncluded: (ParameterEntry) -> Bool) -> ParameterTable {
        ParameterTable(entries.filter(isIncluded))
    }
}
