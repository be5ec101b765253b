public import Domain

/// The numbers that decide which units of work a run consists of: a pure function of its spec and
/// data, so that a killed run finds the same units again.
public struct RunShape: Sendable, Hashable, Codable {
    /// How an iteration comes by its optimizer steps.
    public enum Learning: Sendable, Hashable, Codable {
        /// Sampled and scored in this many units; the steps follow from the pairs or groups.
        case online(sampleUnits: Int)
        /// This many steps over the whole run, divided evenly among the iterations.
        case fixed(totalSteps: Int)
        /// One step an iteration, sent by a client; never ends by itself.
        case external
    }

    /// How an iteration comes by its optimizer steps.
    public var learning: Learning
    /// Parts in which the data file is tokenised before the first iteration.
    public var encodeUnits: Int
    /// Whether a reward head is fitted before the first iteration.
    public var fitsHead: Bool
    /// The iteration that was already done at the start: 0, or a fork's origin.
    public var firstIteration: Int
    /// The last iteration.
    public var iterations: Int
    /// Parts in which the held-out prompts are evaluated; 0: there are none.
    public var evaluationUnits: Int
    /// Held-out pairs of a run without held-out prompts, which are then all that is evaluated.
    @ZeroIfAbsent public var evaluationPairs: Int
    /// Iterations from one evaluation to the next; the first and the last are evaluated anyway.
    public var evaluateEvery: Int
    /// Iterations from one checkpoint to the next; the last gets one anyway.
    public var checkpointEvery: Int

    /// Iterations by which the policy that samples lags behind; above 0 the two lanes overlap.
    @ZeroIfAbsent public var maxStaleness: Int

    /// A shape; `evaluateEvery` and `checkpointEvery` below 1 are taken as 1.
    public init(
        learning: Learning,
        iterations: Int,
        encodeUnits: Int = 0,
        fitsHead: Bool = false,
        firstIteration: Int = 0,
        evaluationUnits: Int = 0,
        evaluationPairs: Int = 0,
        evaluateEvery: Int = 1,
        checkpointEvery: Int = 1,
        maxStaleness: Int = 0
    ) {
        self.learning = learning
        self.iterations = iterations
        self.encodeUnits = encodeUnits
        self.fitsHead = fitsHead
        self.firstIteration = firstIteration
        self.evaluationUnits = evaluationUnits
        self.evaluationPairs = evaluationPairs
        self.evaluateEvery = max(1, evaluateEvery)
        self.checkpointEvery = max(1, checkpointEvery)
        self.maxStaleness = maxStaleness
    }

    /// Whether sampling has a lane of its own beside learning.
    public var overlaps: Bool {
        guard case .online = learning else { return false }
        return maxStaleness > 0
    }

    /// The iteration after which the policy is the one that samples `iteration`.
    public func samplingPolicy(of iteration: Int) -> Int {
        max(firstIteration, iteration - 1 - maxStaleness)
    }

    /// The optimizer steps of `iteration` (from 1) when the data is fixed: [first, end) of all steps.
    public func fixedSteps(of iteration: Int) -> Range<Int> {
        guard case .fixed(let total) = learning, iterations > 0, iteration > 0 else { return 0..<0 }
        // Multiplied in full width: a step count times an iteration number cannot overflow then.
        func boundary(_ part: Int) -> Int {
            let product = total.multipliedFullWidth(by: min(part, iterations))
            return iterations.dividingFullWidth(product).quotient
        }
        return boundary(iteration - 1)..<boundary(iteration)
    }

    /// Whether the held-out prompts, or pairs, are evaluated after `iteration`.
    public func evaluates(_ iteration: Int) -> Bool {
        (evaluationUnits > 0 || evaluationPairs > 0)
            && (iteration == firstIteration || isLast(iteration)
                || iteration % evaluateEvery == 0)
    }

    /// Whether a checkpoint belongs after `iteration`.
    public func checkpoints(_ iteration: Int) -> Bool {
        isLast(iteration) || iteration % checkpointEvery == 0
    }

    /// A client's run has no last iteration.
    private func isLast(_ iteration: Int) -> Bool {
        learning != .external && iteration == iterations
    }
}
