import APITypes
import Arguments
import Client
import Domain
import Foundation
import Local

enum CreateCommand: Command {
    static let description = CommandDescription(
        "hone create",
        "Makes a model with random weights, to be trained from nothing.",
        operands: [OperandDescription("NAME")],
        options: [
            .value("tokenizer", "WHICH", "bytes, ascii, or the model whose tokenizer it shares."),
            .value("tokenizer-text", "FILE", "Beside bytes, learn tokens from this text."),
            .value("vocabulary", "N", "The most tokens that this gives, default 2048."),
            .value("layers", "N", "Transformer layers."),
            .value("hidden", "N", "Width of the residual stream."),
            .value("heads", "N", "Query heads of a layer."),
            .value("kv-heads", "N", "Key/value heads, default as many."),
            .value("intermediate", "N", "Width of the feed-forward layer, default 8/3 of hidden."),
            .value("context", "N", "The longest sequence in tokens, default 512."),
            .value("seed", "N", "Equal seeds and sizes give equal weights, default 0."),
            .data, .json,
        ],
        example: "hone create novice --tokenizer bytes --layers 4 --hidden 128 --heads 4"
    )

    static func run(_ arguments: ParsedArguments) async throws {
        var fields: [String: Value] = ["tokenizer": .string(try arguments.required("tokenizer"))]
        if let text = arguments["tokenizer-text"] {
            let path = URL(fileURLWithPath: text).standardizedFileURL.path
            fields["tokenizer_text"] = .string(path)
        }
        for name in ["layers", "hidden", "heads"] { _ = try arguments.required(name) }
        let sizes = [
            "vocabulary", "layers", "hidden", "heads", "kv-heads", "intermediate", "context",
            "seed",
        ]
        for name in sizes {
            guard let size = try arguments.integer(name, in: 0...Int.max) else { continue }
            fields[name.replacing("-", with: "_")] = .integer(size)
        }
        let name = arguments.operands[0]
        let request: Value = ["name": .string(name), "create": .object(fields)]
        let model = try await ModelAddition.run(request, arguments)
        guard !arguments.has("json") else { return Terminal.write(model) }
        print("created \(name): \(ModelAddition.size(model))")
    }
}

/// What importing and creating have in common.
enum ModelAddition {
    /// `POST /v1/models`, or the same here.
    static func run(_ request: Value, _ arguments: ParsedArguments) async throws -> Value {
        let checked = try ModelRequest(request)
        return try await Session.with(
            arguments,
            local: { session in
                switch checked.source {
                case .path(let path): try await session.importModel(path: path, name: checked.name)
                case .new(let model): try await session.createModel(model, name: checked.name)
                }
            },
            remote: {
                try JSONText.value(
                    of: try await $0.post(ModelObject.self, "/v1/models", request)
                )
            }
        )
    }

    /// `llama, 135 M parameters`.
    static func size(_ model: Value) -> String {
        let count = model["parameter_count"]?.doubleValue ?? 0
        let millions = count / 1e6
        let words =
            millions < 1 ? "\(Int(count)) parameters" : "\(Int(millions.rounded())) M parameters"
        return "\(model["architecture"]?.stringValue ?? "?"), \(words)"
    }
}
