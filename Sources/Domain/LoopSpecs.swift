/// Replacing groups that filters have emptied by further prompts (DAPO's dynamic sampling).
public struct RefillSpec: Sendable, Hashable, Codable {
    /// The most rounds of sampling after the first.
    public var rounds: Int
    /// Prompts that a round draws for each group that is still missing; the first draws as many for
    /// each of `prompts_per_iteration`.
    public var oversampling: Double

    /// As many prompts as are missing, unless said.
    public init(rounds: Int, oversampling: Double = 1) {
        self.rounds = rounds
        self.oversampling = oversampling
    }

    /// Prompts that a round draws when so many groups are missing.
    public func prompts(missing: Int) -> Int {
        // Both are small by their ranges, so that the product is a whole number's size.
        max(missing, Int((Double(missing) * oversampling).rounded(.up)))
    }
}

/// What is learned from beside an iteration's own completions.
public struct MixSpec: Sendable, Hashable, Codable {
    /// Data of a file.
    public struct Offline: Sendable, Hashable, Codable {
        /// Pairs, groups or sequences, as the objective needs.
        public var data: DataSource
        /// The part of each minibatch that is taken from it.
        public var share: Double

        /// A file and its share.
        public init(data: DataSource, share: Double) {
            self.data = data
            self.share = share
        }
    }

    /// What earlier iterations learned from.
    public struct Replay: Sendable, Hashable, Codable {
        /// How many iterations back; `nil` goes back to the first.
        public var iterations: Int?
        /// The part of each minibatch that is taken from them; `nil` learns from all of it, shuffled
        /// with the iteration's own.
        public var share: Double?
        /// Only what has at least this reward: a pair's better completion, or a group's best.
        public var minimumReward: Double?

        /// All of all earlier iterations, unless said.
        public init(iterations: Int? = nil, share: Double? = nil, minimumReward: Double? = nil) {
            self.iterations = iterations
            self.share = share
            self.minimumReward = minimumReward
        }
    }

    /// Completions that succeeded before, for prompts on which all of an iteration's have failed.
    public struct Successes: Sendable, Hashable, Codable {
        /// How many are kept of each prompt; the oldest goes first.
        public var size: Int
        /// A completion succeeds with a reward above this.
        public var minimumReward: Double

        /// ARPO's numbers, unless said.
        public init(size: Int = 8, minimumReward: Double = 0.1) {
            self.size = size
            self.minimumReward = minimumReward
        }
    }

    /// Data of a file.
    public var offline: Offline?
    /// What earlier iterations learned from.
    public var replay: Replay?
    /// Completions that succeeded before.
    public var successes: Successes?

    /// Nothing beside the iteration's own; the rest is set by name.
    public init() {}
}

/// The order in which a run comes to its data.
public struct CurriculumSpec: Sendable, Hashable, Codable {
    /// An order of prompts, of the records of a file, or of pairs.
    public enum Order: String, Sendable, Hashable, Codable, CaseIterable {
        /// Each pass anew.
        case shuffled
        /// As in the file.
        case sequential
        /// From the lowest number to the highest; pairs from the largest margin to the smallest.
        case easyFirst = "easy_first"
        /// The other way round.
        case hardFirst = "hard_first"

        /// Whether it depends on a number.
        public var isByNumber: Bool { self == .easyFirst || self == .hardFirst }
    }

    /// Of an online run's prompts, of the records of an offline or sft run's file.
    public var order: Order
    /// What says how hard a record is: `length`, or a number of the record by its name.
    public var by: String
    /// Of the pairs in each pass of an iteration's steps, or over an offline run's file.
    public var pairs: Order

    /// Everything shuffled, unless said.
    public init(order: Order = .shuffled, by: String = "length", pairs: Order = .shuffled) {
        self.order = order
        self.by = by
        self.pairs = pairs
    }
}

/// Simulated mistakes of whoever labels pairs.
public struct NoiseSpec: Sendable, Hashable, Codable {
    /// The probability with which a pair's label is turned round.
    public var flip: Double
    /// The label is drawn with probability σ(margin / this); `nil` keeps the better reward's.
    public var bradleyTerry: Double?
    /// Pairs whose rewards are closer than this are labelled by a coin; 0 none.
    public var nearTies: Double

    /// No mistakes, unless said.
    public init(flip: Double = 0, bradleyTerry: Double? = nil, nearTies: Double = 0) {
        self.flip = flip
        self.bradleyTerry = bradleyTerry
        self.nearTies = nearTies
    }
}

/// Beginning completions with the first tokens of a data set's (DR-PO's dataset resets).
public struct ResetSpec: Sendable, Hashable, Codable {
    /// The probability with which a prompt is begun so.
    public var share: Double

    /// A probability.
    public init(share: Double) { self.share = share }
}
