import Domain
import Objectives
import Rewards
import Store
import WorkerProtocol

/// Everything a run reads before it starts, resolved: from here on it is a pure function of them.
struct RunInputs: Sendable {
    var modelFolder: String
    /// Folders of the models that are distilled from.
    var teacherFolders: [String] = []
    /// The model that a value model begins as, where the spec names one.
    var criticFolder: String?
    /// Folders of the models that the reference is the mean of.
    var soupFolders: [String] = []
    /// Where that mean is; `nil` for other references.
    var referenceFolder: String?
    var objective: DataRequirements
    /// Makes advantages of rewards, for objectives that need them.
    var advantage: (any AdvantageEstimator)?
    /// From rewards to what is learned from, for online runs that learn from whole groups.
    var stages: RunStages?
    /// Makes pairs of groups, for online runs that learn from pairs.
    var pairing: Pairing?
    var prompts: [Prompt] = []
    /// The order in which every pass goes through the prompts, or a fixed file's elements; shuffled
    /// anew for each without.
    var order: [Int]?
    /// For resets the completion of each prompt's record; else empty.
    var promptCompletions: [String] = []
    var evaluationPrompts: [Prompt] = []
    /// The further fields of the prompts' records, which graders see; empty where no reward looks.
    var promptItems: [Value] = []
    var evaluationItems: [Value] = []
    /// Held-out pairs that the policy ranks.
    var evaluationPairs: [DataElement] = []
    /// The data of offline and sft runs, or what an online run learns from beside its own, in the
    /// order of its file.
    var elements: [DataElement] = []
    var rewardData: RewardData?
    var reward: RewardEvaluator?
    /// Measured, not trained on; names are unique.
    var evaluationRewards: [(name: String, evaluator: RewardEvaluator)] = []
    /// The reward models of the trained reward that learn from people's verdicts between iterations.
    var retrainedModels: [RewardSource.ModelNeed] = []
    /// Where the models lie that the rewards name.
    var rewardFolders: [RewardSource.ModelNeed: RewardFolders] = [:]

    /// Reads the inputs of a submitted run: its own copies of the data files.
    init(_ record: RunRecord, context: RunContext) async throws(HoneError) {
        let spec = record.spec
        modelFolder = try await Self.modelFolder(record, context)
        teacherFolders = spec.teachers.indices.map { context.folder.teacher(record.id, $0) }
        if spec.valueModel?.model != nil { criticFolder = context.folder.critic(record.id) }
        if !spec.reference.soupParts.isEmpty {
            soupFolders = spec.reference.soupParts.indices.map {
                context.folder.soup(record.id, $0)
            }
            referenceFolder = context.folder.reference(record.id)
        }
        do throws(Faults) {
            objective = try ObjectiveCatalogue.make(
                name: spec.objective.name,
                parameters: spec.objective.parameters,
                path: "$.objective"
            ).requirements
            if AdvantageRule.kinds.contains(spec.kind) {
                advantage = try AdvantageRule.estimator(spec, objective)
            }
            if spec.kind == .online && learnsFromGroups {
                stages = try RunStages(spec, objective, estimator: advantage)
            }
            if spec.kind == .online && !learnsFromGroups { pairing = try Pairing(spec.pairing) }
            try readRewards(spec, SpecCopies(run: record.id, folder: context.folder))
        } catch {
            throw HoneError(.invalidSpec, error.description)
        }
        let own = SpecCopies(run: record.id, folder: context.folder).localised(spec)
        try readData(own)
        for need in evaluators.flatMap(\.plan.models) where need != .policy {
            rewardFolders[need] = try await RewardFolders(need, context.store, context.folder)
        }
        retrainedModels = try await Self.retrained(spec, reward, context.store)
    }

    private static func modelFolder(
        _ record: RunRecord,
        _ context: RunContext
    ) async throws(HoneError) -> String {
        let base = context.folder.base(record.id)
        if context.folder.exists(base) { return base }
        let name = record.spec.model
        guard let model = try await context.store.model(name) else {
            throw HoneError(.unknownModel, "there is no model \"\(name)\"", param: name)
        }
        return model.folder
    }

