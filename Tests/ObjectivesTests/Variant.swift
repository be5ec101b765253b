import Domain
import Objectives

/// An objective with one set of parameters; the suites run over all of them.
struct Variant: Sendable, CustomStringConvertible {
    let name: String
    let parameters: [String: Value]

    var description: String {
        let list = parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        return "\(name)(\(list.joined(separator: ", ")))"
    }

    func make() throws(Faults) -> any Objective {
        try ObjectiveCatalogue.make(name: name, parameters: .object(parameters), path: "$")
    }

    /// Of every objective: its defaults, and its defaults with each parameter changed in turn.
    static let all: [Variant] = ObjectiveCatalogue.all.flatMap { variants(of: $0) }

    private static func variants(of type: any Objective.Type) -> [Variant] {
        var base: [String: Value] = [:]
        for parameter in type.parameters where parameter.defaultValue == nil {
            base[parameter.name] = samples(parameter).first
        }
        var result = [Variant(name: type.name, parameters: base)]
        for parameter in type.parameters {
            for sample in samples(parameter) where sample != parameter.defaultValue {
                let changed = base.merging([parameter.name: sample]) { $1 }
                result.append(Variant(name: type.name, parameters: changed))
            }
        }
        return result
    }

    /// Values a parameter may take: every word, both truth values, a number inside its range.
    static func samples(_ parameter: ParameterDescription) -> [Value] {
        switch parameter.kind {
        case .bool: [true, false]
        case .choice(let words): words.map { .string($0) }
        case .integer(let range): [.integer(range.contains(16) ? 16 : range.lowerBound)]
        case .number(let range): [.number(sample(range))]
        case .string, .numbers, .nested: []
        }
    }

    private static func sample(_ range: NumericRange) -> Double {
        let lower = range.lower.isFinite ? range.lower : -1
        return lower + (range.upper.isFinite ? (range.upper - lower) * 0.35 : 0.35)
    }
}
