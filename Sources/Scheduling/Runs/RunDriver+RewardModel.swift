import Domain
import Statistics
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
        guard let data = inputs.rewardData else { return [:] }
        var values = try await attributeCorrelations(data)
        guard !data.heldOutPairs.isEmpty else { return values }
        let margins =
            spec.rewardModel.kind.compares
            ? try await comparedMargins(data) : try await scoredMargins(data)
        let right = margins.reduce(0) { $0 + ($1 > 0 ? 1 : $1 == 0 ? 0.5 : 0) }
        values["preference/accuracy"] = margins.isEmpty ? 0 : right / Double(margins.count)
        values["preference/pairs"] = Double(margins.count)
        values["reward/margin"] = Sample.mean(margins) ?? 0
        return values
    }

    /// How far each attribute of held-out texts goes along with its ratings: Pearson's correlation.
    private func attributeCorrelations(
        _ data: RewardData
    ) async throws(HoneError) -> [String: Double] {
        guard !data.heldOutRated.isEmpty else { return [:] }
        let reply = try await ask(.score(.init(items: data.heldOutRated.map { data.items[$0] })))
        guard case .scored(let scores) = reply, scores.count == data.heldOutRated.count else {
            throw unexpected(reply)
        }
        var values: [String: Double] = [:]
        for (index, name) in data.attributes.enumerated() {
            let known = zip(data.heldOutRated, scores).compactMap { item, score in
                data.attributeRatings[item][index].flatMap { rating in
                    score.outputs.indices.contains(index) ? (score.outputs[index], rating) : nil
                }
            }
            values["attributes/\(name)_correlation"] = Self.correlation(known)
        }
        return values
    }

    /// `nil` where one side does not vary.
    private static func correlation(_ pairs: [(Double, Double)]) -> Double? {
        let count = Double(pairs.count)
        let left = pairs.reduce(0) { $0 + $1.0 } / max(1, count)
        let right = pairs.reduce(0) { $0 + $1.1 } / max(1, count)
        let sums = pairs.reduce(into: (0.0, 0.0, 0.0)) { sums, pair in
            let (a, b) = (pair.0 - left, pair.1 - right)
            sums.0 += a * a
            sums.1 += b * b
            sums.2 += a * b
        }
        let size = (sums.0 * sums.1).squareRoot()
        return size > 0 ? sums.2 / size : nil
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
