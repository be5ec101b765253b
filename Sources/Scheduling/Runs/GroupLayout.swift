import Domain
import Store

/// Which of the completions that are stored for one prompt of an iteration are whose, by their sample
/// index: first the policy's, then the greedy one, then the opponent's.
struct GroupLayout: Sendable, Hashable {
    /// Who drew a completion.
    enum Role: Sendable, Hashable, CaseIterable {
        /// The policy: learned from.
        case policy
        /// The policy at temperature 0: a baseline, never learned from.
        case greedy
        /// The mixture of policy and reference: compared with.
        case opponent
    }

    private let ranges: [Role: Range<Int>]

    /// The layout of a run.
    ///
    /// - Parameters:
    ///   - spec: the run's.
    ///   - needsGreedy: whether its stages compare with a greedy completion.
    init(_ spec: RunSpec, needsGreedy: Bool) {
        let greedy = spec.groupSize + (needsGreedy ? 1 : 0)
        ranges = [
            .policy: 0..<spec.groupSize,
            .greedy: spec.groupSize..<greedy,
            .opponent: greedy..<greedy + (spec.opponent?.count ?? 0),
        ]
    }

    /// The sample indices of a role; empty where it draws nothing.
    subscript(role: Role) -> Range<Int> { ranges[role] ?? 0..<0 }

    /// Whether there is an opponent.
    var hasOpponent: Bool { !self[.opponent].isEmpty }

    /// Whose completion it is; `nil` for an index that no one has.
    func role(of sampleIndex: Int) -> Role? {
        Role.allCases.first { self[$0].contains(sampleIndex) }
    }

    /// Those of the records that a role drew, in their order.
    func records(of role: Role, in records: [RolloutRecord]) -> [RolloutRecord] {
        records.filter { self[role].contains($0.sampleIndex) }
    }
}
