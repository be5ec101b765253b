/// How text is cut into words before merging: steps applied in order, each to every piece of the
/// step before.
public struct PreTokenization: Sendable, Hashable {
    /// One cut.
    public enum Step: Sendable, Hashable {
        /// Cuts out numeric scalars (Unicode Nd, Nl, No), each alone or in runs.
        case digits(individual: Bool)
        /// Cuts at the matches of a known regular expression.
        case split(SplitPattern)
        /// Maps bytes to tokens; may put a space before each piece and cut by GPT-2's expression.
        case byteLevel(addsPrefixSpace: Bool, usesPattern: Bool)
    }

    /// How text is normalised before it is cut.
    public enum Normalization: Sendable, Hashable {
        case none
        /// Unicode canonical composition.
        case nfc
    }

    /// The normalisation, before all steps.
    public var normalization: Normalization
    /// The cuts, in order.
    public var steps: [Step]

    /// Creates a rule from its parts.
    public init(normalization: Normalization = .none, steps: [Step]) {
        self.normalization = normalization
        self.steps = steps
    }
}

extension PreTokenization {
    /// GPT-2's rule.
    public static let gpt2 = Self(steps: [.byteLevel(addsPrefixSpace: false, usesPattern: true)])

    /// SmolLM's and StarCoder's rule: each digit alone, then GPT-2's expression.
    public static let smollm = Self(
        steps: [.digits(individual: true), .byteLevel(addsPrefixSpace: false, usesPattern: true)]
    )

    /// Llama 3's rule.
    public static let llama3 = splitting(by: [.llama3])

    /// Qwen2's rule, which composes the text first.
    public static let qwen2 = splitting(by: [.qwen2], normalization: .nfc)

    /// What llama.cpp does for files that name no rule.
    public static let unnamed = splitting(by: [.punctuation, .gpt2, .numbers, .digitTriples])

    private static func splitting(
        by patterns: [SplitPattern],
        normalization: Normalization = .none
    ) -> Self {
        let cuts = patterns.map { Step.split($0) }
        return Self(
            normalization: normalization,
            steps: cuts + [.byteLevel(addsPrefixSpace: false, usesPattern: false)]
        )
    }
}
