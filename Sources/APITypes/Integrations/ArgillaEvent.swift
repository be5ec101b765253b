public import Domain

/// A webhook event of Argilla (Standard Webhooks): `response.created`, `.updated` and `.deleted` are verdicts.
///
/// Read is the first question of the response that has a meaning: a ranking or a choice between the
/// record's `response1`, `response2`, …, or a rating or a label of its `response`.
public struct ArgillaEvent: Sendable {
    /// `response.created` and so on.
    public let type: String
    /// What it says; nothing for other events, and for drafts.
    public let verdicts: [OutsideVerdict]
    /// The response it is about; `nil` for other events.
    public let response: String?
    /// When that happened, in Argilla's words: ISO 8601 in UTC.
    ///
    /// Deliveries are tried again, and one that
    /// was late may come after a newer one.
    public let time: String?

    /// What its verdicts come through.
    public static let source = "argilla"

    /// Reads an event.
    ///
    /// - Throws: what is missing from it, with its path.
    public init(_ body: Value) throws(Faults) {
        type = body["type"]?.stringValue ?? ""
        time = body["timestamp"]?.stringValue
        response = type.hasPrefix("response.") ? body["data"]?["id"]?.stringValue : nil
        guard type.hasPrefix("response.") else {
            verdicts = []
            return
        }
        let data = body["data"] ?? .null
        guard let id = data["id"]?.stringValue else {
            throw Faults([Fault(path: "$.data.id", message: "is required")])
        }
        let isGone = type == "response.deleted" || data["status"]?.stringValue == "discarded"
        if isGone {
            verdicts = [.withdrawn(source: Self.source, externalID: id)]
            return
        }
        guard data["status"]?.stringValue == "submitted" else {
            verdicts = []
            return
        }
        var fields = try Self.item(data)
        fields["source"] = .string(Self.source)
        fields["external_id"] = .string(id)
        fields["annotator"] = data["user"]?["username"]
        verdicts = [.given(try FeedbackRequest(.object(fields)).items[0], lease: Self.lease(data))]
    }

    private static func lease(_ data: Value) -> Int? {
        data["record"]?["metadata"]?["hone_lease"]?.integerValue
    }

    private static func item(_ data: Value) throws(Faults) -> [String: Value] {
        let record = data["record"]?["fields"] ?? .null
        var fields: [String: Value] = ["prompt": record["prompt"] ?? record["instruction"] ?? ""]
        let answers = (1...64).lazy.map { record["response\($0)"]?.stringValue }
            .prefix { $0 != nil }.compactMap(\.self)
        let texts = Array(answers)
        let values = (data["values"]?.objectValue ?? [:]).sorted { $0.key < $1.key }
            .compactMap { $0.value["value"] }
        for value in values {
            if texts.count > 1, let ranks = ranks(value, texts.count) {
                fields["kind"] = "ranking"
                fields["completions"] = .array(texts.map { .string($0) })
                fields["value"] = .array(ranks.map { .integer($0) })
                return fields
            }
            if texts.count == 2, let choice = choice(value) {
                fields["kind"] = "pairwise"
                fields["completions"] = .array(texts.map { .string($0) })
                fields["value"] = .string(choice)
                return fields
            }
            guard let text = record["response"]?.stringValue ?? texts.first, texts.count < 2 else {
                continue
            }
            fields["completion"] = .string(text)
            if value.doubleValue != nil {
                fields["kind"] = "rating"
                fields["value"] = value
                return fields
            }
            if let word = value.stringValue?.lowercased(),
                let good = ["yes": true, "good": true, "no": false, "bad": false][word]
                    ?? Verdict.reactions[word]
            {
                fields["kind"] = "binary"
                fields["value"] = .bool(good)
                return fields
            }
        }
        throw Faults([
            Fault(
                path: "$.data.values",
                message:
                    "has no ranking or choice of response1 and response2, and no rating or label of "
                    + "response"
            )
        ])
    }

    private static func choice(_ value: Value) -> String? {
        switch value.stringValue?.lowercased() {
        case "response1", "1", "first", "a": "first"
        case "response2", "2", "second", "b": "second"
        case "tie", "both", "equal": "tie"
        case "none", "neither", "both_bad": "both_bad"
        default: nil
        }
    }

    /// Argilla's rankings: `[{"value": "response2", "rank": 1}, …]`.
    private static func ranks(_ value: Value, _ count: Int) -> [Int]? {
        guard let list = value.arrayValue, list.count == count else { return nil }
        var ranks: [Int: Int] = [:]
        for entry in list {
            guard let name = entry["value"]?.stringValue, name.hasPrefix("response"),
                let place = Int(name.dropFirst("response".count)),
                let rank = entry["rank"]?.integerValue
            else { return nil }
            ranks[place] = rank
        }
        let found = (1...count).compactMap { ranks[$0] }
        return found.count == count ? found : nil
    }
}
