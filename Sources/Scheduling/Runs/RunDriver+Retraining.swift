import Domain
import Rewards
import Statistics
import Store
import WorkerProtocol

// Reward models that learn from people's verdicts while the run goes on.
extension RunDriver {
    /// So many pairs are learned from, the newest.
    private static let mostLessons = 4096

    /// Has the reward's models learn what people said in the iterations before one, unless they have.
    ///
    /// They begin each time at what was published and learn from all of it: what they are is a function
    /// of what is stored.
    func retrainReward(before iteration: Int) async throws(HoneError) {
        guard !inputs.retrainedModels.isEmpty, taughtThrough != iteration - 1 else { return }
        if let lessons = try await rewardLessons(through: iteration - 1) {
            await rewards.teach(inputs.retrainedModels, lessons)
        }
        taughtThrough = iteration - 1
    }

    /// The pairs that people made, as texts; `nil` where there are none.
    private func rewardLessons(
        through iteration: Int
    ) async throws(HoneError) -> WorkerRequest.FitHead? {
        guard let feedback = spec.feedback else { return nil }
        let known = try await self.feedback(through: iteration)
        // In an order that does not depend on who answered first; the newest completions last.
        let made = HumanLabels(
            known.filter { ($0.iteration ?? 0) > 0 },
            annotators: AnnotatorModel(known)
        ).pairs.sorted { $0.sides.lexicographicallyPrecedes($1.sides) }
        var request = WorkerRequest.FitHead(method: .bradleyTerry, items: [])
        request.priorPairs = feedback.priorLabels
        var places: [Int: Int] = [:]
        for pair in made.suffix(Self.mostLessons) {
            for id in [pair.chosen, pair.rejected] where places[id] == nil {
                guard let item = try await item(id) else { continue }
                places[id] = request.items.count
                request.items.append(item)
            }
            guard let chosen = places[pair.chosen], let rejected = places[pair.rejected] else {
                continue
            }
            request.chosen.append(chosen)
            request.rejected.append(rejected)
            request.probabilities.append(pair.probability)
        }
        return request.chosen.isEmpty ? nil : request
    }

    /// A completion as the reward reads it; one that it gave no score, too long perhaps, it cannot learn.
    private func item(_ id: Int) async throws(HoneError) -> WorkerRequest.ScoreItem? {
        guard let rollout = try await context.store.rollout(id), rollout.reward != nil else {
            return nil
        }
        let input = rollout.rewardInput
        return WorkerRequest.ScoreItem(prompt: input.prompt, completion: input.completion)
    }

    /// How many pairs people made of an iteration's completions, and how often the reward, which had
    /// not learned from them, preferred the same side.
    func labelMetrics(_ iteration: Int) async throws(HoneError) -> [String: Double] {
        guard let labels = try await labels(iteration) else { return [:] }
        var metrics = ["feedback/pairs": Double(labels.pairs.count)]
        guard spec.feedback?.mode == .mixed, !labels.pairs.isEmpty else { return metrics }
        let scores = Dictionary(
            try await drawnRollouts(iteration).map { ($0.id, $0.reward) },
            uniquingKeysWith: { first, _ in first }
        )
        let agreements = labels.pairs.compactMap { pair -> Double? in
            guard let chosen = scores[pair.chosen] ?? nil,
                let rejected = scores[pair.rejected] ?? nil
            else { return nil }
            return chosen > rejected ? 1 : chosen == rejected ? 0.5 : 0
        }
        metrics["feedback/reward_agreement"] = Sample.mean(agreements)
        return metrics
    }

    /// Lists the reward models that learned from people under names of their own.
    func publishRewards() async throws(HoneError) {
        try await retrainReward(before: machine.finishedIteration + 1)
        guard await rewards.isTaught else { return }
        for need in inputs.retrainedModels {
            let name = RunInputs.retrainedName(need, spec.publishAs, inputs.retrainedModels.count)
            guard let origin = try await context.store.model(need.name) else { continue }
            if let known = try await context.store.model(name) {
                if known.runID != record.id {
                    try await note("a model named \(name) exists: the retrained one is not kept")
                }
                continue
            }
            let path = context.folder.model(name)
            let state: Value = ["run": .string(record.id), "retrained": .string(need.name)]
            let request = WorkerRequest.Checkpoint(
                destination: path,
                includesOptimizer: false,
                state: state
            )
            guard case .done = try await rewards.ask(need, .checkpoint(request)) else { continue }
            var model = origin
            (model.name, model.folder, model.runID) = (name, path, record.id)
            model.byteCount = context.folder.byteCount(path)
            model.createdAt = context.store.now()
            try await context.store.insertModel(model)
            try await context.store.appendEvent(
                run: record.id,
                kind: "published",
                payload: ["model": .string(name), "path": .string(path)]
            )
        }
    }
}

extension RunInputs {
    /// The reward models of a run's reward that can learn from pairs: those with one head, or several
    /// alike.
    static func retrained(
        _ spec: RunSpec,
        _ reward: RewardEvaluator?,
        _ store: DataStore
    ) async throws(HoneError) -> [RewardSource.ModelNeed] {
        guard let feedback = spec.feedback, feedback.mode == .mixed, feedback.retrainsReward else {
            return []
        }
        var found: [RewardSource.ModelNeed] = []
        for need in reward?.plan.models ?? [] {
            guard case .reward(let name) = need, let model = try await store.model(name),
                [.scalar, .ensemble].contains(model.rewardKind ?? .scalar)
            else { continue }
            found.append(need)
        }
        return found
    }

    /// What a retrained reward model is published as: `NAME-reward`, of several with each one's own
    /// name.
    static func retrainedName(
        _ need: RewardSource.ModelNeed,
        _ policy: String,
        _ count: Int
    ) -> String {
        let name = count == 1 ? "\(policy)-reward" : "\(policy)-reward-\(need.name)"
        return String(name.prefix(128))
    }
}
