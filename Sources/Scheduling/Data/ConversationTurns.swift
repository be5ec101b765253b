import Domain

/// Conversations as OpenAI's demonstrations have them: every answer is learned from, unless its
/// `weight` is 0.
enum ConversationTurns {
    /// The records with one answer each: that of a conversation's last message.
    ///
    /// Each answer that is learned from gives a record of the conversation up to it. Records without
    /// `messages` stay as they are.
    /// - Throws: `.invalidData` naming the record for a weight that is neither 0 nor 1, tools, or a
    ///   conversation without an answer to learn from.
    static func split(_ records: [DataRecord]) throws(HoneError) -> [Value] {
        var result: [Value] = []
        for record in records {
            func add(_ value: Value) throws(HoneError) {
                // Told with the line of the file, which the split records no longer have.
                _ = try DemonstrationExample(DataRecord(value: value, place: record.place))
                result.append(value)
            }
            guard let messages = record.value["messages"]?.arrayValue else {
                try add(record.value)
                continue
            }
            for name in ["tools", "functions"]
            where record.value[name]?.arrayValue?.isEmpty == false {
                throw record.error("has \"\(name)\", which models here do not call: leave it out")
            }
            let first = result.count
            for (place, message) in messages.enumerated() where message["role"] == "assistant" {
                guard try weight(of: message, record) == 1, place > 0 else { continue }
                let part = messages[...place].map { $0.without("weight") }
                try add(record.value.with("messages", .array(part)))
            }
            if result.count == first {
                throw record.error("has no answer by the assistant to learn from")
            }
        }
        return result
    }

    private static func weight(
        of message: Value,
        _ record: DataRecord
    ) throws(HoneError) -> Int {
        guard let weight = message["weight"], weight != .null else { return 1 }
        guard let number = weight.integerValue, number == 0 || number == 1 else {
            throw record.error("the \"weight\" of a message must be 0 or 1")
        }
        return number
    }
}

extension Value {
    fileprivate func without(_ name: String) -> Value {
        var fields = objectValue ?? [:]
        fields[name] = nil
        return objectValue == nil ? self : .object(fields)
    }

    fileprivate func with(_ name: String, _ value: Value) -> Value {
        var fields = objectValue ?? [:]
        fields[name] = value
        return .object(fields)
    }
}
