import Domain
import Foundation

/// One line of a golden file: a case and what a naive reference implementation answered.
struct GoldenCase: Sendable, CustomStringConvertible {
    let file: String
    let line: Int
    let value: Value

    var objective: String? { value["objective"]?.stringValue }
    var advantage: String? { value["advantage"]?.stringValue }
    var parameters: Value { value["parameters"] ?? .object([:]) }
    var expected: Value { value["expected"] ?? .null }
    var description: String { "\(objective ?? advantage ?? "?") \(file):\(line)" }

    /// All cases of both golden files.
    static let all = read("objectives") + read("published")

    /// The cases of `Fixtures/<file>.jsonl`.
    static func read(_ file: String) -> [GoldenCase] {
        let url = Bundle.module.url(forResource: "Fixtures/\(file)", withExtension: "jsonl")
        guard let url, let data = try? Data(contentsOf: url) else { return [] }
        let lines = data.split(separator: UInt8(ascii: "\n"))
        return lines.enumerated().compactMap { index, line in
            let value = try? JSONDecoder().decode(Value.self, from: Data(line))
            return value.map { GoldenCase(file: file, line: index + 1, value: $0) }
        }
    }
}
