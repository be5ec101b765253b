import Domain

/// Small specs on the tiny model.
enum Specs {
    static let vowels: Value = ["name": "regex", "pattern": "[aeiouAEIOU]", "count": "every"]

    /// Some iterations of DPO on a rule reward.
    static func online(_ name: String, iterations: Int = 6) -> Value {
        [
            "name": .string(name), "kind": "online", "model": "tiny",
            "prompts": ["items": ["ab", "cde", "fg", "hijk", "l", "mno"]],
            "reward": vowels, "iterations": .integer(iterations), "prompts_per_iteration": 4,
            "minibatch_size": 2, "sampling": ["group_size": 4, "max_tokens": 12],
            "optimizer": ["learning_rate": 1e-3], "seed": 3,
        ]
    }

    /// The same with GRPO on whole groups.
    static func groups(_ name: String, iterations: Int = 6) -> Value {
        online(name, iterations: iterations).with(["objective": ["name": "grpo"]])
    }

    /// A head fitted on ratings that grow with the number of "a"s.
    static func rewardModel(_ name: String) -> Value {
        let items: [Value] = (0..<40).map { index in
            let good = index * 7 % 6
            let text = String(repeating: "a", count: good) + String(repeating: "z", count: 6 - good)
            return [
                "prompt": "q", "completion": .string("\(index)\(text)"), "rating": .integer(good),
            ]
        }
        return [
            "name": .string(name), "kind": "reward_model", "model": "tiny",
            "data": ["items": .array(items)], "iterations": 1,
            "reward_model": ["holdout": 0.2, "l2": 0.01],
        ]
    }

    static func offline(_ name: String) -> Value {
        let items: [Value] = (0..<8).map {
            ["prompt": .string("p\($0)"), "chosen": "aaaa", "rejected": .string("zz\($0)")]
        }
        return [
            "name": .string(name), "kind": "offline", "model": "tiny",
            "data": ["items": .array(items)], "iterations": 2, "update_epochs": 4,
            "minibatch_size": 4, "optimizer": ["learning_rate": 1e-3],
        ]
    }

    static func sft(_ name: String) -> Value {
        let items: [Value] = [
            ["prompt": "ab", "completion": "abab"],
            [
                "messages": [
                    ["role": "user", "content": "hi"], ["role": "assistant", "content": "abab"],
                ]
            ],
        ]
        return [
            "name": .string(name), "kind": "sft", "model": "tiny",
            "data": ["items": .array(items)], "iterations": 3, "update_epochs": 12,
            "minibatch_size": 2, "optimizer": ["learning_rate": 1e-2],
        ]
    }

    static func external(_ name: String) -> Value {
        [
            "name": .string(name), "kind": "external", "model": "tiny",
            "optimizer": ["learning_rate": 1e-3],
        ]
    }
}
