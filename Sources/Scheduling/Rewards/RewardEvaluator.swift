import Domain
import Foundation
import Rewards
import WorkerProtocol

/// A reward as written in a spec, ready to score: its rules here, all else through a host.
struct RewardEvaluator: Sendable {
    /// The name in metrics: the reward's own.
    let name: String
    /// What it is made of.
    let plan: RewardPlan
    private let scorer: RewardScorer

    /// Whether its score is a win rate among the completions of a group.
    var isPreference: Bool { plan.isPreference }

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
        plan = try RewardPlan(value, path: path)
        var files: [String: String] = [:]
        for file in plan.files {
            let data: Data
            do throws(HoneError) { data = try UserFile.read(locate(file)) } catch {
                throw Faults([Fault(path: path, message: error.message)])
            }
            guard let text = String(validating: data, as: UTF8.self) else {
                let message = "the file \(file) cannot be read as text: it is not UTF-8"
                throw Faults([Fault(path: path, message: message)])
            }
            files[file] = text
        }
        scorer = try plan.scorer(files: files)
    }

    /// Scores groups of completions, asking each source once.
    ///
    /// - Returns: One result for each member of each group; what could not be scored says why.
    func score(
        groups: [RewardGroup],
        from host: any RewardHost
    ) async throws(HoneError) -> [[RewardScore]] {
        var sourced: [Int: [[RewardScore]]] = [:]
        for (index, leaf) in plan.leaves.enumerated() {
            guard let source = leaf.source else { continue }
            let same = plan.leaves[..<index].firstIndex { $0.source == source }
            sourced[index] =
                if let same { sourced[same] } else {
                    try await source.provider(host).score(groups)
                }
        }
        return scorer.score(groups, sourced: sourced)
    }

    /// The items as groups: those of one prompt together where completions are compared, else each
    /// alone.
    ///
    /// - Returns: For each group the places of its items.
    func grouping(_ items: [RewardInput]) -> [[Int]] {
        guard plan.scale != .score else { return items.indices.map { [$0] } }
        var groups: [[Int]] = []
        var places: [String: Int] = [:]
        for (index, item) in items.enumerated() {
            if let place = places[item.prompt] {
                groups[place].append(index)
            } else {
                places[item.prompt] = groups.count
                groups.append([index])
            }
        }
        return groups
    }

    /// Scores single texts; where completions are compared, with the others of the same prompt.
    func score(
        _ items: [RewardInput],
        from host: any RewardHost
    ) async throws(HoneError) -> [RewardScore] {
        let places = grouping(items)
        let scores = try await score(
            groups: places.map { group in RewardGroup(group.map { items[$0] }) },
            from: host
        )
        var results = [RewardScore](repeating: RewardScore(unscored: ""), count: items.count)
        for (group, found) in zip(places, scores) {
            for (place, score) in zip(group, found) { results[place] = score }
        }
        return results
    }
}

extension RewardEvaluator {
    /// The files and models that a reward names, as far as it can be read.
    static func inputs(of value: Value) -> (files: [String], models: [String]) {
        guard let plan = try? RewardPlan(value) else { return ([], []) }
        return (plan.files, plan.modelNames)
    }
}
