import Domain
import Objectives
import Testing

@Suite struct AdvantageTests {
    static let groupNames = AdvantageCatalogue.all.filter { !$0.isPerToken }.map { $0.name }
    static let comparing = AdvantageCatalogue.all
        .filter { !$0.isPerToken && $0.minimumGroupSize > 1 }.map { $0.name }

    private func make(_ name: String, _ parameters: Value = [:]) throws -> any AdvantageEstimator {
        try AdvantageCatalogue.make(name: name, parameters: parameters, path: "$")
    }

    @Test(arguments: groupNames)
    func `unscored completions get zero and touch no statistic`(_ name: String) throws {
        let estimator = try make(name)
        var scored = AdvantageInput(rewards: [1, 0.25, -2])
        scored.baseline = 0.5
        var unscored = scored
        unscored.rewards = [1, nil, 0.25, -2, nil]
        (scored.lengths, unscored.lengths) = ([3, 2, 7], [3, 99, 2, 7, 50])
        let all = try estimator.advantages(scored)
        let gap = try estimator.advantages(unscored)
        #expect(gap == [all[0], 0, all[1], all[2], 0])
        #expect(all.contains { $0 != 0 })
    }

    @Test(arguments: comparing)
    func `fewer than two scored completions carry no signal`(_ name: String) throws {
        let estimator = try make(name)
        var input = AdvantageInput(rewards: [])
        input.lengths = []
        #expect(try estimator.advantages(input) == [])
        input = AdvantageInput(rewards: [nil, 3, nil])
        input.lengths = [1, 2, 3]
        #expect(try estimator.advantages(input) == [0, 0, 0])
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

    private func found(
        _ name: String,
        _ rewards: [Double?],
        given parameters: Value = [:],
        _ set: (inout AdvantageInput) -> Void = { _ in }
    ) throws -> [Double] {
        var input = AdvantageInput(rewards: rewards)
        set(&input)
        return try make(name, parameters).advantages(input)
    }

    @Test func `group estimators match the published vectors`() throws {
        let rewards: [Double?] = [1, 0, 0, 1, 1, 0, 0, 0]
        for (name, parameters, high, low) in [
            ("group_relative", ["epsilon": 1e-6], 1.207612, -0.724567),
            ("leave_one_out", [:], 0.714286, -0.428571), ("group_mean", [:], 0.625, -0.375),
        ] as [(String, Value, Double, Double)] {
            let found = try found(name, rewards, given: parameters)
            let expected = rewards.map { $0 == 1 ? high : low }
            #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-6 }, "\(name)")
        }
    }

    @Test func `a return to go is discounted and steps over masked tokens`() throws {
        #expect(try found("return_to_go", [1, 2, 4], given: ["gamma": 0.5]) == [3, 4, 4])
        let masked = try found("return_to_go", [1, 2, nil, 4], given: ["gamma": 0.5]) {
            $0.mask = [1, 1, 0, 1]
        }
        #expect(masked == [3, 4, 0, 4])
        let grouped: Value = ["gamma": 0.5, "baseline": "group_mean"]
        #expect(
            try found("return_to_go", [1, 2, 4], given: grouped) { $0.baseline = 4 } == [2, 2, 0]
        )
        for rewards in [[1, nil], [1, .infinity]] as [[Double?]] {
            #expect(throws: HoneError.self) { try found("return_to_go", rewards) }
        }
        let missing = #expect(throws: HoneError.self) {
            try found("return_to_go", [1], given: grouped)
        }
        #expect(missing?.param == "baseline")
    }

    @Test func `the greedy baseline is taken off and the difference clipped`() throws {
        let greedy: (inout AdvantageInput) -> Void = { $0.baseline = 1 }
        let differences = try found("greedy_baseline", [3, 90, -9, nil], given: [:], greedy)
        #expect(differences == [2, 5, -5, 0])
        #expect(try make("remax", ["gamma": 0.5]).profile(tokens: 3) == [0.25, 0.5, 1])
        #expect(try make("remax").profile(tokens: 0) == [])
        let missing = #expect(throws: HoneError.self) { try found("greedy_baseline", [1]) }
        #expect(missing?.param == "baseline")
    }

    @Test func `the mean is weighed by length, and only the best of a group gains`() throws {
        let weighed = try found("length_weighted_mean", [1, nil, 4]) { $0.lengths = [2, 9, 1] }
        #expect(weighed == [-1, 0, 2])
        let missing = #expect(throws: HoneError.self) { try found("opo", [1, 2]) }
        #expect(missing?.param == "lengths")
        #expect(try found("best_minus_second", [1, nil, 4, 2.5]) == [0, 0, 1.5, 0])
        #expect(try found("best_minus_second", [4, 1, 4]) == [0, 0, 0])
        #expect(try found("batch_mean", [1, nil, 3]) == [-1, 0, 1])
    }

    @Test(arguments: AdvantageCatalogue.all.map { $0.name })
    func `a line of hone objective drives every estimator`(_ name: String) throws {
        let batch: Value = [
            "rewards": [0.5, 2, -1], "values": [0.1, 0.2, 0.3], "lengths": [3, 1, 2],
            "baseline": 0.25,
        ]
        let answer = try ObjectiveCase.evaluate(["advantage": .string(name), "batch": batch])
        let found = answer["advantages"]?.arrayValue?.compactMap(\.doubleValue) ?? []
        var input = AdvantageInput(rewards: [0.5, 2, -1])
        input.values = [0.1, 0.2, 0.3]
        input.lengths = [3, 1, 2]
        input.baseline = 0.25
        #expect(try make(name).advantages(input) == found)
        #expect(found.count == 3 && found.contains { $0 != 0 })
    }
}
