#!/usr/bin/env python3
"""Makes the golden values of objectives and advantage estimators that Hone must agree with.

    python3 -m venv venv && venv/bin/pip install torch
    venv/bin/python scripts/goldens/make_objective_goldens.py [Tests/ObjectivesTests/Fixtures]

Writes published.jsonl: the lines that `hone objective` reads, with what it must answer. Every loss is
written down from the equation on its page in docs/objectives in float64, and its gradient comes from
autograd, with detach() where the equation holds something constant. Nothing here is shared with
Hone's sources. Batches come from a seeded generator; their numbers have five digits, which are
exactly those that the loss is taken of.
"""

import json
import math
import pathlib
import random
import sys

import torch
from objective_batches import (
    completions,
    group_terms,
    labelled,
    number,
    pair_terms,
    pairs,
    score_lists,
    score_texts,
    scores,
    sequences,
    terms,
)
from objective_losses import (
    a_lol,
    align_distil,
    aot,
    aot_unpaired,
    binary_labels,
    bradley_terry,
    bradley_terry_ties,
    dro,
    hybrid_dpo,
    hybrid_po,
    implicit_prm,
    mdpo,
    mean_of,
    nash_md,
    nash_md_batch,
    nft,
    online_ipo,
    ordinal_regression,
    oreo,
    oreo_batch,
    p3o,
    plackett_luce,
    rating_regression,
    sft,
    sppo_hard,
    tdpo1,
    tdpo2,
    token_kl,
    tokens_of,
    triple_po,
    weighted_mean,
    wpo,
)
from objective_policies import (
    batch_mean,
    best_minus_second,
    greedy_baseline,
    length_weighted_mean,
    policy_loss,
    return_to_go,
)

SEEDS = (11, 12)
TOKEN_MEAN = {"aggregation": "token_mean", "max_length": 512}
POLICY = TOKEN_MEAN | {
    "ratio": "token",
    "ratio_base": "old",
    "surrogate": "clip",
    "clip_low": 0.2,
    "clip_high": 0.2,
    "clip_bounds": "difference",
    "dual_clip": None,
    "gate_positive": 1.0,
    "gate_negative": 1.05,
    "kl_coefficient": 0.0,
    "kl_estimator": "k3",
    "kl_placement": "loss",
    "entropy_coefficient": 0.0,
    "importance_cap": None,
    "importance_floor": 0.0,
    "importance_mode": "truncate",
    "drift_limit": None,
}
REFERENCE, OLD, SAMPLED = ["reference_logprobs"], ["old_logprobs"], ["old_logprobs", "advantages"]
BY_SEQUENCE = {"aggregation": "sequence_mean"}
REMAX = {"ratio": "none", "surrogate": "likelihood", "kl_coefficient": 0.05}
REMAX |= {"kl_estimator": "k1", "kl_placement": "advantage"}
RECIPROCAL = {"clip_bounds": "reciprocal", "clip_low": 0.1, "clip_high": 0.1}
CAP = {"importance_cap": 1.15, "importance_floor": 0.85}
KL = {"kl_coefficient": 0.1}
VALUES = ["values", "returns"]

