/// A number that a run gives for its iterations.
public struct MetricDescription: Sendable, Hashable {
    /// `policy/kl`; braces stand for a word of the run's own: `evaluation/{reward}_mean`.
    public var name: String
    /// `nat`, `s`, `tokens`; empty for numbers without one.
    public var unit: String
    /// One sentence in plain words.
    public var meaning: String

    init(_ name: String, _ unit: String = "", _ meaning: String) {
        self.name = name
        self.unit = unit
        self.meaning = meaning
    }
}

/// The metrics of runs under one heading.
public struct MetricSection: Sendable, Hashable {
    /// What they are about.
    public var title: String
    /// Whose they are, in a sentence.
    public var introduction: String
    /// In the order in which they are shown.
    public var metrics: [MetricDescription]
}

/// Every metric of a run's iterations: the names are a contract.
///
/// `docs/metrics.md` is made from it, and a test holds it against the names in the sources.
public enum MetricCatalogue {
    /// All of them, by what they are about.
    public static let sections = [
        sampling, scores, steps, preferences, groups, people, stages, heldOut, rewardModels, work,
    ]

    /// The sections as Markdown.
    public static var markdown: String {
        sections.map { section in
            let rows = section.metrics.map { "| `\($0.name)` | \($0.unit) | \($0.meaning) |" }
            return "## \(section.title)\n\n\(section.introduction)\n\n"
                + "| metric | unit | what it is |\n|---|---|---|\n" + rows.joined(separator: "\n")
                + "\n"
        }.joined(separator: "\n")
    }
}

extension MetricCatalogue {
    private static let sampling = MetricSection(
        title: "What was drawn",
        introduction: "Of the completions that an iteration of an online run learned from.",
        metrics: [
            .init("rollout/completion_length", "tokens", "Mean length."),
            .init("rollout/truncated_fraction", "", "Share that was cut at `max_tokens`."),
            .init("rollout/unscored_fraction", "", "Share that no reward could score."),
            .init(
                "rollout/staleness",
                "iterations",
                "How far the policy that drew is behind the one that learns (`max_staleness`)."
            ),
            .init(
                "rollout/staleness_max",
                "steps",
                "The same for the oldest completion of a step, replayed ones among them, in optimizer steps."
            ),
            .init("rollout/pairs", "pairs", "Pairs that were learned from."),
            .init("rollout/groups", "groups", "Groups with two or more scored completions."),
            .init("rollout/dropped_groups", "groups", "Groups with fewer."),
            .init("rollout/tied_groups", "groups", "Groups whose completions all have one reward."),
            .init(
                "rollout/balance",
                "",
                "Where all rewards are 0 or 1: min(right / 8, 1) · right / scored of a group, equal right "
                    + "ones counted once (B-STaR, arXiv 2412.17256)."
            ),
            .init("rollout/refill_rounds", "rounds", "With `refill`: the rounds of sampling."),
            .init("rollout/drawn_groups", "groups", "With `refill`: groups drawn in all rounds."),
            .init("rollout/surplus_groups", "groups", "With `refill`: groups drawn beyond need."),
            .init("rollout/late_pairs", "pairs", "Pairs of earlier iterations, judged since."),
            .init("rollout/late_groups", "groups", "Groups of earlier iterations, judged since."),
            .init("rollout/replayed", "", "Pairs or groups replayed from earlier iterations."),
            .init(
                "rollout/replayed_successes",
                "completions",
                "Earlier successes that were replayed."
            ),
            .init("rollout/flipped_pairs", "pairs", "Pairs turned round by `noise`."),
            .init("opponent/reward_mean", "", "Mean reward of the opponent's completions."),
            .init("opponent/win_rate", "", "How often the policy's completions beat them."),
        ]
    )

    private static let scores = MetricSection(
        title: "Rewards",
        introduction: "Of the same completions; an objective's own, where it scores texts itself.",
        metrics: [
            .init("reward/mean", "", "Mean reward of the scored completions."),
            .init("reward/std", "", "Their standard deviation."),
            .init(
                "reward/margin",
                "",
                "Mean of chosen less rejected: of the rewards in an online run, of a reward model's scores, else of "
                    + "β log π / π_ref (of β log π without a reference)."
            ),
        ]
    )

