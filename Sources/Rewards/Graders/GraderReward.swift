import Domain

/// A grader with OpenAI's shape: `{"name":"grader","grader":{"type":"string_check", …}}`.
///
/// The reader turns it into the parts that it is made of; the entry only lists it.
struct GraderReward: RewardEntry {
    static let name = "grader"
    static let summary =
        "A grader as OpenAI's API has them: string_check, text_similarity, score_model, label_model, "
        + "python, multi."
    static let parameters = [
        ParameterDescription(
            "grader",
            .nested,
            default: nil,
            "The grader's object, {\"type\": …, \"name\": …, …}."
        )
    ]

    /// Every type of grader but `multi`, which is made of these.
    static let types: [any RewardEntry.Type] = [
        StringCheckGrader.self, TextSimilarityGrader.self, ScoreModelGrader.self,
        LabelModelGrader.self, PythonGrader.self,
    ]
}

extension RewardPlanReader {
    /// Reads a grader's object at `path`.
    mutating func grader(
        _ spec: Value,
        _ path: String,
        label: String? = nil,
        depth: Int
    ) throws(Faults) -> Found {
        guard depth < RewardPlan.maximumDepth else {
            let message = "is nested deeper than \(RewardPlan.maximumDepth)"
            throw Faults([Fault(path: path, message: message)])
        }
        guard let word = spec["type"]?.stringValue else {
            let message = "must be an object with the \"type\" of a grader"
            throw Faults([Fault(path: path, message: message)])
        }
        if word == MultiGrader.name { return try multi(spec, path, depth) }
        guard let type = GraderReward.types.first(where: { $0.name == word }) else {
            throw Faults([Self.unknown(word, path)])
        }
        let values = try Self.parameters(spec, type.parameters, path)
        let name = label ?? spec["name"]?.stringValue ?? word
        if let type = type as? any SourcedReward.Type {
            return try sourced(try type.init(values, path: path).source, label: name, values, path)
        }
        // Faults in templates are told with those of the rest, not when the files are read.
        let local = type as? any Reward.Type
        _ = try local?.init(values, files: [:], path: path)
        return try leaf(local, label: name, values, path)
    }

    private static func parameters(
        _ spec: Value,
        _ descriptions: [ParameterDescription],
        _ path: String
    ) throws(Faults) -> ParameterValues {
        let own: Set<String> = ["type", "name"]
        return try ParameterValues(spec, describedBy: descriptions, path: path, ignoring: own)
    }

    private static func unknown(_ word: String, _ path: String) -> Fault {
        let known = GraderReward.types.map { $0.name } + [MultiGrader.name]
        let hint = NameHint.meantOrKnown(word, among: known)
        return Fault(path: "\(path).type", message: "\"\(word)\" is not a known grader\(hint)")
    }

    private mutating func multi(
        _ spec: Value,
        _ path: String,
        _ depth: Int
    ) throws(Faults) -> Found {
        let values = try Self.parameters(spec, MultiGrader.parameters, path)
        guard let graders = values.values["graders"]?.objectValue, !graders.isEmpty else {
            let message = "must be an object of at least one grader, by name"
            throw Faults([Fault(path: "\(path).graders", message: message)])
        }
        var (found, faults): ([Found], [Fault]) = ([], [])
        for (key, grader) in graders.sorted(by: { $0.key < $1.key }) {
            do throws(Faults) {
                let place = "\(path).graders.\(key)"
                found.append(try self.grader(grader, place, label: key, depth: depth + 1))
            } catch {
                faults += error.list
            }
        }
        if !faults.isEmpty { throw Faults(faults) }
        let made = try MultiGrader(values, parts: [], path: path)
        return Found(
            node: .combination(made, found.map { $0.node }),
            scale: try made.scale(of: found.map { $0.scale }, path: path)
        )
    }
}
