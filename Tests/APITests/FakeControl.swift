import API
import Domain
import Foundation
import Scheduling
import Store
import Synchronization

/// A control side with two runs, one model and no workers; it records what it was asked.
actor FakeControl: ControlService {
    private(set) var asked: [String] = []
    var plans: [FineTuningPlan] = []
    private var claims: [String: (hash: String, reply: (Int, String)?)] = [:]
    private var modelRecords = [FakeControl.model]
    private let modelChanges = Atomic<UInt64>(0)
    var runRecords: [RunRecord] = []
    var exportFolder: [String: String] = [:]
    nonisolated let feedback: FeedbackDesk
    nonisolated var tokens: TokenDesk { TokenDesk(store: feedback.store) }
    /// Where its store is; removed with it.
    private let folder = NSTemporaryDirectory() + "hone-fake-\(UUID().uuidString)"

    init() {
        do {
            try FileManager.default.createDirectory(
                atPath: folder,
                withIntermediateDirectories: true
            )
            feedback = FeedbackDesk(store: try DataStore(folder: folder))
        } catch {
            fatalError("no temporary store: \(error)")
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    static let time = Date(timeIntervalSince1970: 1000)

    nonisolated var hasEndedEvents: Bool { false }
    func checkHealth() {}

    static func spec(_ name: String) -> RunSpec {
        var spec = RunSpec(
            name: name,
            kind: .online,
            model: "smol",
            objective: NamedParameters(name: "dpo")
        )
        spec.prompts = .file("p.jsonl")
        spec.reward = ["name": "length"]
        return spec
    }

    static let model = ModelRecord(
        name: "smol",
        isRewardModel: false,
        folder: "/models/smol",
        configuration: ModelConfiguration(
            vocabularySize: 10,
            hiddenSize: 4,
            intermediateSize: 8,
            layerCount: 2,
            headCount: 2,
            keyValueHeadCount: 1,
            contextLength: 64,
            tiesEmbeddings: true
        ),
        parameterCount: 100,
        byteCount: 400,
        sourceType: "F32",
        importedFrom: "/x",
        createdAt: time
    )

    static let rollout = RolloutRecord(
        id: 7,
        runID: "run-1",
        purpose: .training,
        iteration: 1,
        unit: 0,
        promptIndex: 0,
        sampleIndex: 0,
        prompt: .messages([
            ChatMessage(role: "user", content: "ask"),
            ChatMessage(role: "assistant", content: "pre"),
        ]),
        rollout: Rollout(
            promptTokens: [1],
            completionTokens: [2],
            text: "fix",
            logprobs: [-0.5],
            samplingLogprobs: [-0.25],
            policyVersion: 3,
            stopReason: .length
        ),
        scores: [ScoreRecord(reward: "reward", score: nil)],
        createdAt: time
    )

    func note(_ words: String) { asked.append(words) }

    func run(_ id: String) throws(HoneError) -> RunRecord {
        guard id == "run-1" || id == "first" else {
            throw HoneError(.unknownRun, "there is no run \"\(id)\"", param: id)
        }
        var record = RunRecord(
            id: "run-1",
            name: "first",
            spec: Self.spec("first"),
            state: .running,
            createdAt: Self.time
        )
        record.iteration = 2
        return record
    }

    nonisolated var modelsVersion: UInt64 { modelChanges.load(ordering: .acquiring) }
    func models() -> [ModelRecord] {
        asked.append("models")
        return modelRecords
    }
    func model(_ name: String) throws(HoneError) -> ModelRecord {
        guard let found = modelRecords.first(where: { $0.name == name }) else {
            throw HoneError(.unknownModel, "there is no model \(name)")
        }
        return found
    }
    func importModel(path: String, name: String) throws(HoneError) -> ModelRecord {
        asked.append("import \(path) \(name)")
        if path == "bad" { throw HoneError(.invalidModelFile, "bad: the magic is wrong") }
        var record = Self.model
        record.name = name
        modelRecords.append(record)
        modelChanges.add(1, ordering: .acquiringAndReleasing)
        return record
    }
    func createModel(_ model: NewModel, name: String) throws(HoneError) -> ModelRecord {
        asked.append("create \(name) \(model.tokenizer) \(model.layerCount)")
        var record = Self.model
        record.name = name
        modelRecords.append(record)
        modelChanges.add(1, ordering: .acquiringAndReleasing)
        return record
    }
    func deleteModel(_ name: String) throws(HoneError) {
        _ = try model(name)
        modelRecords.removeAll { $0.name == name }
        modelChanges.add(1, ordering: .acquiringAndReleasing)
    }
    func exportModel(_ name: String, format: String, destination: String) throws(HoneError) {
        _ = try model(name)
        do {
            if format == "gguf" {
                try Data("GGUF".utf8).write(to: URL(fileURLWithPath: destination))
            } else {
                try FileManager.default.createDirectory(
                    atPath: destination,
                    withIntermediateDirectories: true
                )
                let file = URL(fileURLWithPath: destination).appendingPathComponent("config.json")
                try Data("{}".utf8).write(to: file)
            }
        } catch { throw HoneError(.diskFull, "\(error)") }
    }
    func validate(_ spec: RunSpec) -> ValidationReport {
        ValidationReport(memoryBytes: 1 << 30, diskBytes: 5, seconds: 60)
    }
    func submit(_ spec: RunSpec, document: String?) throws(HoneError) -> Submission {
        asked.append("submit \(spec.name)")
        if spec.name == "taken" { throw HoneError(.alreadyExists, "taken differs: $.seed") }
        if spec.model == "missing" {
            return .refused(
                ValidationReport(faults: [Fault(path: "$.model", message: "is not there")])
            )
        }
        let record = RunRecord(
            id: "run-2",
            name: spec.name,
            spec: spec,
            state: .queued,
            createdAt: Self.time,
            queuePosition: 1
        )
        return spec.name == "again" ? .existing(record) : .created(record)
    }
    func fork(from checkpoint: String, spec: RunSpec, document: String?) -> Submission {
        asked.append("fork \(checkpoint) \(spec.name) \(spec.optimizer.learningRate)")
        return .created(
            RunRecord(
                id: "run-3",
                name: spec.name,
                spec: spec,
                state: .queued,
                createdAt: Self.time
            )
        )
    }
    func runs(after: String?, limit: Int, state: RunState?) throws(HoneError) -> Page<RunRecord> {
        asked.append("runs \(after ?? "-") \(limit) \(state?.rawValue ?? "-")")
        return Page(items: [try run("run-1")], hasMore: true)
    }
    func findRun(_ run: String) throws(HoneError) -> RunRecord { try self.run(run) }
    func pause(_ run: String) throws(HoneError) -> RunRecord { try self.run(run) }
    func resume(_ run: String) throws(HoneError) -> RunRecord {
        throw HoneError(.conflict, "it is running already")
    }
    func cancel(_ run: String) throws(HoneError) -> RunRecord { try self.run(run) }
    func deleteRun(_ run: String) throws(HoneError) { _ = try self.run(run) }
    func metrics(_ run: String) throws(HoneError) -> [IterationRecord] {
        _ = try self.run(run)
        return [
            IterationRecord(iteration: 1, metrics: ["policy/kl": .nan], finishedAt: Self.time)
        ]
    }
    func rewardCurves(_ run: String) -> [RewardCurve] {
        let rewards = [0.5, 1, 2].enumerated().map { place, reward in
            IterationRecord(
                iteration: place + 1,
                metrics: ["evaluation/kl": Double(place) + 1, "evaluation/reward_mean": reward],
                finishedAt: Self.time
            )
        }
        let start = IterationRecord(
            iteration: 0,
            metrics: ["evaluation/reward_mean": 0],
            finishedAt: Self.time
        )
        return RewardCurve.curves([start] + rewards)
    }
    func checkpoints(_ run: String) throws(HoneError) -> [CheckpointRecord] {
        [
            CheckpointRecord(
                runID: "run-1",
                iteration: 1,
                step: 2,
                path: "/c",
                byteCount: 3,
                createdAt: Self.time
            )
        ]
    }
    func rollouts(
        run: String?,
        iteration: Int?,
        purpose: RolloutRecord.Purpose?,
        after: Int?,
        limit: Int
    ) -> Page<RolloutRecord> {
        asked.append(
            "rollouts \(run ?? "-") \(iteration ?? -1) \(purpose?.rawValue ?? "-") \(limit)"
        )
        return Page(items: [Self.rollout], hasMore: false)
    }
    func rollout(_ id: Int) throws(HoneError) -> RolloutRecord {
        guard id == 7 else { throw HoneError(.unknownRollout, "no rollout \(id)") }
        return Self.rollout
    }
    func pairs(run: String, iteration: Int?, after: Int?, limit: Int) -> Page<PairRecord> {
        Page(
            items: [
                PairRecord(
                    id: 1,
                    runID: "run-1",
                    iteration: 1,
                    chosen: 7,
                    rejected: 8,
                    margin: nil
                )
            ],
            hasMore: false
        )
    }
    func events(run: String, after id: Int) throws(HoneError) -> AsyncStream<EventRecord> {
        _ = try self.run(run)
        return AsyncStream { continuation in
            for number in 1...3 where number > id {
                continuation.yield(
                    EventRecord(
                        runID: "run-1",
                        id: number,
                        time: Self.time,
                        kind: "state",
                        payload: ["state": "running"]
                    )
                )
            }
            continuation.finish()
        }
    }
    func sample(_ request: SampleRequest) async -> [RolloutGroup] {
        asked.append("sample \(request.model) \(request.groupSize) \(request.seed)")
        if request.model == .model("endless") {
            while !Task.isCancelled { await Task.yield() }
            asked.append("broken off")
        }
        return request.prompts.map {
            RolloutGroup(
                prompt: $0,
                rollouts: Array(repeating: Self.rollout.rollout, count: request.groupSize)
            )
        }
    }
    func sample(
        _ request: SampleRequest,
        drawn: (@Sendable ([DrawnToken]) -> Void)?
    ) async -> [RolloutGroup] {
        for prompt in request.prompts.indices {
            for sample in 0..<request.groupSize {
                drawn?([
                    DrawnToken(
                        prompt: prompt,
                        sample: sample,
                        place: 0,
                        token: 2,
                        text: "fix",
                        likelihood: request.reportedAlternatives.map { count in
                            .init(
                                name: "fix",
                                logprob: -0.5,
                                alternatives: (0..<count).map {
                                    .init(token: Int32(7 + $0), name: "t\($0)", logprob: -1)
                                }
                            )
                        }
                    )
                ])
            }
        }
        return await sample(request)
    }
    func score(reward: Value, items: [RewardItem]) -> [RewardResult] {
        let words = [reward["name"], reward["model"], items.first?.item["label"]]
        asked.append("score " + words.map { $0?.stringValue ?? "-" }.joined(separator: " "))
        return items.map {
            RewardResult(
                score: $0.completion.isEmpty ? nil : Double($0.completion.count),
                components: ["prompt": Double($0.prompt.count)],
                reason: $0.completion.isEmpty ? "it is empty" : nil
            )
        }
    }
    func update(run: String, batch: UpdateBatch) throws(HoneError) -> UpdateResult {
        throw HoneError(.immutableModel, "\(run) is not an external run")
    }
    static func evaluation(_ id: String, _ order: EvaluationOrder) -> EvaluationRecord {
        EvaluationRecord(
            id: id,
            order: order,
            state: .failed,
            completed: 1,
            total: 4,
            error: HoneError(.workerLost, "the worker was killed"),
            createdAt: time,
            startedAt: time,
            finishedAt: time
        )
    }
    func submit(
        _ order: EvaluationOrder,
        origin: String?
    ) throws(HoneError) -> EvaluationRecord {
        asked.append("evaluate \(order.models) \(order.groupSize) \(order.seed)")
        if order.models == ["missing"] { throw HoneError(.unknownModel, "there is no such model") }
        return EvaluationRecord(id: "evaluation-2", order: order, createdAt: Self.time)
    }
    func evaluation(_ id: String) throws(HoneError) -> EvaluationRecord {
        if id == "evaluation-9" { throw HoneError(.notFound, "there is no evaluation \(id)") }
        return Self.evaluation(id, EvaluationOrder(models: ["smol"]))
    }
    func evaluations(after: String?, limit: Int) -> Page<EvaluationRecord> {
        asked.append("evaluations \(after ?? "-") \(limit)")
        return Page(items: [Self.evaluation("evaluation-1", EvaluationOrder())], hasMore: true)
    }
    func cancelEvaluation(_ id: String) throws(HoneError) -> EvaluationRecord {
        throw HoneError(.conflict, "the evaluation \(id) has failed and cannot be cancelled")
    }
    func deleteEvaluation(_ id: String) { asked.append("delete \(id)") }
    func workers() -> [WorkerStatus] {
        [WorkerStatus(role: "policy", processID: 42, state: .busy, residentBytes: 1234)]
    }
    func claim(idempotencyKey key: String, bodyHash: String) -> IdempotencyClaim {
        guard let claim = claims[key] else {
            claims[key] = (bodyHash, nil)
            return .claimed
        }
        if claim.hash != bodyHash { return .conflict }
        return claim.reply.map { .replay(status: $0.0, body: $0.1) } ?? .inProgress
    }
    func finish(idempotencyKey key: String, status: Int, body: String) {
        claims[key]?.reply = (status, body)
    }
    func abandon(idempotencyKey key: String) { claims[key] = nil }
}
