import Domain
import Foundation

/// One line of the golden file: a case and what a naive reference implementation answered.
struct GoldenCase: Sendable, CustomStringConvertible {
    let line: Int
    let value: Value

    var objective: String? { value["objective"]?.stringValue }
    var advantage: String? { value["advantage"]?.stringValue }
    var parameters: Value { value["parameters"] ?? .object([:]) }
    var expected: Value { value["expected"] ?? .null }
    var description: String { "\(objective ?? advantage ?? "?") line \(line)" }

    /// All cases of `Fixtures/objectives.jsonl`.
    static let all: [GoldenCase] = {
        let url = Bundle.module.url(forResource: "Fixtures/objectives", withExtension: "jsonl")
        guard let url, let data = try? Data(contentsOf: url) else { return [] }
        let lines = data.split(separator: UInt8(ascii: "\n"))
        return lines.enumerated().compactMap { index, line in
            let value = try? JSONDecoder().decode(Value.self, from: Data(line))
            return value.map { GoldenCase(line: index + 1, value: $0) }
        }
    }()
}
