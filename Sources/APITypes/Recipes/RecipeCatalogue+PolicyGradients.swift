// swift-format-ignore-file

// Written from docs/recipes:
// HONE_WRITE_DOCS=1 swift test --skip-build --filter RecipeCatalogueTests

extension RecipeCatalogue {
    /// Policy gradients.
    static let policyGradients: [Recipe] = [
        Recipe(
            name: "ppo",
            title: #"PPO"#,
            summary: #"value head, KL in the reward, clipped steps"#,
            spec: #"""
                {
                  "name": "ppo",
                  "kind": "online",
                  "model": "policy",
                  "prompts": {"file": "prompts.jsonl"},
                  "reward": {"name": "model", "model": "reward"},
                  "objective": {"name": "ppo", "value_coefficient": 0.1, "value_clip_range": 0.2},
                  "advantage": {"name": "gae", "gamma": 1, "gae_lambda": 0.95},
                  "stages": {"reward_kl": {"coefficient": 0.05, "estimator": "k1"}, "whiten": "batch", "rewards": [{"name": "missing_end", "penalty": 1}]},
                  "sampling": {"group_size": 2, "temperature": 0.7, "max_tokens": 64},
                  "iterations": 100,
                  "prompts_per_iteration": 64,
                  "minibatch_size": 64,
                  "update_epochs": 4,
                  "optimizer": {"learning_rate": 3e-06},
                  "evaluation": {"every": 2, "prompts": {"file": "held-out.jsonl"}, "group_size": 2}
                }
                """#
        ),
        Recipe(
            name: "rto",
            title: #"RTO"#,
            summary: #"PPO with what DPO learned as a reward of every token"#,
            spec: #"""
                {
                  "name": "rto",
                  "kind": "online",
                  "model": "policy",
                  "prompts": {"file": "prompts.jsonl"},
                  "reward": {"name": "weighted_sum", "rewards": [
                    {"weight": 1, "reward": {"name": "model", "model": "reward"}},
                    {"weight": 0, "reward": {"name": "implicit", "model": "dpo", "reference": "policy", "beta": 0.05}}
                  ]},
                  "objective": {"name": "ppo", "value_coefficient": 0.1, "value_clip_range": 0.2},
                  "advantage": {"name": "gae", "gamma": 1, "gae_lambda": 0.95},
                  "value_model": {"name": "separate", "learning_rate": 9e-06},
                  "stages": {
                    "rewards": [{"name": "running_normalise"}],
                    "reward_kl": {"coefficient": 0.01, "estimator": "k1"},
                    "credit": {"name": "dense", "clip": 0.05},
                    "whiten": "batch"
                  },
                  "sampling": {"group_size": 2, "temperature": 1, "max_tokens": 256},
                  "iterations": 100,
                  "prompts_per_iteration": 64,
                  "minibatch_size": 16,
                  "optimizer": {"learning_rate": 5e-07},
                  "evaluation": {"every": 2, "prompts": {"file": "held-out.jsonl"}, "group_size": 2}
                }
                """#
        ),
        Recipe(
            name: "prime",
            title: #"PRIME"#,
            summary: #"a process reward that was learned from outcomes"#,
            spec: #"""
                {
                  "name": "prime",
                  "kind": "online",
                  "model": "policy",
                  "prompts": {"file": "prompts.jsonl"},
                  "reward": {"name": "weighted_sum", "rewards": [
                    {"weight": 1, "reward": {"name": "model", "model": "reward"}},
                    {"weight": 0, "reward": {"name": "implicit", "model": "prm", "reference": "policy", "beta": 0.05}}
                  ]},
                  "objective": {"name": "reinforce_plus_plus"},
                  "advantage": {"name": "return_to_go", "gamma": 1},
                  "stages": {
                    "rewards": [],
                    "reward_kl": {"coefficient": 0},
                    "credit": {"name": "dense", "coefficient": 5, "outcome_coefficient": 5, "baseline": "leave_one_out"},
                    "whiten": "batch"
                  },
                  "sampling": {"group_size": 4, "temperature": 1, "max_tokens": 256},
                  "iterations": 100,
                  "prompts_per_iteration": 64,
                  "minibatch_size": 16,
                  "optimizer": {"learning_rate": 5e-07},
                  "evaluation": {"every": 2, "prompts": {"file": "held-out.jsonl"}, "group_size": 2}
                }
                """#
        ),
        Recipe(
            name: "rloo",
            title: #"RLOO"#,
            summary: #"the other completions are the baseline"#,
            spec: #"""
                {
                  "name": "rloo",
                  "kind": "online",
                  "model": "policy",
                  "prompts": {"file": "prompts.jsonl"},
                  "reward": {"name": "model", "model": "reward"},
                  "objective": {"name": "rloo"},
                  "stages": {"reward_kl": {"coefficient": 0.05, "estimator": "k1"}},
                  "sampling": {"group_size": 4, "temperature": 1, "max_tokens": 64},
                  "iterations": 100,
                  "prompts_per_iteration": 64,
                  "minibatch_size": 64,
                  "optimizer": {"learning_rate": 1e-06},
                  "evaluation": {"every": 2, "prompts": {"file": "held-out.jsonl"}, "group_size": 2}
                }
                """#
        ),
        Recipe(
            name: "remax",
            title: #"ReMax"#,
            summary: #"the greedy completion is the baseline"#,
            spec: #"""
                {
                  "name": "remax",
                  "kind": "online",
                  "model": "policy",
                  "prompts": {"file": "prompts.jsonl"},
                  "reward": {"name": "model", "model": "reward"},
                  "objective": {"name": "remax"},
                  "advantage": {"name": "greedy_baseline"},
                  "sampling": {"group_size": 2, "temperature": 1, "top_p": 0.9, "max_tokens": 256},
                  "iterations": 100,
                  "prompts_per_iteration": 64,
                  "minibatch_size": 64,
                  "optimizer": {"learning_rate": 1e-06, "schedule": "cosine", "weight_decay": 0.1},
                  "evaluation": {"every": 2, "prompts": {"file": "held-out.jsonl"}, "group_size": 2}
                }
                """#
        ),
        Recipe(
            name: "reinforce-plus-plus",
            title: #"REINFORCE++"#,
            summary: #"whitened returns, no value model"#,
            spec: #"""
                {
                  "name": "reinforce-plus-plus",
                  "kind": "online",
                  "model": "policy",
                  "prompts": {"file": "prompts.jsonl"},
                  "reward": {"name": "model", "model": "reward"},
                  "objective": {"name": "reinforce_plus_plus"},
                  "sampling": {"group_size": 4, "temperature": 1, "max_tokens": 256},
                  "iterations": 100,
                  "prompts_per_iteration": 64,
                  "minibatch_size": 32,
                  "optimizer": {"learning_rate": 5e-07},
                  "evaluation": {"every": 2, "prompts": {"file": "held-out.jsonl"}, "group_size": 2}
                }
                """#
        ),
        Recipe(
            name: "pf-ppo",
            title: #"PF-PPO"#,
            summary: #"PPO on the best and worst of five"#,
            spec: #"""
                {
                  "name": "pf-ppo",
                  "kind": "online",
                  "model": "policy",
                  "prompts": {"file": "prompts.jsonl"},
                  "reward": {"name": "model", "model": "reward"},
                  "objective": {"name": "ppo", "value_coefficient": 0.1},
                  "stages": {"reward_kl": {"coefficient": 0.01, "estimator": "k1"}, "whiten": "batch", "filters": [{"name": "rank", "keep": "best_and_worst"}]},
                  "sampling": {"group_size": 5, "temperature": 1, "max_tokens": 256},
                  "iterations": 100,
                  "prompts_per_iteration": 64,
                  "minibatch_size": 16,
                  "optimizer": {"learning_rate": 5e-07},
                  "evaluation": {"every": 2, "prompts": {"file": "held-out.jsonl"}, "group_size": 2}
                }
                """#
        ),
        Recipe(
            name: "dr-po",
            title: #"DR-PO"#,
            summary: #"rollouts that begin inside good answers"#,
            spec: #"""
                {
                  "name": "dr-po",
                  "kind": "online",
                  "model": "policy",
                  "prompts": {"file": "prompts.jsonl"},
                  "reward": {"name": "model", "model": "reward"},
                  "objective": {"name": "ppo", "value_coefficient": 0.1},
                  "resets": {"share": 0.5},
                  "stages": {"reward_kl": {"coefficient": 0.05, "estimator": "k1"}, "whiten": "batch"},
                  "sampling": {"group_size": 4, "temperature": 1, "max_tokens": 64},
                  "iterations": 100,
                  "prompts_per_iteration": 64,
                  "minibatch_size": 16,
                  "optimizer": {"learning_rate": 3e-06},
                  "evaluation": {"every": 2, "prompts": {"file": "held-out.jsonl"}, "group_size": 2}
                }
                """#
        ),
        Recipe(
            name: "constrained-ppo",
            title: #"Constrained PPO"#,
            summary: #"a second reward under a limit"#,
            spec: #"""
                {
                  "name": "constrained-ppo",
                  "kind": "online",
                  "model": "policy",
                  "prompts": {"file": "prompts.jsonl"},
                  "reward": {"name": "weighted_sum", "rewards": [{"reward": {"name": "model", "model": "reward"}}, {"weight": 0, "reward": {"name": "length", "target": 64, "unit": "words", "shape": "at_least"}}]},
                  "objective": {"name": "ppo", "value_coefficient": 0.1},
                  "stages": {"reward_kl": {"coefficient": 0.02, "estimator": "k1"}, "whiten": "batch", "controllers": [{"name": "lagrange", "cost": "length", "limit": 0.8, "learning_rate": 0.1}]},
                  "sampling": {"group_size": 4, "temperature": 1, "max_tokens": 128},
                  "iterations": 100,
                  "prompts_per_iteration": 64,
                  "minibatch_size": 16,
                  "optimizer": {"learning_rate": 1e-06},
                  "evaluation": {"every": 2, "prompts": {"file": "held-out.jsonl"}, "group_size": 2}
                }
                """#
        ),
        Recipe(
            name: "salsa",
            title: #"SALSA"#,
            summary: #"the reference is an average of two models"#,
            spec: #"""
                {
                  "name": "salsa",
                  "kind": "online",
                  "model": "policy",
                  "prompts": {"file": "prompts.jsonl"},
                  "reward": {"name": "model", "model": "reward"},
                  "objective": {"name": "ppo", "value_coefficient": 0.1},
                  "reference": {"soup": ["policy", "policy-2"], "weights": [0.5, 0.5]},
                  "stages": {"reward_kl": {"coefficient": 0.01, "estimator": "k1"}, "whiten": "batch"},
                  "sampling": {"group_size": 4, "temperature": 1, "max_tokens": 128},
                  "iterations": 100,
                  "prompts_per_iteration": 64,
                  "minibatch_size": 16,
                  "optimizer": {"learning_rate": 1e-06},
                  "evaluation": {"every": 2, "prompts": {"file": "held-out.jsonl"}, "group_size": 2}
                }
                """#
        ),
    ]
}
