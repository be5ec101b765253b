public import Domain
import Kernels
public import Models
import Tokenizers

/// A learned reward: a backbone (often the lower layers of a language model) and a scalar head.
public final class RewardModel {
    /// The trunk that reads the text.
    public let model: Transformer
    /// Turns pooled hidden states into one number.
    public let head: ScalarHead
    let spec: RewardHeadSpec
    private let text: TextCodec
    private var activations: Activations?
    /// Tokens of one forward pass.
    static let passTokens = 1024

    init(model: Transformer, head: ScalarHead, spec: RewardHeadSpec, text: TextCodec) {
        self.model = model
        self.head = head
        self.spec = spec
        self.text = text
    }

    /// The tokens of the scored text.
    ///
    /// - Throws: `promptTooLong` with the item's index; `invalidRequest` when nothing is left to score.
    public func tokens(prompt: String, completion: String, index: Int) throws(HoneError) -> [Int32]
    {
        let rendered = spec.render(prompt: prompt, completion: completion)
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

    /// One score a text; `nil` where the model gave no finite number.
    public func scores(_ texts: [[Int32]], progress: (Int) -> Void = { _ in }) -> [Double?] {
        features(texts, progress: progress).map { row in
            let score = head.score(row)
            return score.isFinite ? score : nil
        }
    }

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
            let residual = model.forward(batch, room(for: batch.count))
            result += head.features(residual, texts: batch.segmentRows)
            progress(end)
            first = end
        }
        return result
    }

    /// Fits the head on the frozen backbone.
    ///
    /// - Parameters:
    ///   - texts: the tokens of each text.
    ///   - ratings: one a text for ridge regression; empty for Bradley–Terry on pairs.
    ///   - chosen: indices into `texts`.
    ///   - rejected: indices into `texts`, each the loser to the chosen at its place.
    ///   - l2: strength λ of the penalty on standardised weights.
    ///   - progress: told how many texts have their features.
    /// - Returns: how well the head fits what it was fitted to.
    /// - Throws: `notANumber` when the backbone gives features that are not finite.
    public func fitHead(
        _ texts: [[Int32]],
        ratings: [Double],
        chosen: [Int],
        rejected: [Int],
        l2: Double,
        progress: (Int) -> Void = { _ in }
    ) throws(HoneError) -> [String: Double] {
        let features = features(texts, progress: progress)
        guard features.allSatisfy({ $0.allSatisfy(\.isFinite) }) else {
            throw HoneError(.notANumber, "the backbone's features are not finite numbers")
        }
        let fit = HeadFit(features: features, l2: l2)
        let result =
            ratings.isEmpty
            ? fit.bradleyTerry(chosen: chosen, rejected: rejected) : fit.ridge(ratings)
        head.weights.tensor("score.weight")?.assign(result.weight.map { Float($0) })
        head.weights.tensor("score.bias")?.assign([Float(result.bias)])
        let scores = features.map(head.score)
        var metrics = ["fit/texts": Double(texts.count)]
        if !chosen.isEmpty {
            let right = zip(chosen, rejected).count { scores[$0] > scores[$1] }
            metrics["fit/accuracy"] = Double(right) / Double(chosen.count)
        }
        if !ratings.isEmpty {
            let squares = zip(scores, ratings).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
            metrics["fit/mean_squared_error"] = squares / Double(ratings.count)
        }
        return metrics
    }

    /// The head as its files have it.
    var headFile: RewardHeadFile {
        RewardHeadFile(
            spec: spec,
            weight: head.weights.tensor("score.weight")?.hostCopy() ?? [],
            bias: head.weights.tensor("score.bias")?.hostCopy().first ?? 0
        )
    }

    private func room(for tokens: Int) -> Activations {
        if let activations, activations.capacity >= tokens { return activations }
        let fresh = Activations(
            model.configuration,
            capacity: max(tokens, Self.passTokens),
            plan: .inference,
            adapterRank: model.adapters?.rank ?? 0
        )
        activations = fresh
        return fresh
    }
}