    private mutating func readRewards(_ spec: RunSpec, _ copies: SpecCopies) throws(Faults) {
        if let value = spec.reward {
            reward = try RewardEvaluator(value, path: "$.reward", locate: copies.located)
        }
        for (index, value) in (spec.evaluation?.rewards ?? []).enumerated() {
            let path = "$.evaluation.rewards[\(index)]"
            let evaluator = try RewardEvaluator(value, path: path, locate: copies.located)
            let taken = evaluationRewards.filter { $0.evaluator.name == evaluator.name }.count
            let isClash = taken > 0 || evaluator.name == ScoreRecord.trained
            let name = isClash ? "\(evaluator.name)_\(taken + 1)" : evaluator.name
            evaluationRewards.append((name, evaluator))
        }
    }

    private mutating func readData(_ spec: RunSpec) throws(HoneError) {
        if let source = spec.evaluation?.prompts {
            evaluationPrompts = try DataReader.prompts(of: source, path: "$.evaluation.prompts")
            if readsItems {
                evaluationItems = try DataReader.items(of: source, path: "$.evaluation.prompts")
            }
        }
        evaluationPairs = try DataReader.evaluationPairs(spec)
        switch spec.kind {
        case .online:
            guard let source = spec.prompts else { throw Self.missing("prompts") }
            prompts = try DataReader.prompts(of: source, path: "$.prompts")
            let curriculum = Curriculum(spec)
            order = try curriculum.promptOrder(source, prompts)
            if spec.resets != nil { promptCompletions = try DataReader.completions(of: source) }
            if let offline = spec.mix?.offline {
                let records = try DataReader.records(of: offline.data, path: "$.mix.offline.data")
                elements = try ElementReader(spec).elements(records)
            }
            if readsItems { promptItems = try DataReader.items(of: source, path: "$.prompts") }
        case .offline, .sft:
            let records = try Self.records(spec)
            elements = PairNoise(spec).applied(to: try ElementReader(spec).elements(records))
            order = try Curriculum(spec).elementOrder(elements)
        case .rewardModel:
            rewardData = try RewardData(
                records: try Self.records(spec),
                spec: spec.rewardModel,
                plan: BatchPlan(seed: spec.seed),
                reader: ElementReader(spec)
            )
        case .external: break
        }
    }

    /// Whether a reward looks at more of a record than its prompt.
    private var readsItems: Bool { evaluators.contains { $0.plan.readsItems } }

    /// The trained reward and those that are only measured.
    private var evaluators: [RewardEvaluator] {
        [reward].compactMap(\.self) + evaluationRewards.map(\.evaluator)
    }

    private static func records(_ spec: RunSpec) throws(HoneError) -> [DataRecord] {
        guard let source = spec.data else { throw missing("data") }
        return try DataReader.records(of: source, path: "$.data")
    }

    private static func missing(_ field: String) -> HoneError {
        HoneError(.invalidSpec, "$.\(field): is required", param: "$.\(field)")
    }
}

extension RunInputs {
    /// Which of a group's completions are whose.
    func layout(_ spec: RunSpec) -> GroupLayout {
        GroupLayout(spec, needsGreedy: stages?.pipeline.needsGreedy == true)
    }

    /// Whether an online run's steps learn from whole groups, not from pairs made of them.
    var learnsFromGroups: Bool { objective.kind != .pairs }

    /// Whether the trained reward is a win rate among the completions of a group.
    var isPreference: Bool { reward?.isPreference ?? false }

    /// Data elements tokenised in one unit.
    static let elementsPerUnit = 64

    /// Data elements or reward texts to be tokenised before the first step.
    func encodedCount(_ spec: RunSpec) -> Int {
        switch spec.kind {
        case .online, .offline, .sft: elements.count
        case .rewardModel: totalSteps(spec) > 0 ? (rewardData?.textCount ?? 0) : 0
        case .external: 0
        }
    }

