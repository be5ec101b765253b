import Domain
import Foundation

/// A text with places such as `{{item.answer}}` and `{{sample.output_text}}`, as OpenAI's graders have
/// them.
public struct GraderTemplate: Sendable, Hashable {
    private enum Piece: Sendable, Hashable {
        case text(String)
        case path([String])
    }

    private let pieces: [Piece]

    /// The longest template, characters.
    static let maximumLength = 65_536

    /// Reads a template; throws a fault at `path` for a place that nothing can fill.
    init(_ text: String, path: String) throws(Faults) {
        guard text.count <= Self.maximumLength else {
            let message = "is longer than \(Self.maximumLength) characters"
            throw Faults([Fault(path: path, message: message)])
        }
        var pieces: [Piece] = []
        var rest = text[...]
        while let open = rest.range(of: "{{") {
            pieces.append(.text(String(rest[..<open.lowerBound])))
            guard let close = rest[open.upperBound...].range(of: "}}") else {
                throw Faults([Fault(path: path, message: "has {{ without }}")])
            }
            let place = rest[open.upperBound..<close.lowerBound]
            pieces.append(.path(try Self.steps(String(place), path: path)))
            rest = rest[close.upperBound...]
        }
        self.pieces = pieces + [.text(String(rest))]
    }

    private static func steps(_ place: String, path: String) throws(Faults) -> [String] {
        let steps = place.replacing("[", with: ".").replacing("]", with: "")
            .split(separator: ".", omittingEmptySubsequences: false)
            .map { $0.trimmingCharacters(in: CharacterSet(charactersIn: " \t\n\"'")) }
        let isKnown =
            steps.first == "item" && steps.count > 1 || steps == ["sample", "output_text"]
            || steps.starts(with: ["sample", "output_json"])
        guard isKnown, !steps.contains("") else {
            let message =
                "{{\(place)}} is nothing that a grader sees: write item.FIELD, sample.output_text or "
                + "sample.output_json.FIELD"
            throw Faults([Fault(path: path, message: message)])
        }
        return steps
    }

    /// Fills the places; what is put in is not looked at for places again.
    ///
    /// A field that is not there leaves the whole unscored: an empty text would be graded.
    public func filled(_ input: RewardInput) -> Result<String, Unscored> {
        var text = ""
        for piece in pieces {
            switch piece {
            case .text(let plain): text += plain
            case .path(let steps):
                switch Self.find(steps, input) {
                case .success(let value): text += Self.written(value)
                case .failure(let missing): return .failure(missing)
                }
            }
        }
        return .success(text)
    }

    private static func find(
        _ steps: [String],
        _ input: RewardInput
    ) -> Result<Value, Unscored> {
        if steps == ["sample", "output_text"] { return .success(.string(input.completion)) }
        var value = input.item
        if steps[0] == "sample" {
            guard let parsed = json(input.completion) else {
                let reason = "the completion is not JSON, as sample.output_json needs"
                return .failure(Unscored(score: RewardScore(unscored: reason)))
            }
            value = parsed
        }
        for step in steps.dropFirst(steps[0] == "item" ? 1 : 2) {
            let element = Int(step).flatMap { place in
                value.arrayValue.flatMap { $0.indices.contains(place) ? $0[place] : nil }
            }
            guard let next = value[step] ?? element else {
                let reason = "there is no \(steps.joined(separator: "."))"
                return .failure(Unscored(score: RewardScore(unscored: reason)))
            }
            value = next
        }
        return .success(value)
    }

    /// The most text that is read as JSON, bytes.
    static let maximumJSON = 1 << 20

    private static func json(_ text: String) -> Value? {
        guard text.utf8.count <= maximumJSON else { return nil }
        return try? JSONDecoder().decode(Value.self, from: Data(text.utf8))
    }

    /// Text as it is, everything else as JSON.
    private static func written(_ value: Value) -> String {
        if let text = value.stringValue { return text }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}
