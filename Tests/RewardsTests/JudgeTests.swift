import Domain
import Rewards
import Testing

@Suite struct JudgeTests {
    private func judge(_ spec: Value) throws -> Judge {
        guard case .judge(let judge)? = try RewardPlan(spec).leaves[0].source else {
            throw HoneError(.invalidSpec, "no judge")
        }
        return judge
    }

    @Test func `a question holds both sides once, whatever stands in them`() throws {
        let pair = try judge([
            "name": "judge", "model": "m", "template": "{prompt}|{a}|{b}|{c}|{",
        ])
        #expect(pair.question(prompt: "{a}", "{b}", "x") == "{a}|{b}|x|{c}|{")
        let single = try judge([
            "name": "judge", "model": "policy", "mode": "pointwise", "question": "Q?",
        ])
        #expect(single.model == .policy)
        #expect(single.verdicts == ["Yes", "No"])
        let text = single.question(prompt: "P", completion: "C")
        #expect(text.hasPrefix("Q?\n\n[PROMPT]\nP\n\n[RESPONSE]\nC\n\nAnswer with Yes or No"))
    }

    @Test func `a verdict's number is its probability or its log-odds`() throws {
        let odds = try judge([
            "name": "judge", "model": "m", "mode": "pointwise", "measure": "log_odds",
        ])
        #expect(odds.score(-1, -3).value == 2)
        #expect(abs(odds.probability(-1, -3) - 0.8807970779778823) < 1e-12)
        #expect(odds.probability(-5000, 0) == 0)
    }

    @Test func `only a judge of pairs compares`() throws {
        #expect(try RewardPlan(["name": "judge", "model": "m"]).isPreference)
        let single: Value = ["name": "judge", "model": "m", "mode": "pointwise"]
        #expect(try RewardPlan(single).scale == .score)
        #expect(try RewardPlan(["name": "judge", "model": "m"]).modelNames == ["m"])
        #expect(try RewardPlan(["name": "judge", "model": "policy"]).modelNames == [])
    }

    @Test(
        arguments: [
            ["name": "judge", "model": ""],
            ["name": "judge", "model": "m", "template": "{prompt} {a}"],
            ["name": "judge", "model": "m", "mode": "pointwise", "template": "{prompt}"],
            ["name": "judge", "model": "m", "verdicts": ["A"]],
            ["name": "judge", "model": "m", "verdicts": ["A", "A"]],
            ["name": "judge", "model": "m", "verdicts": ["A", 1]],
            ["name": "judge", "model": "m", "verdicts": "AB"],
            ["name": "judge", "model": "m", "mode": "both"],
        ] as [Value]
    )
    func `what no judge can be asked is refused`(_ spec: Value) {
        #expect(throws: Faults.self) { try RewardPlan(spec) }
    }
}
