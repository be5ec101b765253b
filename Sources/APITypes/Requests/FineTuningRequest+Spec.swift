public import Domain
import Foundation

extension FineTuningRequest {
    /// The run that does what is asked, a pure function.
    ///
    /// - Throws: the faults of numbers that make no run.
    public func spec(_ inputs: FineTuningInputs) throws(Faults) -> RunSpec {
        try RunSpecReader.read(specValue(inputs))
    }

    private func specValue(_ inputs: FineTuningInputs) -> Value {
        let numbers = resolved(inputs)
        let epochs = Int(numbers["n_epochs"] ?? 1)
        let batch = Int(numbers["batch_size"] ?? 1)
        let rate = baseLearningRate * (numbers["learning_rate_multiplier"] ?? 1)
        var fields: [String: Value] = [
            "name": .string(inputs.id), "model": .string(model), "seed": .integer(seed),
            "publish_as": .string(resultName(inputs.id)),
            "optimizer": ["learning_rate": .number(rate)],
        ]
        switch method {
        case .supervised, .dpo:
            fields["kind"] = method == .dpo ? "offline" : "sft"
            fields["data"] = ["file": .string(inputs.training)]
            // An iteration an epoch, and so a checkpoint at the end of each; the last three stay.
            fields["iterations"] = .integer(epochs)
            fields["update_epochs"] = .integer(epochs)
            fields["minibatch_size"] = .integer(batch)
            fields["keep_checkpoints"] = 3
            if method == .dpo {
                fields["objective"] = ["name": "dpo", "beta": .number(numbers["beta"] ?? 0.1)]
            }
        case .reinforcement:
            fields.merge(online(inputs, numbers, epochs: epochs, batch: batch)) { $1 }
        }
        return .object(fields)
    }

    private func online(
        _ inputs: FineTuningInputs,
        _ numbers: [String: Double],
        epochs: Int,
        batch: Int
    ) -> [String: Value] {
        let multiplier = numbers["compute_multiplier"] ?? 1
        let group = max(2, Int((8 * multiplier).rounded()))
        let steps = (epochs * inputs.examples + batch - 1) / batch
        var fields: [String: Value] = [
            "kind": "online", "objective": ["name": "grpo"],
            "prompts": ["file": .string(inputs.training)],
            "reward": ["name": "grader", "grader": grader ?? .null],
            "iterations": .integer(max(1, steps)), "prompts_per_iteration": .integer(batch),
            // One step learns from all groups of its iteration.
            "minibatch_size": .integer(batch), "keep_checkpoints": 3,
            "sampling": [
                "group_size": .integer(group),
                "max_tokens": .integer(max(1, min(256, inputs.contextLength / 2))),
            ],
        ]
        if let validation = inputs.validation {
            fields["evaluation"] = [
                "prompts": ["file": .string(validation)],
                "every": .integer(Int(numbers["eval_interval"] ?? 1)),
                "group_size": .integer(Int(numbers["eval_samples"] ?? 1)),
            ]
        }
        return fields
    }

    /// The numbers with what "auto" becomes.
    private func resolved(_ inputs: FineTuningInputs) -> [String: Double] {
        var auto: [String: Double] = [
            "n_epochs": method == .reinforcement ? 1 : 3,
            "batch_size": Double(max(1, min(8, inputs.examples))), "learning_rate_multiplier": 1,
        ]
        switch method {
        case .supervised: break
        case .dpo: auto["beta"] = 0.1
        case .reinforcement:
            auto["compute_multiplier"] = 1
            auto["eval_interval"] = 1
            auto["eval_samples"] = 1
        }
        return auto.merging(numbers) { $1 }
    }

    private var baseLearningRate: Double {
        switch method {
        case .supervised: 1e-5
        case .dpo, .reinforcement: OptimizerSpec().learningRate
        }
    }

    /// What the result is called: OpenAI's parts, in the letters that names have here.
    private func resultName(_ id: String) -> String {
        let words = [model, suffix ?? ""].map { word in
            let safe = word.lowercased().map { character in
                character.isASCII && (character.isLetter || character.isNumber || character == ".")
                    ? character : "-"
            }
            return String(safe).split(separator: "-").joined(separator: "-")
        }
        let end = "-" + id.suffix(8)
        let middle = words.filter { !$0.isEmpty }.map { String($0.prefix(24)) }
            .joined(separator: "-")
        return "ft-" + middle.prefix(64 - 3 - end.count) + end
    }

    // MARK: What is told again

    /// The request with what "auto" has become, as the job shows it.
    public func shown(_ inputs: FineTuningInputs) -> Value {
        let numbers = resolved(inputs).mapValues { number -> Value in
            Int(exactly: number).map { .integer($0) } ?? .number(number)
        }
        var own: [String: Value] = ["hyperparameters": .object(numbers)]
        own["grader"] = grader
        var fields: [String: Value] = [
            "model": .string(model), "training_file": .string(trainingFile),
            "validation_file": validationFile.map { .string($0) } ?? .null,
            "seed": .integer(seed), "metadata": metadata,
            "method": ["type": .string(method.rawValue), method.rawValue: .object(own)],
        ]
        // As OpenAI does, also for the methods that have theirs inside.
        fields["hyperparameters"] = .object(
            numbers.filter {
                ["n_epochs", "batch_size", "learning_rate_multiplier"].contains($0.key)
            }
        )
        return .object(fields)
    }
}
