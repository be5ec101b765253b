public import Domain
public import Store

/// Where verdicts are given in and comparisons handed out: the rules over what the store keeps.
///
/// Everything is on disk when a method returns.
public struct FeedbackDesk: Sendable {
    /// What is kept.
    public let store: DataStore

    /// A desk over a store.
    public init(store: DataStore) { self.store = store }

    /// A run's id, of its id or name.
    ///
    /// - Throws: `.unknownRun` with the nearest name.
    public func run(_ name: String) async throws(HoneError) -> String {
        if let found = try await store.findRun(name) { return found.id }
        let known = try await store.runNames()
        throw HoneError(.unknownRun, Names.unknown("run", name, among: known), param: name)
    }

    /// Keeps verdicts, all or none.
    ///
    /// - Throws: `.unknownRun`, `.unknownRollout`, `.invalidRequest`; `param` names the verdict.
    public func submit(_ verdicts: [NewFeedback]) async throws(HoneError) -> [FeedbackReceipt] {
        var named: [NewFeedback] = []
        named.reserveCapacity(verdicts.count)
        var runs: [String: String] = [:]
        for verdict in verdicts {
            var verdict = verdict
            if let run = verdict.runID {
                let id = if let known = runs[run] { known } else { try await self.run(run) }
                runs[run] = id
                verdict.runID = id
            }
            named.append(verdict)
        }
        return try await store.insertFeedback(named)
    }

    /// Hands out the comparisons that tell most; `run` is an id or name.
    ///
    /// - Throws: `.unknownRun`.
    public func lease(
        run: String?,
        annotator: String,
        count: Int,
        seconds: Double
    ) async throws(HoneError) -> [AnnotationLease] {
        let id: String? = if let run { try await self.run(run) } else { nil }
        var goldShare = FeedbackSpec.defaultGoldShare
        if let id, let spec = try await store.run(id).spec.feedback { goldShare = spec.goldShare }
        return try await store.lease(
            run: id,
            annotator: annotator,
            count: count,
            seconds: seconds,
            goldShare: goldShare
        )
    }

    /// Keeps comparisons whose answer is known.
    ///
    /// - Parameters:
    ///   - items: The comparisons.
    ///   - run: A run by id or name; `nil` for all.
    ///   - origin: Names the request; an equal one finds the comparisons that the first kept.
    /// - Returns: The comparisons with their ids, in order.
    /// - Throws: `.unknownRun`, `.diskFull`.
    public func keepGold(
        _ items: [NewGoldItem],
        run: String?,
        origin: String? = nil
    ) async throws(HoneError) -> [GoldItemRecord] {
        let id: String? = if let run { try await self.run(run) } else { nil }
        let numbers = try await store.insertGold(items, run: id, origin: origin)
        return zip(numbers, items).map { number, item in
            GoldItemRecord(id: number, runID: id, content: item)
        }
    }

    /// How well annotators agree with those who judged the same two completions, of one run or all.
    public func agreement(run: String?) async throws(HoneError) -> [AnnotatorAgreement] {
        let id: String? = if let run { try await self.run(run) } else { nil }
        return AnnotatorAgreement.list(try await store.comparisons(run: id))
    }
}
