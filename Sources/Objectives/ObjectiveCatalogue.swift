public import Domain

/// Every objective, by name.
public enum ObjectiveCatalogue {
    /// One line each; the tests run over this list.
    public static let all: [any Objective.Type] = [
        DPO.self,
        RobustDPO.self,
        IPO.self,
        BradleyTerry.self,
        SFT.self,
    ]

    /// The objective `name` with `parameters` (an object) at `path` of the user's input.
    ///
    /// - Parameter ignoring: fields of the object that are not parameters, such as `name`.
    /// - Throws: all faults: an unknown name with the nearest known one, or wrong parameters.
    public static func make(
        name: String,
        parameters: Value,
        path: String,
        ignoring: Set<String> = []
    ) throws(Faults) -> any Objective {
        guard let type = type(named: name) else {
            throw Faults([unknownEntry(name, "objective", among: all, path: path)])
        }
        let values = try ParameterValues(
            parameters,
            describedBy: type.parameters,
            path: path,
            ignoring: ignoring
        )
        return type.init(values)
    }

    /// The type of that name or alias.
    public static func type(named name: String) -> (any Objective.Type)? {
        all.first { $0.name == name || $0.aliases.contains(name) }
    }
}

/// The fault of a name that no entry has.
func unknownEntry(
    _ name: String,
    _ what: String,
    among entries: [any CatalogueEntry.Type],
    path: String
) -> Fault {
    let known = entries.flatMap { [$0.name] + $0.aliases }
    let nearest = nearestName(to: name, among: known).map { "did you mean \"\($0)\"?" }
    let list = "known: " + entries.map { $0.name }.sorted().joined(separator: ", ")
    return Fault(
        path: "\(path).name",
        message: "\"\(name)\" is not a known \(what); \(nearest ?? list)"
    )
}