# name: batch, fields, loss, defaults, then variants: parameters, or (parameters, further fields).
OBJECTIVES = {
    "aot": (pairs, REFERENCE, aot, {"beta": 0.1, "label_smoothing": 0.0},
            [{}, {"beta": 0.5, "label_smoothing": 0.2}]),
    "aot_unpaired": (pairs, REFERENCE, aot_unpaired, {"beta": 0.1, "label_smoothing": 0.0},
                     [{}, {"beta": 0.5, "label_smoothing": 0.2}]),
    "sppo_hard": (pairs, REFERENCE, mean_of(sppo_hard), {"beta": 0.1}, [{}, {"beta": 0.4}]),
    "online_ipo": (pairs, [*REFERENCE, "preference_probability", "win_rate"], mean_of(online_ipo),
                   {"beta": 0.1, "variant": "self_play", "length_average": False},
                   [{}, {"variant": "omd"}, {"length_average": True, "beta": 0.3}]),
    "triple_po": (pairs, ["gold"], mean_of(triple_po),
                  {"beta": 0.01, "alpha": 1.0, "length_average": False, "gamma": 0.5},
                  [{}, {"beta": 2.0, "length_average": True, "alpha": 0.3, "gamma": 1.2}]),
    "p3o": (pairs, [*OLD, "reward"], mean_of(p3o),
            {"clipping": "separate", "clip_range": 0.2, "weighted": True, "kl_coefficient": 0.0},
            [{}, {"clipping": "joint", "clip_range": 0.6}, {"weighted": False},
             ({"kl_coefficient": 0.05, "clip_range": 0.5}, REFERENCE)]),
    "tdpo1": (pairs, [*REFERENCE, "forward_kl"], mean_of(tdpo1), {"beta": 0.1}, [{}]),
    "tdpo2": (pairs, [*REFERENCE, "forward_kl"], mean_of(tdpo2), {"beta": 0.1, "alpha": 0.5},
              [{}, {"alpha": 1.5}]),
    "wpo": (pairs, [*REFERENCE, "collisions"], mean_of(wpo),
            {"beta": 0.01, "label_smoothing": 0.0, "clamp": True},
            [{}, {"beta": 0.2, "clamp": False, "label_smoothing": 0.1}]),
    "hybrid_po": (pairs, [*REFERENCE, "exploration"], mean_of(hybrid_po),
                  {"beta": 0.1, "kl_coefficient": 0.01}, [{}, {"kl_coefficient": 0.3}]),
    "hybrid_dpo": (pairs, REFERENCE, mean_of(hybrid_dpo), {"beta": 0.1}, [{}, {"beta": 0.7}]),
    "bradley_terry": (scores, [], mean_of(bradley_terry),
                      {"label_smoothing": 0.0, "margin_coefficient": 1.0, "soft_labels": False,
                       "centring_coefficient": 0.0, "l2_coefficient": 0.0},
                      [{}, ({"margin_coefficient": 0.5, "label_smoothing": 0.1}, ["margin"]),
                       ({"soft_labels": True, "label_smoothing": 0.1, "centring_coefficient": 0.05},
                        ["preference_probability"]), {"l2_coefficient": 0.02}]),
    "bradley_terry_ties": (scores, ["preference_probability"], mean_of(bradley_terry_ties),
                           {"model": "davidson", "tie_strength": 1.0},
                           [{}, {"tie_strength": 0.3}, {"model": "rao_kupper", "tie_strength": 0.4}]),
    "plackett_luce": (score_lists, [], mean_of(plackett_luce), {"temperature": 1.0, "depth": 1024},
                      [{}, {"temperature": 0.5, "depth": 2}]),
    "rating_regression": (score_texts, ["rating"], weighted_mean(rating_regression),
                          {"loss": "squared", "lowest": 0.0, "range": 1.0},
                          [{}, {"loss": "cross_entropy", "lowest": 1.0, "range": 4.0}]),
    "ordinal_regression": (score_texts, ["rating"], weighted_mean(ordinal_regression),
                           {"lowest": 1, "steps": 5, "spacing": 1.5},
                           [{}, {"lowest": 0, "steps": 7, "spacing": 0.7}, {"steps": 2}]),
    "binary_labels": (score_texts, ["label"], weighted_mean(binary_labels),
                      {"label_smoothing": 0.0, "desirable_weight": 1.0, "undesirable_weight": 1.0},
                      [{}, {"label_smoothing": 0.1, "desirable_weight": 2.0,
                            "undesirable_weight": 0.5}]),
    "implicit_prm": (labelled, REFERENCE, implicit_prm, {"beta": 0.05}, [{}, {"beta": 0.8}]),
    "sft": (sequences, [], tokens_of(sft), TOKEN_MEAN, [{}, {"aggregation": "sequence_mean"}]),
    "nash_md": (sequences, [*REFERENCE, "win_rate"], nash_md_batch, {"beta": 0.1, "kl": "token"},
                [{}, {"kl": "sequence", "beta": 0.02}]),
    "a_lol": (sequences, [*REFERENCE, "reward", "value"], tokens_of(a_lol),
              TOKEN_MEAN | {"variant": "sequence", "clip_range": 0.9, "kl_coefficient": 0.2,
                            "aggregation": "sequence_sum"},
              [{"clip_range": 0.2}, {"variant": "token", "clip_range": 0.2},
               {"variant": "reference_free"}, {"variant": "kl", "aggregation": "token_mean"}]),
    "nft": (sequences, [*OLD, "correct", "pass_rate"], tokens_of(nft),
            TOKEN_MEAN | {"negative_weight": 1.0, "clamp_negative": 1.0, "clamp_positive": 0.0,
                          "normalise": "failure_rate"},
            [{}, {"clamp_negative": 0.1, "clamp_positive": 1.0, "normalise": "root_odds"},
             {"clamp_negative": 0.01, "normalise": "none", "negative_weight": 0.5,
              "aggregation": "fixed_length", "max_length": 1000}]),
    "oreo": (sequences, [*REFERENCE, "values", "reward"], oreo_batch,
             {"beta": 0.03, "kl_coefficient": 0.01, "kl_estimator": "k3", "value_coefficient": 1.0},
             [{}, {"beta": 0.5, "value_coefficient": 0.2, "kl_coefficient": 0.1},
              ({"kl_estimator": "exact", "kl_coefficient": 0.3}, ["reverse_kl"])]),
    "dro": (sequences, SAMPLED, tokens_of(dro), TOKEN_MEAN | {"beta": 0.1},
            [{}, {"beta": 2.0, "aggregation": "sequence_sum"}]),
    "mdpo": (sequences, SAMPLED, tokens_of(mdpo),
             TOKEN_MEAN | {"form": "kl", "step_size": 1.0, "tau": 0.1} | BY_SEQUENCE,
             [{}, {"step_size": 0.2}, {"form": "squared"}, {"form": "squared", "tau": 0.9}]),
    "align_distil": (sequences, ["teacher_distances", "teacher_kl"], tokens_of(align_distil),
                     TOKEN_MEAN | {"beta": 0.1, "strength": 10.0, "contrast": True},
                     [{}, {"contrast": False, "aggregation": "sequence_mean"}]),
    "token_kl": (sequences, [], tokens_of(token_kl),
                 TOKEN_MEAN | {"beta": 1.0, "direction": "reverse", "entropy_coefficient": 0.0},
                 [({}, ["reverse_kl"]),
                  ({"entropy_coefficient": 0.1}, ["reverse_kl", "entropies"]),
                  ({"direction": "forward", "beta": 0.3}, ["forward_kl"])]),
    "sapo": (sequences, SAMPLED, tokens_of(policy_loss),
             POLICY | BY_SEQUENCE | {"surrogate": "sigmoid"},
             [{}, {"gate_positive": 3.0, "gate_negative": 0.5}]),
    "rloo": (sequences, SAMPLED, tokens_of(policy_loss),
             POLICY | BY_SEQUENCE | {"ratio": "sequence_sum"}, [{}]),
    "remax": (sequences, [*REFERENCE, "advantages"], tokens_of(policy_loss), POLICY | REMAX, [{}]),
    "reinforce_plus_plus": (sequences, SAMPLED, tokens_of(policy_loss), POLICY, [{}]),
    "loop": (sequences, SAMPLED, tokens_of(policy_loss), POLICY | BY_SEQUENCE | RECIPROCAL, [{}]),
    "ppo": (sequences, SAMPLED, tokens_of(policy_loss),
            POLICY | {"value_coefficient": 0.0, "value_clip_range": None},
            [{"surrogate": name} for name in ("linear", "weighted", "sigmoid", "likelihood", "shaped")]
            + [{"ratio": name} for name in ("sequence_mean", "sequence_sum", "none")]
            + [{"surrogate": "weighted", "ratio": "sequence_mean", "clip_low": 0.02},
               {"clip_bounds": "reciprocal", "clip_low": 0.3, "clip_high": 0.1},
               {"dual_clip": 1.05},
               ({"ratio_base": "behavior"}, ["behavior_logprobs"]),
               ({"ratio_base": "behavior", "ratio": "sequence_mean", "surrogate": "linear"},
                ["behavior_logprobs"])]
            + [{"aggregation": name} for name in ("sequence_mean", "sequence_sum", "token_sum")]
            + [{"aggregation": "fixed_length", "max_length": 12}]
            + [(KL | {"kl_estimator": name}, REFERENCE) for name in ("k1", "k2", "k3", "k3_plus")]
            + [(KL | {"kl_estimator": name, "kl_placement": "advantage"}, REFERENCE)
               for name in ("k2", "k3_plus")]
            + [(KL | {"kl_estimator": "exact"}, ["reverse_kl"]),
               (KL | {"kl_estimator": "exact", "kl_placement": "advantage"}, ["reverse_kl"]),
               ({"entropy_coefficient": 0.05}, ["entropies"])]
            + [(CAP | {"importance_mode": name}, ["behavior_logprobs"])
               for name in ("truncate", "mask", "sequence_truncate", "sequence_mask")]
            + [({"importance_cap": 1.04, "importance_floor": 0.9, "importance_mode": "geometric_mask"},
                ["behavior_logprobs"]),
               ({"drift_limit": 0.02}, ["behavior_logprobs"]),
               (CAP | KL | {"drift_limit": 0.05, "importance_mode": "mask", "dual_clip": 1.1,
                            "aggregation": "sequence_mean"}, ["behavior_logprobs", *REFERENCE]),
               ({"value_coefficient": 0.5}, VALUES),
               ({"value_coefficient": 0.5, "value_clip_range": 0.2}, [*VALUES, "old_values"])]),
}
ADVANTAGES = {
    "return_to_go": (return_to_go, {"gamma": 1.0, "baseline": "none"},
                     [{}, {"gamma": 0.9}, {"baseline": "group_mean", "gamma": 0.95}]),
    "greedy_baseline": (greedy_baseline, {"gamma": 1.0, "clip": 5.0}, [{}, {"clip": 0.5}]),
    "batch_mean": (batch_mean, {}, [{}]),
    "length_weighted_mean": (length_weighted_mean, {}, [{}]),
    "best_minus_second": (best_minus_second, {}, [{}]),
}


