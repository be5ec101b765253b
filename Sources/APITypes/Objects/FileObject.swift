import Domain

/// An uploaded file, in OpenAI's shape.
public struct FileObject: Sendable, Hashable, Codable {
    /// What jobs call it.
    public var id: String
    /// The kind of object, for clients that meet it in a list.
    public var object = "file"
    /// Its size.
    public var bytes: Int
    /// Seconds since 1970.
    public var createdAt: Int
    /// When it goes by itself, seconds since 1970; absent: it stays.
    public var expiresAt: Int?
    /// As it was called.
    public var filename: String
    /// What it is for.
    public var purpose: String
    /// Always `processed`: a file is checked when a job reads it.
    public var status = "processed"

    /// Makes one; fields that are not named here can be set after.
    public init(id: String, bytes: Int, createdAt: Int, filename: String, purpose: String) {
        self.id = id
        self.bytes = bytes
        self.createdAt = createdAt
        self.filename = filename
        self.purpose = purpose
    }

    /// The words that OpenAI has for what a file is for.
    public static let purposes = [
        "fine-tune", "evals", "user_data", "assistants", "batch", "vision",
    ]

    /// The form of `POST /v1/files`.
    public static let form = Schema.named(
        "FileUpload",
        .object([
            .required("file", .string, "The file."),
            .required("purpose", .choice(purposes), "What it is for: jobs read fine-tune."),
            .optional("expires_after[anchor]", .choice(["created_at"]), "From when it is counted."),
            .optional(
                "expires_after[seconds]",
                .integer(3600...2_592_000),
                "Seconds until it goes by itself."
            ),
        ])
    )

    /// The shape: checks a value and describes it in the OpenAPI document.
    public static let schema = Schema.named(
        "File",
        .object([
            .required("id", .string, "What jobs call it."),
            .required("object", .choice(["file"]), "Always `file`."),
            .required("bytes", .count, "Its size."),
            .required("created_at", .count, "Seconds since 1970."),
            .optional("expires_at", .count, "When it goes by itself."),
            .required("filename", .string, "As it was called."),
            .required("purpose", .choice(purposes), "What it is for."),
            .required("status", .choice(["processed"]), "Always processed."),
        ])
    )
}
