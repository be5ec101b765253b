public import Domain
public import Store

/// Where verdicts are given in and comparisons handed out: the rules over what the store keeps.
///
/// Everything is on disk when a method returns.
public struct FeedbackDesk: Sendable {
    /// The most verdicts in one request.
    public static let mostVerdicts = 10_000
    /// The most comparisons in one person's hands.
    public static let mostLeases = 100

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
        return try await store.lease(
            run: id,
            annotator: annotator,
            count: min(count, Self.mostLeases),
            seconds: seconds
        )
    }

    /// How well annotators agree with those who judged the same two completions, of one run or all.
    public func agreement(run: String?) async throws(HoneError) -> [AnnotatorAgreement] {
        let id: String? = if let run { try await self.run(run) } else { nil }
        return AnnotatorAgreement.list(try await store.comparisons(run: id))
    }
}

/// One annotator's verdicts beside those of others on the same completions.
public struct AnnotatorAgreement: Sendable, Hashable {
    /// Who.
    public var annotator: String
    /// Comparisons that they judged.
    public var verdicts: Int
    /// Verdicts by others on the same two completions, ties left out.
    public var shared: Int
    /// Those of them that say the same.
    public var agreed: Int

    /// The share of agreement, shrunk to 0.8 as if ten had been seen before: what a verdict is worth
    /// as long as little is known of the annotator.
    public var reliability: Double { (Double(agreed) + 8) / (Double(shared) + 10) }

    /// Agreement from comparisons, by annotator.
    public static func list(_ comparisons: [StoredComparison]) -> [AnnotatorAgreement] {
        var found: [String: AnnotatorAgreement] = [:]
        let pairs = Dictionary(grouping: comparisons) { [$0.low, $0.high] }
        for group in pairs.values {
            for one in group {
                guard let name = one.annotator else { continue }
                var entry =
                    found[name]
                    ?? AnnotatorAgreement(annotator: name, verdicts: 0, shared: 0, agreed: 0)
                entry.verdicts += 1
                for other in group where other.annotator != name {
                    guard let mine = one.prefersLow, let theirs = other.prefersLow else { continue }
                    entry.shared += 1
                    if mine == theirs { entry.agreed += 1 }
                }
                found[name] = entry
            }
        }
        return found.values.sorted { $0.annotator < $1.annotator }
    }
}
