import Domain

/// The mean probability of beating reference completions.
struct PreferenceAsReward: RewardTransform {
    static let name = "par"
    static let aliases = ["preference_as_reward"]
    static let summary = "Mean probability that the reward beats each of some reference rewards."
    static let source = "Fu et al. 2025 (PAR), arXiv 2502.18770, equation 5"
    static let parameters = [
        ParameterDescription(
            "references",
            .numbers(.any),
            default: .null,
            "The rewards to beat; by default the prompt's own reference rewards."
        )
    ]

    private let references: [Double]

    init(_ parameters: ParameterValues) { references = parameters.numbers("references") }

    var needsReferences: Bool { references.isEmpty }

    func transformed(_ reward: Double, _ place: RewardPlace) throws(HoneError) -> Double? {
        let references = needsReferences ? place.references : self.references
        guard !references.isEmpty else { throw missingReference(Self.name, "references") }
        return references.reduce(0) { $0 + sigmoid(reward - $1) } / Double(references.count)
    }
}
