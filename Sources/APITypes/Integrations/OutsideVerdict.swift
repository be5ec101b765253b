/// What an annotation tool's event says has happened to a verdict.
public enum OutsideVerdict: Sendable, Hashable {
    /// It was given, or corrected, under the tool's own id; it answers a leased comparison where one is
    /// named.
    case given(FeedbackRequest.Item, lease: Int?)
    /// All that was given under this id was taken back.
    case withdrawn(source: String, externalID: String)
    /// Only so many verdicts stand under this id: those that were given beyond them are taken back.
    case limited(source: String, externalID: String, count: Int)
}
