import Domain
import Rewards
import WorkerProtocol

/// Scores texts with the reward model of a name.
typealias ModelScorer =
    @Sendable (String, [WorkerRequest.ScoreItem]) async throws(HoneError) -> [Double?]

/// A reward as written in a spec, ready to score: its rules here, its models through a closure.
struct RewardEvaluator: Sendable {
    /// The name in metrics: the reward's own.
    let name: String
    /// Reward models whose scores it needs.
    let modelNames: [String]

    /// - Throws: all faults with paths below `path`.
    init(_ value: Value, path: String) throws(Faults) {
        name = value["name"]?.stringValue ?? "reward"
        modelNames = []
    }

    /// Scores texts, asking `models` once for each reward model.
    func score(
        _ items: [WorkerRequest.ScoreItem],
        models: ModelScorer
    ) async throws(HoneError) -> [RewardResult] {
        items.map { _ in RewardResult(score: nil) }
    }
}
