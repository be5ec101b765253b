import Domain
import WorkerProtocol

// What is particular to runs that make a reward model.
extension RunDriver {
    /// The most texts that are compared each with each: their matrix has the square of it.
    private static let mostCompared = 1024
    /// Held-out pairs that a model reads side by side: two texts each, too many to read them all.
    private static let mostReadPairs = 512

    /// Fits the open reward model's head on its frozen backbone.
    func fitHead() async throws(HoneError) {
        guard let data = inputs.rewardData else { return }
        let head = spec.rewardModel
        let request = data.fitHead(head.headFit, labels: head.fitLabels ?? .hard)
        let reply = try await ask(.fitHead(request))
        guard case .metrics(let values) = reply else { throw unexpected(reply) }
        metrics.addStep(values)
    }

    /// How often the reward model prefers the better of two held-out texts; a tie counts half.
    func heldOutAccuracy() async throws(HoneError) -> [String: Double] {
        guard let data = inputs.rewardData, !data.heldOutPairs.isEmpty else { return [:] }
        let margins =
            spec.rewardModel.kind.compares
            ? try await comparedMargins(data) : try await scoredMargins(data)
        let right = margins.reduce(0) { $0 + ($1 > 0 ? 1 : $1 == 0 ? 0.5 : 0) }
        return [
            "preference/accuracy": margins.isEmpty ? 0 : right / Double(margins.count),
            "preference/pairs": Double(margins.count),
            "reward/margin": RolloutMetrics.mean(margins) ?? 0,
        ]
    }

    /// The difference of each held-out pair's scores; pairs with an unscored text are left out.
    private func scoredMargins(_ data: RewardData) async throws(HoneError) -> [Double] {
        let used = Set(data.heldOutPairs.flatMap { [$0.chosen, $0.rejected] }).sorted()
        let reply = try await ask(.score(.init(items: used.map { data.items[$0] })))
        guard case .scored(let scores) = reply, scores.count == used.count else {
            throw unexpected(reply)
        }
        let scoreOf = Dictionary(uniqueKeysWithValues: zip(used, scores.map(\.score)))
        return data.heldOutPairs.compactMap { pair -> Double? in
            guard let chosen = scoreOf[pair.chosen] ?? nil,
                let rejected = scoreOf[pair.rejected] ?? nil
            else { return nil }
            return chosen - rejected
        }
    }

    /// By how much the chosen of each held-out pair is more probable to be preferred than 1/2, twice.
    private func comparedMargins(_ data: RewardData) async throws(HoneError) -> [Double] {
        let pairs =
            spec.rewardModel.kind == .pair
            ? Array(data.heldOutPairs.prefix(Self.mostReadPairs)) : data.heldOutPairs
        let used = Set(pairs.flatMap { [$0.chosen, $0.rejected] }).sorted()
        let isWhole = spec.rewardModel.kind == .preference && used.count <= Self.mostCompared
        let groups = isWhole ? [used] : pairs.map { [$0.chosen, $0.rejected] }
        let items = groups.map { $0.map { data.items[$0] } }
        let reply = try await ask(.compare(.init(groups: items)))
        guard case .compared(let matrices) = reply, matrices.count == groups.count else {
            throw unexpected(reply)
        }
        let rowOf = Dictionary(uniqueKeysWithValues: used.enumerated().map { ($1, $0) })
        return pairs.indices.compactMap { index -> Double? in
            let (row, column) =
                isWhole
                ? (rowOf[pairs[index].chosen] ?? 0, rowOf[pairs[index].rejected] ?? 0) : (0, 1)
            let matrix = matrices[isWhole ? 0 : index]
            guard matrix.indices.contains(row),
                matrix[row].elements.indices.contains(column)
            else { return nil }
            let probability = Double(matrix[row].elements[column])
            return probability.isFinite ? 2 * probability - 1 : nil
        }
    }
}
