/// What an objective needs of the data, so that a run can be refused before it starts.
public struct DataRequirements: Sendable, Hashable {
    /// The structure of the data; raw values are the JSON names.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case pairs
        case groups
        case sequences
    }

    /// What a loss takes from the whole batch before it is cut into microbatches.
    public enum Statistics: String, Sendable, Hashable {
        /// Nothing: every element's loss is its own.
        case none
        /// Numbers that the equation holds constant (KTO's baseline).
        case detached
        /// Numbers that the gradient goes through: it is that of the whole batch's loss (AOT).
        case differentiated
    }

    /// The structure the objective is defined on.
    public var kind: Kind
    /// What must be there beside the policy's log-probabilities.
    public var fields: Set<BatchField>
    /// The fewest completions a group may have.
    public var minimumGroupSize: Int
    /// What the loss takes from the whole batch.
    public var statistics: Statistics
    /// How the teacher's distribution is made, for objectives that learn from one.
    public var teacher: TeacherMix?
    /// Whether the learner gives each sequence the log-ratio of another sequence's completion under
    /// its own prompt, where the batch has another prompt and the data did not give it.
    public var mismatched: Bool

    /// Requirements of one objective.
    public init(
        _ kind: Kind,
        _ fields: Set<BatchField> = [],
        minimumGroupSize: Int = 1,
        statistics: Statistics = .none,
        teacher: TeacherMix? = nil,
        mismatched: Bool = false
    ) {
        self.kind = kind
        self.fields = fields
        self.minimumGroupSize = minimumGroupSize
        self.statistics = statistics
        self.teacher = teacher
        self.mismatched = mismatched
    }

    /// Whether the loss refers to the whole batch.
    public var usesBatchStatistics: Bool { statistics != .none }
    /// Whether reference log-probabilities must be there.
    public var needsReference: Bool { fields.contains(.referenceLogprobs) }
    /// Whether the reference's whole distributions are needed while learning.
    public var needsReferenceDistribution: Bool {
        !fields.isDisjoint(with: [.reverseKL, .forwardKL])
    }
    /// Whether the reference is run while learning, beside its stored log-probabilities.
    public var runsReference: Bool { needsReferenceDistribution || mismatched }
    /// Whether a teacher's whole distributions are needed while learning.
    public var needsTeacher: Bool { !fields.isDisjoint(with: [.teacherKL, .teacherDistances]) }
    /// Whether a value head must be trained.
    public var trainsValues: Bool { fields.contains(.values) }
    /// Whether a scalar score head is trained in place of the policy (reward models).
    public var trainsScores: Bool { fields.contains(.score) }
    /// The third completion a pair must have.
    public var third: BatchField? {
        BatchField.allCases.first { fields.contains($0) && $0.place == .completion }
    }
}

/// How the teacher's distribution is mixed from the logits of one or two models.
///
/// With teacher logits z_T, contrast logits z_A and d = Σ_v |p_T - p_A| at a token:
/// `z* = z_T + w (z_T - z_A)`, `w = strength · d + 0.001` (AlignDistil, arXiv 2503.02832, as in its
/// code). Without a contrast z* = z_T.
public struct TeacherMix: Sendable, Hashable {
    /// What the distance of the two models is multiplied by.
    public var strength: Double
    /// Whether there is a second model that the teacher is contrasted with.
    public var usesContrast: Bool

    /// The smallest weight of the contrast.
    public static let leastWeight = 1e-3

    /// A rule.
    public init(strength: Double, usesContrast: Bool) {
        self.strength = strength
        self.usesContrast = usesContrast
    }

    /// The weight of the contrast where the models are `distance` apart.
    public func weight(_ distance: Double) -> Double {
        usesContrast ? strength * distance + Self.leastWeight : 0
    }
}

extension DataRequirements {
    /// Models that the objective distils from.
    public var teacherCount: Int {
        guard needsTeacher else { return 0 }
        return teacher?.usesContrast == true ? 2 : 1
    }
}
