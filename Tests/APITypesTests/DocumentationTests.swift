import APITypes
import Foundation
import Testing

@Suite struct DocumentationTests {
    private static let page = """
        # The run spec

        What `POST /v1/runs` and `hone train` take. `name`, `kind`, `model` and the kind's inputs are
        required (`prompts` and `reward` of an online run, `data` of offline, reward_model and sft
        runs); everything else has a default that works. Unknown fields are refused. This page is made
        from the table that reads specs: `HONE_WRITE_DOCS=1 swift test --filter DocumentationTests`.

        \(FieldTable(RunSpecSchema.schema).markdown)

        """

    /// The page beside the sources of this test.
    private static let file = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("docs/run-spec.md")

    @Test func `the documented fields are those of the reader`() throws {
        if ProcessInfo.processInfo.environment["HONE_WRITE_DOCS"] == "1" {
            try Data(Self.page.utf8).write(to: Self.file)
        }
        #expect(try String(contentsOf: Self.file, encoding: .utf8) == Self.page)
    }
}
