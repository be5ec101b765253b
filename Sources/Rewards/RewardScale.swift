/// What a reward's numbers mean.
public enum RewardScale: Sendable, Hashable {
    /// A score: completions of different prompts can be set side by side.
    case score
    /// The mean probability of beating the other completions of the group, in [0, 1].
    case preference
    /// Made of win rates, but none itself: a number to be maximised within a group.
    case mixed
}
