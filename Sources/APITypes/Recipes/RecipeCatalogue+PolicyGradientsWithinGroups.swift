// swift-format-ignore-file

// Written from docs/recipes:
// HONE_WRITE_DOCS=1 swift test --skip-build --filter RecipeCatalogueTests

extension RecipeCatalogue {
    /// Policy gradients within groups.
    static let policyGradientsWithinGroups: [Recipe] = [
        Recipe(
            name: "grpo",
            title: #"GRPO"#,
            summary: #"rewards over their group's deviation"#,
            spec: #"""
                {
                  "name": "grpo",
                  "kind": "online",
                  "model": "policy",
                  "prompts": {"file": "prompts.jsonl"},
                  "reward": {"name": "model", "model": "reward"},
                  "objective": {"name": "grpo", "kl_coefficient": 0.04},
                  "sampling": {"group_size": 16, "temperature": 1, "max_tokens": 1024},
                  "iterations": 200,
                  "prompts_per_iteration": 16,
                  "minibatch_size": 16,
                  "max_sequence_tokens": 2048,
                  "optimizer": {"learning_rate": 1e-06},
                  "evaluation": {"every": 2, "prompts": {"file": "held-out.jsonl"}, "group_size": 2}
                }
                """#
        ),
        Recipe(
            name: "dr-grpo",
            title: #"Dr. GRPO"#,
            summary: #"GRPO without its two divisions"#,
            spec: #"""
                {
                  "name": "dr-grpo",
                  "kind": "online",
                  "model": "policy",
                  "prompts": {"file": "prompts.jsonl"},
                  "reward": {"name": "model", "model": "reward"},
                  "objective": {"name": "dr_grpo", "max_length": 1024},
                  "sampling": {"group_size": 8, "temperature": 1, "max_tokens": 1024},
                  "iterations": 200,
                  "prompts_per_iteration": 16,
                  "minibatch_size": 16,
                  "max_sequence_tokens": 2048,
                  "optimizer": {"learning_rate": 1e-06},
                  "evaluation": {"every": 2, "prompts": {"file": "held-out.jsonl"}, "group_size": 2}
                }
                """#
        ),
        Recipe(
            name: "dapo",
            title: #"DAPO"#,
            summary: #"higher clip, refilled groups, overlong penalty"#,
            spec: #"""
                {
                  "name": "dapo",
                  "kind": "online",
                  "model": "policy",
                  "prompts": {"file": "prompts.jsonl"},
                  "reward": {"name": "model", "model": "reward"},
                  "objective": {"name": "dapo", "dual_clip": 10},
                  "stages": {"rewards": [{"name": "overlong", "maximum_tokens": 1024, "cache_tokens": 204}], "filters": [{"name": "zero_variance"}]},
                  "sampling": {"group_size": 16, "temperature": 1, "max_tokens": 1024, "refill": {"rounds": 9}},
                  "iterations": 200,
                  "prompts_per_iteration": 32,
                  "minibatch_size": 8,
                  "max_sequence_tokens": 2048,
                  "optimizer": {"learning_rate": 1e-06, "warmup_steps": 10, "weight_decay": 0.1},
                  "evaluation": {"every": 2, "prompts": {"file": "held-out.jsonl"}, "group_size": 2}
                }
                """#
        ),
        Recipe(
            name: "gspo",
            title: #"GSPO"#,
            summary: #"the ratio of the whole sequence"#,
            spec: #"""
                {
                  "name": "gspo",
                  "kind": "online",
                  "model": "policy",
                  "prompts": {"file": "prompts.jsonl"},
                  "reward": {"name": "model", "model": "reward"},
                  "objective": {"name": "gspo"},
                  "sampling": {"group_size": 16, "temperature": 1, "max_tokens": 1024},
                  "iterations": 200,
                  "prompts_per_iteration": 32,
                  "minibatch_size": 8,
                  "max_sequence_tokens": 2048,
                  "optimizer": {"learning_rate": 1e-06},
                  "evaluation": {"every": 2, "prompts": {"file": "held-out.jsonl"}, "group_size": 2}
                }
                """#
        ),
        Recipe(
            name: "cispo",
            title: #"CISPO"#,
            summary: #"clipped weights, whole gradients"#,
            spec: #"""
                {
                  "name": "cispo",
                  "kind": "online",
                  "model": "policy",
                  "prompts": {"file": "prompts.jsonl"},
                  "reward": {"name": "model", "model": "reward"},
                  "objective": {"name": "cispo"},
                  "sampling": {"group_size": 16, "temperature": 1, "max_tokens": 1024},
                  "iterations": 200,
                  "prompts_per_iteration": 32,
                  "minibatch_size": 8,
                  "max_sequence_tokens": 2048,
                  "optimizer": {"learning_rate": 1e-06},
                  "evaluation": {"every": 2, "prompts": {"file": "held-out.jsonl"}, "group_size": 2}
                }
                """#
        ),
        Recipe(
            name: "loop",
            title: #"LOOP"#,
            summary: #"leave-one-out, symmetric clip, adapters"#,
            spec: #"""
                {
                  "name": "loop",
                  "kind": "online",
                  "model": "policy",
                  "prompts": {"file": "prompts.jsonl"},
                  "reward": {"name": "model", "model": "reward"},
                  "objective": {"name": "loop"},
                  "adapter": {"name": "lora", "rank": 16},
                  "sampling": {"group_size": 6, "temperature": 1, "max_tokens": 512},
                  "iterations": 200,
                  "prompts_per_iteration": 40,
                  "minibatch_size": 8,
                  "update_epochs": 2,
                  "optimizer": {"learning_rate": 5e-05, "weight_decay": 0.01, "gradient_clip": 0.1},
                  "evaluation": {"every": 2, "prompts": {"file": "held-out.jsonl"}, "group_size": 2}
                }
                """#
        ),
        Recipe(
            name: "p3o",
            title: #"P3O"#,
            summary: #"pairs weigh the gradient of their log-ratios"#,
            spec: #"""
                {
                  "name": "p3o",
                  "kind": "online",
                  "model": "policy",
                  "prompts": {"file": "prompts.jsonl"},
                  "reward": {"name": "model", "model": "reward"},
                  "objective": {"name": "p3o", "clipping": "separate", "kl_coefficient": 0.05},
                  "pairing": {"rule": "first_two"},
                  "sampling": {"group_size": 2, "temperature": 1, "max_tokens": 64},
                  "iterations": 100,
                  "prompts_per_iteration": 128,
                  "minibatch_size": 32,
                  "update_epochs": 2,
                  "optimizer": {"learning_rate": 1e-06},
                  "evaluation": {"every": 2, "prompts": {"file": "held-out.jsonl"}, "group_size": 2}
                }
                """#
        ),
        Recipe(
            name: "arpo-replay",
            title: #"ARPO replay"#,
            summary: #"earlier successes where all fail"#,
            spec: #"""
                {
                  "name": "arpo-replay",
                  "kind": "online",
                  "model": "policy",
                  "prompts": {"file": "prompts.jsonl"},
                  "reward": {"name": "regex", "pattern": "[0-9]"},
                  "objective": {"name": "grpo", "clip_high": 0.3},
                  "mix": {"successes": {"size": 8, "minimum_reward": 0.1}},
                  "sampling": {"group_size": 8, "temperature": 1, "max_tokens": 512},
                  "iterations": 100,
                  "prompts_per_iteration": 32,
                  "minibatch_size": 8,
                  "optimizer": {"learning_rate": 1e-06},
                  "evaluation": {"every": 2, "prompts": {"file": "held-out.jsonl"}, "group_size": 2}
                }
                """#
        ),
    ]
}
