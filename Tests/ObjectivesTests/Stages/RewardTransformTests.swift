import Domain
import Objectives
import Testing

@Suite struct RewardTransformTests {
    private func transform(
        _ name: String,
        _ parameters: Value = [:]
    ) throws(Faults) -> any RewardTransform {
        let entry = NamedParameters(name: name, parameters: parameters)
        return try StageCatalogue.rewardTransform(entry, path: "$")
    }

    /// The transformed rewards of an iteration.
    private func rewards(
        _ chain: [NamedParameters],
        _ groups: [StageGroup],
        history: [[String: Double]] = []
    ) throws -> (rewards: [[Double?]], metrics: [String: Double]) {
        var input = StageInput(groups)
        input.history = history
        let output = try StageFixtures.pipeline("batch_mean") { $0.rewards = chain }.process(input)
        return (output.groups.map { $0.map(\.reward) }, output.metrics)
    }

    private func one(
        _ name: String,
        _ parameters: Value,
        _ reward: Double,
        length: Int = 1,
        isTruncated: Bool = false
    ) throws -> Double? {
        var completion = StageCompletion(reward: reward, length: length)
        completion.isTruncated = isTruncated
        let entry = NamedParameters(name: name, parameters: parameters)
        return try rewards([entry], [StageGroup(id: 0, [completion])]).rewards[0][0]
    }

    @Test(arguments: [(16_384, 0.0), (18_432, -0.5), (20_480, -1), (30_000, -1), (5, 0)])
    func `the overlong penalty matches the published vector`(
        _ length: Int,
        _ penalty: Double
    )
        throws
    {
        let parameters: Value = ["maximum_tokens": 20_480, "cache_tokens": 4096]
        #expect(try one("overlong", parameters, 3, length: length) == 3 + penalty)
    }

    @Test func `log sigmoid and preference as reward match the published vectors`() throws {
        let centred = try one("log_sigmoid_centred", ["reference": 0.2], 1) ?? 0
        #expect(abs(centred + 0.371101) < 1e-6)
        let preferred = try one("par", ["references": [0, 0.5]], 1) ?? 0
        #expect(abs(preferred - 0.676759) < 1e-6)
    }

