public import Domain
public import Scheduling
public import Store

/// What the endpoints ask of the control side: `ControlPlane` in the daemon, a fake in tests.
public protocol ControlService: Sendable {
    /// Moves on before a change of `models()` is answered; read on the HTTP server's own thread.
    var modelsVersion: UInt64 { get }
    /// Where verdicts are given in and comparisons handed out.
    var feedback: FeedbackDesk { get }
    /// Where tokens are made and revoked.
    var tokens: TokenDesk { get }
    /// Whether streams of events ended because the process is about to.
    var hasEndedEvents: Bool { get }
    /// Throws while requests cannot be served.
    func checkHealth() async throws(HoneError)
    func models() async throws(HoneError) -> [ModelRecord]
    func model(_ name: String) async throws(HoneError) -> ModelRecord
    func importModel(path: String, name: String) async throws(HoneError) -> ModelRecord
    func createModel(_ model: NewModel, name: String) async throws(HoneError) -> ModelRecord
    func deleteModel(_ name: String) async throws(HoneError)
    func exportModel(
        _ name: String,
        format: String,
        destination: String
    ) async throws(HoneError)

    func validate(_ spec: RunSpec) async throws(HoneError) -> ValidationReport
    func submit(_ spec: RunSpec, document: String?) async throws(HoneError) -> Submission
    func fork(
        from checkpoint: String,
        spec: RunSpec,
        document: String?
    ) async throws(HoneError) -> Submission
    func runs(
        after: String?,
        limit: Int,
        state: RunState?
    ) async throws(HoneError) -> Page<RunRecord>
    func findRun(_ run: String) async throws(HoneError) -> RunRecord
    func pause(_ run: String) async throws(HoneError) -> RunRecord
    func resume(_ run: String) async throws(HoneError) -> RunRecord
    func cancel(_ run: String) async throws(HoneError) -> RunRecord
    func deleteRun(_ run: String) async throws(HoneError)
    func metrics(_ run: String) async throws(HoneError) -> [IterationRecord]
    func checkpoints(_ run: String) async throws(HoneError) -> [CheckpointRecord]
    func rewardCurves(_ run: String) async throws(HoneError) -> [RewardCurve]
    func rollouts(
        run: String?,
        iteration: Int?,
        purpose: RolloutRecord.Purpose?,
        after: Int?,
        limit: Int
    ) async throws(HoneError) -> Page<RolloutRecord>
    func rollout(_ id: Int) async throws(HoneError) -> RolloutRecord
    func pairs(
        run: String,
        iteration: Int?,
        after: Int?,
        limit: Int
    ) async throws(HoneError) -> Page<PairRecord>
    func events(run: String, after id: Int) async throws(HoneError) -> AsyncStream<EventRecord>

    func sample(_ request: SampleRequest) async throws(HoneError) -> [RolloutGroup]
    func sample(
        _ request: SampleRequest,
        drawn: (@Sendable ([DrawnToken]) -> Void)?
    ) async throws(HoneError) -> [RolloutGroup]
    func score(reward: Value, items: [RewardItem]) async throws(HoneError) -> [RewardResult]
    func update(run: String, batch: UpdateBatch) async throws(HoneError) -> UpdateResult
    func submit(
        _ order: EvaluationOrder,
        origin: String?
    ) async throws(HoneError) -> EvaluationRecord
    func evaluation(_ id: String) async throws(HoneError) -> EvaluationRecord
    func evaluations(
        after: String?,
        limit: Int
    ) async throws(HoneError) -> Page<EvaluationRecord>
    func cancelEvaluation(_ id: String) async throws(HoneError) -> EvaluationRecord
    func deleteEvaluation(_ id: String) async throws(HoneError)
    func workers() async -> [WorkerStatus]

    func claim(
        idempotencyKey key: String,
        bodyHash: String
    ) async throws(HoneError) -> IdempotencyClaim
    func finish(idempotencyKey key: String, status: Int, body: String) async throws(HoneError)
    func abandon(idempotencyKey key: String) async throws(HoneError)

    func encode(
        model: ServedModel,
        items: [EncodingItem],
        recognisesSpecialTokens: Bool
    ) async throws(HoneError) -> [Encoding]
    func decode(
        model: ServedModel,
        sequences: [[Int32]]
    ) async throws(HoneError) -> [String]
    func logprobs(
        model: ServedModel,
        items: [LogprobItem]
    ) async throws(HoneError) -> [SequenceLogprobs]
    func alternatives(
        model: ServedModel,
        sequences: [TokenSequence],
        count: Int
    ) async throws(HoneError) -> [[[TokenAlternative]]]

    func storeFile(
        _ content: FileContent,
        filename: String,
        purpose: String,
        lifetime: Int?,
        origin: String?
    ) async throws(HoneError) -> FileRecord
    func file(_ id: String) async throws(HoneError) -> FileRecord
    func filePath(_ id: String) async throws(HoneError) -> String
    func files(
        purpose: String?,
        after: String?,
        limit: Int,
        newestFirst: Bool
    ) async throws(HoneError) -> Page<FileRecord>
    func deleteFile(_ id: String) async throws(HoneError)
    func createJob(
        _ order: FineTuningOrder,
        origin: String?,
        plan: @Sendable (FineTuningInputs) throws -> FineTuningPlan
    ) async throws -> FineTuningSubmission
    func job(_ id: String) async throws(HoneError) -> FineTuningJobRecord
    func jobs(
        after: String?,
        limit: Int
    ) async throws(HoneError) -> Page<FineTuningJobRecord>
    func newestEvents(
        run: String,
        before id: Int?,
        limit: Int
    ) async throws(HoneError) -> Page<EventRecord>
}

extension ControlPlane: ControlService {}
