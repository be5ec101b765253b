/// What an entry of a catalogue says of itself: it drives `GET /v1/objectives`, `hone objectives`,
/// `GET /v1/rewards` and the docs pages.
public struct CatalogueDescription: Sendable, Hashable {
    /// The data an objective or an advantage estimator is defined on.
    public struct Data: Sendable, Hashable {
        /// `pairs`, `groups` or `sequences`; of an estimator `tokens` (of one sequence) or
        /// `completions` (of one group).
        public var kind: String
        /// The fewest completions a group may have.
        public var minimumGroupSize: Int
        /// What the data must have beside the policy's log-probabilities, or may have to.
        public var fields: [Field]

        /// Data of this kind.
        public init(kind: String, minimumGroupSize: Int, fields: [Field]) {
            self.kind = kind
            self.minimumGroupSize = minimumGroupSize
            self.fields = fields
        }
    }

    /// A field of the data.
    public struct Field: Sendable, Hashable {
        /// As spelled in a batch.
        public var name: String
        /// What one number belongs to: `token`, `sequence`, `pair`; `completion` for a whole one.
        public var per: String
        /// One sentence.
        public var meaning: String
        /// Whether it is needed with default parameters.
        public var required: Bool
        /// Whether it is the policy's own, so that the loss has a gradient by it.
        public var differentiable: Bool

        /// A field.
        public init(
            name: String,
            per: String,
            meaning: String,
            required: Bool,
            differentiable: Bool
        ) {
            self.name = name
            self.per = per
            self.meaning = meaning
            self.required = required
            self.differentiable = differentiable
        }
    }

    /// The metric that says that an objective learns.
    public struct Trend: Sendable, Hashable {
        /// The metric's name.
        public var metric: String
        /// `up` or `down`.
        public var moves: String

        /// A metric and where it goes.
        public init(metric: String, moves: String) {
            self.metric = metric
            self.moves = moves
        }
    }

    /// A stage of a policy gradient with what the method sets of it.
    public struct Stage: Sendable, Hashable {
        /// The stage's name.
        public var name: String
        /// What the method sets.
        public var value: Value

        /// A stage.
        public init(_ name: String, _ value: Value) {
            self.name = name
            self.value = value
        }
    }

    /// As spelled in requests.
    public var name: String
    /// What it is, in one word: an objective, an advantage, a reward or a kind of stage.
    public var object: String
    /// Other names it is known by.
    public var aliases: [String] = []
    /// One sentence.
    public var summary: String
    /// The paper or rule it follows.
    public var source: String?
    /// All that it takes.
    public var parameters: [ParameterDescription]
    /// The data of an objective.
    public var data: Data?
    /// What a loss takes from the whole batch: `none`, `detached` or `differentiated`.
    public var statistics: String?
    /// Whether a loss holds something of the policy constant, with default parameters.
    public var stopsGradients: Bool?
    /// What holds of a loss whatever the data.
    public var traits: [String] = []
    /// The loss where the policy equals its reference, when that is one number.
    public var lossAtReference: Double?
    /// The metric that says that an objective learns.
    public var trend: Trend?
    /// What a policy gradient sets of every stage, in the order they are gone through.
    public var stages: [Stage] = []

    /// A description; the rest is set by name.
    public init(
        name: String,
        object: String,
        summary: String,
        source: String? = nil,
        parameters: [ParameterDescription]
    ) {
        self.name = name
        self.object = object
        self.summary = summary
        self.source = source
        self.parameters = parameters
    }
}
