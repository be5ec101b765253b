import Domain
import Foundation
import Rewards
import WorkerProtocol

/// Scores texts with the reward model of a name.
typealias ModelScorer =
    @Sendable (String, [WorkerRequest.ScoreItem]) async throws(HoneError) -> [Double?]

/// A reward as written in a spec, ready to score: its rules here, its models through a closure.
struct RewardEvaluator: Sendable {
    /// The name in metrics: the reward's own.
    let name: String
    private let scorer: RewardScorer

    /// Reward models whose scores it needs.
    var modelNames: [String] { scorer.plan.modelNames }

    /// Reads the reward and the files it names.
    ///
    /// - Parameters:
    ///   - value: The reward as written in a spec: `{"name":"…", …}`.
    ///   - path: Its place in the spec: `$.reward`.
    ///   - locate: Where a file that the spec names is to be read.
    /// - Throws: all faults with paths below `path`, unreadable files among them.
    init(
        _ value: Value,
        path: String,
        locate: (String) -> String = { $0 }
    ) throws(Faults) {
        name = value["name"]?.stringValue ?? "reward"
        let plan = try RewardPlan(value, path: path)
        var files: [String: String] = [:]
        for file in plan.files {
            let place = (locate(file) as NSString).expandingTildeInPath
            guard let text = try? String(contentsOfFile: place, encoding: .utf8) else {
                let reason =
                    FileManager.default.fileExists(atPath: place)
                    ? "cannot be read as text" : "does not exist"
                throw Faults([Fault(path: path, message: "the file \(file) \(reason)")])
            }
            files[file] = text
        }
        scorer = try plan.scorer(files: files)
    }

    /// Scores texts, asking `models` once for each reward model.
    func score(
        _ items: [WorkerRequest.ScoreItem],
        tokenCounts: [Int] = [],
        models: ModelScorer
    ) async throws(HoneError) -> [RewardResult] {
        var scores: [String: [Double?]] = [:]
        for model in modelNames { scores[model] = try await models(model, items) }
        return items.indices.map { index in
            let input = RewardInput(
                prompt: items[index].prompt,
                completion: items[index].completion,
                tokenCount: tokenCounts.indices.contains(index) ? tokenCounts[index] : nil
            )
            let modelScores = scores.mapValues { list in
                list[index].map { RewardScore($0) }
                    ?? RewardScore(unscored: "the model gave no finite number")
            }
            let result = scorer.score(input, modelScores: modelScores)
            return RewardResult(
                score: result.value,
                components: result.components.mapValues(Optional.some)
            )
        }
    }
}

extension RewardEvaluator {
    /// The files and models that a reward names, as far as it can be read.
    static func inputs(of value: Value) -> (files: [String], models: [String]) {
        guard let plan = try? RewardPlan(value) else { return ([], []) }
        return (plan.files, plan.modelNames)
    }
}
