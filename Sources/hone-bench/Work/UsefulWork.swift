import Domain
import Training

/// The multiplications and additions that a result needs, whatever way it is computed.
///
/// A product of matrices (m, k) and (k, n) counts 2·m·k·n. Counted are the linear layers, the output
/// matrix at the predicted positions, and attention over the keys that a position sees. Norms,
/// activations, softmax and the optimizer are not, and nothing that is computed twice is counted
/// twice.
struct UsefulWork {
    /// Positions that run through the layers.
    private(set) var rows = 0.0
    /// Positions that the output matrix is multiplied with.
    private(set) var predictions = 0.0
    /// Pairs of a query's position and a key's.
    private(set) var seen = 0.0

    /// Nothing yet, to add to.
    init() {}

    /// Of the log-probabilities of groups, each prompt once.
    init(_ groups: [SequenceGroup]) {
        for group in groups { add(group) }
    }

    /// Whole texts of which the last position, or none, is read.
    init(texts: [[Int32]], predictions: Int) {
        for text in texts { addSegment(text.count, after: 0) }
        self.predictions = Double(predictions)
    }

    /// Prompts and what is drawn after them, every prompt once for its group.
    init(prompts: [[Int32]], groupSize: Int, drawn: Int) {
        for prompt in prompts {
            addSegment(prompt.count, after: 0)
            for _ in 0..<groupSize { addSegment(drawn - 1, after: prompt.count) }
        }
        predictions = Double(prompts.count * groupSize * drawn)
    }

    private mutating func add(_ group: SequenceGroup) {
        addSegment(group.prompt.count, after: 0)
        for completion in group.completions {
            // The last token predicts nothing; the first of a text without prompt is not predicted.
            addSegment(completion.count - 1, after: group.prompt.count)
            predictions += Double(completion.count - (group.prompt.isEmpty ? 1 : 0))
        }
    }

    private mutating func addSegment(_ count: Int, after prefix: Int) {
        rows += Double(count)
        seen += Double(count) * Double(prefix) + Double(count) * Double(count + 1) / 2
    }

    /// Floating-point operations of the forward pass.
    func forward(_ shape: ModelConfiguration) -> Double {
        let heads = Double(shape.headCount * shape.headSize)
        return 2 * rows * Self.layerWeights(shape)
            + 2 * predictions * Double(shape.vocabularySize * shape.hiddenSize)
            + 4 * seen * heads * Double(shape.layerCount)
    }

    /// Of forward and backward pass with all weights trained: two products for each of the forward's.
    func training(_ shape: ModelConfiguration) -> Double { 3 * forward(shape) }

    /// Weights of all linear layers, without the output matrix.
    static func layerWeights(_ shape: ModelConfiguration) -> Double {
        let queries = shape.headCount * shape.headSize
        let keysAndValues = 2 * shape.keyValueHeadCount * shape.headSize
        let attention = shape.hiddenSize * (2 * queries + keysAndValues)
        let feedForward = 3 * shape.hiddenSize * shape.intermediateSize
        return Double(shape.layerCount * (attention + feedForward))
    }

    /// Bytes of weights that drawing one token (of any number of sequences) reads.
    static func weightBytes(_ shape: ModelConfiguration, _ weights: SamplingWeights) -> Double {
        let bytes: Double =
            switch weights {
            case .float32: 4
            case .bfloat16: 2
            // A scale of four bytes for every 32 weights.
            case .int8: 1.125
            }
        return bytes * (layerWeights(shape) + Double(shape.vocabularySize * shape.hiddenSize))
    }
}
