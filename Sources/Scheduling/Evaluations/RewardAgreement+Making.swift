import Statistics

extension RewardAgreement {
    /// The most disagreements that are listed.
    private static let mostDisagreements = 10

    /// Texts of one prompt that are compared two by two, the first ones: the work grows with the
    /// square.
    private static let mostCompared = 1000

    /// Two rewards' scores of the same texts, by prompt.
    private struct Prompt {
        let prompt: String
        let completions: [String]
        let first: [Double]
        let second: [Double]

        /// The texts that both scored.
        init(_ texts: ScoredTexts, _ first: Int, _ second: Int) {
            let places = texts.completions.indices.filter {
                texts.scores[first][$0] != nil && texts.scores[second][$0] != nil
            }
            prompt = texts.prompt
            completions = places.map { texts.completions[$0] }
            self.first = places.compactMap { texts.scores[first][$0] }
            self.second = places.compactMap { texts.scores[second][$0] }
        }

        /// The places that are compared two by two.
        var compared: Range<Int> { 0..<min(first.count, mostCompared) }
    }

    /// Compares the rewards of two places.
    init(_ texts: [ScoredTexts], first: Int, second: Int, names: [String]) {
        // Texts of one prompt may come from several models.
        let prompts = Self.merged(texts).map { Prompt($0, first, second) }
            .filter { !$0.completions.isEmpty }
        self.first = names[first]
        self.second = names[second]
        let (left, right) = (prompts.flatMap(\.first), prompts.flatMap(\.second))
        self.texts = left.count
        overall = Correlations(left, right)
        let within = prompts.filter { $0.completions.count > 1 }
            .map { Correlations($0.first, $0.second) }
        withinPrompts = Correlations(
            pearson: Sample.mean(within.compactMap(\.pearson)),
            spearman: Sample.mean(within.compactMap(\.spearman)),
            kendall: Sample.mean(within.compactMap(\.kendall))
        )
        starc = STARC.distance(prompts.map { ($0.first, $0.second) })
        let orders = prompts.map(Self.orders)
        let (alike, both) = orders.reduce((0, 0)) { ($0.0 + $1.alike, $0.1 + $1.both) }
        concordance = both == 0 ? nil : Double(alike) / Double(both)
        disagreements = Self.disagreements(
            prompts,
            scales: (Sample.deviation(left) ?? 0, Sample.deviation(right) ?? 0)
        )
    }

    private static func merged(_ texts: [ScoredTexts]) -> [ScoredTexts] {
        var merged: [ScoredTexts] = []
        var places: [String: Int] = [:]
        for part in texts {
            guard let place = places[part.prompt] else {
                places[part.prompt] = merged.count
                merged.append(part)
                continue
            }
            merged[place].completions += part.completions
            for reward in part.scores.indices {
                merged[place].scores[reward] += part.scores[reward]
            }
        }
        return merged
    }

    /// How many pairs of the prompt both rewards order, and how many alike.
    private static func orders(_ prompt: Prompt) -> (alike: Int, both: Int) {
        var (alike, both) = (0, 0)
        for i in prompt.compared {
            for j in prompt.compared.dropFirst(i + 1) {
                let leads =
                    (prompt.first[i] - prompt.first[j]) * (prompt.second[i] - prompt.second[j])
                if leads > 0 { alike += 1 }
                if leads != 0 { both += 1 }
            }
        }
        return (alike, both)
    }

    /// Of each prompt the two completions that the rewards disagree about most, the worst first.
    private static func disagreements(
        _ prompts: [Prompt],
        scales: (Double, Double)
    ) -> [Disagreement] {
        guard scales.0 > 0, scales.1 > 0 else { return [] }
        let worst = prompts.compactMap { prompt -> Disagreement? in
            var found: Disagreement?
            for i in prompt.compared {
                for j in prompt.compared where i != j {
                    let first = (prompt.first[i] - prompt.first[j]) / scales.0
                    let second = (prompt.second[j] - prompt.second[i]) / scales.1
                    guard min(first, second) > (found?.size ?? 0) else { continue }
                    found = Disagreement(
                        prompt: prompt.prompt,
                        first: prompt.completions[i],
                        second: prompt.completions[j],
                        firstLead: first,
                        secondLead: second
                    )
                }
            }
            return found
        }
        let order = worst.indices.sorted { (worst[$1].size, $0) < (worst[$0].size, $1) }
        return order.prefix(mostDisagreements).map { worst[$0] }
    }
}

extension RewardAgreement.Disagreement {
    /// The smaller of the two leads: how sure both are.
    fileprivate var size: Double { min(firstLead, secondLead) }
}

extension RewardAgreement.Correlations {
    fileprivate init(_ left: [Double], _ right: [Double]) {
        pearson = Correlation.pearson(left, right)
        spearman = Correlation.spearman(left, right)
        kendall = Correlation.kendall(left, right)
    }
}
