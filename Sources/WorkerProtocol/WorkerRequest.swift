/// What a worker is asked to do.
///
/// One request is one unit of work: done whole or redone.
public enum WorkerRequest: Sendable, Codable {
    /// Reads a GGUF file or a Hugging Face folder into a model folder. → `.imported`
    case importModel(ImportModel)
    /// Makes a model folder with random weights. → `.imported`
    case createModel(CreateModel)
    /// Writes a model folder or checkpoint as `hf` or `gguf`. → `.done`
    case exportModel(ExportModel)
    /// Loads a policy (to sample, and to train when `training` is set). → `.opened`
    case openPolicy(OpenPolicy)
    /// Loads a reward model, or makes one to train. → `.opened`
    case openReward(OpenReward)
    /// Renders and tokenises. → `.encoded`
    case encode(Encode)
    /// Tokens to text. → `.decoded`
    case decode(Decode)
    /// Draws completions. → `.sampled`
    case sample(Sample)
    /// Per-token log-probabilities or values of given sequences. → `.logprobs`
    case logprobs(Logprobs)
    /// What the policy's whole distributions over given sequences are like. → `.measured`
    case measure(Measure)
    /// Rewards of texts from the open reward model. → `.scored`
    case score(Score)
    /// Which of several texts is better, each against each, by the open reward model. → `.compared`
    case compare(Compare)
    /// Fits the open reward model's head on its frozen backbone. → `.metrics`
    case fitHead(FitHead)
    /// One optimizer step. → `.updated`
    case update(Update)
    /// Writes weights, optimizer and tokenizer as a checkpoint folder. → `.done`
    case checkpoint(Checkpoint)
    /// Writes the open policy's weights for another process to map. → `.done`
    case snapshot(Snapshot)
    /// What a policy or reward with this spec would take, without loading it. → `.planned`
    case plan(Plan)
    /// Ends the process after replying `.done`.
    case shutdown
}
