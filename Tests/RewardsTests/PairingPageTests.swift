import Foundation
import Rewards
import TestSupport
import Testing

@Suite struct PairingPageTests {
    private static let file = Checkout.url("docs/recipes/pairing.md")

    /// What the page says of a rule after its prose.
    private func facts(_ type: any PairingRule.Type) -> String {
        let parameters =
            type.parameters.isEmpty ? "No parameters." : ParameterTable.markdown(type.parameters)
        return "Source: \(type.source).\n\n\(parameters)\n"
    }

    /// `HONE_WRITE_DOCS=1` writes all but the prose anew.
    @Test func `the page of the pairing rules has each with its source and parameters`() throws {
        let isWriting = Checkout.writesDocumentation
        var page = try String(contentsOf: Self.file, encoding: .utf8)
        for type in PairingCatalogue.all {
            let parts = page.components(separatedBy: "\n### `\(type.name)`\n")
            guard parts.count == 2 else {
                Issue.record("\(type.name) has no section")
                continue
            }
            let section = parts[1].components(separatedBy: "\n##")[0]
            let prose = section.components(separatedBy: "Source: ")[0]
            #expect(prose.contains("\n\(type.summary)"), "\(type.name)")
            if !isWriting { #expect(section == prose + facts(type), "\(type.name)") }
            page =
                parts[0] + "\n### `\(type.name)`\n" + prose + facts(type)
                + parts[1].dropFirst(section.count)
        }
        if isWriting { try page.write(to: Self.file, atomically: true, encoding: .utf8) }
    }
}