def estimate(name, batch, p):
    """The advantages of a batch; null is unscored, gets 0 and touches no statistic."""
    function, rewards = ADVANTAGES[name][0], batch["rewards"]
    scored = [index for index, reward in enumerate(rewards) if reward is not None]
    lists = {
        key: [value[index] for index in scored] if isinstance(value, list) else value
        for key, value in batch.items()
    }
    result = [0.0] * len(rewards)
    for index, advantage in zip(scored, function(lists["rewards"], lists, p)):
        result[index] = advantage
    return result


def advantage_batch(rng, name, p, ragged):
    count = rng.randint(3, 8)
    batch = {"rewards": [number(rng.gauss(0, 1)) for _ in range(count)]}
    if name == "return_to_go":
        if ragged:
            batch["mask"] = [rng.choice([0, 1]) for _ in range(count - 1)] + [1]
    elif ragged:
        batch["rewards"][rng.randrange(count)] = None
    if name == "length_weighted_mean":
        batch["lengths"] = [rng.randint(1, 12) for _ in range(count)]
    if name == "greedy_baseline" or p.get("baseline") == "group_mean":
        batch["baseline"] = number(rng.gauss(0, 1))
    return batch


def expected(name, batch, p):
    loss = OBJECTIVES[name][2]
    read = pair_terms if "pairs" in batch else group_terms if "groups" in batch else terms
    content = [read(record) for record in next(iter(batch.values()))]
    value = loss(content, p)
    value.backward()
    gradients = []
    for each in completions(content):
        zeros = {key: torch.zeros_like(leaf) for key, leaf in each.leaves.items()}
        gradients.append({
            key: digits((zeros[key] if leaf.grad is None else leaf.grad).tolist())
            for key, leaf in each.leaves.items()
        })
    return {"loss": digits(value.item()), "gradients": gradients}


