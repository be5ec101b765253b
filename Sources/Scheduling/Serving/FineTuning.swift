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

/// What a job's spec is made of, beside what its client wrote.
public struct FineTuningInputs: Sendable, Hashable {
    /// The job's id, which is its run's name.
    public var id: String
    /// Where the training data is.
    public var training: String
    /// Where the validation data is.
    public var validation: String?
    /// Records of the training data.
    public var examples: Int
    /// The longest sequence of the model, tokens.
    public var contextLength: Int

    /// Inputs of their content.
    public init(
        id: String,
        training: String,
        validation: String?,
        examples: Int,
        contextLength: Int
    ) {
        self.id = id
        self.training = training
        self.validation = validation
        self.examples = examples
        self.contextLength = contextLength
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
