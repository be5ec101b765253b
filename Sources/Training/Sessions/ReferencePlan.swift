/// The policy that another one is compared with.
public struct ReferencePlan: Sendable, Hashable {
    /// Whether there is one.
    public var isThere = true
    /// Its folder; the base model without it.
    public var folder: String?
    /// Set for a running average of the policy: the share it keeps of itself at an optimizer step.
    public var decay: Double?

    /// The base model, which stays what it is.
    public init() {}

    /// A model of its own, or none at all.
    public init(isThere: Bool = true, folder: String? = nil, decay: Double? = nil) {
        self.isThere = isThere
        self.folder = folder
        self.decay = decay
    }
}
