public import Domain

/// A webhook event of Label Studio, or the body of its older `/train`.
///
/// Results of `<Pairwise>`, `<Rating>`, `<Choices>` and `<Ranker>` are read; which names the project's
/// configuration gives them does not matter.
public struct LabelStudioEvent: Sendable {
    /// `ANNOTATION_CREATED` and so on.
    public let action: String
    /// What it says.
    public let verdicts: [OutsideVerdict]

    /// Events that say something of verdicts.
    public static let actions = [
        "ANNOTATION_CREATED", "ANNOTATIONS_CREATED", "ANNOTATION_UPDATED", "ANNOTATION_DELETED",
        "ANNOTATIONS_DELETED",
    ]

    /// Reads an event.
    ///
    /// - Throws: what is missing from it, with its path.
    public init(_ body: Value) throws(Faults) {
        action = body["action"]?.stringValue ?? ""
        guard Self.actions.contains(action) else {
            verdicts = []
            return
        }
        let project = body["project"]?["id"]?.integerValue.map { ":\($0)" } ?? ""
        let source = "label-studio\(project)"
        if action.hasSuffix("DELETED") {
            let ids = Self.deleted(body)
            guard !ids.isEmpty else { throw Self.wrong("$.annotation.id", "is required") }
            verdicts = ids.map { .withdrawn(source: source, externalID: $0) }
            return
        }
        guard let annotation = body["annotation"] else {
            throw Self.wrong(
                "$.annotation",
                "is required: switch \"Send payload\" on in the webhook's settings"
            )
        }
        let list = annotation.arrayValue ?? [annotation]
        var found: [OutsideVerdict] = []
        for (place, element) in list.enumerated() {
            let path = annotation.arrayValue == nil ? "$.annotation" : "$.annotation[\(place)]"
            let task = Self.task(of: element, body, place)
            found += try Self.verdicts(element, task, source: source, path: path)
        }
        verdicts = found
    }

    private static func wrong(_ path: String, _ message: String) -> Faults {
        Faults([Fault(path: path, message: message)])
    }

    private static func deleted(_ body: Value) -> [String] {
        let list = body["annotations"]?.arrayValue ?? body["annotation"]?.arrayValue
        let elements = list ?? [body["annotation"] ?? .null]
        return elements.compactMap { ($0["id"] ?? $0).integerValue.map(String.init) }
    }

    private static func task(of annotation: Value, _ body: Value, _ place: Int) -> Value {
        let task = body["task"]
        let one = task?.arrayValue.flatMap { $0.indices.contains(place) ? $0[place] : nil } ?? task
        return one?["data"] ?? annotation["task"]?["data"] ?? .null
    }

    /// What was skipped, and controls that were emptied, take back what was said before.
    private static func verdicts(
        _ annotation: Value,
        _ task: Value,
        source: String,
        path: String
    ) throws(Faults) -> [OutsideVerdict] {
        guard let id = annotation["id"]?.integerValue else {
            throw wrong("\(path).id", "is required")
        }
        guard annotation["was_cancelled"]?.boolValue != true else {
            return [.withdrawn(source: source, externalID: "\(id)")]
        }
        let results = annotation["result"]?.arrayValue ?? []
        let known = results.enumerated().filter { Self.value($0.element) != nil }
        var found: [OutsideVerdict] = []
        for (count, (place, result)) in known.enumerated() {
            var fields = try item(result, task, path: "\(path).result[\(place)]")
            fields["source"] = .string(source)
            // A task with several controls gives several verdicts.
            fields["external_id"] = .string(count == 0 ? "\(id)" : "\(id)/\(count)")
            fields["annotator"] = annotator(annotation)
            fields["seconds"] = annotation["lead_time"]?.doubleValue.map { .number($0) }
            let request = try FeedbackRequest(.object(fields))
            let isPair = request.items[0].verdict.kind == .pairwise
            found.append(
                .given(request.items[0], lease: isPair ? task["hone_lease"]?.integerValue : nil)
            )
        }
        found.append(.limited(source: source, externalID: "\(id)", count: known.count))
        return found
    }

    private static func annotator(_ annotation: Value) -> Value? {
        let by = annotation["completed_by"]
        return (by?["email"] ?? by?["id"] ?? by).flatMap { value in
            value.stringValue.map { .string($0) }
                ?? value.integerValue.map { .string("label-studio-\($0)") }
        }
    }

