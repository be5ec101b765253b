/// What a reward model says: how good a text is, or which of two is better; raw values are the names
/// in specs.
public enum RewardKind: String, Sendable, Hashable, Codable, CaseIterable {
    /// One number for a text.
    case scalar
    /// Several heads over one backbone: their mean, and how far they are apart.
    case ensemble
    /// One number for each attribute of a text, and their weighted sum.
    case attributes
    /// Which of two texts is better, from a vector of each: preferences may run in circles.
    case preference
    /// Which of two texts is better, read side by side.
    case pair

    /// Whether it says which of two is better and has no score of one.
    public var compares: Bool { self == .preference || self == .pair }
}
