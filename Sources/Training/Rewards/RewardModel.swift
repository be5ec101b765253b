public import Domain
import Foundation
import Kernels
public import Models
import Tokenizers

/// A learned reward: a backbone (often the lower layers of a language model) and a head.
public final class RewardModel {
    /// The trunk that reads the text.
    public let model: Transformer
    /// Turns pooled hidden states into the head's numbers.
    public internal(set) var head: ScalarHead
    var spec: RewardHeadSpec
    /// What weighs attributes by the prompt; `nil` for fixed weights and other heads.
    var gate: GatingNetwork?
    /// The head as it was opened, once one was fitted that is held to it.
    var opened: [HeadFit.Head] = []
    private let text: TextCodec
    private var activations = ActivationRoom(least: passTokens)
    /// Tokens of one forward pass.
    static let passTokens = 1024

    init(
        model: Transformer,
        head: ScalarHead,
        spec: RewardHeadSpec,
        gate: GatingNetwork? = nil,
        text: TextCodec
    ) {
        self.gate = gate
        self.model = model
        self.head = head
        self.spec = spec
        self.text = text
    }

    /// What the head says of texts.
    public var kind: RewardKind { spec.kind }

    // MARK: Tokens

    /// The tokens of the scored text.
    ///
    /// - Throws: `promptTooLong` with the item's index; `invalidRequest` when nothing is left to score.
    public func tokens(prompt: String, completion: String, index: Int) throws(HoneError) -> [Int32]
    {
        try tokens(of: spec.render(prompt: prompt, completion: completion), index)
    }

    func tokens(_ texts: [RewardText]) throws(HoneError) -> [[Int32]] {
        var result: [[Int32]] = []
        for (index, text) in texts.enumerated() {
            result.append(
                try tokens(prompt: text.prompt, completion: text.completion, index: index)
            )
        }
        return result
    }

    /// The tokens of two texts side by side, for a `pair` head.
    func tokens(
        _ left: RewardText,
        _ right: RewardText,
        _ template: TextTemplate,
        index: Int
    ) throws(HoneError) -> [Int32] {
        let values = ["prompt": left.prompt, "a": left.completion, "b": right.completion]
        return try tokens(of: template.filled(values), index)
    }

    /// The tokens of a prompt alone, as many as the context holds; empty for an empty one.
    func promptTokens(_ prompt: String) -> [Int32] {
        let tokens = text.tokenizer.encode(prompt, recognisingSpecialTokens: false)
        return Array(tokens.prefix(model.configuration.contextLength))
    }

    private func tokens(of rendered: String, _ index: Int) throws(HoneError) -> [Int32] {
        let tokens = text.tokenizer.encode(rendered, recognisingSpecialTokens: false)
        guard !tokens.isEmpty else {
            throw HoneError(
                .invalidRequest,
                "item \(index) has no text to score",
                param: "items[\(index)]"
            )
        }
        guard tokens.count <= model.configuration.contextLength else {
            throw HoneError(
                .promptTooLong,
                "item \(index) has \(tokens.count) tokens; the reward model's context is "
                    + "\(model.configuration.contextLength)",
                param: "items[\(index)]"
            )
        }
        return tokens
    }

    // MARK: Scores

    /// What the model says of each text.
    ///
    /// - Throws: `invalidRequest` for a model that only compares, or for a text that is empty.
    public func score(
        _ texts: [RewardText],
        progress: (Int) -> Void = { _ in }
    ) throws(HoneError) -> [TextScore] {
        guard !kind.compares else {
            throw HoneError(
                .invalidRequest,
                "this reward model (\(kind.rawValue)) says which of two texts is better; it has no "
                    + "score of one",
                param: "items"
            )
        }
        let features = features(try tokens(texts), progress: progress)
        if kind == .attributes {
            let prompts: [[Double]?] =
                gate == nil ? texts.map { _ in nil } : promptFeatures(texts)
            return combined(head.values(features), prompts)
        }
        return head.values(features).map(combined)
    }

    /// One score a text; `nil` where the model gave no finite number.
    public func scores(_ texts: [[Int32]], progress: (Int) -> Void = { _ in }) -> [Double?] {
        head.values(features(texts, progress: progress)).map { combined($0).score }
    }

    private func combined(_ values: [Double]) -> TextScore {
        switch kind {
        case .ensemble: TextScore(values.reduce(0, +) / Double(values.count), outputs: values)
        default: TextScore(values[0])
        }
    }

    // MARK: Features

    /// Pooled features of each text.
    public func features(_ texts: [[Int32]], progress: (Int) -> Void = { _ in }) -> [[Double]] {
        var result: [[Double]] = []
        var first = 0
        while first < texts.count {
            var batch = PackedBatch()
            var end = first
            while end < texts.count
                && (end == first || batch.count + texts[end].count <= Self.passTokens)
            {
                batch.append(sequence: texts[end])
                end += 1
            }
            let residual = model.forward(batch, activations.room(for: batch.count, of: model))
            result += head.features(residual, texts: batch.segmentRows)
            progress(end)
            first = end
        }
        return result
    }

    /// The head as its files have it.
    var headFile: RewardHeadFile {
        RewardHeadFile(
            spec: spec,
            weight: head.weights.tensor("score.weight")?.hostCopy() ?? [],
            bias: head.weights.tensor("score.bias")?.hostCopy() ?? [],
            gate: gate
        )
    }
}
