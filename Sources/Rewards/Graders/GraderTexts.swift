import Domain

/// The `input` and the `reference` of a grader that sets two texts beside each other.
struct GraderTexts: Sendable, Hashable {
    private let input: GraderTemplate
    private let reference: GraderTemplate

    init(_ parameters: ParameterValues, path: String) throws(Faults) {
        input = try GraderTemplate(parameters.string("input"), path: "\(path).input")
        reference = try GraderTemplate(parameters.string("reference"), path: "\(path).reference")
    }

    /// A score of the two filled texts; unscored when a field of one is not there.
    func scored(
        _ sample: RewardInput,
        _ score: (_ text: String, _ wanted: String) -> RewardScore
    ) -> RewardScore {
        switch (input.filled(sample), reference.filled(sample)) {
        case (.success(let text), .success(let wanted)): score(text, wanted)
        case (.failure(let missing), _), (_, .failure(let missing)): missing.score
        }
    }
}
