import Domain
import Foundation
import Objectives
import Store
import WorkerProtocol

/// Checks a spec against what is there: all faults at once, then memory, disk and time.
struct SpecValidator {
    let spec: RunSpec
    let plane: ControlPlane
    /// The checkpoint that a fork starts from.
    var origin: CheckpointRecord?
    var faults: [Fault] = []
    /// The model that the run starts from, once it is found.
    var model: ModelRecord?
    /// Models of the rewards, which are open beside the run's.
    var rewardModels: [ModelRecord] = []
    /// Folders of the models that are distilled from.
    var teacherFolders: [String] = []
    /// Folder of the model that the values begin as, where the spec names one.
    var criticFolder: String?
    /// Prompts or elements of the data, and of the evaluation.
    private var dataCount = 0
    var evaluationCount = 0
    /// What the run does at once, for its memory; `nil` when a client decides that.
    var workload: RunWorkload?
    /// Characters of the data, for the estimate.
    var dataCharacters = 0

    init(spec: RunSpec, plane: ControlPlane, origin: CheckpointRecord? = nil) {
        self.spec = spec
        self.plane = plane
        self.origin = origin
        workload = spec.kind == .external ? nil : RunWorkload(spec)
    }

    /// Everything there is to say about the spec.
    func report() async throws(HoneError) -> ValidationReport {
        var validator = self
        return try await validator.run()
    }

    private mutating func run() async throws(HoneError) -> ValidationReport {
        try await checkNames()
        checkNumbers()
        checkObjective()
        checkRewardModel()
        checkData()
        try await checkModel()
        try await checkTeachers(of: model)
        try await checkSoup(of: model)
        try await checkValueModel(of: model)
        try await checkRewards()
        try await checkFork()
        guard let model, faults.isEmpty else { return ValidationReport(faults: faults) }
        return try await measured(model)
    }

    mutating func fault(_ path: String, _ message: String) {
        faults.append(Fault(path: path, message: message))
    }

    // MARK: - Names

    private mutating func checkNames() async throws(HoneError) {
        if let problem = Names.problem(spec.name) { fault("$.name", problem) }
        if spec.name.hasPrefix("run-"), Int(spec.name.dropFirst(4)) != nil {
            fault("$.name", "must not look like a run's id (\(spec.name)): choose another name")
        }
        if let problem = Names.problem(spec.publishAs) { fault("$.publish_as", problem) }
        if try await plane.store.model(spec.publishAs) != nil {
            fault(
                "$.publish_as",
                "a model named \"\(spec.publishAs)\" exists: write another publish_as or delete it"
            )
        }
        for run in try await plane.store.unfinishedRuns()
        where run.spec.publishAs == spec.publishAs && run.name != spec.name {
            fault("$.publish_as", "the run \"\(run.name)\" will publish under this name already")
        }
    }

    private mutating func checkModel() async throws(HoneError) {
        do throws(HoneError) {
            let found = try await plane.model(spec.model)
            if found.isRewardModel && spec.kind != .rewardModel {
                fault("$.model", "\"\(spec.model)\" is a reward model: name a language model")
            } else if found.isRewardModel && spec.kind == .rewardModel {
                fault("$.model", "\"\(spec.model)\" is a reward model: begin with a language model")
            }
            model = found
            checkShape(found.configuration)
        } catch  where error.namesNothing {
            fault("$.model", error.message)
        }
        if let layers = spec.rewardModel.layers, let model, spec.kind == .rewardModel,
            !(1...model.configuration.layerCount).contains(layers)
        {
            fault(
                "$.reward_model.layers",
                "must be from 1 to \(model.configuration.layerCount), the model's layers"
            )
        }
    }

    /// What the model's own shape forbids.
    private mutating func checkShape(_ shape: ModelConfiguration) {
        if spec.kind == .online, spec.sampling.maxTokens >= shape.contextLength {
            fault(
                "$.sampling.max_tokens",
                "must be less than the model's context of \(shape.contextLength) tokens"
            )
        }
        if case .topLayers(let count) = spec.trainable, count > shape.layerCount {
            fault("$.train_layers", "must be at most \(shape.layerCount), the model's layers")
        }
    }

    // MARK: - Numbers

