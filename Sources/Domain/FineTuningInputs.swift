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
        validation: String? = nil,
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
