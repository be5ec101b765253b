public import Domain

/// `POST /v1/models`: where a model comes from.
public struct ModelRequest: Sendable, Hashable {
    /// A model that there is, or one to make.
    public enum Source: Sendable, Hashable {
        /// On the machine of the server: a GGUF file or a Hugging Face folder.
        case path(String)
        /// Random weights.
        case new(NewModel)
    }

    /// What the model will be called.
    public var name: String
    /// Exactly one of the two.
    public var source: Source

    /// Reads a request; all faults at once.
    public init(_ value: Value) throws(Faults) {
        let checked = try Self.schema.check(value)
        name = checked["name"]?.stringValue ?? ""
        switch (checked["path"]?.stringValue, checked["create"]) {
        case (let path?, nil): source = .path(path)
        case (nil, let fields?):
            let model = Self.model(fields)
            let faults = model.faults(at: "$.create") + Self.withoutText(fields)
            if !faults.isEmpty { throw Faults(faults) }
            source = .new(model)
        case (nil, nil):
            throw Faults([
                Fault(path: "$.path", message: "is required, or \"create\" for a new model")
            ])
        case (_?, _?):
            throw Faults([
                Fault(
                    path: "$.create",
                    message: "makes a new model and does not go with \"path\": give one of the two"
                )
            ])
        }
    }

    private static func model(_ fields: Value) -> NewModel {
        func integer(_ name: String) -> Int? { fields[name]?.integerValue }
        var model = NewModel(
            tokenizer: fields["tokenizer"]?.stringValue ?? "",
            tokenizerText: fields["tokenizer_text"]?.stringValue,
            layerCount: integer("layers") ?? 1,
            hiddenSize: integer("hidden") ?? 2,
            headCount: integer("heads") ?? 1,
            keyValueHeadCount: integer("kv_heads"),
            intermediateSize: integer("intermediate"),
            seed: UInt64(integer("seed") ?? 0)
        )
        model.contextLength = integer("context") ?? model.contextLength
        model.vocabularySize = integer("vocabulary") ?? model.vocabularySize
        return model
    }

    private static func withoutText(_ fields: Value) -> [Fault] {
        guard fields["vocabulary"] != nil, fields["tokenizer_text"] == nil else { return [] }
        let message =
            "is how much is learned of tokenizer_text: give that file too, or leave it out"
        return [Fault(path: "$.create.vocabulary", message: message)]
    }

    /// The shape: checks a value and describes it in the OpenAPI document.
    public static let schema = Schema.named(
        "ModelRequest",
        .object([
            .required("name", .name, "What the model will be called."),
            .optional(
                "path",
                .text,
                "A GGUF file or a Hugging Face folder on the machine of the server, to import."
            ),
            .optional(
                "create",
                .object(newModelFields),
                "In place of a path: a Llama with random weights and tied embeddings."
            ),
        ])
    )

    private static let newModelFields: [FieldDescription] = [
        .required(
            "tokenizer",
            .text,
            "bytes (256 and 3 special tokens), ascii (95 printable characters and 3), or the model "
                + "whose tokenizer it shares."
        ),
        .optional(
            "tokenizer_text",
            .text,
            "A text file on the machine of the server: its frequent words become tokens beside bytes."
        ),
        .optional(
            "vocabulary",
            .integer(260...65536),
            "The most tokens that this gives, with bytes and special tokens; 2048 unless said."
        ),
        .required("layers", .integer(1...128), "Transformer layers."),
        .required("hidden", .integer(2...16384), "Width of the residual stream, channels."),
        .required("heads", .integer(1...128), "Query heads of a layer."),
        .optional(
            "kv_heads",
            .integer(1...128),
            "Key/value heads of a layer; as many as query heads unless said."
        ),
        .optional(
            "intermediate",
            .integer(1...65536),
            "Width of the feed-forward layer; 8/3 of hidden, a multiple of 32, unless said."
        ),
        .field("context", .integer(8...131072), default: 512, "The longest sequence, tokens."),
        .field("seed", .count, default: 0, "Equal seeds and sizes give equal weights."),
    ]
}
