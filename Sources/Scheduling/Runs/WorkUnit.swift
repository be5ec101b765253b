public import Domain

/// The smallest thing a run does: done whole or done again.
public struct WorkUnit: Sendable, Hashable, Codable {
    /// What is done.
    public enum Stage: String, Sendable, Hashable, Codable, CaseIterable {
        /// Launch the worker and load the base model or the newest checkpoint.
        case open
        /// Publish the policy to the sampling lane's worker.
        case snapshot
        /// Tokenise one part of the data file and add the reference's log-probabilities.
        case encode
        /// Fit a reward model's head on the frozen backbone.
        case fitHead
        /// Draw the completions of some prompts.
        case sample
        /// Wait until the sampling lane has drawn the iteration.
        case awaitSamples
        /// Score the completions of one `sample` unit.
        case score
        /// Choose what the iteration learns from: its preference pairs or its scored groups.
        case pair
        /// One optimizer step.
        case update
        /// Wait for a client's batch and make one step with it.
        case serve
        /// Draw completions of some held-out prompts.
        case evaluationSample
        /// Score the completions of one `evaluationSample` unit.
        case evaluationScore
        /// Turn what was stored into the iteration's metrics.
        case measure
        /// Wait until the sampling lane has drawn what policies before this one owe.
        case drain
        /// Write weights, optimizer and tokenizer.
        case checkpoint
        /// List the result as a model.
        case publish
    }

    /// What is done.
    public var stage: Stage
    /// The iteration it belongs to; 0 before the first.
    public var iteration: Int
    /// Place among the units of its stage and iteration.
    public var index: Int

    /// A unit; the first of its stage unless `index` says otherwise.
    public init(_ stage: Stage, iteration: Int = 0, index: Int = 0) {
        self.stage = stage
        self.iteration = iteration
        self.index = index
    }

    /// The phase people are told.
    public var phase: RunPhase {
        switch stage {
        case .open, .encode: .prepare
        case .sample, .awaitSamples, .drain: .sample
        case .score, .pair: .score
        case .fitHead, .update, .serve, .snapshot: .update
        case .evaluationSample, .evaluationScore, .measure: .evaluate
        case .checkpoint: .checkpoint
        case .publish: .publish
        }
    }

    /// The same in words, for messages.
    public var words: String {
        switch stage {
        case .open: "opening the model"
        case .snapshot: "publishing the policy after iteration \(iteration) to the sampler"
        case .awaitSamples: "waiting for the samples of iteration \(iteration)"
        case .drain: "waiting for samples before the checkpoint of iteration \(iteration)"
        case .encode: "tokenising part \(index + 1) of the data"
        case .fitHead: "fitting the reward head"
        case .sample: "sampling unit \(index + 1) of iteration \(iteration)"
        case .score: "scoring unit \(index + 1) of iteration \(iteration)"
        case .pair where index > 0:
            "choosing what iteration \(iteration) learns from after \(index) refills"
        case .pair: "choosing what iteration \(iteration) learns from"
        case .update: "step \(index + 1) of iteration \(iteration)"
        case .serve: "update \(iteration)"
        case .evaluationSample, .evaluationScore:
            "evaluating unit \(index + 1) after iteration \(iteration)"
        case .measure: "measuring iteration \(iteration)"
        case .checkpoint: "the checkpoint of iteration \(iteration)"
        case .publish: "publishing"
        }
    }
}