    private static let steps = MetricSection(
        title: "Learning",
        introduction:
            "Means over the optimizer steps of the iteration; names in `_max` are the largest.",
        metrics: [
            .init("policy/loss", "", "The objective's loss."),
            .init("reward_model/loss", "", "The loss of a reward model's step."),
            .init(
                "policy/kl",
                "nat a completion",
                "log π − log π_ref of a completion (k1): of those that were learned from, or of held-out ones "
                    + "where an online run has them."
            ),
            .init(
                "policy/token_kl",
                "nat a token",
                "The KL as objectives on tokens measure it: by k3, or exact."
            ),
            .init(
                "policy/forward_kl",
                "nat a token",
                "KL(reference ‖ policy), where it is trained on."
            ),
            .init("policy/teacher_kl", "nat a token", "KL to the distribution that is distilled."),
            .init("policy/entropy", "nat a token", "Entropy of the policy's distributions."),
            .init("policy/clip_fraction", "", "Share of tokens whose ratio was clipped."),
            .init(
                "policy/importance_weight",
                "",
                "Mean weight that corrects for the policy that drew (`importance_cap`)."
            ),
            .init(
                "policy/advantage_logprob",
                "",
                "Mean of advantage times log π: rises as good tokens become likelier."
            ),
            .init("policy/logprob", "nat", "Mean log-probability of a sequence."),
            .init("optimizer/gradient_norm", "", "Norm of the gradient before it is clipped."),
            .init("optimizer/learning_rate", "", "After warm-up and decay."),
            .init(
                "value/explained_variance",
                "",
                "Share of the returns' variance that values explain."
            ),
            .init("value/gradient_norm", "", "Norm of the critic's gradient."),
            .init("value/squared_error", "", "Squared error of OREO's values."),
            .init("update/tokens", "tokens", "Tokens of a step, a shared prompt counted once."),
            .init(
                "parity/logprob_abs_diff_max",
                "nat",
                "Largest difference of a token's log-probability between sampler and trainer, at equal weights."
            ),
            .init(
                "parity/sampling_logprob_abs_diff_mean",
                "nat",
                "With `sampling.weights`: mean difference between drawing and exact weights."
            ),
            .init("parity/sampling_logprob_abs_diff_max", "nat", "The largest of those."),
            .init(
                "parity/sampling_kl",
                "nat a completion",
                "Mean over completions of log π with the weights they were drawn with less log π."
            ),
        ]
    )

    private static let preferences = MetricSection(
        title: "Pairs",
        introduction: "Objectives on pairs, and reward models.",
        metrics: [
            .init(
                "preference/accuracy",
                "",
                "Share of pairs whose chosen side scores higher, ties one half; of a reward model's run on held-out pairs."
            ),
            .init("preference/pairs", "pairs", "Held-out pairs of a reward model's run."),
            .init(
                "policy/chosen_logprob",
                "nat",
                "Mean log-probability of the chosen completions."
            ),
            .init("policy/rejected_logprob", "nat", "Mean log-probability of the rejected ones."),
            .init("policy/gold_logprob", "nat", "Of demonstrations (Triple PO)."),
            .init("policy/pair_weight", "", "Mean weight of a pair (WPO)."),
        ]
    )

    private static let groups = MetricSection(
        title: "Groups",
        introduction: "Objectives on whole groups of completions.",
        metrics: [
            .init(
                "reward/rank_margin",
                "",
                "Mean by which better completions score above worse ones."
            ),
            .init("reward/rank_accuracy", "", "Share of a group's pairs in the right order."),
            .init(
                "policy/posterior_gap",
                "",
                "Sum of differences from the posterior's weights (BRAIn)."
            ),
        ]
    )

    private static let people = MetricSection(
        title: "People's labels",
        introduction: "Runs with `feedback`.",
        metrics: [
            .init(
                "feedback/pairs",
                "pairs",
                "Pairs that people made of the iteration's completions."
            ),
            .init(
                "feedback/reward_agreement",
                "",
                "How often the reward preferred the same side, in mode `mixed`."
            ),
        ]
    )

