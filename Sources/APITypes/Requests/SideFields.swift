import Domain

/// What a client may say of a sequence beside its tokens, by the names that objectives know.
///
/// What the model itself gives (values, entropies, whole distributions) is not among them.
public enum SideFields {
    /// One number for each completion token, and what it means.
    public static let tokens: [(name: String, meaning: String)] = [
        ("reference_logprobs", "Per token; computed when needed and absent."),
        ("old_logprobs", "Per token, of the policy at the start of the iteration."),
        ("behavior_logprobs", "Per token, of what it was drawn from."),
        ("advantages", "Per token: how much better than expected."),
        ("returns", "Per token: what the value head should estimate."),
        ("old_values", "Per token: what the value head estimated when it was sampled."),
        ("mask", "Per token: how much it is trained; 0 leaves it out, 1 unless said."),
    ]

    /// One number for the whole completion, and what it means.
    public static let scalars: [(name: String, meaning: String)] = [
        ("reward", "Of the whole completion; absent is unscored, which is not 0."),
        ("win_rate", "The probability of being preferred to another completion of the policy."),
        ("margin_reward", "The reward of the objectives that the preferences are not about."),
        ("value", "The expected reward of the prompt, or of the state that is led to."),
        ("mismatched_log_ratio", "The log-ratio to the reference under another prompt."),
    ]

    /// The fields in the table of a sequence.
    static let descriptions: [FieldDescription] =
        tokens.map { .optional($0.name, numbers($0.name), $0.meaning) }
        + scalars.map { .optional($0.name, .number(.any), $0.meaning) } + [
            .field("weight", .number(.nonNegative), default: 1, "How much it counts."),
            .optional("label", .bool, "Desirable or not, for unpaired objectives."),
        ]

    /// The scalars of a pair's two completions, written beside them.
    static let ofPairs: [FieldDescription] = ["chosen", "rejected"].flatMap { side in
        scalars.map {
            .optional("\(side)_\($0.name)", .number(.any), "The same as \(side).\($0.name).")
        }
    }

    private static func numbers(_ name: String) -> Schema {
        .list(.number(name == "mask" ? .nonNegative : .any))
    }
}
