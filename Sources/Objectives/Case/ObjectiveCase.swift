public import Domain

/// One self-contained case: an objective or advantage estimator, its parameters and a batch.
///
/// The shape of a line of `hone objective` and of the golden file.
public enum ObjectiveCase {
    /// The answer to a case: `{"loss", "gradients": [{"logprobs", "score"?, …}]}`, with a list for
    /// each differentiable field (values, entropies, …), or `{"advantages": […]}`.
    ///
    /// - Throws: `unknownObjective`, `invalidRequest` (wrong parameters), `invalidData` or
    ///   `notANumber`, each with the path of the field at fault.
    public static func evaluate(_ line: Value) throws(HoneError) -> Value {
        guard let fields = line.objectValue else {
            throw HoneError(.invalidRequest, "a case must be an object, not \(line.kindName)")
        }
        let batch = fields["batch"] ?? .null
        guard batch.objectValue != nil else {
            throw BatchReader.invalid("batch", "must be an object with the data")
        }
        let parameters = fields["parameters"] ?? .object([:])
        switch (fields["objective"]?.stringValue, fields["advantage"]?.stringValue) {
        case (let name?, nil): return try objective(name, parameters, batch)
        case (nil, let name?): return try advantages(name, parameters, batch)
        default:
            throw HoneError(
                .invalidRequest,
                "a case names either an \"objective\" or an \"advantage\"",
                param: "objective"
            )
        }
    }

    private static func objective(
        _ name: String,
        _ parameters: Value,
        _ batch: Value
    )
        throws(HoneError) -> Value
    {
        let objective: any Objective
        do throws(Faults) {
            objective = try ObjectiveCatalogue.make(
                name: name,
                parameters: parameters,
                path: "parameters"
            )
        } catch {
            throw refusal(error, "objective", isKnown: ObjectiveCatalogue.type(named: name) != nil)
        }
        let content = try BatchReader.content(batch, objective.requirements, "batch")
        let result = try objective.evaluate(ObjectiveBatch(content))
        return ["loss": .number(result.loss), "gradients": .array(result.gradients.map(render))]
    }

    private static func advantages(
        _ name: String,
        _ parameters: Value,
        _ batch: Value
    )
        throws(HoneError) -> Value
    {
        let estimator: any AdvantageEstimator
        do throws(Faults) {
            estimator = try AdvantageCatalogue.make(
                name: name,
                parameters: parameters,
                path: "parameters"
            )
        } catch {
            throw refusal(error, "advantage", isKnown: AdvantageCatalogue.type(named: name) != nil)
        }
        let rewards = batch["rewards"] ?? .null
        var input = AdvantageInput(
            rewards: try BatchReader.optionalNumbers(rewards, "batch.rewards")
        )
        input.values = try BatchReader.numbers(batch, "values", "batch")
        input.mask = try BatchReader.numbers(batch, "mask", "batch")
        input.lengths = try BatchReader.numbers(batch, "lengths", "batch")
        input.baseline = try BatchReader.number(batch, "baseline", "batch")
        return ["advantages": .array(try estimator.advantages(input).map { .number($0) })]
    }

    private static func render(_ gradient: SequenceGradient) -> Value {
        func list(_ numbers: [Double]) -> Value { .array(numbers.map { .number($0) }) }
        var fields: [String: Value] = [:]
        if gradient.score == nil || !gradient.logprobs.isEmpty {
            fields["logprobs"] = list(gradient.logprobs)
        }
        for (field, numbers) in gradient.tokens { fields[field.rawValue] = list(numbers) }
        fields["score"] = gradient.score.map { .number($0) }
        return .object(fields)
    }

    private static func refusal(_ faults: Faults, _ what: String, isKnown: Bool) -> HoneError {
        guard isKnown else {
            let message = faults.list.map { $0.message }.joined(separator: "\n")
            return HoneError(.unknownObjective, message, param: what)
        }
        return HoneError(
            .invalidRequest,
            faults.description,
            param: faults.list.first?.path
        )
    }
}
