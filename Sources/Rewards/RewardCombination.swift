public import Domain

/// A reward made of others.
///
/// They are listed in the spec under `rewards`: as they are, `[{"name":…}, …]`, or, where the
/// combination has parameters for each part, as `[{"weight": 1.0, "reward": {…}}, …]`.
public protocol RewardCombination: RewardEntry {
    /// Parameters that each part has beside its reward; without any, parts are plain rewards.
    static var partParameters: [ParameterDescription] { get }

    /// The fewest parts that make sense.
    static var leastParts: Int { get }

    /// Takes validated parameters, and those of each part.
    init(_ parameters: ParameterValues, parts: [ParameterValues], path: String) throws(Faults)

    /// One score from the parts', in the spec's order.
    func combine(_ parts: [LabelledScore]) -> RewardScore

    /// One score for each member of a group.
    ///
    /// - Parameters:
    ///   - members: For each member the scores of the parts, in the spec's order.
    ///   - opponents: For each member the places of those it is compared with.
    /// - Returns: The members' scores, in their order.
    func combine(_ members: [[LabelledScore]], opponents: [[Int]]) -> [RewardScore]

    /// What the combination's numbers mean, from what the parts' do.
    ///
    /// - Throws: a fault where they cannot be combined.
    func scale(of parts: [RewardScale], path: String) throws(Faults) -> RewardScale
}

extension RewardCombination {
    /// None, unless said.
    public static var partParameters: [ParameterDescription] { [] }

    /// One, unless said.
    public static var leastParts: Int { 1 }

    /// Each member by itself, unless said.
    public func combine(_ members: [[LabelledScore]], opponents: [[Int]]) -> [RewardScore] {
        members.map { combine($0) }
    }

    /// Scores of scores; win rates are refused, unless said.
    public func scale(of parts: [RewardScale], path: String) throws(Faults) -> RewardScale {
        guard parts.allSatisfy({ $0 == .score }) else {
            let message =
                "\(Self.name) cannot combine rewards that compare the completions of a group: their "
                + "win rates have no scale outside it"
            throw Faults([Fault(path: "\(path).rewards", message: message)])
        }
        return .score
    }
}

/// The score of one part of a combination.
public struct LabelledScore: Sendable, Hashable {
    /// What the part is called among the components.
    public var label: String
    /// Its score.
    public var score: RewardScore

    /// A part's score under its name.
    public init(label: String, score: RewardScore) {
        self.label = label
        self.score = score
    }
}

extension [LabelledScore] {
    /// The numbers of all parts, or the first reason why one has none, under its name.
    ///
    /// When a missing part may come later, so may the whole.
    func values() -> Result<[Double], Unscored> {
        var values: [Double] = []
        var missing: RewardScore?
        for part in self {
            switch part.score.outcome {
            case .scored(let value): values.append(value)
            case .unscored(let reason):
                let later = part.score.mayComeLater || missing?.mayComeLater == true
                missing = missing ?? RewardScore(unscored: "\(part.label): \(reason)")
                missing?.mayComeLater = later
            }
        }
        return missing.map { .failure(Unscored(score: $0)) } ?? .success(values)
    }

    /// The score made of all parts' numbers; unscored with the reason when one is missing.
    func scored(_ make: ([Double]) -> RewardScore) -> RewardScore {
        switch values() {
        case .success(let values): make(values)
        case .failure(let missing): missing.score
        }
    }
}

/// The score of a whole of which a part is missing.
public struct Unscored: Error, Sendable, Hashable {
    /// Unscored, with the reason.
    public let score: RewardScore
}
