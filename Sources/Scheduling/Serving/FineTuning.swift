public import Domain

/// What a fine-tuning job is asked for.
public struct FineTuningOrder: Sendable, Hashable {
    /// The model to start from.
    public var model: String
    /// The id of the uploaded file that is learned from.
    public var trainingFile: String
    /// The id of the uploaded file that is measured on.
    public var validationFile: String?
    /// Whether every answer of a conversation is learned from, as OpenAI does with demonstrations, in
    /// place of the last alone.
    public var learnsEveryTurn: Bool

    /// An order of its content.
    public init(
        model: String,
        trainingFile: String,
        validationFile: String?,
        learnsEveryTurn: Bool
    ) {
        self.model = model
        self.trainingFile = trainingFile
        self.validationFile = validationFile
        self.learnsEveryTurn = learnsEveryTurn
    }
}

/// A job as it will be run and shown.
public struct FineTuningPlan: Sendable {
    /// What is run; its name is the job's id.
    public var spec: RunSpec
    /// What was asked for, with what "auto" has become.
    public var request: Value

    /// A plan of its content.
    public init(spec: RunSpec, request: Value) {
        self.spec = spec
        self.request = request
    }
}
