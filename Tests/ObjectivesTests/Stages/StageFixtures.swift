import Domain
import Objectives

/// Iterations for the stages' tests.
enum StageFixtures {
    static func estimator(
        _ name: String,
        _ parameters: Value = [:]
    ) throws(Faults) -> any AdvantageEstimator {
        try AdvantageCatalogue.make(name: name, parameters: parameters, path: "$")
    }

    /// A pipeline of stages written as in a spec.
    static func pipeline(
        _ advantage: String,
        _ parameters: Value = [:],
        coefficients: [ControllerTarget: Double] = [:],
        _ set: (inout StageSpec) -> Void = { _ in }
    ) throws(Faults) -> AdvantagePipeline {
        var stages = StageSpec()
        set(&stages)
        return try AdvantagePipeline(
            StagePreset().overridden(by: stages),
            advantage: try estimator(advantage, parameters),
            coefficients: coefficients
        )
    }

    /// Completions with these rewards, of 1, 2, 3, … tokens.
    static func group(_ id: Int, _ rewards: [Double?]) -> StageGroup {
        let completions = rewards.enumerated().map { index, reward in
            StageCompletion(reward: reward, length: index + 1)
        }
        return StageGroup(id: id, completions)
    }

    /// A completion with log-probabilities.
    static func completion(
        _ reward: Double?,
        old: [Double],
        reference: [Double]
    ) -> StageCompletion {
        var completion = StageCompletion(reward: reward, length: old.count)
        completion.oldLogprobs = old
        completion.referenceLogprobs = reference
        return completion
    }

    /// Three groups of five completions with everything that any stage needs.
    static func iteration(seed: UInt64 = 3) -> StageInput {
        var random = PhiloxSequence(seed: seed)
        func draw(_ range: ClosedRange<Double>) -> Double {
            Double.random(in: range, using: &random)
        }
        let groups = (0..<3).map { id in
            var group = StageGroup(
                id: id,
                (0..<5).map { sample in
                    let length = 3 + (sample * 7 + id) % 5
                    func tokens(_ range: ClosedRange<Double>) -> [Double] {
                        (0..<length).map { _ in draw(range) }
                    }
                    var completion = completion(
                        draw(-2...2),
                        old: tokens(-3 ... -0.1),
                        reference: tokens(-3 ... -0.1)
                    )
                    completion.values = tokens(-1...1)
                    completion.tokenRewards = tokens(-0.2...0.2)
                    completion.cost = draw(-1...1)
                    completion.isTruncated = sample == 4
                    return completion
                }
            )
            group.greedy = StageCompletion(reward: draw(-1...1), length: 4)
            group.greedy?.cost = 0.1
            group.referenceRewards = [draw(-1...1), draw(-1...1), draw(-1...1)]
            return group
        }
        return StageInput(groups)
    }

    static func isClose(_ left: Double, _ right: Double, _ tolerance: Double = 1e-12) -> Bool {
        abs(left - right) <= tolerance * max(1, abs(left), abs(right))
    }

    static func isClose(_ left: [Double], _ right: [Double], _ tolerance: Double = 1e-12) -> Bool {
        left.count == right.count && zip(left, right).allSatisfy { isClose($0, $1, tolerance) }
    }
}

extension StageOutput {
    /// All advantages, one after the other.
    var advantages: [Double] { groups.flatMap { $0.flatMap(\.advantages) } }

    /// The advantage of each completion's last token.
    var finals: [[Double]] { groups.map { $0.map { $0.advantages.last ?? .nan } } }

    /// Which completions are kept.
    var kept: [[Bool]] { groups.map { $0.map(\.isKept) } }
}
