// swift-format-ignore-file

// Written from docs/recipes:
// HONE_WRITE_DOCS=1 swift test --skip-build --filter RecipeCatalogueTests

extension RecipeCatalogue {
    /// Games against itself, and exploration.
    static let gamesAgainstItselfAndExploration: [Recipe] = [
        Recipe(
            name: "sppo",
            title: #"SPPO"#,
            summary: #"log-ratios go to win rates"#,
            spec: #"""
                {
                  "name": "sppo",
                  "kind": "online",
                  "model": "policy",
                  "prompts": {"file": "prompts.jsonl"},
                  "reward": {"name": "model", "model": "reward"},
                  "objective": {"name": "sppo", "beta": 0.001},
                  "pairing": {"rule": "best_worst"},
                  "sampling": {"group_size": 5, "temperature": 1, "top_p": 0.9, "max_tokens": 512},
                  "iterations": 3,
                  "prompts_per_iteration": 20000,
                  "minibatch_size": 64,
                  "update_epochs": 2,
                  "optimizer": {"learning_rate": 5e-07, "schedule": "linear"},
                  "evaluation": {"every": 2, "prompts": {"file": "held-out.jsonl"}, "group_size": 2}
                }
                """#
        ),
        Recipe(
            name: "inpo",
            title: #"INPO"#,
            summary: #"Nash, by a squared loss between last iterate and reference"#,
            spec: #"""
                {
                  "name": "inpo",
                  "kind": "online",
                  "model": "policy",
                  "prompts": {"file": "prompts.jsonl"},
                  "reward": {"name": "model", "model": "reward"},
                  "objective": {"name": "inpo", "eta": 0.0075, "tau_over_eta": 0.3333},
                  "pairing": {"rule": "best_worst"},
                  "sampling": {"group_size": 8, "temperature": 1, "max_tokens": 256},
                  "iterations": 3,
                  "prompts_per_iteration": 20000,
                  "minibatch_size": 128,
                  "update_epochs": 1,
                  "optimizer": {"learning_rate": 5e-07, "schedule": "cosine"},
                  "evaluation": {"every": 2, "prompts": {"file": "held-out.jsonl"}, "group_size": 2}
                }
                """#
        ),
        Recipe(
            name: "dno",
            title: #"DNO"#,
            summary: #"Nash, by a classifier of win rates"#,
            spec: #"""
                {
                  "name": "dno",
                  "kind": "online",
                  "model": "policy",
                  "prompts": {"file": "prompts.jsonl"},
                  "reward": {"name": "model", "model": "reward"},
                  "objective": {"name": "dno", "eta": 0.1},
                  "pairing": {"rule": "threshold", "minimum_margin": 0.5, "most_pairs": 4},
                  "sampling": {"group_size": 5, "temperature": 0.7, "max_tokens": 512},
                  "iterations": 6,
                  "prompts_per_iteration": 10000,
                  "minibatch_size": 128,
                  "optimizer": {"learning_rate": 5e-07},
                  "evaluation": {"every": 2, "prompts": {"file": "held-out.jsonl"}, "group_size": 2}
                }
                """#
        ),
        Recipe(
            name: "nash-md",
            title: #"Nash-MD"#,
            summary: #"policy gradient against a mixture with the reference"#,
            spec: #"""
                {
                  "name": "nash-md",
                  "kind": "online",
                  "model": "policy",
                  "prompts": {"file": "prompts.jsonl"},
                  "reward": {"name": "model", "model": "reward"},
                  "objective": {"name": "nash_md", "beta": 0.008},
                  "opponent": {"mixture": 0.125, "count": 2},
                  "sampling": {"group_size": 4, "temperature": 0.9, "max_tokens": 64},
                  "iterations": 100,
                  "prompts_per_iteration": 32,
                  "minibatch_size": 32,
                  "optimizer": {"learning_rate": 5e-07},
                  "evaluation": {"every": 2, "prompts": {"file": "held-out.jsonl"}, "group_size": 2}
                }
                """#
        ),
        Recipe(
            name: "online-ipo",
            title: #"Online IPO"#,
            summary: #"IPO on fresh pairs"#,
            spec: #"""
                {
                  "name": "online-ipo",
                  "kind": "online",
                  "model": "policy",
                  "prompts": {"file": "prompts.jsonl"},
                  "reward": {"name": "model", "model": "reward"},
                  "objective": {"name": "online_ipo", "beta": 0.1},
                  "pairing": {"rule": "first_two"},
                  "sampling": {"group_size": 2, "temperature": 1, "max_tokens": 64},
                  "iterations": 100,
                  "prompts_per_iteration": 128,
                  "minibatch_size": 128,
                  "optimizer": {"learning_rate": 5e-07},
                  "evaluation": {"every": 2, "prompts": {"file": "held-out.jsonl"}, "group_size": 2}
                }
                """#
        ),
        Recipe(
            name: "self-play-win-rate",
            title: #"Self-play win rate"#,
            summary: #"advantages are win rates in the group"#,
            spec: #"""
                {
                  "name": "self-play-win-rate",
                  "kind": "online",
                  "model": "policy",
                  "prompts": {"file": "prompts.jsonl"},
                  "reward": {"name": "model", "model": "reward"},
                  "objective": {"name": "reinforce"},
                  "advantage": {"name": "self_play_win_rate"},
                  "sampling": {"group_size": 8, "temperature": 1, "max_tokens": 256},
                  "iterations": 20,
                  "prompts_per_iteration": 64,
                  "minibatch_size": 64,
                  "optimizer": {"learning_rate": 1e-06},
                  "evaluation": {"every": 2, "prompts": {"file": "held-out.jsonl"}, "group_size": 2}
                }
                """#
        ),
        Recipe(
            name: "selm",
            title: #"SELM"#,
            summary: #"optimism about its own completions"#,
            spec: #"""
                {
                  "name": "selm",
                  "kind": "online",
                  "model": "policy",
                  "prompts": {"file": "prompts.jsonl"},
                  "reward": {"name": "model", "model": "reward"},
                  "objective": {"name": "selm", "beta": 0.01, "alpha": 0.001},
                  "pairing": {"rule": "best_worst"},
                  "reference": "previous_iteration",
                  "sampling": {"group_size": 4, "temperature": 1, "max_tokens": 512},
                  "iterations": 3,
                  "prompts_per_iteration": 20000,
                  "minibatch_size": 128,
                  "optimizer": {"learning_rate": 5e-07, "schedule": "cosine"},
                  "evaluation": {"every": 2, "prompts": {"file": "held-out.jsonl"}, "group_size": 2}
                }
                """#
        ),
        Recipe(
            name: "xpo",
            title: #"XPO"#,
            summary: #"optimism against the reference's completions"#,
            spec: #"""
                {
                  "name": "xpo",
                  "kind": "online",
                  "model": "policy",
                  "prompts": {"file": "prompts.jsonl"},
                  "reward": {"name": "model", "model": "reward"},
                  "objective": {"name": "xpo", "beta": 0.1, "alpha": 1e-05},
                  "opponent": {"mixture": 1, "count": 1},
                  "pairing": {"rule": "policy_opponent"},
                  "sampling": {"group_size": 1, "temperature": 0.9, "max_tokens": 64},
                  "iterations": 100,
                  "prompts_per_iteration": 128,
                  "minibatch_size": 128,
                  "optimizer": {"learning_rate": 5e-07},
                  "evaluation": {"every": 2, "prompts": {"file": "held-out.jsonl"}, "group_size": 2}
                }
                """#
        ),
        Recipe(
            name: "vpo",
            title: #"VPO"#,
            summary: #"the value as a regulariser"#,
            spec: #"""
                {
                  "name": "vpo",
                  "kind": "online",
                  "model": "policy",
                  "prompts": {"file": "prompts.jsonl"},
                  "reward": {"name": "model", "model": "reward"},
                  "objective": {"name": "vpo", "beta": 0.1, "alpha": 0.1, "mode": "online"},
                  "opponent": {"mixture": 1, "count": 1},
                  "pairing": {"rule": "best_worst"},
                  "sampling": {"group_size": 2, "temperature": 1, "max_tokens": 64},
                  "iterations": 100,
                  "prompts_per_iteration": 128,
                  "minibatch_size": 128,
                  "optimizer": {"learning_rate": 5e-07},
                  "evaluation": {"every": 2, "prompts": {"file": "held-out.jsonl"}, "group_size": 2}
                }
                """#
        ),
    ]
}
