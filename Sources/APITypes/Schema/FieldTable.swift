import Domain

/// The fields of a schema as the rows of a table, nested ones with their whole path.
public struct FieldTable: Sendable {
    /// One field.
    public struct Row: Sendable, Hashable {
        /// `optimizer.learning_rate`.
        public var path: String
        /// What it may hold, in words.
        public var values: String
        /// Whether it must be written, and its default.
        public var presence: FieldDescription.Presence
        /// One sentence in plain words.
        public var meaning: String
    }

    /// Each field before the fields inside it.
    public private(set) var rows: [Row] = []

    /// The rows of an object schema, in the order of its fields.
    public init(_ schema: Schema) { add(schema, prefix: "") }

    private mutating func add(_ schema: Schema, prefix: String) {
        switch schema {
        case .named(_, let inner), .nullable(let inner): add(inner, prefix: prefix)
        case .object(let fields), .openObject(let fields):
            for field in fields {
                let path = prefix + field.name
                rows.append(
                    Row(
                        path: path,
                        values: field.schema.phrase,
                        presence: field.presence,
                        meaning: field.meaning
                    )
                )
                add(field.schema, prefix: path + ".")
            }
        default: break
        }
    }

    /// The table in Markdown.
    public var markdown: String {
        let lines = rows.map { row in
            "| `\(row.path)` | \(row.values) | \(Self.words(row.presence)) | \(row.meaning) |"
        }
        return (["| field | values | default | meaning |", "|---|---|---|---|"] + lines)
            .joined(separator: "\n")
    }

    private static func words(_ presence: FieldDescription.Presence) -> String {
        switch presence {
        case .required: "required"
        case .optional: "none"
        case .defaulted(.object): "see below"
        case .defaulted(let value): "`\(JSONText.text(value))`"
        }
    }
}
