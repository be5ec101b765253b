import Domain
import Objectives

/// A loss that is linear in the policy's numbers: Σ over tokens of fixed coefficients times fields.
struct FieldObjective: Objective {
    static let name = "fields"
    static let summary = "Linear in the numbers of each token."
    static let source = "A test."
    static let requirements = DataRequirements(.sequences)

    let requirements: DataRequirements
    private let fields: [BatchField]
    /// Tells what was evaluated.
    var observe: @Sendable ([SequenceTerms]) -> Void = { _ in }

    init(_ parameters: ParameterValues) { self.init([]) }

    init(_ fields: [BatchField], teacher: TeacherMix? = nil, mismatched: Bool = false) {
        self.fields = fields
        requirements = DataRequirements(
            .sequences,
            Set(fields),
            teacher: teacher,
            mismatched: mismatched
        )
    }

    /// Every field that the model gives, with a teacher and a contrast.
    static let all = FieldObjective(
        [.values, .entropies, .reverseKL, .forwardKL, .collisions, .teacherKL],
        teacher: TeacherMix(strength: 5, usesContrast: true)
    )

    func evaluate(_ batch: ObjectiveBatch) throws(HoneError) -> ObjectiveResult {
        let sequences = batch.content.sequences
        observe(sequences)
        var result = ObjectiveResult()
        for terms in sequences {
            var gradient = SequenceGradient(zeroFor: terms, requirements)
            for (place, field) in fields.enumerated() {
                guard let numbers = terms[tokens: field] else {
                    throw HoneError(.invalidData, "no \(field.rawValue)")
                }
                for index in numbers.indices {
                    // Neither 0 nor the same for two tokens or fields.
                    let coefficient =
                        (1 + 0.3 * Double(index % 5) - 0.2 * Double(place)) / batch.totals.tokens
                    result.loss += coefficient * numbers[index]
                    gradient.tokens[field]?[index] += coefficient
                }
            }
            result.gradients.append(gradient)
        }
        return result
    }
}
