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
            base[parameter.name] = parameter.samples.first
        }
        var result = [Variant(name: type.name, parameters: base)]
        for parameter in type.parameters {
            for sample in parameter.samples where sample != parameter.defaultValue {
                let changed = base.merging([parameter.name: sample]) { $1 }
                result.append(Variant(name: type.name, parameters: changed))
            }
        }
        return result
    }
}
