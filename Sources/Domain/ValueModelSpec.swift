/// What estimates the returns, for objectives that train values.
public struct ValueModelSpec: Sendable, Hashable, Codable {
    /// Where the estimates come from.
    public enum Name: String, Sendable, Hashable, Codable, CaseIterable {
        /// A head on the policy's own trunk: both learn it together.
        case head
        /// A model with weights of its own.
        case separate
    }

    /// Where the estimates come from.
    public var name = Name.head
    /// The model that a separate one begins as: a language model or a reward model, whose backbone is
    /// taken; `nil` is the policy's own.
    public var model: String?
    /// The first iterations, in which the values alone learn and the policy stays as it is.
    public var warmupIterations = 0
    /// The highest learning rate of the values; `nil` is the policy's.
    public var learningRate: Double?

    /// A head that learns with the policy, at its rate.
    public init() {}
}
