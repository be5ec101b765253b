import Domain
import Rewards
import WorkerProtocol

/// What an evaluation has done for it: sampling, figures and scores.
protocol EvaluationHost: Sendable {
    /// Draws completions with the reference's log-probabilities where there is a reference.
    func draw(
        _ model: EvaluatedModel,
        _ request: WorkerRequest.Sample
    ) async throws(HoneError) -> [WorkerReply.SampledGroup]

    /// Describes the model's distributions over given sequences.
    func measure(
        _ model: EvaluatedModel,
        _ request: WorkerRequest.Measure
    ) async throws(HoneError) -> [[WorkerReply.TokenFigures]]

    /// Scores groups of texts, each group's of one prompt; `nil`: unscored.
    func score(
        _ reward: EvaluationReward,
        _ groups: [[RewardInput]]
    ) async throws(HoneError) -> [[Double?]]
}

/// A model that is evaluated.
struct EvaluatedModel: Sendable {
    let name: String
    let served: ServingPool.Model
    /// The name of what the KL is measured to; `nil`: nothing.
    let reference: String?
}

/// A reward that an evaluation uses.
struct EvaluationReward: Sendable {
    /// Unique in the evaluation.
    let name: String
    let evaluator: RewardEvaluator
    /// Where it is computed.
    let host: any RewardHost

    /// Whether its score of a completion is a win rate among those of its group, in [0, 1].
    var isPreference: Bool { evaluator.isPreference }
}
