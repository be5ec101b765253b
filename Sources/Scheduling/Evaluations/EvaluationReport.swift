public import Domain
import Foundation
public import Statistics

/// What came of an evaluation; lists are empty where nothing of the kind was asked for.
public struct EvaluationReport: Sendable, Hashable, Codable {
    /// Each model on the prompts.
    public var models: [ModelMeasurement]
    /// The first model against the second, one for each reward.
    public var comparisons: [ModelComparison]
    /// Each reward on the pairs.
    public var rewards: [RewardMeasurement]
    /// Each two rewards on the same texts.
    public var agreements: [RewardAgreement]

    /// A report of what was measured.
    public init(
        models: [ModelMeasurement] = [],
        comparisons: [ModelComparison] = [],
        rewards: [RewardMeasurement] = [],
        agreements: [RewardAgreement] = []
    ) {
        self.models = models
        self.comparisons = comparisons
        self.rewards = rewards
        self.agreements = agreements
    }

    /// The report in JSON's names.
    ///
    /// - Throws: `.notANumber` when a figure is not finite.
    public func value() throws(HoneError) -> Value {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        do {
            return try JSONDecoder().decode(Value.self, from: try encoder.encode(self))
        } catch {
            throw HoneError(.notANumber, "the evaluation gave a figure that is no number: \(error)")
        }
    }
}

/// One model's completions of the prompts, in figures.
public struct ModelMeasurement: Sendable, Hashable, Codable {
    /// The model's name or RUN@ITERATION.
    public var model: String
    /// How many prompts.
    public var prompts: Int
    /// Completions of all prompts together.
    public var completions: Int
    /// What each reward gave.
    public var rewards: [RewardFigures]
    /// Tokens of a completion; `nil` without completions.
    public var length: LengthSummary?
    /// The share of completions that reached the most tokens.
    public var truncatedFraction: Double
    /// The mean entropy of a token's distribution at temperature 1, nat.
    public var entropy: Double?
    /// The mean mass of the ten likeliest tokens.
    public var topTenMass: Double?
    /// Different tokens, pairs and triples of tokens among all completions, as a share of all of them.
    public var distinct: [Double?]
    /// The mean BLEU of a completion against the others of its prompt; `nil` with one a prompt.
    public var selfBleu: Double?
    /// How far the model is from the reference; `nil` without one.
    public var divergence: ReferenceDivergence?
    /// Some completions, the first of the first prompts.
    public var samples: [ShownCompletion]
}

/// KL(model‖reference) of whole completions, nat: sums over tokens, means over completions.
public struct ReferenceDivergence: Sendable, Hashable, Codable {
    /// The reference's name.
    public var reference: String
    /// The mean log-ratio: unbiased, and noisy.
    public var k1: Double
    /// The mean of exp(−d) − 1 + d over tokens' log-ratios d: never negative.
    public var k3: Double
    /// The KL of the whole distributions at each drawn token: the least noisy.
    public var exact: Double?
}

/// A completion as it was drawn.
public struct ShownCompletion: Sendable, Hashable, Codable {
    /// One reward's verdict.
    public struct Score: Sendable, Hashable, Codable {
        /// The reward's name.
        public var reward: String
        /// `nil`: unscored, never 0.
        public var score: Double?
    }

    /// The prompt as a reward sees it.
    public var prompt: String
    /// The completion, without the words it was begun with.
    public var completion: String
    /// What the rewards gave it.
    public var scores: [Score]
}

/// What one reward gave one model's completions.
public struct RewardFigures: Sendable, Hashable, Codable {
    /// What choosing among completions by this reward is worth.
    public struct Best: Sendable, Hashable, Codable {
        /// How many are chosen from.
        public var n: Int
        /// The expected reward of the best of them.
        public var reward: Double
        /// How far that is from the model at most, nat: log n − (n − 1) / n.
        public var divergence: Double
        /// What the other rewards give the completions that this one chooses.
        public var others: [Other]
    }

    /// Another reward's mean.
    public struct Other: Sendable, Hashable, Codable {
        /// The other reward's name.
        public var reward: String
        /// Its expectation.
        public var mean: Double
    }

    /// The chance of a right one among k.
    public struct Pass: Sendable, Hashable, Codable {
        /// How many may be tried.
        public var k: Int
        /// The mean chance over the prompts.
        public var rate: Double
    }

    /// The reward's name.
    public var reward: String
    /// The mean over all scored completions, with Student's interval over prompts.
    public var mean: MeanEstimate
    /// The same mean's interval by drawing prompts again.
    public var bootstrap: Interval?
    /// Completions without a score.
    public var unscored: Int
    /// The best of 1, 2, 4, … of a prompt's completions.
    public var bestOfN: [Best]
    /// For rewards of 0 and 1: the chance that one of k is 1.
    public var passAtK: [Pass]
}

/// One model against another by one reward: completions of a prompt with the same number are compared.
public struct ModelComparison: Sendable, Hashable, Codable {
    /// The reward's name.
    public var reward: String
    /// The model whose wins are counted.
    public var model: String
    /// The model it is compared with.
    public var opponent: String
    /// How often the model's completion is the better one.
    public var winRate: WinRate
    /// The same if both wrote equally long.
    public var lengthControlled: LengthControlledWinRate?
    /// What the model's completions get more than the opponent's.
    public var difference: MeanEstimate
}

/// How good one reward is on pairs whose better side is known.
public struct RewardMeasurement: Sendable, Hashable, Codable {
    /// The reward's name.
    public var reward: String
    /// Pairs that it scored.
    public var pairs: Int
    /// Pairs with a side it could not score.
    public var unscored: Int
    /// Its accuracy, calibration and bias; `nil` when it scored no pair.
    public var figures: RewardAccuracy?
}

/// How far two rewards agree on the same texts.
public struct RewardAgreement: Sendable, Hashable, Codable {
    /// Correlations of two rewards' scores; `nil` where one of them is constant.
    public struct Correlations: Sendable, Hashable, Codable {
        /// Of the scores.
        public var pearson: Double?
        /// Of their ranks.
        public var spearman: Double?
        /// Of their order, two by two (τ-b).
        public var kendall: Double?
    }

    /// Two completions of one prompt that the rewards order differently.
    public struct Disagreement: Sendable, Hashable, Codable {
        /// What both answer.
        public var prompt: String
        /// The one that the first reward prefers.
        public var first: String
        /// The one that the second reward prefers.
        public var second: String
        /// What the first reward gives `first` more than `second`, in its deviations.
        public var firstLead: Double
        /// What the second reward gives `second` more than `first`, in its deviations.
        public var secondLead: Double
    }

    /// The first reward's name.
    public var first: String
    /// The second reward's name.
    public var second: String
    /// Texts that both scored.
    public var texts: Int
    /// Over all texts.
    public var overall: Correlations
    /// The means over prompts with two or more texts; `nil` where no prompt has one.
    public var withinPrompts: Correlations
    /// The share of a prompt's pairs that both order alike, among those that both order; `nil` of none.
    public var concordance: Double?
    /// The STARC distance: 0 the same but for scale and what is added to each prompt, 1 opposite.
    public var starc: Double
    /// Where they disagree most.
    public var disagreements: [Disagreement]
}
