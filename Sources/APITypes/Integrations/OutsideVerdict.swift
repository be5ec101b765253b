/// What an annotation tool's event says has happened to a verdict.
public enum OutsideVerdict: Sendable, Hashable {
    /// It was given, or corrected, under the tool's own id; it answers a leased comparison where one is
    /// named.
    case given(FeedbackRequest.Item, lease: Int?)
    /// It was taken back.
    case withdrawn(source: String, externalID: String)
}
