import Domain
import Objectives

/// The two sides of a pair; raw values are the JSON names.
enum PairSide: String, CaseIterable { case chosen, rejected }

// The shapes of records, with everything that they say.
extension ElementReader {
    /// The lists that make a record a group: ours and UltraFeedback's, distilabel's, and that of
    /// data sets scored by a reward model.
    static let groupNames = ["completions", "generations", "all_generated_responses"]
    private static let rewardNames = ["rewards", "scores", "ratings", "all_rm_scores"]
    private static let textNames = ["completion", "response", "text"]
    private static let scoreNames = ["reward", "overall_score"]

    func pair(_ record: DataRecord) throws(HoneError) -> DataElement {
        let example = try PairExample(record)
        var completions = [example.chosen, example.rejected].map { DataCompletion(text: $0) }
        for (index, side) in PairSide.allCases.enumerated() {
            for field in BatchField.perSequence {
                let name = "\(side.rawValue)_\(field.rawValue)"
                completions[index].scalars[field] = try record.optionalNumber(name)
            }
            let reward = completions[index].scalars[.reward]
            // As in ultrafeedback_binarized.
            let score = try record.optionalNumber("score_\(side.rawValue)")
            completions[index].scalars[.reward] = reward ?? score
        }
        var element = DataElement(
            prompt: example.prompt,
            completions: completions,
            place: record.place
        )
        if let better = completions[0].scalars[.reward],
            let worse = completions[1].scalars[.reward]
        {
            element.margin = better - worse
            element.preferenceProbability = sigmoid(better - worse)
        }
        element.margin = example.margin ?? element.margin
        if let given = try record.optionalNumber(BatchField.preferenceProbability.rawValue) {
            guard (0...1).contains(given) else {
                throw record.error("\"preference_probability\" must be in [0, 1], not \(given)")
            }
            element.preferenceProbability = given
        }
        element.weight = try record.weight
        return element
    }

    func group(_ record: DataRecord) throws(HoneError) -> DataElement {
        let name = Self.groupNames.first { record.value[$0]?.arrayValue != nil } ?? "completions"
        guard let list = try record.required(name).arrayValue, !list.isEmpty else {
            throw record.error("\"\(name)\" must be a list of completions")
        }
        let promptName = record.value["prompt"] == nil ? "instruction" : "prompt"
        guard let prompt = record.value[promptName], prompt != .null else {
            throw record.error("has no \"prompt\"")
        }
        var completions: [DataCompletion] = []
        for (index, value) in list.enumerated() {
            completions.append(try completion(value, "\(name)[\(index)]", record))
        }
        if let rewardName = Self.rewardNames.first(where: { record.value[$0] != nil }) {
            let rewards = try record.optionalNumbers(rewardName)
            guard rewards.count == list.count else {
                throw record.error(
                    "\"\(rewardName)\" has \(rewards.count) numbers for \(list.count) completions"
                )
            }
            for (index, reward) in rewards.enumerated() {
                completions[index].scalars[.reward] = reward
            }
        }
        var element = DataElement(
            prompt: try record.prompt(prompt, promptName),
            completions: completions,
            place: record.place
        )
        element.weight = try record.weight
        return element
    }

    /// A text, a list of one message, or an object that says more.
    private func completion(
        _ value: Value,
        _ name: String,
        _ record: DataRecord
    ) throws(HoneError) -> DataCompletion {
        guard value.objectValue != nil else {
            return DataCompletion(text: try record.completion(value, name))
        }
        let own = DataRecord(value: value, place: "\(record.place): \(name)")
        let text = Self.textNames.first { value[$0] != nil } ?? "completion"
        return try described(DataCompletion(text: own.completion(own.required(text), text)), own)
    }

    func sequence(_ record: DataRecord) throws(HoneError) -> DataElement {
        let example = try DemonstrationExample(record)
        let completion = try described(DataCompletion(text: example.completion), record)
        return DataElement(
            prompt: example.prompt,
            completions: [completion],
            place: record.place
        )
    }

    /// A completion with everything that its record says of it.
    private func described(
        _ completion: DataCompletion,
        _ record: DataRecord
    ) throws(HoneError) -> DataCompletion {
        var completion = completion
        for field in BatchField.perSequence {
            completion.scalars[field] = try record.optionalNumber(field.rawValue)
        }
        for name in Self.scoreNames where completion.scalars[.reward] == nil {
            completion.scalars[.reward] = try record.optionalNumber(name)
        }
        if let label = record.value["label"], label != .null {
            guard let truth = label.boolValue else {
                throw record.error("\"label\" must be true or false, not \(label.kindName)")
            }
            completion.label = truth
        }
        completion.weight = try record.weight
        return completion
    }
}

extension DataRecord {
    /// A finite number; `nil` when absent or null.
    func optionalNumber(_ name: String) throws(HoneError) -> Double? {
        guard let field = value[name], field != .null else { return nil }
        return try number(name)
    }

    /// A list of finite numbers, `nil` where it has null.
    fileprivate func optionalNumbers(_ name: String) throws(HoneError) -> [Double?] {
        let field = try required(name)
        guard let list = field.arrayValue else {
            throw error("\"\(name)\" must be a list of numbers, not \(field.kindName)")
        }
        return try list.map { element throws(HoneError) in
            if element == .null { return nil }
            guard let number = element.doubleValue, number.isFinite else {
                throw error("\"\(name)\" must be a list of numbers, not of \(element.kindName)")
            }
            return number
        }
    }

    /// What the loss is multiplied by: 1 unless said.
    fileprivate var weight: Double {
        get throws(HoneError) {
            let weight = try optionalNumber("weight") ?? 1
            if weight < 0 { throw error("\"weight\" must not be negative") }
            return weight
        }
    }
}
