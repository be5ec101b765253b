// swift-format-ignore-file

// Written from docs/recipes:
// HONE_WRITE_DOCS=1 swift test --skip-build --filter RecipeCatalogueTests

extension RecipeCatalogue {
    /// Preferences among its own completions.
    static let preferencesAmongItsOwnCompletions: [Recipe] = [
        Recipe(
            name: "online-dpo",
            title: #"Online DPO with a reward model"#,
            summary: #"DPO on fresh pairs that a reward model orders"#,
            spec: #"""
                {
                  "name": "online-dpo",
                  "kind": "online",
                  "model": "policy",
                  "prompts": {"file": "prompts.jsonl"},
                  "reward": {"name": "model", "model": "reward"},
                  "objective": {"name": "dpo", "beta": 0.1},
                  "pairing": {"rule": "best_worst"},
                  "sampling": {"group_size": 2, "temperature": 0.9, "max_tokens": 64},
                  "iterations": 100,
                  "prompts_per_iteration": 128,
                  "minibatch_size": 128,
                  "optimizer": {"learning_rate": 5e-07},
                  "evaluation": {"every": 2, "prompts": {"file": "held-out.jsonl"}, "group_size": 2}
                }
                """#
        ),
        Recipe(
            name: "online-dpo-judge",
            title: #"Online DPO with a judge"#,
            summary: #"DPO on fresh pairs that a language model orders"#,
            spec: #"""
                {
                  "name": "online-dpo-judge",
                  "kind": "online",
                  "model": "policy",
                  "prompts": {"file": "prompts.jsonl"},
                  "reward": {"name": "judge", "model": "judge", "mode": "pairwise"},
                  "objective": {"name": "dpo", "beta": 0.1},
                  "pairing": {"rule": "best_worst"},
                  "sampling": {"group_size": 2, "temperature": 0.9, "max_tokens": 64},
                  "iterations": 100,
                  "prompts_per_iteration": 128,
                  "minibatch_size": 128,
                  "optimizer": {"learning_rate": 5e-07},
                  "evaluation": {"every": 2, "prompts": {"file": "held-out.jsonl"}, "group_size": 2}
                }
                """#
        ),
        Recipe(
            name: "rlhf-workflow",
            title: #"RLHF Workflow"#,
            summary: #"few large iterations, best against worst of eight at two temperatures, a price for length"#,
            spec: #"""
                {
                  "name": "rlhf-workflow",
                  "kind": "online",
                  "model": "policy",
                  "prompts": {"file": "prompts.jsonl"},
                  "reward": {"name": "weighted_sum", "rewards": [{"reward": {"name": "model", "model": "reward"}}, {"weight": 2.048, "reward": {"name": "length", "target": 0, "width": 2048, "unit": "tokens"}}]},
                  "objective": {"name": "dpo", "beta": 0.1},
                  "pairing": {"rule": "best_worst"},
                  "reference": "previous_iteration",
                  "sampling": {"group_size": 8, "temperatures": [1.0, 0.7], "max_tokens": 2048},
                  "iterations": 3,
                  "prompts_per_iteration": 20000,
                  "minibatch_size": 128,
                  "update_epochs": 2,
                  "max_sequence_tokens": 4096,
                  "optimizer": {"learning_rate": 5e-07, "schedule": "cosine"},
                  "evaluation": {"every": 2, "prompts": {"file": "held-out.jsonl"}, "group_size": 2}
                }
                """#
        ),
        Recipe(
            name: "rso",
            title: #"RSO"#,
            summary: #"pairs of completions that rejection sampling accepts"#,
            spec: #"""
                {
                  "name": "rso",
                  "kind": "online",
                  "model": "policy",
                  "prompts": {"file": "prompts.jsonl"},
                  "reward": {"name": "model", "model": "reward"},
                  "objective": {"name": "dpo", "beta": 0.05},
                  "pairing": {"rule": "rejection_sampled", "beta": 0.5},
                  "sampling": {"group_size": 16, "temperature": 0.7, "top_k": 40, "max_tokens": 128},
                  "iterations": 10,
                  "prompts_per_iteration": 256,
                  "minibatch_size": 32,
                  "optimizer": {"learning_rate": 1e-06},
                  "evaluation": {"every": 2, "prompts": {"file": "held-out.jsonl"}, "group_size": 2}
                }
                """#
        ),
        Recipe(
            name: "curry",
            title: #"Curry-DPO"#,
            summary: #"pairs from the largest margin to the smallest"#,
            spec: #"""
                {
                  "name": "curry",
                  "kind": "online",
                  "model": "policy",
                  "prompts": {"file": "prompts.jsonl"},
                  "reward": {"name": "model", "model": "reward"},
                  "objective": {"name": "dpo", "beta": 0.1},
                  "pairing": {"rule": "all"},
                  "curriculum": {"pairs": "easy_first"},
                  "sampling": {"group_size": 4, "temperature": 1, "max_tokens": 256},
                  "iterations": 5,
                  "prompts_per_iteration": 512,
                  "minibatch_size": 32,
                  "optimizer": {"learning_rate": 5e-07},
                  "evaluation": {"every": 2, "prompts": {"file": "held-out.jsonl"}, "group_size": 2}
                }
                """#
        ),
        Recipe(
            name: "rebel",
            title: #"REBEL"#,
            summary: #"regression of log-ratios to differences of rewards"#,
            spec: #"""
                {
                  "name": "rebel",
                  "kind": "online",
                  "model": "policy",
                  "prompts": {"file": "prompts.jsonl"},
                  "reward": {"name": "model", "model": "reward"},
                  "objective": {"name": "rebel", "eta": 1},
                  "pairing": {"rule": "first_two"},
                  "sampling": {"group_size": 2, "temperature": 1, "max_tokens": 128},
                  "iterations": 50,
                  "prompts_per_iteration": 128,
                  "minibatch_size": 32,
                  "update_epochs": 2,
                  "optimizer": {"learning_rate": 3e-07},
                  "evaluation": {"every": 2, "prompts": {"file": "held-out.jsonl"}, "group_size": 2}
                }
                """#
        ),
        Recipe(
            name: "modpo",
            title: #"MODPO sweep"#,
            summary: #"DPO with another objective's reward as a margin, swept"#,
            spec: #"""
                {
                  "name": "modpo-0.5",
                  "kind": "offline",
                  "model": "policy",
                  "data": {"file": "pairs.jsonl"},
                  "objective": {"name": "modpo", "beta": 0.1, "weight": 0.5},
                  "iterations": 4,
                  "update_epochs": 2,
                  "minibatch_size": 32,
                  "optimizer": {"learning_rate": 5e-07, "schedule": "cosine"}
                }
                """#
        ),
    ]
}
