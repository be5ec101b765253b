public import Domain

/// A token, without its text but for the reply that makes it.
public struct TokenObject: Sendable, Hashable, Codable {
    /// Eight characters of its text, by which it is recognised.
    public var id: String
    /// The kind of object, for clients that meet it in a list.
    public var object = "token"
    /// What people call it.
    public var name: String
    /// What its bearer may do.
    public var scopes: [TokenScope]
    /// The only annotator that its bearer speaks as; absent: any.
    public var annotator: String?
    /// How much its bearer may ask for.
    public var limits = TokenLimits()
    /// Seconds since 1970.
    public var createdAt: Int
    /// To within ten minutes; absent: never.
    public var lastUsedAt: Int?
    /// Absent: never.
    public var expiresAt: Int?
    /// Absent: it was not.
    public var revokedAt: Int?
    /// Its text, once.
    public var token: String?

    /// Makes one; fields that are not named here can be set after.
    public init(id: String, name: String, scopes: Set<TokenScope>, createdAt: Int) {
        (self.id, self.name, self.createdAt) = (id, name, createdAt)
        self.scopes = TokenScope.allCases.filter(scopes.contains)
    }

    /// The shape: checks a value and describes it in the OpenAPI document.
    public static let schema = Schema.named(
        "Token",
        .object([
            .required("id", .string, "Eight characters of its text."),
            .required("object", .choice(["token"]), "Always `token`."),
            .required("name", .string, "What people call it."),
            .required(
                "scopes",
                .list(.choice(TokenScope.allCases.map { $0.rawValue })),
                "What its bearer may do."
            ),
            .optional("annotator", .string, "The only annotator that its bearer speaks as."),
            .required("limits", TokenLimits.schema, "How much its bearer may ask for."),
            .required("created_at", .count, "Seconds since 1970."),
            .optional("last_used_at", .count, "To within ten minutes."),
            .optional("expires_at", .count, "When it ends by itself."),
            .optional("revoked_at", .count, "When it was revoked."),
            .optional("token", .string, "Its text: in the reply that makes it, and nowhere else."),
        ])
    )
}
