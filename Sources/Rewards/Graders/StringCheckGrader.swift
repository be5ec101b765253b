import Domain
import Foundation

/// Whether one text equals or holds another.
struct StringCheckGrader: Reward {
    enum Operation: String, CaseIterable { case eq, ne, like, ilike }

    static let name = "string_check"
    static let summary = "1 when a text equals, or holds, another; else 0."
    static let parameters = [
        ParameterDescription(
            "input",
            .string,
            default: nil,
            "The text that is checked; a template."
        ),
        ParameterDescription("reference", .string, default: nil, "What it should be; a template."),
        ParameterDescription(
            "operation",
            .choice(Operation.allCases.map { $0.rawValue }),
            default: nil,
            "eq: equal; ne: not equal; like: holds it; ilike: holds it, A being a."
        ),
    ]

    private let texts: GraderTexts
    private let operation: Operation

    init(_ parameters: ParameterValues, files: [String: String], path: String) throws(Faults) {
        texts = try GraderTexts(parameters, path: path)
        operation = Operation(rawValue: parameters.string("operation")) ?? .eq
    }

    func score(_ sample: RewardInput) -> RewardScore {
        texts.scored(sample) { text, wanted in
            let holds =
                switch operation {
                case .eq: text == wanted
                case .ne: text != wanted
                case .like: wanted.isEmpty || text.contains(wanted)
                case .ilike: wanted.isEmpty || text.lowercased().contains(wanted.lowercased())
                }
            return RewardScore(holds ? 1 : 0)
        }
    }
}
