import APITypes
import Domain
import Testing

@Suite struct FineTuningRequestTests {
    private static func spec(_ request: Value, examples: Int = 20) throws -> RunSpec {
        try FineTuningRequest(request).spec(
            FineTuningInputs(
                id: "ftjob-abcdefghijkl",
                training: "/files/a",
                validation: request["validation_file"] == nil ? nil : "/files/b",
                examples: examples,
                contextLength: 128
            )
        )
    }

    private static func faults(_ request: Value) -> [String] {
        do {
            _ = try FineTuningRequest(request)
            return []
        } catch {
            return error.list.map(\.path)
        }
    }

    @Test func `demonstrations become a run of sft with a checkpoint an epoch`() throws {
        let spec = try Self.spec(["model": "m@2", "training_file": "f", "suffix": "Good Name!"])
        #expect(spec.kind == .sft && spec.name == "ftjob-abcdefghijkl" && spec.model == "m@2")
        #expect(spec.objective.name == "sft" && spec.data == .file("/files/a"))
        #expect(spec.iterations == 3 && spec.updateEpochs == 3 && spec.minibatchSize == 8)
        #expect(spec.checkpointEvery == 1 && spec.keepCheckpoints == 3)
        #expect(spec.publishAs == "ft-m-2-good-name-efghijkl")
        #expect(spec.optimizer.learningRate == 1e-5)
    }

    @Test func `the older place of the numbers is read, and the newer one wins`() throws {
        let older: Value = [
            "model": "m", "training_file": "f", "seed": 4,
            "hyperparameters": [
                "n_epochs": 5, "batch_size": 2, "learning_rate_multiplier": 0.5,
            ],
            "method": [
                "type": "supervised", "supervised": ["hyperparameters": ["batch_size": 4]],
            ],
        ]
        let spec = try Self.spec(older)
        #expect(spec.updateEpochs == 5 && spec.minibatchSize == 4 && spec.seed == 4)
        #expect(spec.optimizer.learningRate == 5e-6)
        let few = try Self.spec(["model": "m", "training_file": "f"], examples: 3)
        #expect(few.minibatchSize == 3)
    }

    @Test func `pairs become an offline run of dpo`() throws {
        let spec = try Self.spec([
            "model": "m", "training_file": "f",
            "method": ["type": "dpo", "dpo": ["hyperparameters": ["beta": 0.3]]],
        ])
        #expect(spec.kind == .offline && spec.objective.name == "dpo")
        #expect(spec.objective.parameters["beta"] == 0.3)
    }

    @Test func `prompts and a grader become an online run of grpo`() throws {
        let grader: Value = ["type": "string_check"]
        let spec = try Self.spec([
            "model": "m", "training_file": "f", "validation_file": "v",
            "method": [
                "type": "reinforcement",
                "reinforcement": [
                    "grader": grader,
                    "hyperparameters": [
                        "n_epochs": 2, "batch_size": 16, "compute_multiplier": 0.5,
                        "eval_interval": 5, "eval_samples": 2, "reasoning_effort": "default",
                    ],
                ],
            ],
        ])
        #expect(spec.kind == .online && spec.objective.name == "grpo")
        #expect(spec.reward == ["name": "grader", "grader": grader])
        #expect(spec.prompts == .file("/files/a") && spec.iterations == 3)
        #expect(spec.promptsPerIteration == 16 && spec.groupSize == 4)
        #expect(spec.sampling.maxTokens == 64)
        #expect(spec.evaluation?.prompts == .file("/files/b"))
        #expect(spec.evaluation?.every == 5 && spec.evaluation?.groupSize == 2)
    }

    @Test func `what is shown has the numbers that auto became`() throws {
        let request = try FineTuningRequest(["model": "m", "training_file": "f"])
        let shown = request.shown(
            FineTuningInputs(
                id: "ftjob-a",
                training: "",
                examples: 2,
                contextLength: 8
            )
        )
        let numbers: Value = ["n_epochs": 3, "batch_size": 2, "learning_rate_multiplier": 1]
        #expect(shown["hyperparameters"] == numbers)
        #expect(shown["method"]?["supervised"]?["hyperparameters"] == numbers)
        #expect(shown["validation_file"] == .null && shown["metadata"] == .null)
    }

    @Test func `what cannot be done is refused by name`() {
        let base: [String: Value] = ["model": "m", "training_file": "f"]
        func faults(_ more: [String: Value]) -> [String] {
            Self.faults(.object(base.merging(more) { $1 }))
        }
        #expect(faults(["integrations": []]).isEmpty)
        #expect(faults(["integrations": [["type": "wandb"]]]) == ["$.integrations"])
        #expect(faults(["validation_file": "v"]) == ["$.validation_file"])
        #expect(
            faults(["method": ["type": "reinforcement"]])
                == ["$.method.reinforcement.grader"]
        )
        #expect(
            faults(["method": ["type": "dpo"], "hyperparameters": ["n_epochs": 1]])
                == ["$.hyperparameters"]
        )
        let effort: Value = ["reasoning_effort": "high"]
        #expect(
            faults([
                "method": [
                    "type": "reinforcement",
                    "reinforcement": ["grader": ["type": "x"], "hyperparameters": effort],
                ]
            ]) == ["$.method.reinforcement.hyperparameters.reasoning_effort"]
        )
        #expect(faults(["n_epochs": 1, "metadata": ["a": 1]]).count == 2)
    }
}
