import Domain

/// Makes the entries of one catalogue by name: what every catalogue of this module shares.
struct EntryMaker<Entry> {
    /// What an entry is called in messages.
    let what: String
    /// The catalogue's list; each is an `Entry`.
    let types: [any CatalogueEntry.Type]

    /// The entry `name` with the `parameters` of an object at `path` of the user's input.
    ///
    /// The fields of the object in `ignoring` are not parameters (`name`). Throws all faults: an
    /// unknown name with the nearest known one, wrong parameters, or some that cannot be together.
    func make(
        _ name: String,
        _ parameters: Value,
        path: String,
        ignoring: Set<String> = []
    ) throws(Faults) -> Entry {
        guard let type = types.first(where: { $0.answers(to: name) }) else {
            throw Faults([unknown(name, path)])
        }
        let values = try ParameterValues(
            parameters,
            describedBy: type.parameters,
            path: path,
            ignoring: ignoring
        )
        let made = type.init(values)
        if let wrong = made.contradiction {
            throw Faults([Fault(path: "\(path).\(wrong.parameter)", message: wrong.message)])
        }
        guard let entry = made as? Entry else {
            preconditionFailure("\(type.name) stands in the wrong catalogue")
        }
        return entry
    }

    private func unknown(_ name: String, _ path: String) -> Fault {
        let path = "\(path).name"
        if let meaning = SharedNames.meaning(of: name) {
            return Fault(path: path, message: "\"\(name)\" is several methods: \(meaning)")
        }
        let known = types.flatMap { [$0.name] + $0.aliases }
        let listed = types.map { $0.name }.sorted()
        let hint = NameHint.meantOrKnown(name, among: known, listed: listed)
        return Fault(path: path, message: "\"\(name)\" is not a known \(what)\(hint)")
    }
}

extension CatalogueEntry {
    /// Whether `name` is its name or one of its aliases.
    static func answers(to name: String) -> Bool { self.name == name || aliases.contains(name) }
}
