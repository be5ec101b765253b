public import Domain
public import Store

extension ControlPlane {
    /// Draws completions with a serving worker, never the run's own.
    public func sample(_ request: SampleRequest) async throws(HoneError) -> [RolloutGroup] {
        throw unbuilt
    }

    /// Log-probabilities at temperature 1 of whole sequences.
    public func logprobs(
        model: ServedModel,
        items: [LogprobItem]
    ) async throws(HoneError) -> [SequenceLogprobs] { throw unbuilt }

    /// Scores texts by a reward as written in a spec (`{"name":"…"}`).
    public func score(
        reward: Value,
        items: [RewardItem]
    ) async throws(HoneError) -> [RewardResult] { throw unbuilt }

    /// Renders and tokenises. `.text` prompts: special tokens written out in them are recognised
    /// when asked.
    public func encode(
        model: ServedModel,
        items: [EncodingItem],
        recognisesSpecialTokens: Bool = true
    ) async throws(HoneError) -> [Encoding] { throw unbuilt }

    /// Tokens to text.
    public func decode(
        model: ServedModel,
        sequences: [[Int32]]
    ) async throws(HoneError) -> [String] { throw unbuilt }

    /// One optimizer step of an `external` run. - Throws: `.immutableModel` for other kinds,
    /// `.staleVersion`, `.conflict` when the run is not running.
    public func update(
        run: String,
        batch: UpdateBatch
    ) async throws(HoneError) -> UpdateResult { throw unbuilt }

    /// All worker processes: the current run's and the serving ones.
    public func workers() async -> [WorkerStatus] { [] }

    /// Claims an `Idempotency-Key` for a request with this body (durable across restarts).
    public func claim(
        idempotencyKey key: String,
        bodyHash: String
    ) async throws(HoneError) -> IdempotencyClaim { throw unbuilt }

    /// Keeps the reply of a claimed key.
    public func finish(
        idempotencyKey key: String,
        status: Int,
        body: String
    ) async throws(HoneError) { throw unbuilt }

    /// Gives a claimed key back after a failure that may be retried.
    public func abandon(idempotencyKey key: String) async throws(HoneError) { throw unbuilt }
}
