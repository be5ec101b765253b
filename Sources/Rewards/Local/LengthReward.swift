import Domain
import Foundation

/// How close a completion's length is to a target.
struct LengthReward: Reward {
    enum Unit: String, CaseIterable { case characters, words, tokens }
    enum Shape: String, CaseIterable {
        case linear, gaussian
        case atMost = "at_most"
        case atLeast = "at_least"
    }

    static let name = "length"
    static let summary = "How close a completion's length is to a target, from 0 to 1."
    static let parameters = [
        ParameterDescription(
            "target",
            .integer(0...10_000_000),
            default: nil,
            "The wanted length, in units."
        ),
        ParameterDescription(
            "unit",
            .choice(Unit.allCases.map { $0.rawValue }),
            default: "words",
            "What is counted; words are runs between white space."
        ),
        ParameterDescription(
            "shape",
            .choice(Shape.allCases.map { $0.rawValue }),
            default: "linear",
            "How the score falls with the distance: on both sides, or on one only."
        ),
        ParameterDescription(
            "width",
            .number(.positive),
            default: .null,
            "The distance over which the score falls, in units; the target by default."
        ),
    ]

    private let target: Double
    private let unit: Unit
    private let shape: Shape
    private let width: Double

    init(_ parameters: ParameterValues, files: [String: String], path: String) throws(Faults) {
        target = Double(parameters.integer("target"))
        unit = Unit(rawValue: parameters.string("unit")) ?? .words
        shape = Shape(rawValue: parameters.string("shape")) ?? .linear
        width = parameters.optionalNumber("width") ?? max(target, 1)
    }

    func score(_ input: RewardInput) -> RewardScore {
        guard let count = count(input) else {
            return RewardScore(unscored: "the number of tokens is not known")
        }
        let excess = Double(count) - target
        return switch shape {
        case .linear: RewardScore(falling(abs(excess)))
        case .gaussian: RewardScore(exp(-excess * excess / (2 * width * width)))
        case .atMost: RewardScore(falling(max(excess, 0)))
        case .atLeast: RewardScore(falling(max(-excess, 0)))
        }
    }

    private func falling(_ distance: Double) -> Double { max(0, 1 - distance / width) }

    private func count(_ input: RewardInput) -> Int? {
        switch unit {
        case .characters: input.completion.count
        case .words: input.completion.split(whereSeparator: \.isWhitespace).count
        case .tokens: input.tokenCount
        }
    }
}
