import Domain
import Models
import Objectives

/// The frozen models that a policy is compared with while it learns.
public final class ComparedModels {
    /// One of them.
    struct Frozen {
        let model: Transformer
        let head: LanguageHead
        let scorer: SequenceScorer
        var shape: ModelConfiguration { model.configuration }
    }

    private let reference: Frozen?
    private let teachers: [Frozen]

    /// - Parameters:
    ///   - reference: the reference policy, if there is one.
    ///   - teachers: none, a teacher, or a teacher and its contrast.
    init(reference: Frozen?, teachers: [Frozen]) {
        self.reference = reference
        self.teachers = teachers
    }

    /// Refuses an objective whose models were not opened, and sequences that one of them cannot take.
    func check(
        _ requirements: DataRequirements,
        _ groups: [SequenceGroup]
    ) throws(HoneError) {
        let wanted = requirements.teacherCount
        guard wanted <= teachers.count else {
            throw HoneError(
                .invalidSpec,
                "the objective learns from \(wanted == 2 ? "a teacher and a contrast" : "a teacher"), "
                    + "of which \(teachers.count) were opened with the policy: name the models "
                    + "when the run is created",
                param: "objective"
            )
        }
        var models = teachers.prefix(wanted)
        if requirements.runsReference, reference == nil { throw PolicySession.noReference }
        if requirements.needsReferenceDistribution { models += [reference].compactMap(\.self) }
        for model in models { try checkLengths(groups, context: model.shape.contextLength) }
    }

    /// The longest sequence that the reference takes, tokens; `nil` without one.
    var referenceContext: Int? { reference?.shape.contextLength }

    /// For each group, for each completion, the reference's log-probability of each token, nat.
    func referenceLogprobs(_ groups: [SequenceGroup]) throws(HoneError) -> [[[Float]]] {
        guard let reference else { throw PolicySession.noReference }
        return try reference.scorer.logprobs(groups)
    }

    /// Runs the models that an objective needs over a microbatch.
    ///
    /// What is returned refers to memory that the next call writes to.
    func comparison(_ requirements: DataRequirements, _ batch: PackedBatch) -> HeadComparison {
        var comparison = HeadComparison()
        if requirements.needsReferenceDistribution {
            comparison.reference = reference?.scorer.companion(of: batch)
        }
        let count = requirements.teacherCount
        if count > 0 { comparison.teacher = teachers[0].scorer.companion(of: batch) }
        if count > 1, let mix = requirements.teacher {
            comparison.contrast = teachers[1].scorer.companion(of: batch)
            comparison.strength = mix.strength
            comparison.leastWeight = TeacherMix.leastWeight
        }
        return comparison
    }
}
