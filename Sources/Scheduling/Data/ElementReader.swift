import Domain
import Objectives

/// Reads the records of a data file as the run's objective needs them: what is missing is refused
/// with its line and what to add.
struct ElementReader: Sendable {
    let objective: String
    let needs: DataRequirements
    /// The number of every record that a curriculum goes by.
    private var difficulty: String?

    /// What a spec's objective needs; an objective that is refused elsewhere is taken for the kind's
    /// own.
    init(_ spec: RunSpec) {
        objective = spec.objective.name
        let made = try? ObjectiveCatalogue.make(
            name: spec.objective.name,
            parameters: spec.objective.parameters,
            path: "$.objective"
        )
        difficulty = Curriculum(spec).elementField
        needs =
            made?.requirements ?? ObjectiveCatalogue.type(named: objective)?.requirements
            ?? DataRequirements(spec.kind == .sft ? .sequences : .pairs)
    }

    init(objective: String, needs: DataRequirements) {
        self.objective = objective
        self.needs = needs
    }

    /// The elements of a file in its order; a record of several completions may be several.
    func elements(_ records: [DataRecord]) throws(HoneError) -> [DataElement] {
        var elements: [DataElement] = []
        for record in records {
            let first = elements.count
            switch needs.kind {
            case .pairs: elements.append(try checkedPair(record))
            case .groups: elements.append(try checkedGroup(record))
            case .sequences: elements += try sequences(record)
            }
            guard let difficulty else { continue }
            let number = try Curriculum.number(difficulty, of: record)
            for place in first..<elements.count { elements[place].difficulty = number }
        }
        return elements
    }

    /// Reads pairs of which only the texts and the order matter.
    static let plainPairs = ElementReader(objective: "", needs: DataRequirements(.pairs))

    /// The numbers of each completion that the objective asks a file for.
    var neededScalars: [BatchField] {
        var fields = BatchField.perSequence.filter {
            needs.fields.contains($0) && $0 != .score && $0 != .mismatchedLogRatio
        }
        let isMadeOfRewards = !needs.fields.isDisjoint(with: [.advantages, .returns])
        if isMadeOfRewards, !fields.contains(.reward) { fields.append(.reward) }
        return fields
    }

    /// The error for a record without something, with what to add.
    func missing(_ name: String, _ mend: String, _ record: DataRecord) -> HoneError {
        record.error("has no \"\(name)\", which \(objective) needs: \(mend)")
    }

    // MARK: - Pairs

    private func checkedPair(_ record: DataRecord) throws(HoneError) -> DataElement {
        var pair = try pair(record)
        for field in neededScalars {
            for (side, completion) in pair.completions.prefix(2).enumerated()
            where completion.scalars[field] == nil {
                let names = PairSide.allCases.map { "\"\($0.rawValue)_\(field.rawValue)\"" }
                throw missing(
                    "\(PairSide.allCases[side].rawValue)_\(field.rawValue)",
                    "add \(names.joined(separator: " and ")) to every pair",
                    record
                )
            }
        }
        let derived = "add it, or \"chosen_reward\" and \"rejected_reward\""
        if needs.fields.contains(.margin), pair.margin == nil {
            throw missing("margin", derived, record)
        }
        if needs.fields.contains(.preferenceProbability), pair.preferenceProbability == nil {
            throw missing("preference_probability", derived, record)
        }
        if let field = needs.third {
            guard let third = record.value[field.rawValue], third != .null else {
                throw missing(field.rawValue, "add a third completion to every pair", record)
            }
            let text = try record.completion(third, field.rawValue)
            pair.completions.append(DataCompletion(text: text))
        }
        return pair
    }

    // MARK: - Groups

    private func checkedGroup(_ record: DataRecord) throws(HoneError) -> DataElement {
        var group = try group(record)
        let mend = "add \"rewards\", one number for each completion"
        if neededScalars.contains(.reward) {
            // Unscored completions leave their group, as in online runs.
            group.completions.removeAll { $0.scalars[.reward] == nil }
            if group.completions.isEmpty { throw missing("rewards", mend, record) }
        }
        guard group.completions.count >= needs.minimumGroupSize else {
            throw record.error(
                "has \(group.completions.count) scored completions; \(objective) compares at least "
                    + "\(needs.minimumGroupSize)"
            )
        }
        for field in neededScalars
        where group.completions.contains(where: { $0.scalars[field] == nil }) {
            throw missing(field.rawValue, "add it to every completion", record)
        }
        return group
    }

    // MARK: - Sequences

    /// A sequence; or each completion of a pair or group, when the file says how good they are.
    private func sequences(_ record: DataRecord) throws(HoneError) -> [DataElement] {
        var several: DataElement
        if record.value["chosen"] != nil || record.value["preferred_output"] != nil {
            several = try pair(record)
            several.completions[0].label = true
            several.completions[1].label = false
        } else if Self.groupNames.contains(where: { record.value[$0]?.arrayValue != nil }) {
            several = try group(record)
            several.completions.removeAll { $0.scalars[.reward] == nil }
        } else {
            return [try checked(try sequence(record), record)]
        }
        guard needs.fields.contains(.label) || !neededScalars.isEmpty else {
            throw record.error(
                "has several completions, and \(objective) would learn from all alike: write one a "
                    + "line, {\"prompt\", \"completion\"}"
            )
        }
        var elements: [DataElement] = []
        for var completion in several.completions {
            completion.weight *= several.weight
            var element = several
            element.completions = [completion]
            elements.append(try checked(element, record))
        }
        return elements
    }

    private func checked(
        _ element: DataElement,
        _ record: DataRecord
    ) throws(HoneError) -> DataElement {
        let completion = element.completions[0]
        for field in neededScalars where completion.scalars[field] == nil {
            throw missing(field.rawValue, "add it to every completion", record)
        }
        if needs.fields.contains(.label), completion.label == nil {
            throw missing("label", "add \"label\": true or false, or write pairs", record)
        }
        return element
    }
}
