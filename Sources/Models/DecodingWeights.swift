public import Domain
public import Kernels

/// The linear layers' weights and the output matrix once more, in panels that sampling reads fast.
///
/// They are laid out when sampling first needs them after the weights have changed, with adapters
/// merged in. In the format `float32` a pass over them gives the same bits as one over the model's
/// own weights (but for the rounding of merged adapters).
///
/// `@unchecked Sendable`: only the compute thread of the model it belongs to touches it.
public final class DecodingWeights: @unchecked Sendable {
    /// How the weights are stored.
    public private(set) var format: PanelFormat
    /// Whether they are those of the model as it is now.
    public private(set) var isCurrent = false
    private let borrowed: Tensor?
    private var room: Tensor?
    private var layers: [LayerPanels] = []
    private var output: PackedMatrix?

    /// Panels that do not exist yet.
    ///
    /// - Parameters:
    ///   - format: anything but `float32` changes what the model says a little.
    ///   - borrowed: one row of memory that nobody else needs while `isCurrent`, such as the gradients'
    ///     arena; where it is too small the panels get memory of their own.
    public init(format: PanelFormat, borrowed: Tensor? = nil) {
        self.format = format
        self.borrowed = borrowed
    }

    /// Says that the weights have changed, or that the borrowed memory is needed.
    public func invalidate() { isCurrent = false }

    /// Stores them in another format from now on.
    public func use(_ format: PanelFormat) {
        if format == self.format { return }
        discard()
        self.format = format
        (layers, output, room) = ([], nil, nil)
    }

    /// Invalidates them and gives their memory back until it is needed again.
    public func discard() {
        isCurrent = false
        room?.discard()
    }

    /// The output matrix, once layers have been prepared.
    var head: PackedMatrix? { isCurrent ? output : nil }

    func layer(_ index: Int) -> LayerPanels { layers[index] }

    /// Lays the panels out unless they are current; `afterLayer` is called when a layer's are there.
    func prepare(
        _ model: [TransformerLayer],
        output: Tensor,
        _ backend: any Backend,
        afterLayer: () -> Void
    ) {
        if isCurrent { return }
        if layers.isEmpty { lay(model, output) }
        for (layer, panels) in zip(model, layers) {
            for (linear, packed) in zip(layer.linears, panels.all) {
                backend.pack(linear.merged(backend), into: packed)
            }
            afterLayer()
        }
        if let packed = self.output { backend.pack(output, into: packed) }
        afterLayer()
        isCurrent = true
    }

    private func lay(_ model: [TransformerLayer], _ output: Tensor) {
        let matrices = model.flatMap { $0.linears.map { $0.weight } } + [output]
        let sizes = matrices.map {
            PackedMatrix.floats(outputs: $0.rows, inputs: $0.columns, format: format)
        }
        let total = sizes.reduce(0, +)
        let room =
            borrowed.flatMap { $0.columns >= total ? $0 : nil } ?? Tensor(rows: 1, columns: total)
        self.room = room
        var start = 0
        let packed = zip(matrices, sizes).map { matrix, size in
            defer { start += size }
            return PackedMatrix(
                outputs: matrix.rows,
                inputs: matrix.columns,
                format: format,
                room: room.columns(start..<start + size)
            )
        }
        layers = model.indices.map { LayerPanels(Array(packed[4 * $0..<4 * $0 + 4])) }
        self.output = packed.last
    }

    /// Bytes of the panels of a model of this shape.
    public static func bytes(_ shape: ModelConfiguration, format: PanelFormat) -> Int {
        let heads = shape.headCount * shape.headSize
        let fused = heads + 2 * shape.keyValueHeadCount * shape.headSize
        func floats(_ outputs: Int, _ inputs: Int) -> Int {
            PackedMatrix.floats(outputs: outputs, inputs: inputs, format: format)
        }
        let layer =
            floats(fused, shape.hiddenSize) + floats(shape.hiddenSize, heads)
            + floats(2 * shape.intermediateSize, shape.hiddenSize)
            + floats(shape.hiddenSize, shape.intermediateSize)
        return 4 * (shape.layerCount * layer + floats(shape.vocabularySize, shape.hiddenSize))
    }
}

/// The four matrices of one layer, in the order of `TransformerLayer.linears`.
struct LayerPanels: Sendable {
    let all: [PackedMatrix]

    init(_ all: [PackedMatrix]) {
        precondition(all.count == 4)
        self.all = all
    }

    var queryKeyValue: PackedMatrix { all[0] }
    var output: PackedMatrix { all[1] }
    var gateUp: PackedMatrix { all[2] }
    var down: PackedMatrix { all[3] }
}
