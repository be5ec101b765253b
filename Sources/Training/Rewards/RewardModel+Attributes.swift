import Domain
import Kernels
import Models

// Heads of several attributes: ridge regression of each, then their weights.
extension RewardModel {
    /// What the strength of the penalty is multiplied by to find the best one.
    private static let strengths = [0.01, 0.1, 1, 10, 100]

    /// Fits one head an attribute on the frozen backbone, then how they are weighted.
    func fitAttributes(
        _ settings: RewardHead.Attributes,
        _ data: HeadFitData<RewardText>,
        _ features: [[Double]],
        l2: Double,
        seed: UInt64
    ) -> [String: Double] {
        var (heads, metrics) = ([HeadFit.Head](), ["fit/texts": Double(features.count)])
        let fit = HeadFit(features: features, l2: l2)
        for (index, name) in data.attributes.enumerated() {
            let ratings = data.attributeRatings.map { $0[index] }
            let strength = bestStrength(fit, features, ratings, seed)
            heads.append(fit.with(l2: strength).ridge(ratings))
            metrics["fit/\(name)_l2"] = strength
        }
        head = ScalarHead(
            model,
            pooling: head.pooling,
            normalises: head.normalises,
            outputs: max(1, heads.count)
        )
        assign(heads)
        let ratings = head.values(features)
        let verbosity = data.attributes.firstIndex(of: settings.verbosity)
        let penalties = verbosity.map {
            VerbosityPenalty.penalties(ratings, verbosity: $0, limit: settings.verbosityLimit)
        }
        let mixture = AttributeMixture(
            settings,
            names: data.attributes,
            penalties: penalties ?? data.attributes.map { _ in 0 }
        )
        spec.mixture = mixture
        for (name, penalty) in zip(data.attributes, mixture.penalties) where verbosity != nil {
            metrics["fit/\(name)_penalty"] = penalty
        }
        gate = nil
        if settings.gates && !data.chosen.isEmpty {
            gate = trainedGate(settings, mixture, data, ratings, seed)
        }
        if !data.chosen.isEmpty {
            let scores = combined(ratings, promptFeatures(data.items))
            let right = zip(data.chosen, data.rejected).count {
                (scores[$0].score ?? 0) > (scores[$1].score ?? 0)
            }
            metrics["fit/accuracy"] = Double(right) / Double(data.chosen.count)
        }
        return metrics
    }

    /// The penalty under which a fit on four fifths of the texts errs least on the others.
    private func bestStrength(
        _ fit: HeadFit,
        _ features: [[Double]],
        _ ratings: [Double?],
        _ seed: UInt64
    ) -> Double {
        let l2 = fit.l2
        var random = PhiloxSequence(seed: seed, stream: 0x7269_6467)
        let known = ratings.indices.filter { ratings[$0] != nil }.shuffled(using: &random)
        let held = Set(known.prefix(known.count / 5))
        guard !held.isEmpty, l2 > 0 else { return l2 }
        let learned = ratings.indices.map { held.contains($0) ? nil : ratings[$0] }
        var best = (strength: l2, error: Double.infinity)
        for factor in Self.strengths {
            let head = fit.with(l2: l2 * factor).ridge(learned)
            let error = held.sorted().reduce(0.0) { sum, index in
                let miss = dot(head.weight, features[index]) + head.bias - (ratings[index] ?? 0)
                return sum + miss * miss
            }
            if error < best.error { best = (l2 * factor, error) }
        }
        return best.strength
    }

    private func trainedGate(
        _ settings: RewardHead.Attributes,
        _ mixture: AttributeMixture,
        _ data: HeadFitData<RewardText>,
        _ ratings: [[Double]],
        _ seed: UInt64
    ) -> GatingNetwork {
        let prompts = promptFeatures(data.items)
        let attributes = ratings.map(mixture.decorrelated)
        let lessons = data.chosen.indices.map { index in
            let (chosen, rejected) = (data.chosen[index], data.rejected[index])
            var leads = zip(attributes[chosen], attributes[rejected]).map { $0 - $1 }
            if let verbosity = mixture.verbosity { leads[verbosity] = 0 }
            var lesson = GatingNetwork.Lesson(prompt: prompts[chosen], leads: leads)
            if !data.probabilities.isEmpty { lesson.probability = data.probabilities[index] }
            return lesson
        }
        var gate = GatingNetwork(
            settings,
            attributes: mixture.names.count,
            features: lessons.compactMap(\.prompt),
            seed: seed
        )
        gate.train(on: lessons, steps: settings.gatingSteps, seed: seed)
        // As its file will have it, so that a run that is resumed measures the same.
        gate.round()
        return gate
    }

    /// The features of each text's prompt, each prompt read once; `nil` for an empty one.
    func promptFeatures(_ texts: [RewardText]) -> [[Double]?] {
        var (places, tokens) = ([String: Int](), [[Int32]]())
        for text in texts where places[text.prompt] == nil {
            let prompt = promptTokens(text.prompt)
            if prompt.isEmpty { continue }
            places[text.prompt] = tokens.count
            tokens.append(prompt)
        }
        let features = features(tokens)
        return texts.map { text in places[text.prompt].map { features[$0] } }
    }

    /// The scores of texts from their attributes and their prompts' features.
    func combined(_ ratings: [[Double]], _ prompts: [[Double]?]) -> [TextScore] {
        guard let mixture = spec.mixture else { return ratings.map { TextScore($0[0]) } }
        return zip(ratings, prompts).map { ratings, prompt in
            let attributes = mixture.decorrelated(ratings)
            let weights = gate?.forward(prompt).weights
            return TextScore(mixture.score(attributes, gate: weights), outputs: attributes)
        }
    }
}
