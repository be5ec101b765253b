public import APITypes
public import Scheduling
public import Store

extension NewFeedback {
    /// What a request tells.
    public init(_ item: FeedbackRequest.Item) {
        self.init(
            item.verdict,
            prompt: item.prompt,
            subjects: item.rollouts.map { FeedbackSubject(rollout: $0, text: "") }
                + item.completions.map { FeedbackSubject(text: $0) },
            source: item.source
        )
        (runID, annotator, rationale) = (item.run, item.annotator, item.rationale)
        (seconds, externalID) = (item.seconds, item.externalID)
    }
}

extension FeedbackObject {
    /// A stored verdict.
    public init(_ record: FeedbackRecord) {
        let content = record.content
        self.init(
            id: record.id,
            verdict: content.verdict,
            prompt: content.prompt,
            subjects: content.subjects.map { Subject(rolloutId: $0.rollout, text: $0.text) },
            source: content.source,
            createdAt: record.createdAt.unixSeconds
        )
        (run, iteration) = (record.runID, record.iteration)
        (annotator, rationale, seconds) = (content.annotator, content.rationale, content.seconds)
        (externalId, swapped) = (content.externalID, record.swapped)
        uses = record.uses.map { Use(run: $0.runID, iteration: $0.iteration) }
        withdrawnAt = record.withdrawnAt?.unixSeconds
        replacedBy = record.replacedBy
    }
}

extension AnnotatorObject {
    /// How one annotator agrees with the others.
    public init(_ agreement: AnnotatorAgreement) {
        self.init(
            annotator: agreement.annotator,
            verdicts: agreement.verdicts,
            shared: agreement.shared,
            agreed: agreement.agreed,
            gold: agreement.gold,
            goldRight: agreement.goldRight,
            reliability: agreement.reliability
        )
    }
}
