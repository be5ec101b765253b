import Domain
import Testing

@testable import Scheduling

struct GroupLayoutTests {
    private func spec(opponents: Int?) -> RunSpec {
        var spec = RunSpec(
            name: "one",
            kind: .online,
            model: "tiny",
            objective: NamedParameters(name: "nash_md")
        )
        spec.groupSize = 4
        spec.opponent = opponents.map { OpponentSpec(mixture: 0.5, count: $0) }
        return spec
    }

    @Test func `the policy comes first, then the greedy one, then the opponent`() {
        let layout = GroupLayout(spec(opponents: 2), needsGreedy: true)
        #expect(layout[.policy] == 0..<4)
        #expect(layout[.greedy] == 4..<5)
        #expect(layout[.opponent] == 5..<7)
        #expect(layout.hasOpponent)
        let roles = (0..<8).map { layout.role(of: $0) }
        #expect(
            roles == [
                .policy, .policy, .policy, .policy, .greedy, .opponent, .opponent, nil,
            ]
        )
    }

    @Test func `what nobody draws has no place`() {
        let layout = GroupLayout(spec(opponents: nil), needsGreedy: false)
        #expect(layout[.greedy].isEmpty && layout[.opponent].isEmpty && !layout.hasOpponent)
        #expect(layout.role(of: 4) == nil)
        #expect(GroupLayout(spec(opponents: 3), needsGreedy: false)[.opponent] == 4..<7)
    }
}