    /// The elements of one pass: what minibatches are made of; at most, for online runs.
    func elementCount(_ spec: RunSpec) -> Int {
        switch spec.kind {
        case .online:
            spec.promptsPerIteration
                * (pairing?.mostPairs(of: spec.groupSize, opponents: spec.opponent?.count ?? 0) ?? 1)
        case .offline, .sft: elements.count
        case .rewardModel: rewardData?.elements(objective).count ?? 0
        case .external: 1
        }
    }

    /// Optimizer steps of the whole run; for online runs an upper estimate (groups may give fewer
    /// pairs than their rule makes at most, groups without scores are dropped), which the learning
    /// rate's schedule runs over.
    func totalSteps(_ spec: RunSpec) -> Int {
        switch spec.kind {
        case .online: return onlineSteps(spec)
        case .offline, .sft, .rewardModel:
            let size = max(1, spec.minibatchSize)
            return spec.updateEpochs
                * BatchPlan.stepsPerPass(elementCount(spec), minibatchSize: size)
        case .external: return max(1, spec.iterations)
        }
    }

    /// Iterations that learn from all that is behind them have ever more steps, up to a bound.
    private func onlineSteps(_ spec: RunSpec) -> Int {
        let shares = MinibatchShares(spec)
        let own = elementCount(spec)
        func steps(_ batches: Int) -> Int {
            let (count, overflows) = own.multipliedReportingOverflow(by: batches)
            let most = overflows ? Self.mostSteps : count
            return BatchPlan.stepsPerPass(min(most, Self.mostSteps), minibatchSize: shares.own)
        }
        let reach = min(spec.mix?.replay?.reach ?? 0, spec.iterations - 1)
        var total = 0.0
        for behind in 0..<max(0, reach) { total += Double(steps(behind + 1)) }
        total += Double(spec.iterations - max(0, reach)) * Double(steps(max(0, reach) + 1))
        return Int(min(Double(Self.mostSteps), total * Double(spec.updateEpochs)))
    }

    /// More than any run makes; keeps products far from overflow.
    private static let mostSteps = 1 << 50

    /// The units of the run.
    ///
    /// Runs on fixed data make `update_epochs` passes over it; their steps are divided evenly into
    /// `iterations` parts (fewer when there are fewer steps), each followed by a measurement.
    func shape(_ spec: RunSpec, firstIteration: Int) -> RunShape {
        let steps = totalSteps(spec)
        let learning: RunShape.Learning =
            switch spec.kind {
            case .online:
                .online(
                    sampleUnits: BatchPlan.unitCount(
                        prompts: spec.firstPrompts,
                        groupSize: spec.groupSize
                    )
                )
            case .offline, .sft, .rewardModel: .fixed(totalSteps: steps)
            case .external: .external
            }
        let isFixed = if case .fixed = learning { true } else { false }
        let encoded = encodedCount(spec)
        return RunShape(
            learning: learning,
            iterations: isFixed ? min(spec.iterations, steps) : spec.iterations,
            encodeUnits: (encoded + Self.elementsPerUnit - 1) / Self.elementsPerUnit,
            fitsHead: spec.kind == .rewardModel && spec.rewardModel.headFit != .none,
            firstIteration: firstIteration,
            evaluationUnits: BatchPlan.unitCount(
                prompts: evaluationPrompts.count,
                groupSize: spec.evaluation?.groupSize ?? 1
            ),
            evaluationPairs: evaluationPrompts.isEmpty ? evaluationPairs.count : 0,
            evaluateEvery: spec.evaluation?.every ?? 1,
            checkpointEvery: spec.checkpointEvery,
            maxStaleness: spec.kind == .online ? spec.maxStaleness : 0
        )
    }
}

extension RunSpec {
    /// Prompts of an iteration's first round of sampling.
    var firstPrompts: Int { refill?.prompts(missing: promptsPerIteration) ?? promptsPerIteration }
}

extension MixSpec.Replay {
    /// How many iterations back everything is learned from again; 0 when a share of it is.
    var reach: Int { share == nil ? iterations ?? .max : 0 }
}