    private mutating func checkNumbers() {
        let online = spec.kind == .online
        require("$.iterations", spec.iterations, 1)
        require("$.minibatch_size", spec.minibatchSize, 1)
        require("$.checkpoint_every", spec.checkpointEvery, 1)
        require("$.keep_checkpoints", spec.keepCheckpoints, 1)
        require("$.update_epochs", spec.updateEpochs, spec.kind == .rewardModel ? 0 : 1)
        if online {
            require("$.prompts_per_iteration", spec.promptsPerIteration, 1)
            require("$.sampling.max_tokens", spec.sampling.maxTokens, 1)
            if spec.groupSize < 2 && spec.opponent == nil {
                fault(
                    "$.sampling.group_size",
                    "must be at least 2: completions of one prompt are compared"
                )
            }
        }
        if let evaluation = spec.evaluation {
            require("$.evaluation.every", evaluation.every, 1)
            require("$.evaluation.group_size", evaluation.groupSize, 1)
        }
        if spec.kind == .rewardModel && spec.rewardModel.headFit == .none && spec.updateEpochs == 0
        {
            fault("$.update_epochs", "must be at least 1 when head_fit is none: nothing is learned")
        }
    }

    private mutating func require(_ path: String, _ value: Int, _ least: Int) {
        // A million of anything is past what one machine can do, and keeps sums far from overflow.
        if value < least || value > 1_000_000 {
            fault(path, "must be from \(least) to 1000000, not \(value)")
        }
    }

    // MARK: - Data

    private mutating func checkData() {
        do throws(HoneError) {
            if let source = spec.evaluation?.prompts {
                let prompts = try DataReader.prompts(of: source, path: "$.evaluation.prompts")
                evaluationCount = prompts.count
                workload?.add(
                    prompts: prompts,
                    groupSize: spec.evaluation?.groupSize ?? 1,
                    perIteration: prompts.count
                )
            }
        } catch {
            fault("$.evaluation.prompts", error.message)
        }
        do throws(HoneError) {
            _ = try DataReader.evaluationPairs(spec)
        } catch {
            fault("$.evaluation.pairs", error.message)
        }
        do throws(HoneError) { try readData() } catch {
            fault(spec.kind == .online ? "$.prompts" : "$.data", error.message)
        }
    }

    private mutating func readData() throws(HoneError) {
        switch spec.kind {
        case .online:
            guard let source = spec.prompts else {
                return fault("$.prompts", "is required: {\"file\": …} or {\"items\": […]}")
            }
            var prompts = try DataReader.prompts(of: source, path: "$.prompts")
            _ = try Curriculum(spec).promptOrder(source, prompts)
            if spec.resets != nil {
                prompts = zip(prompts, try DataReader.completions(of: source)).map { $0.begun($1) }
            }
            dataCount = prompts.count
            workload?.add(
                prompts: prompts,
                groupSize: spec.groupSize,
                perIteration: spec.firstPrompts
            )
        case .offline, .sft, .rewardModel:
            guard let source = spec.data else {
                return fault("$.data", "is required: {\"file\": …} or {\"items\": […]}")
            }
            try count(try DataReader.records(of: source, path: "$.data"))
        case .external: break
        }
    }

    private mutating func count(_ records: [DataRecord]) throws(HoneError) {
        switch spec.kind {
        case .offline, .sft:
            let elements = try ElementReader(spec).elements(records)
            dataCharacters = elements.flatMap(\.completions).reduce(0) { $0 + $1.text.utf8.count }
            workload?.add(elements: elements)
            checkMargins(elements)
        case .rewardModel:
            let data = try RewardData(
                records: records,
                spec: spec.rewardModel,
                plan: BatchPlan(seed: spec.seed),
                reader: ElementReader(spec)
            )
            workload?.add(data)
            dataCharacters = data.items.reduce(0) {
                $0 + $1.prompt.utf8.count + $1.completion.utf8.count
            }
            if let wrong = data.mismatch(spec, ElementReader(spec).needs) {
                fault(wrong.path, wrong.message)
            }
        case .online, .external: break
        }
        dataCount = records.count
    }

    // MARK: - Forks

    private mutating func checkFork() async throws(HoneError) {
        guard let origin else { return }
        let parent = try await plane.store.run(origin.runID).spec
        if spec.kind != parent.kind {
            fault("$.kind", "must be the origin's, \(parent.kind.rawValue)")
        }
        if spec.model != parent.model { fault("$.model", "must be the origin's, \(parent.model)") }
        if spec.trainable != parent.trainable {
            fault("$.adapter", "must be the origin's: its optimizer state belongs to those weights")
        }
        if parent.valueModel?.name != spec.valueModel?.name,
            ElementReader(parent).needs.trainsValues, ElementReader(spec).needs.trainsValues
        {
            fault("$.value_model.name", "must be the origin's: its optimizer state belongs to it")
        }
        if spec.kind != .external && spec.iterations <= origin.iteration {
            fault(
                "$.iterations",
                "must be more than \(origin.iteration), the iteration it is forked at"
            )
        }
    }
}