    @Test func `references of the prompt are used unless the spec gives some`() throws {
        var group = StageFixtures.group(0, [1])
        group.referenceRewards = [0, 0.5]
        let entry = NamedParameters(name: "par")
        let preferred = try rewards([entry], [group]).rewards[0][0] ?? 0
        #expect(abs(preferred - 0.676759) < 1e-6)
        // The 85th percentile of a Gaussian with mean 0.25 and deviation 0.353553.
        let centred = NamedParameters(name: "lsc")
        let found = try rewards([centred], [group]).rewards[0][0] ?? 0
        #expect(abs(found + 0.519638) < 1e-6)
        for entry in [entry, centred] {
            let missing = #expect(throws: HoneError.self) {
                try rewards([entry], [StageFixtures.group(0, [1])])
            }
            #expect(missing?.code == .invalidData)
        }
    }

    @Test func `single rewards are clipped, scaled, squashed and punished`() throws {
        #expect(try one("clip", ["low": -1, "high": 2], 5) == 2)
        #expect(try one("clip", ["low": -1, "high": 2], -5) == -1)
        #expect(try one("affine", ["scale": -2, "shift": 1], 3) == -5)
        #expect(try one("sigmoid", [:], 0) == 0.5)
        let price: Value = ["coefficient": 0.5, "free_tokens": 3]
        #expect(try one("length_penalty", price, 1, length: 5) == 0)
        #expect(try one("length_penalty", price, 1, length: 2) == 1)
        #expect(try one("missing_end", ["penalty": 3], 5, isTruncated: true) == 2)
        #expect(try one("missing_end", ["penalty": 3], 5) == 5)
        let replaced: Value = ["penalty": 3, "mode": "replace"]
        #expect(try one("missing_end", replaced, 5, isTruncated: true) == -3)
        #expect(try one("missing_end", replaced, 5) == 5)
    }

    @Test func `a win rate counts those beaten, half for equals, none for the lone`() throws {
        let entry = NamedParameters(name: "group_win_rate")
        let groups = [StageFixtures.group(0, [1, nil, 3, 1]), StageFixtures.group(1, [7, nil])]
        #expect(try rewards([entry], groups).rewards == [[0.25, nil, 1, 0.25], [nil, nil]])
    }

    @Test(arguments: StageCatalogue.rewardTransforms.map { $0.name })
    func `unscored stays unscored and changes no other reward`(_ name: String) throws {
        var parameters: [String: Value] = [:]
        if name == "overlong" { parameters = ["maximum_tokens": 3, "cache_tokens": 2] }
        let chain = [NamedParameters(name: name, parameters: .object(parameters))]
        var all = StageFixtures.group(0, [1, 0.25, -2])
        all.referenceRewards = [0.5, 1]
        var gap = all
        gap.completions.insert(StageCompletion(reward: nil, length: 9), at: 1)
        gap.completions.append(StageCompletion(reward: .nan, length: 2))
        let expected = try rewards(chain, [all]).rewards[0]
        let found = try rewards(chain, [gap]).rewards[0]
        #expect(found == [expected[0], nil, expected[1], expected[2], nil])
    }

    @Test func `the batch's rewards are standardised together`() throws {
        let groups = [StageFixtures.group(0, [1, 2]), StageFixtures.group(1, [3, nil, 6])]
        let exact: Value = ["epsilon": 1e-30]
        let chain = [NamedParameters(name: "batch_normalise", parameters: exact)]
        let found = try rewards(chain, groups).rewards.joined().compactMap(\.self)
        let deviation = (14.0 / 3).squareRoot()
        #expect(StageFixtures.isClose(found, [-2, -1, 0, 3].map { $0 / deviation }))
        let scaled: Value = ["epsilon": 1e-30, "centre": false]
        let kept = [NamedParameters(name: "batch_normalise", parameters: scaled)]
        let plain = try rewards(kept, groups).rewards.joined().compactMap(\.self)
        #expect(StageFixtures.isClose(plain, [1, 2, 3, 6].map { $0 / deviation }))
    }

    @Test func `running moments are those of everything seen, whatever the iterations`() throws {
        let chain = [
            NamedParameters(name: "affine", parameters: ["shift": 100]),
            NamedParameters(name: "running_normalise"),
        ]
        let seen: [[Double?]] = [[1, 4, nil], [2, 2], [-3, 7, 5, 0.5]]
        var history: [[String: Double]] = []
        var last: [Double] = []
        for rewards in seen {
            let group = StageFixtures.group(0, rewards)
            let found = try self.rewards(chain, [group], history: history)
            history.append(found.metrics)
            last = found.rewards[0].compactMap(\.self)
        }
        let all = seen.joined().compactMap { $0 }
        let moments = Moments(all)
        let expected = [-3, 7, 5, 0.5].map { ($0 - moments.mean) / moments.deviation }
        #expect(StageFixtures.isClose(last, expected, 1e-10))
        // A mean over nothing but the past would give another answer.
        #expect(history[0]["stages/rewards_1_count"] == 2)
        #expect(history[0]["stages/rewards_1_mean"] == 102.5)
    }

    @Test func `rewards that are all equal are not blown up`() throws {
        for name in ["running_normalise", "batch_normalise"] {
            let chain = [NamedParameters(name: name)]
            #expect(
                try rewards(chain, [StageFixtures.group(0, [0.5, 0.5])]).rewards == [[0, 0]]
            )
        }
    }

    @Test func `contradictions are refused with the field at fault`() {
        for (name, parameters, field) in [
            ("clip", ["low": 2, "high": 1], "low"),
            ("overlong", ["maximum_tokens": 1, "cache_tokens": 2], "cache_tokens"),
            ("overlong", ["maximum_tokens": 1], "cache_tokens"),
            ("clip", ["lo": 2], "lo"),
            ("clop", [:], "name"),
        ] as [(String, Value, String)] {
            let faults = #expect(throws: Faults.self) { try transform(name, parameters) }
            #expect(faults?.list.map(\.path) == ["$.\(field)"])
        }
    }

    @Test func `moments of parts add up to those of the whole`() {
        let numbers = [1e6 + 1, 1e6 + 2, 1e6 - 4, 3, -2, 0.5]
        let whole = Moments(numbers)
        let parts =
            Moments(numbers[..<1]) + Moments() + Moments(numbers[1..<4])
            + Moments(numbers[4...])
        #expect(parts.count == 6)
        #expect(StageFixtures.isClose(parts.mean, whole.mean))
        #expect(StageFixtures.isClose(parts.squares, whole.squares))
        #expect(Moments([7]).deviation == 0 && Moments([]).variance == 0)
    }
}
