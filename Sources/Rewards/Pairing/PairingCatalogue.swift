public import Domain

/// Every pairing rule, by name.
public enum PairingCatalogue {
    /// One line each; the tests run over this list.
    public static let all: [any PairingRule.Type] = [
        BestWorst.self,
        BestRandom.self,
        RandomPair.self,
        AllPairs.self,
        AdjacentPairs.self,
        BestSecond.self,
        FirstTwo.self,
        ThresholdPairs.self,
        RejectionSampled.self,
        PolicyOpponent.self,
    ]

    /// The rule of a spec; `path` is that of the object with its name and parameters.
    ///
    /// - Throws: all faults: an unknown name with the nearest known one, or wrong parameters.
    public static func make(
        _ entry: NamedParameters,
        path: String
    ) throws(Faults) -> any PairingRule {
        guard let type = all.first(where: { $0.name == entry.name }) else {
            let known = all.map { $0.name }
            let hint = NameHint.meantOrKnown(entry.name, among: known)
            let message = "\"\(entry.name)\" is not a known pairing rule\(hint)"
            throw Faults([Fault(path: "\(path).rule", message: message)])
        }
        return type.init(
            try ParameterValues(entry.parameters, describedBy: type.parameters, path: path)
        )
    }
}