    private static let stages = MetricSection(
        title: "Stages",
        introduction: "What the [stages](objectives/stages.md) around an objective saw and set.",
        metrics: [
            .init("reward/transformed_mean", "", "Mean of the transformed rewards."),
            .init("reward/transformed_std", "", "Their standard deviation."),
            .init(
                "reward/kl_penalty",
                "",
                "Mean over completions of what a KL in the reward took off."
            ),
            .init("advantage/mean", "", "Mean advantage of a trained token, before whitening."),
            .init("advantage/std", "", "Standard deviation of the same."),
            .init(
                "advantage/clip_fraction",
                "",
                "Share of trained tokens whose advantage was clipped."
            ),
            .init("rollout/kl", "nat a completion", "KL to the reference when they were drawn."),
            .init("rollout/entropy", "nat a token", "Mean of −log π over the drawn tokens."),
            .init("rollout/completions", "completions", "Completions drawn."),
            .init("rollout/cost", "", "Mean cost of those that have one."),
            .init("rollout/filtered_groups", "groups", "Groups of which the filters left nothing."),
            .init("rollout/filtered_completions", "completions", "Completions that filters took."),
            .init("rollout/filtered_{filter}", "completions", "Completions that one filter took."),
            .init(
                "stages/{target}",
                "",
                "What a controller has set: `kl_coefficient`, `entropy_coefficient`, `multiplier`."
            ),
            .init(
                "stages/rewards_{place}_{part}",
                "",
                "Count, mean and squares of the rewards that reached the transform at a place, which goes on "
                    + "from them."
            ),
        ]
    )

    private static let heldOut = MetricSection(
        title: "Held-out prompts and pairs",
        introduction: "Runs with `evaluation`; [how they are measured](evaluation.md#in-a-run).",
        metrics: [
            .init("evaluation/reward_mean", "", "Mean of the trained reward."),
            .init("evaluation/reward_std", "", "Its standard deviation."),
            .init("evaluation/reward_half_width", "", "Half of the mean's 95 % interval."),
            .init(
                "evaluation/reward_best_of_n",
                "",
                "Mean over prompts of their group's best reward."
            ),
            .init("evaluation/{reward}_mean", "", "Mean of a reward that is only measured."),
            .init(
                "evaluation/win_rate",
                "",
                "Against the completions of the start, ties one half."
            ),
            .init("evaluation/kl", "nat a completion", "KL to the reference (k1)."),
            .init("evaluation/kl_k3", "nat a completion", "The same by the estimator k3."),
            .init("evaluation/entropy", "nat a token", "Mean of −log π over the drawn tokens."),
            .init("evaluation/distinct_2", "", "Different pairs of tokens as a share of all."),
            .init("evaluation/completion_length", "tokens", "Mean length."),
            .init("evaluation/truncated_fraction", "", "Share that was cut at `max_tokens`."),
            .init(
                "evaluation/ranking_accuracy",
                "",
                "How often the better completion is likelier."
            ),
            .init(
                "evaluation/ranking_accuracy_per_token",
                "",
                "The same, log π divided by length."
            ),
            .init("evaluation/implicit_accuracy", "", "The same by log π − log π_ref."),
            .init("evaluation/implicit_margin", "nat", "By how much."),
            .init(
                "evaluation/chosen_log_ratio",
                "nat",
                "log π − log π_ref of the better completions."
            ),
            .init("evaluation/rejected_log_ratio", "nat", "The same of the worse ones."),
        ]
    )

    private static let rewardModels = MetricSection(
        title: "Heads that are fitted",
        introduction: "Runs of kind `reward_model` whose head is fitted in closed form.",
        metrics: [
            .init("fit/texts", "texts", "Texts that were fitted to; pairs for heads that compare."),
            .init(
                "fit/accuracy",
                "",
                "Share of training pairs or labels that the head gets right."
            ),
            .init("fit/mean_squared_error", "", "Of training ratings."),
            .init(
                "fit/{attribute}_l2",
                "",
                "The strength of the penalty that was chosen for an attribute."
            ),
            .init("fit/{attribute}_penalty", "", "What is taken off an attribute for length."),
            .init(
                "attributes/{attribute}_correlation",
                "",
                "With held-out ratings of the attribute."
            ),
        ]
    )

    private static let work = MetricSection(
        title: "Time",
        introduction: "Of this process alone: what a run that goes on finds done costs nothing.",
        metrics: [
            .init("time/sample_seconds", "s", "Sampling."),
            .init("time/score_seconds", "s", "Scoring."),
            .init("time/update_seconds", "s", "Optimizer steps."),
            .init("time/evaluate_seconds", "s", "Held-out prompts and pairs."),
            .init(
                "throughput/tokens_per_second",
                "tokens/s",
                "Tokens drawn, by the time of sampling."
            ),
        ]
    )
}