    /// The part of a result that is a verdict.
    private static func value(_ result: Value) -> Value? {
        switch result["type"]?.stringValue {
        case "pairwise": result["value"]?["selected"] ?? "tie"
        case "rating": result["value"]?["rating"]
        case "choices": result["value"]?["choices"]?.arrayValue?.first
        case "ranker": result["value"]?["ranker"]
        default: nil
        }
    }

    private static func item(
        _ result: Value,
        _ task: Value,
        path: String
    ) throws(Faults) -> [String: Value] {
        let value = value(result) ?? .null
        var fields: [String: Value] = ["prompt": .string(text(task, ["prompt", "question"]) ?? "")]
        switch result["type"]?.stringValue {
        case "pairwise":
            let sides = ["answer1", "answer2"].compactMap { text(task, [$0]) }
            guard sides.count == 2 else {
                throw wrong("$.task.data", "needs answer1 and answer2, the texts of the comparison")
            }
            let words: [String: Value] = ["left": "first", "right": "second"]
            fields["kind"] = "pairwise"
            fields["completions"] = .array(sides.map { .string($0) })
            fields["value"] = value.stringValue.flatMap { words[$0] } ?? "tie"
        case "rating":
            fields["kind"] = "rating"
            fields["value"] = value
            fields.merge(try completion(task, result)) { $1 }
        case "choices":
            fields["kind"] = "binary"
            fields.merge(try completion(task, result)) { $1 }
            let word = value.stringValue?.lowercased() ?? ""
            let meanings = [
                "good": true, "yes": true, "positive": true, "bad": false, "no": false,
                "negative": false,
            ].merging(Verdict.reactions) { $1 }
            guard let meaning = meanings[word.replacing(" ", with: "_")] else {
                throw wrong(
                    "\(path).value.choices",
                    "must be one of \(meanings.keys.sorted().joined(separator: ", ")), not \"\(word)\""
                )
            }
            fields["value"] = .bool(meaning)
        default:
            fields["kind"] = "ranking"
            fields.merge(try ranking(value, task, path: path)) { $1 }
        }
        return fields
    }

    /// A Ranker orders the ids of the task's items, the best first.
    private static func ranking(
        _ value: Value,
        _ task: Value,
        path: String
    ) throws(Faults) -> [String: Value] {
        let bucket = value.objectValue.flatMap { $0["rank"] ?? $0.values.first } ?? value
        let order = (bucket.arrayValue ?? []).map { $0.stringValue ?? "\($0.integerValue ?? -1)" }
        let items = (task["items"]?.arrayValue ?? []).map { item in
            (
                id: item["id"]?.stringValue ?? item["id"]?.integerValue.map(String.init) ?? "",
                text: text(item, ["body", "text", "html", "title"]) ?? ""
            )
        }
        let ranks = items.map { item in order.firstIndex(of: item.id).map { $0 + 1 } }
        guard items.count > 1, !ranks.contains(nil) else {
            throw wrong(
                "\(path).value.ranker",
                "must order every one of the task's items by its id"
            )
        }
        let places = ranks.compactMap(\.self)
        let completions = Value.array(items.map { .string($0.text) })
        if task["hone_lease"]?.integerValue != nil, places.count == 2 {
            // It answers the comparison that was leased.
            let choice: Value = places[0] < places[1] ? "first" : "second"
            return ["kind": "pairwise", "completions": completions, "value": choice]
        }
        return ["completions": completions, "value": .array(places.map { .integer($0) })]
    }

    /// What a control is about: the side of a run's comparison whose name its `toName` says, or the text
    /// of the task.
    private static func completion(
        _ task: Value,
        _ result: Value
    ) throws(Faults) -> [String: Value] {
        let sides = ["answer1", "answer2"]
        if let name = result["to_name"]?.stringValue, let side = sides.firstIndex(of: name),
            let known = task[name]?.stringValue
        {
            let rollouts = task["hone_rollouts"]?.arrayValue ?? []
            return rollouts.count == sides.count
                ? ["rollout_id": rollouts[side]] : ["completion": .string(known)]
        }
        guard let found = text(task, ["completion", "answer", "response", "text"]) else {
            throw wrong(
                "$.task.data",
                "needs the text that was judged as completion, answer or text"
            )
        }
        return ["completion": .string(found)]
    }

    private static func text(_ value: Value, _ names: [String]) -> String? {
        names.lazy.compactMap { value[$0]?.stringValue }.first
    }
}
