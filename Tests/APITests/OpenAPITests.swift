import APITypes
import Domain
import Foundation
import HTTP
import TestSupport
import Testing

@Suite struct OpenAPITests {
    @Test func `every path of the document answers and every reference resolves`() async throws {
        try await LiveServer.with { server in
            let document = try await server.call(.get, "/openapi.json").json
            #expect(document["openapi"] == "3.1.0")
            let paths = document["paths"]?.objectValue ?? [:]
            #expect(paths.count >= 24)
            for (path, operations) in paths where operations["get"] != nil {
                let target = path.replacing("{id}", with: "x").replacing("{name}", with: "x")
                let reply = try await server.call(.get, target)
                #expect(reply.errorCode != "not_found", "\(path)")
                #expect(reply.status < 500, "\(path)")
            }
            let schemas = document["components"]?["schemas"]?.objectValue ?? [:]
            for reference in references(document) {
                let name = String(reference.dropFirst("#/components/schemas/".count))
                #expect(schemas[name] != nil, "\(reference)")
            }
            #expect(schemas["RunSpec"]?["properties"]?["optimizer"] != nil)
        }
    }

    /// The file beside the sources of this test; `HONE_WRITE_DOCS=1 swift test --filter OpenAPITests` writes
    /// it.
    private static let file = Checkout.url("docs/openapi.json")

    @Test func `the document in docs is the one that is served`() async throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        try await LiveServer.with { server in
            let served = try await server.call(.get, "/openapi.json").json
            let text = String(decoding: try encoder.encode(served), as: UTF8.self) + "\n"
            if Checkout.writesDocumentation {
                try Data(text.utf8).write(to: Self.file)
            }
            let written = try String(contentsOf: Self.file, encoding: .utf8)
            #expect(written == text, "run it with HONE_WRITE_DOCS=1 to write it anew")
        }
    }

    private func references(_ value: Value) -> [String] {
        switch value {
        case .array(let elements): elements.flatMap(references)
        case .object(let fields):
            fields.flatMap { name, field in
                name == "$ref" ? [field.stringValue ?? ""] : references(field)
            }
        default: []
        }
    }
}
