// swift-format-ignore-file

// Written from docs/recipes:
// HONE_WRITE_DOCS=1 swift test --skip-build --filter RecipeCatalogueTests

extension RecipeCatalogue {
    /// Imitation of the best.
    static let imitationOfTheBest: [Recipe] = [
        Recipe(
            name: "raft",
            title: #"RAFT"#,
            summary: #"imitates the best of each group"#,
            spec: #"""
                {
                  "name": "raft",
                  "kind": "online",
                  "model": "policy",
                  "prompts": {"file": "prompts.jsonl"},
                  "reward": {"name": "model", "model": "reward"},
                  "objective": {"name": "sft"},
                  "stages": {"filters": [{"name": "rank", "keep": "best"}]},
                  "sampling": {"group_size": 8, "temperature": 1, "max_tokens": 128},
                  "iterations": 10,
                  "prompts_per_iteration": 256,
                  "minibatch_size": 32,
                  "update_epochs": 2,
                  "optimizer": {"learning_rate": 2e-05},
                  "evaluation": {"every": 2, "prompts": {"file": "held-out.jsonl"}, "group_size": 2}
                }
                """#
        ),
        Recipe(
            name: "superhf",
            title: #"SuperHF"#,
            summary: #"imitates the best of each group, held to the reference"#,
            spec: #"""
                {
                  "name": "superhf",
                  "kind": "online",
                  "model": "policy",
                  "prompts": {"file": "prompts.jsonl"},
                  "reward": {"name": "model", "model": "reward"},
                  "objective": {"name": "sft", "kl_coefficient": 0.35},
                  "stages": {"filters": [{"name": "rank", "keep": "best"}]},
                  "sampling": {"group_size": 16, "temperature": 1, "max_tokens": 64},
                  "iterations": 32,
                  "prompts_per_iteration": 16,
                  "minibatch_size": 16,
                  "optimizer": {"learning_rate": 3e-05},
                  "evaluation": {"every": 2, "prompts": {"file": "held-out.jsonl"}, "group_size": 2}
                }
                """#
        ),
    ]
}
