import APITypes
import Domain
import Foundation
import TestSupport
import Testing

/// Pages that are made from tables in the code: `HONE_WRITE_DOCS=1` writes them anew.
@Suite struct DocumentationTests {
    private static let runSpec = """
        # The run spec

        What `POST /v1/runs` and `hone train` take. `name`, `kind`, `model` and the kind's inputs are
        required (`prompts` and, unless people alone judge, `reward` of an online run, `data` of offline,
        reward_model and sft runs); everything else has a default that works. Unknown fields are refused. This page is made
        from the table that reads specs: `HONE_WRITE_DOCS=1 swift test --filter DocumentationTests`.

        \(FieldTable(RunSpecSchema.schema).markdown)

        """

    private static let metrics = """
        # Metrics of a run

        One set of numbers for each iteration: `GET /v1/runs/{id}/metrics`, the events `metrics` of a
        run, and `metrics.jsonl` in its folder. The names are a contract. A metric that does not apply is left
        out; one that was not finite is null. A word in braces stands for a name of the run's own. This page is
        made from the table in `Sources/APITypes/MetricCatalogue.swift`, which a test holds against the names
        in the sources: `HONE_WRITE_DOCS=1 swift test --filter DocumentationTests`.

        \(MetricCatalogue.markdown)
        """

    private static let errors = """
        # Errors

        Every error has a code that stays the same when its wording changes, a message that says what was wrong
        and what to do, and, where there is one, the field, file or name at fault:

            {"error": {"code": "unknown_model", "message": "there is no model \\"smol\\"; there is none yet",
                       "param": "smol", "type": "not_found_error"}}

        The command line prints the message and ends with 1, or with 2 for a command that it does not understand. This
        page is made from `Sources/APITypes/ErrorCatalogue.swift`: `HONE_WRITE_DOCS=1 swift test --filter DocumentationTests`.

        \(ErrorCode.markdown)

        """

    @Test(arguments: [("run-spec.md", runSpec), ("metrics.md", metrics), ("errors.md", errors)])
    func `the documented tables are those of the code`(name: String, page: String) throws {
        let file = Checkout.url("docs/\(name)")
        if Checkout.writesDocumentation {
            try Data(page.utf8).write(to: file)
        }
        #expect(try String(contentsOf: file, encoding: .utf8) == page)
    }
}
