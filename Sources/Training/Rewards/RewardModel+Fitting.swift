public import Domain
import Kernels
import Models

extension RewardModel {
    /// Fits the head on the frozen backbone.
    ///
    /// - Parameters:
    ///   - data: texts and what is known of them.
    ///   - l2: strength λ of the penalty on standardised weights.
    ///   - seed: of what members of an ensemble learn from, and of weights that a fit starts from.
    ///   - progress: told how many texts have their features.
    /// - Returns: how well the head fits what it was fitted to.
    /// - Throws: `notANumber` when the backbone gives features that are not finite.
    public func fitHead(
        _ data: HeadFitData<RewardText>,
        l2: Double,
        seed: UInt64 = 0,
        progress: (Int) -> Void = { _ in }
    ) throws(HoneError) -> [String: Double] {
        if data.priorPairs != nil { try checkPrior(data) }
        let texts = try fittedTexts(data)
        let features = features(texts, progress: progress)
        guard features.allSatisfy({ $0.allSatisfy(\.isFinite) }) else {
            throw HoneError(.notANumber, "the backbone's features are not finite numbers")
        }
        if case .attributes(let settings)? = spec.head {
            return fitAttributes(settings, data, features, l2: l2, seed: seed)
        }
        let fit = HeadFit(features: features, l2: l2)
        switch spec.head {
        case .pair: assign([fit.logistic(texts.indices.map { $0.isMultiple(of: 2) })])
        case .preference(let settings):
            let form = PreferenceForm(settings: settings)
            assign(fit.preference(pairs(data) { _ in 1 }, form, seed: seed))
        case .ensemble(let ensemble):
            let share = BootstrapShare(seed: seed)
            assign(
                (0..<ensemble.members).map { member in
                    head(fit, data, member) { elements in
                        ensemble.bootstrap
                            ? share.weight(member: member, of: elements.map { texts[$0] }) : 1
                    }
                }
            )
        default: assign([head(fit, data) { _ in 1 }])
        }
        return measures(data, head.values(features))
    }

    /// Only heads that score by one number, or several alike, can be held to what they knew.
    private func checkPrior(_ data: HeadFitData<RewardText>) throws(HoneError) {
        guard [.scalar, .ensemble].contains(kind), data.method == .bradleyTerry else {
            throw HoneError(
                .invalidRequest,
                "a head of the kind \(kind.rawValue) cannot be fitted beside what it knew",
                param: "prior_pairs"
            )
        }
        if opened.isEmpty { opened = heads }
    }

    /// The head's rows.
    private var heads: [HeadFit.Head] {
        let weights = head.weights.tensor("score.weight")?.hostCopy().map(Double.init) ?? []
        let biases = head.weights.tensor("score.bias")?.hostCopy().map(Double.init) ?? []
        let width = weights.count / max(1, biases.count)
        return biases.enumerated().map { index, bias in
            HeadFit.Head(weight: Array(weights[index * width..<(index + 1) * width]), bias: bias)
        }
    }

    /// The tokens of the texts; for a `pair` head of every pair in both orders, the right one first.
    private func fittedTexts(_ data: HeadFitData<RewardText>) throws(HoneError) -> [[Int32]] {
        guard case .pair(let settings)? = spec.head else { return try tokens(data.items) }
        let template = TextTemplate(settings.template)
        var texts: [[Int32]] = []
        for (chosen, rejected) in zip(data.chosen, data.rejected) {
            let (better, worse) = (data.items[chosen], data.items[rejected])
            texts.append(try tokens(better, worse, template, index: chosen))
            texts.append(try tokens(worse, better, template, index: chosen))
        }
        return texts
    }

    /// One head; `weight` says how often an element counts, by the texts it is made of.
    private func head(
        _ fit: HeadFit,
        _ data: HeadFitData<RewardText>,
        _ member: Int = 0,
        _ weight: ([Int]) -> Double
    ) -> HeadFit.Head {
        if let pairs = data.priorPairs {
            let prior = HeadFit.Prior(head: opened[member], pairs: pairs)
            return fit.bradleyTerry(self.pairs(data, weight), prior: prior)
        }
        let weights = data.items.indices.map { weight([$0]) }
        switch data.method {
        case .ridge: return fit.ridge(data.ratings, weights: weights)
        case .logistic: return fit.logistic(data.labels, weights: weights)
        case .plackettLuce: return fit.plackettLuce(data.lists, weights: data.lists.map(weight))
        case .bradleyTerry, .none: return fit.bradleyTerry(pairs(data, weight))
        }
    }

    private func pairs(
        _ data: HeadFitData<RewardText>,
        _ weight: ([Int]) -> Double
    ) -> [HeadFit.Pair] {
        data.chosen.indices.map { index in
            var pair = HeadFit.Pair(chosen: data.chosen[index], rejected: data.rejected[index])
            if !data.margins.isEmpty { pair.margin = data.margins[index] }
            if !data.probabilities.isEmpty { pair.probability = data.probabilities[index] }
            pair.weight = weight([pair.chosen, pair.rejected])
            return pair
        }
    }

    func assign(_ heads: [HeadFit.Head]) {
        head.weights.tensor("score.weight")?.assign(heads.flatMap { $0.weight.map { Float($0) } })
        head.weights.tensor("score.bias")?.assign(heads.map { Float($0.bias) })
    }

    private func measures(_ data: HeadFitData<RewardText>, _ values: [[Double]]) -> [String: Double]
    {
        var metrics = ["fit/texts": Double(values.count)]
        func share(_ right: Int, of count: Int) -> Double { Double(right) / Double(count) }
        if kind == .pair {
            let right = values.indices.count { (values[$0][0] > 0) == $0.isMultiple(of: 2) }
            metrics["fit/accuracy"] = share(right, of: max(1, values.count))
            return metrics
        }
        if !data.chosen.isEmpty {
            let right = zip(data.chosen, data.rejected).count {
                logOdds(values[$0], values[$1]) > 0
            }
            metrics["fit/accuracy"] = share(right, of: data.chosen.count)
        }
        if kind.compares { return metrics }
        let scores = values.map { $0.reduce(0, +) / Double($0.count) }
        if !data.labels.isEmpty {
            let right = zip(scores, data.labels).count { ($0 > 0) == $1 }
            metrics["fit/accuracy"] = share(right, of: data.labels.count)
        }
        if !data.ratings.isEmpty {
            let squares = zip(scores, data.ratings).reduce(0) {
                $0 + ($1.0 - $1.1) * ($1.0 - $1.1)
            }
            metrics["fit/mean_squared_error"] = squares / Double(data.ratings.count)
        }
        return metrics
    }
}
