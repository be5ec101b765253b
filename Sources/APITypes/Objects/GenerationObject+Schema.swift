import Domain

extension GenerationObject {
    private static let tokenIDs = Schema.list(.count)
    private static let logprob = Schema.nullable(.number(NumericRange(-.infinity, 0)))

    private static func head(_ objects: [String]) -> [FieldDescription] {
        [
            .required("id", .string, "What the reply is called."),
            .required("object", .choice(objects), "The kind of object."),
            .required("created", .count, "Seconds since 1970."),
            .required("model", .string, "The model as it was named."),
            .required(
                "system_fingerprint",
                .nullable(.string),
                "Changes when the weights change."
            ),
        ]
    }

    private static let choice: [FieldDescription] = [
        .required("index", .count, "Place in the reply."),
        .required("finish_reason", .choice(["stop", "length"]), "Why it ended."),
        .optional("token_ids", tokenIDs, "Tokens drawn, with return_token_ids."),
    ]

    /// The shape of a whole completion.
    public static let completionSchema = Schema.named(
        "Completion",
        .object(
            head(["text_completion"]) + [
                .required(
                    "choices",
                    .list(
                        .object(
                            choice + [
                                .required("text", .string, "Without end token and stop string."),
                                .required(
                                    "logprobs",
                                    .nullable(completionLogprobs),
                                    "Null unless asked for."
                                ),
                                .optional(
                                    "prompt_token_ids",
                                    tokenIDs,
                                    "Tokens of the prompt, with return_token_ids."
                                ),
                            ]
                        )
                    ),
                    "n for each prompt, prompt after prompt."
                ), .required("usage", TokenUsage.schema, "Tokens."),
            ]
        )
    )

    private static let completionLogprobs = Schema.object([
        .required("tokens", .list(.string), "The tokens' texts."),
        .required("token_logprobs", .list(logprob), "At temperature 1, nat."),
        .required(
            "top_logprobs",
            .list(.nullable(.map(.number(.any)))),
            "The likeliest tokens and the token itself."
        ),
        .required("text_offset", .list(.count), "Where each begins in the text, characters."),
    ])

    /// The shape of a whole chat completion.
    public static let chatSchema = Schema.named(
        "ChatCompletion",
        .object(
            head(["chat.completion"]) + [
                .required(
                    "choices",
                    .list(
                        .object(
                            choice + [
                                .required("message", message, "The answer."),
                                .required(
                                    "logprobs",
                                    .nullable(chatLogprobs),
                                    "Null unless asked for."
                                ),
                            ]
                        )
                    ),
                    "The answers."
                ), .required("usage", TokenUsage.schema, "Tokens."),
                .optional(
                    "prompt_token_ids",
                    tokenIDs,
                    "Tokens of the prompt, with return_token_ids."
                ),
            ]
        )
    )

    private static let message = Schema.object([
        .required("role", .choice(["assistant"]), "Always assistant."),
        .required("content", .string, "Without end token and stop string."),
        .required("refusal", .nullable(.string), "Always null."),
    ])

    private static let tokenFields: [FieldDescription] = [
        .required("token", .string, "Its text."),
        .required("logprob", logprob, "At temperature 1, nat."),
        .required(
            "bytes",
            .nullable(.list(.integer(0...255))),
            "Of the text; null for a part of a character."
        ),
    ]

    private static let chatLogprobs = Schema.object([
        .required(
            "content",
            .list(
                .object(
                    tokenFields + [
                        .required(
                            "top_logprobs",
                            .list(.object(tokenFields)),
                            "The likeliest tokens in its place."
                        )
                    ]
                )
            ),
            "The tokens that were drawn."
        ), .required("refusal", .nullable(.list(.any)), "Always null."),
    ])
}
