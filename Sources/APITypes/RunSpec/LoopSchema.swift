import Domain

/// The parts of a loop in a run spec: `sampling.refill`, `mix`, `curriculum`, `noise`, `resets`.
///
/// Whether a run has what they work on is checked by the control plane.
enum LoopSchema {
    /// More than nothing, less than all.
    private static let share = NumericRange(0, 1, includesLower: false, includesUpper: false)

    static let refill = Schema.object([
        .required("rounds", .integer(1...100), "The most rounds of sampling after the first."),
        .field(
            "oversampling",
            .number(NumericRange(1, 16)),
            default: 1,
            "Prompts that a round draws for each group that is missing; what is too much is cut."
        ),
    ])

    static let mix = Schema.named(
        "Mix",
        .object([
            .optional(
                "offline",
                .object([
                    .required(
                        "data",
                        RunSpecSchema.source,
                        "Pairs, groups or sequences, as the objective needs."
                    ),
                    .required("share", .number(share), "Its part of each minibatch."),
                ]),
                "Data of a file."
            ),
            .optional("replay", replay, "What earlier iterations learned from."),
            .optional(
                "successes",
                successes,
                "Completions that succeeded before, for prompts on which all have failed."
            ),
        ])
    )

    private static let replay = Schema.object([
        .optional(
            "iterations",
            .integer(1...1_000_000),
            "How many iterations back; to the first unless said."
        ),
        .field(
            "share",
            .oneOf([.number(share), .choice(["all"])]),
            default: "all",
            "Their part of each minibatch; \"all\" learns from everything, shuffled with the "
                + "iteration's own."
        ),
        .optional(
            "minimum_reward",
            .number(.any),
            "Only what has at least this reward: a pair's better completion, a group's best."
        ),
    ])

    private static let successful = MixSpec.Successes()

    private static let successes = Schema.object([
        .field(
            "size",
            .integer(1...1024),
            default: .integer(successful.size),
            "How many are kept of each prompt."
        ),
        .field(
            "minimum_reward",
            .number(.any),
            default: .number(successful.minimumReward),
            "A completion succeeds with a reward above this."
        ),
    ])

    private static let ordered = CurriculumSpec()

    static let curriculum = Schema.object([
        .field(
            "order",
            RunSpecSchema.choice(CurriculumSpec.Order.self),
            default: .string(ordered.order.rawValue),
            "Of the prompts or records: easy_first goes from the lowest number to the highest."
        ),
        .field(
            "by",
            .text,
            default: .string(ordered.by),
            "What says how hard a record is: length, or the name of a number in every record."
        ),
        .field(
            "pairs",
            .choice(
                CurriculumSpec.Order.allCases.filter { $0 != .sequential }.map { $0.rawValue }
            ),
            default: .string(ordered.pairs.rawValue),
            "Of pairs: easy_first goes from the largest margin to the smallest (Curry-DPO)."
        ),
    ])

    static let noise = Schema.object([
        .field(
            "flip",
            .number(.unit),
            default: 0,
            "The probability with which a pair's label is turned round."
        ),
        .optional(
            "bradley_terry",
            .oneOf([.bool, .number(.positive)]),
            "A temperature: the label is drawn with probability sigmoid(margin / temperature); true "
                + "is 1."
        ),
        .field(
            "near_ties",
            .number(.nonNegative),
            default: 0,
            "Pairs whose rewards are closer than this are labelled by a coin."
        ),
    ])

    static let resets = Schema.object([
        .required(
            "share",
            .number(NumericRange(0, 1, includesLower: false)),
            "The probability with which a prompt is begun so."
        )
    ])
}
