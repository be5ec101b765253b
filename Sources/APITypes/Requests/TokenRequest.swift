public import Domain

/// `POST /v1/tokens`.
public struct TokenRequest: Sendable, Hashable {
    /// What people call it.
    public var name: String
    /// What its bearer may do.
    public var scopes: Set<TokenScope>
    /// The annotator that its bearer speaks as.
    public var annotator: String?
    /// Whether its bearer speaks as anybody.
    public var speaksForAnyone: Bool
    /// How much its bearer may ask for.
    public var limits: TokenLimits
    /// Seconds after which it ends by itself; `nil`: never.
    public var lifetime: Int?

    /// Reads a request; all faults at once.
    public init(_ value: Value) throws(Faults) {
        let checked = try Self.schema.check(value)
        name = checked["name"]?.stringValue ?? ""
        scopes = Set(
            (checked["scopes"]?.arrayValue ?? []).compactMap(\.stringValue).compactMap(
                TokenScope.init
            )
        )
        annotator = checked["annotator"]?.stringValue
        speaksForAnyone = checked["any_annotator"]?.boolValue ?? false
        limits = TokenLimits(checked["limits"])
        lifetime = checked["expires_in"]?.integerValue
    }

    /// The shape: checks a value and describes it in the OpenAPI document.
    public static let schema = Schema.named(
        "TokenRequest",
        .object([
            .required("name", .name, "What people call it; unique among those in force."),
            .required(
                "scopes",
                .list(.choice(TokenScope.allCases.map { $0.rawValue }), count: 1...5),
                "What its bearer may do: admin includes all, train includes read, annotate, generate."
            ),
            .optional(
                "annotator",
                .text,
                "Who its bearer speaks as; the token's name, where it may only annotate."
            ),
            .field(
                "any_annotator",
                .bool,
                default: false,
                "Whether its bearer speaks as anybody, as annotation tools do."
            ),
            .optional(
                "expires_in",
                .integer(1...3_153_600_000),
                "Seconds until it ends by itself."
            ),
            .optional("limits", TokenLimits.schema, "How much its bearer may ask for."),
        ])
    )
}

extension TokenLimits {
    /// The shape: checks a value and describes it in the OpenAPI document.
    public static let schema = Schema.named(
        "TokenLimits",
        .object([
            .optional(
                "requests_per_minute",
                .nullable(.integer(1...1_000_000)),
                "Requests in a minute."
            ),
            .optional(
                "concurrent_generations",
                .nullable(.integer(1...1_000_000)),
                "Requests for completions or scores that are answered at the same time."
            ),
            .optional(
                "tokens_per_minute",
                .nullable(.integer(1...1_000_000_000)),
                "Tokens of prompts and completions in a minute."
            ),
        ])
    )

    /// Reads checked limits; what is absent is not limited.
    public init(_ checked: Value?) {
        self.init(
            requestsPerMinute: checked?["requests_per_minute"]?.integerValue,
            concurrentGenerations: checked?["concurrent_generations"]?.integerValue,
            tokensPerMinute: checked?["tokens_per_minute"]?.integerValue
        )
    }
}