def digits(value):
    if isinstance(value, list):
        return [digits(item) for item in value]
    assert math.isfinite(value)
    return float(f"{value:.14g}")


def cases():
    for name, (make, fields, _, defaults, variants) in OBJECTIVES.items():
        for index, variant in enumerate(variants):
            given, further = variant if isinstance(variant, tuple) else (variant, [])
            for seed in SEEDS:
                rng = random.Random(f"{name} {index} {seed}")
                batch = make(rng, [*fields, *further], seed == SEEDS[1])
                answer = expected(name, batch, defaults | given)
                yield {"objective": name, "parameters": given, "batch": batch, "expected": answer}
    for name, (_, defaults, variants) in ADVANTAGES.items():
        for index, given in enumerate(variants):
            for seed in SEEDS:
                rng = random.Random(f"{name} {index} {seed}")
                batch = advantage_batch(rng, name, given, seed == SEEDS[1])
                answer = [digits(value) for value in estimate(name, batch, defaults | given)]
                yield {"advantage": name, "parameters": given, "batch": batch,
                       "expected": {"advantages": answer}}


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "Tests/ObjectivesTests/Fixtures")
    lines = [json.dumps(case, separators=(",", ":")) for case in cases()]
    (folder / "published.jsonl").write_text("\n".join(lines) + "\n")
    print(f"{len(lines)} cases, {sum(map(len, lines)) // 1000} kB")


if __name__ == "__main__":
    main()
