public import Domain

/// What `POST /v1/completions` and `POST /v1/chat/completions` have in common: OpenAI's fields and
/// those that vLLM adds to them.
public struct GenerationOptions: Sendable, Hashable {
    /// A model's name or RUN@ITERATION.
    public var model: String
    /// Choices for each prompt.
    public var count: Int
    /// How completions are drawn.
    public var sampling: SamplingParameters
    /// Equal seeds give equal completions; `nil`: other ones each time.
    public var seed: UInt64?
    /// Whether the reply is an event stream.
    public var streams: Bool
    /// Whether the stream ends with the tokens' count.
    public var includesUsage: Bool
    /// Whether token ids of prompt and completion are returned.
    public var returnsTokenIDs: Bool
    /// Whether log-probabilities name tokens `token_id:N` in place of their text.
    public var namesTokensByID: Bool
    /// What the reply's id ends with; `nil`: the request's own.
    public var requestID: String?

    init(_ checked: Value, maxTokens: Int) {
        model = checked["model"]?.stringValue ?? ""
        count = checked["n"]?.integerValue ?? 1
        var sampling = SamplingSchema.parameters(checked)
        sampling.topK = max(0, sampling.topK)
        sampling.maxTokens = maxTokens
        sampling.stopTokens = checked["stop_token_ids"].map(PromptInput.tokens)
        sampling.repetitionPenalty = SamplingSchema.repetitionPenalty(checked)
        sampling.ignoresEndTokens = checked["ignore_eos"]?.boolValue == true ? true : nil
        self.sampling = sampling
        seed = checked["seed"]?.integerValue.map { UInt64(bitPattern: Int64($0)) }
        streams = checked["stream"]?.boolValue ?? false
        includesUsage = checked["stream_options"]?["include_usage"]?.boolValue ?? false
        returnsTokenIDs = checked["return_token_ids"]?.boolValue ?? false
        namesTokensByID = checked["return_tokens_as_token_ids"]?.boolValue ?? false
        requestID = checked["request_id"]?.stringValue
    }

    /// Faults that concern several fields.
    static func faults(_ checked: Value) -> [Fault] {
        var faults = foreign.faults(checked)
        if checked["stream_options"] != nil, checked["stream"]?.boolValue != true {
            let message = "goes with \"stream\": true only; leave it out"
            faults.append(Fault(path: "$.stream_options", message: message))
        }
        return faults
    }

    static let fields: [FieldDescription] =
        [
            .required("model", .text, "A model's name or RUN@ITERATION."),
            .field("n", .integer(1...128), default: 1, "Choices for each prompt."),
            .field("temperature", .number(NumericRange(0, 100)), default: 1, "0 is greedy."),
            .field(
                "top_p",
                .number(NumericRange(0, 1, includesLower: false)),
                default: 1,
                "Keep the smallest set of tokens with this probability; 1 keeps all."
            ),
            .field(
                "top_k",
                .integer(-1...Int(Int32.max)),
                default: 0,
                "Keep the k most likely tokens; 0 and -1 keep all."
            ),
            .field(
                "min_p",
                .number(.unit),
                default: 0,
                "Keep tokens at least this many times as likely as the likeliest."
            ),
            SamplingSchema.repetitionPenalty,
            .field(
                "stop",
                .oneOf([.text, .list(.text, count: 0...16)]),
                default: [],
                "A completion ends before the first of these texts."
            ),
            .optional(
                "stop_token_ids",
                .list(.integer(0...Int(Int32.max)), count: 0...64),
                "Further tokens that end a completion."
            ),
            .field("ignore_eos", .bool, default: false, "Whether end tokens end nothing."),
            .optional(
                "seed",
                .integer(Int.min...Int.max),
                "Equal seeds give equal completions; another one each time unless said."
            ),
            .field("stream", .bool, default: false, "Whether the reply is an event stream."),
            .optional(
                "stream_options",
                .object([
                    .field(
                        "include_usage",
                        .bool,
                        default: false,
                        "Whether the last chunk counts the tokens."
                    ),
                    .optional("include_obfuscation", .bool, "Taken and not used."),
                ]),
                "What the stream has besides."
            ),
            .field(
                "return_token_ids",
                .bool,
                default: false,
                "Whether prompt_token_ids and token_ids are returned."
            ),
            .field(
                "return_tokens_as_token_ids",
                .bool,
                default: false,
                "Whether log-probabilities name tokens token_id:N."
            ),
            .optional("request_id", .name, "What the reply's id ends with."),
        ] + foreign.map(\.description)

    private static let foreign: [ForeignField] =
        [
            .refused(
                "frequency_penalty",
                "completions are drawn from the model's own distribution",
                neutral: 0
            ),
            .refused(
                "presence_penalty",
                "completions are drawn from the model's own distribution",
                neutral: 0
            ),
            .refused(
                "logit_bias",
                "completions are drawn from the model's own distribution",
                neutral: [:]
            ),
            .refused("allowed_token_ids", "no token is forbidden; stop_token_ids end a completion"),
            .refused("bad_words", "no word is forbidden; stop ends a completion", neutral: []),
            .refused("min_tokens", "end tokens end; ignore_eos lets them end nothing", neutral: 0),
            .refused("prompt_logprobs", "echo with logprobs in /v1/completions gives them"),
            .refused("logprob_token_ids", "logprobs are of the likeliest tokens", neutral: []),
            .refused("truncate_prompt_tokens", "prompts are taken whole: cut them yourself"),
            .refused(
                "include_stop_str_in_output",
                "texts end before the stop string",
                neutral: false
            ),
            .refused("skip_special_tokens", "texts are without special tokens", neutral: true),
            .refused("spaces_between_special_tokens", "texts have none of them", neutral: true),
            .refused(
                "add_special_tokens",
                "texts are taken as they are: write special tokens out",
                neutral: false
            ),
            .refused("use_beam_search", "POST /v1/rollouts has strategy beam", neutral: false),
            .refused("length_penalty", "POST /v1/rollouts has it with strategy beam", neutral: 1),
            .refused("guided_json", "nothing constrains what is drawn"),
            .refused("guided_regex", "nothing constrains what is drawn"),
            .refused("guided_choice", "nothing constrains what is drawn"),
            .refused("guided_grammar", "nothing constrains what is drawn"),
            .refused("structured_outputs", "nothing constrains what is drawn"),
        ]
        + [
            "user", "metadata", "store", "service_tier", "safety_identifier", "prompt_cache_key",
            "prompt_cache_retention", "priority",
        ].map { .ignored($0) }
}
