import APITypes
import Arguments
import Client
import Domain
import Foundation
import Local

enum ImportCommand: Command {
    static let description = CommandDescription(
        "hone import",
        "Imports a Hugging Face folder or a GGUF file.",
        operands: [OperandDescription("PATH")],
        options: [.value("name", "NAME", "What the model will be called."), .data, .json],
        example: "hone import SmolLM2-135M-Instruct.Q4_1.gguf --name smol"
    )

    static func run(_ arguments: ParsedArguments) async throws {
        let name = try arguments.required("name")
        let request: Value = [
            "name": .string(name),
            "path": .string(URL(fileURLWithPath: arguments.operands[0]).standardizedFileURL.path),
        ]
        let model = try await ModelAddition.run(request, arguments)
        guard !arguments.has("json") else { return Terminal.write(model) }
        print(
            "imported \(name): \(ModelAddition.size(model)) from "
                + "\(model["source_type"]?.stringValue ?? "?")"
        )
    }
}

enum ExportCommand: Command {
    static let description = CommandDescription(
        "hone export",
        "Writes a model or checkpoint (RUN@ITERATION) as a Hugging Face folder or a GGUF file.",
        operands: [OperandDescription("MODEL"), OperandDescription("OUT")],
        options: [.value("format", "FORMAT", "hf or gguf, default hf."), .data],
        example: "hone export helpful-1@4 --format gguf helpful.gguf"
    )

    static func run(_ arguments: ParsedArguments) async throws {
        let format = try arguments.choice("format", of: ["hf", "gguf"]) ?? "hf"
        let model = arguments.operands[0]
        let out = URL(fileURLWithPath: arguments.operands[1]).standardizedFileURL.path
        let written = try await Session.with(
            arguments,
            local: { session in
                try await session.exportModel(model, format: format, to: out)
                return out
            },
            remote: { client in
                let file = format == "hf" ? "\(out).tar" : out
                let path = "/v1/models/\(HoneClient.escaped(model))/export?format=\(format)"
                try await client.download(path, to: file)
                return file
            }
        )
        print("wrote \(written)")
    }
}

enum ModelsCommand: Command {
    static let description = CommandDescription(
        "hone models",
        "Lists a server's models.",
        options: [.url, .json],
        example: "hone models"
    )

    static func run(_ arguments: ParsedArguments) async throws {
        let client = HoneClient(url: arguments["url"])
        let page = try await client.get(ListPage<ModelObject>.self, "/v1/models")
        guard !arguments.has("json") else { return try Terminal.write(page) }
        var table = TextTable(["name", "kind", "parameters (M)", "MiB", "from", "owner"])
        for model in page.data {
            table.add([
                model.id, model.kind, String(model.parameterCount / 1_000_000),
                String(model.byteCount >> 20), model.sourceType, model.ownedBy,
            ])
        }
        print(table.text)
    }
}
