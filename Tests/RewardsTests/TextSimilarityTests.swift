import Domain
import Foundation
import Rewards
import Testing

/// Likenesses against those of the published implementations, see `text_similarity.jsonl`.
@Suite struct TextSimilarityTests {
    private struct Golden: Decodable {
        let text: String
        let reference: String
        let expected: [String: Double]
    }

    private static func goldens() throws -> [Golden] {
        let url = try #require(
            Bundle.module.url(
                forResource: "text_similarity",
                withExtension: "jsonl",
                subdirectory: "Fixtures"
            )
        )
        return try String(contentsOf: url, encoding: .utf8).split(separator: "\n").map {
            try JSONDecoder().decode(Golden.self, from: Data($0.utf8))
        }
    }

    @Test func `every measure is that of its published implementation`() throws {
        let goldens = try Self.goldens()
        #expect(goldens.count >= 12)
        for golden in goldens {
            for (name, wanted) in golden.expected {
                let metric = try #require(TextSimilarity(rawValue: name))
                let found = metric.value(golden.text, golden.reference)
                #expect(
                    abs(found - wanted) < 1e-9,
                    "\(name) \(found) \(wanted): \(golden.text) | \(golden.reference)"
                )
            }
        }
        let covered = Set(goldens.flatMap { $0.expected.keys })
        #expect(covered == Set(TextSimilarity.allCases.map { $0.rawValue }))
    }

    @Test(arguments: TextSimilarity.allCases)
    func `equal texts are alike, different ones are not, and empty ones are no error`(
        _ metric: TextSimilarity
    ) {
        let text = "one two three four five six seven eight"
        #expect(metric.value(text, text) > 0.99)
        #expect(metric.value("xyz", "0 0 0") == 0)
        #expect((0...1).contains(metric.value("", "")))
        #expect(metric.value("", text) == 0)
        #expect(metric.value(text, "") == 0)
    }
}
