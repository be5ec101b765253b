import Domain
import Objectives
import Testing

@Suite struct AdvantageTests {
    static let groupNames = AdvantageCatalogue.all.filter { !$0.isPerToken }.map { $0.name }

    private func make(_ name: String, _ parameters: Value = [:]) throws -> any AdvantageEstimator {
        try AdvantageCatalogue.make(name: name, parameters: parameters, path: "$")
    }

    @Test(arguments: groupNames)
    func `unscored completions get zero and touch no statistic`(_ name: String) throws {
        let estimator = try make(name)
        let all = try estimator.advantages(AdvantageInput(rewards: [1, 0.25, -2]))
        let gap = try estimator.advantages(AdvantageInput(rewards: [1, nil, 0.25, -2, nil]))
        #expect(gap == [all[0], 0, all[1], all[2], 0])
    }

    @Test(arguments: groupNames)
    func `fewer than two scored completions carry no signal`(_ name: String) throws {
        let estimator = try make(name)
        #expect(try estimator.advantages(AdvantageInput(rewards: [])) == [])
        #expect(try estimator.advantages(AdvantageInput(rewards: [nil, 3, nil])) == [0, 0, 0])
    }

    @Test(arguments: ["group_relative", "group_mean", "leave_one_out"])
    func `baselines sum to zero and ignore a shift of rewards`(_ name: String) throws {
        let estimator = try make(name)
        let rewards = [0.5, 1.5, -2, 0.25, 4]
        let plain = try estimator.advantages(AdvantageInput(rewards: rewards))
        let shifted = try estimator.advantages(AdvantageInput(rewards: rewards.map { $0 + 8 }))
        #expect(abs(plain.reduce(0, +)) < 1e-12)
        #expect(zip(plain, shifted).allSatisfy { abs($0 - $1) < 1e-12 })
        let equal = try estimator.advantages(AdvantageInput(rewards: [0.1, 0.1, 0.1]))
        #expect(equal.allSatisfy { abs($0) < 1e-12 })
    }

    @Test func `equal rewards give zero even without epsilon`() throws {
        let estimator = try make("group_relative", ["epsilon": 0])
        let equal = AdvantageInput(rewards: [0.1, 0.1, 0.1])
        #expect(try estimator.advantages(equal) == [0, 0, 0])
    }

    @Test func `leave one out is k over k minus one times the mean's`() throws {
        let rewards: [Double?] = [1, 0, 0, 1, 1, 0, 0, 0]
        let mean = try make("group_mean").advantages(AdvantageInput(rewards: rewards))
        let others = try make("leave_one_out").advantages(AdvantageInput(rewards: rewards))
        #expect(zip(mean, others).allSatisfy { abs($0 * 8 / 7 - $1) < 1e-15 })
    }

    @Test func `gae matches the published vector and steps over masked tokens`() throws {
        let estimator = try make("gae", ["gamma": 1, "gae_lambda": 0.95])
        var input = AdvantageInput(rewards: [-0.01, 0.02, -0.03, 1])
        input.values = [0.1, 0.2, 0.3, 0.4]
        let found = try estimator.advantages(input)
        #expect(zip(found, [0.7816, 0.728, 0.64, 0.6]).allSatisfy { abs($0 - $1) < 1e-4 })
        var masked = AdvantageInput(rewards: [-0.01, 0.02, nil, -0.03, 1])
        masked.values = [0.1, 0.2, 9, 0.3, 0.4]
        masked.mask = [1, 1, 0, 1, 1]
        let across = try estimator.advantages(masked)
        #expect(across == [found[0], found[1], 0, found[2], found[3]])
    }

    @Test func `gae names what is missing`() throws {
        let estimator = try make("gae")
        let missing = #expect(throws: HoneError.self) {
            try estimator.advantages(AdvantageInput(rewards: [1, 2]))
        }
        #expect(missing?.param == "values")
        var broken = AdvantageInput(rewards: [1, .nan])
        broken.values = [0, 0]
        let error = #expect(throws: HoneError.self) { try estimator.advantages(broken) }
        #expect(error?.code == .notANumber)
    }
}
