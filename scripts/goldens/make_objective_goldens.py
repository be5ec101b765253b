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
import types

import torch
from torch.nn.functional import logsigmoid

SEEDS = (11, 12)
# The fields of the policy, which have gradients beside the log-probabilities.
DIFFERENTIABLE = ("values", "entropies", "reverse_kl", "forward_kl", "collisions", "teacher_kl")


# ------------------------------------------------------------------------------ data


def number(value):
    return round(value, 5)


def completion(rng, fields, masked, length=None):
    """A completion as JSON: log-probabilities, `fields` of its tokens, and a mask if `masked`."""
    length = length or rng.randint(1, 12)

    def near(logprobs, deviation):
        return [number(min(value + rng.gauss(0, deviation), -0.001)) for value in logprobs]

    def each(draw):
        return [number(draw()) for _ in range(length)]

    logprobs = each(lambda: -rng.uniform(0.02, 2.5))
    makers = {
        "reference_logprobs": lambda: near(logprobs, 0.3),
        "old_logprobs": lambda: near(logprobs, 0.2),
        "behavior_logprobs": lambda: near(logprobs, 0.25),
        "old_values": lambda: each(lambda: rng.gauss(0, 0.7)),
        "values": lambda: each(lambda: rng.gauss(0, 0.7)),
        "returns": lambda: each(lambda: rng.gauss(0, 0.7)),
        "advantages": lambda: [number(rng.gauss(0, 1))] * length,
        "teacher_distances": lambda: each(lambda: rng.uniform(0, 1.5)),
        "entropies": lambda: each(lambda: rng.uniform(0.1, 3)),
        "reverse_kl": lambda: each(lambda: rng.uniform(0, 0.5)),
        "forward_kl": lambda: each(lambda: rng.uniform(0, 0.5)),
        "teacher_kl": lambda: each(lambda: rng.uniform(0, 0.5)),
        "collisions": lambda: [number(math.exp(x) * rng.uniform(0.6, 1)) for x in logprobs],
    }
    result = {"logprobs": logprobs} | {name: makers[name]() for name in fields if name in makers}
    if masked:
        result["mask"] = [rng.choice([0, 1, 1]) for _ in range(length)]
        result["mask"][rng.randrange(length)] = 1
    return result


SCALARS = {
    "reward": lambda rng: rng.gauss(0, 1),
    "win_rate": lambda rng: rng.uniform(0.05, 0.95),
    "value": lambda rng: rng.gauss(0, 0.4),
    "pass_rate": lambda rng: rng.uniform(0.1, 0.9),
    "correct": lambda rng: float(rng.random() < 0.5),
}
JSON_NAMES = {"pass_rate": "value", "correct": "reward"}


def pairs(rng, fields, masked):
    result = []
    for _ in range(4):
        pair = {side: completion(rng, fields, masked) for side in ("chosen", "rejected")}
        for third in ("exploration", "gold"):
            if third in fields:
                pair[third] = completion(rng, fields, masked)
        for name in fields:
            if name in SCALARS:
                for side in ("chosen", "rejected"):
                    pair[f"{side}_{name}"] = number(SCALARS[name](rng))
        if "preference_probability" in fields:
            pair["preference_probability"] = number(rng.uniform(0.05, 0.95))
        result.append(pair)
    return {"pairs": result}


def scores(rng, fields, masked):
    """Pairs of a reward model's scores."""
    result = []
    for _ in range(4):
        pair = {side: {"score": number(rng.gauss(0, 1.5))} for side in ("chosen", "rejected")}
        if "preference_probability" in fields:
            pair["preference_probability"] = number(rng.uniform(0.05, 0.95))
        if "margin" in fields:
            pair["margin"] = number(rng.uniform(0, 1))
        result.append(pair)
    return {"pairs": result}


def sequences(rng, fields, masked):
    result = []
    for _ in range(4):
        terms = completion(rng, fields, masked)
        for name in fields:
            if name in SCALARS:
                terms[JSON_NAMES.get(name, name)] = number(SCALARS[name](rng))
        result.append(terms)
    if masked:  # one without a trained token: it is no part of any mean
        result[-1]["mask"] = [0] * len(result[-1]["mask"])
    return {"sequences": result}


def terms(record):
    """A completion's numbers as tensors; those of the policy have gradients."""
    found = types.SimpleNamespace(json=record, leaves={})
    for name, value in record.items():
        if isinstance(value, list):
            tensor = torch.tensor(value, dtype=torch.float64)
            if name == "logprobs" or name in DIFFERENTIABLE:
                tensor.requires_grad_()
                found.leaves[name] = tensor
            setattr(found, name, tensor)
        elif name == "score":
            found.score = torch.tensor(value, dtype=torch.float64, requires_grad=True)
            found.leaves[name] = found.score
        else:
            setattr(found, name, value)
    if "logprobs" in record and "mask" not in record:
        found.mask = torch.ones(len(record["logprobs"]), dtype=torch.float64)
    if "logprobs" in record:
        found.l, found.m, found.length = found.logprobs, found.mask, found.mask.sum()
        found.L = (found.l * found.m).sum()
        for name, short in (("reference", "R"), ("old", "O"), ("behavior", "B")):
            if f"{name}_logprobs" in record:
                tokens = getattr(found, f"{name}_logprobs")
                setattr(found, short.lower(), tokens)
                setattr(found, short, (tokens * found.m).sum())
        if "reference_logprobs" in record:
            found.a = found.L - found.R
    return found


def pair_terms(record):
    found = types.SimpleNamespace(w=terms(record["chosen"]), l=terms(record["rejected"]), third=None)
    for name in ("exploration", "gold"):
        if name in record:
            found.third = terms(record[name])
    for name, value in record.items():
        side, _, field = name.partition("_")
        if side in ("chosen", "rejected") and field:
            setattr(found.w if side == "chosen" else found.l, field, value)
    found.p = record.get("preference_probability")
    found.margin = record.get("margin", 0.0)
    if hasattr(found.w, "a"):
        found.delta = found.w.a - found.l.a
    return found


def completions(content):
    """All completions of a batch in the order of its gradients."""
    for element in content:
        if hasattr(element, "w"):
            yield element.w
            yield element.l
            if element.third:
                yield element.third
        else:
            yield element


# ------------------------------------------------------------------------------ shapes


def logistic(margin, p, smoothing=0.0):
    """The logistic loss of a margin, with labels that are wrong by the share `smoothing`."""
    smoothing = p.get("label_smoothing", smoothing)
    return -(1 - smoothing) * logsigmoid(margin) - smoothing * logsigmoid(-margin)


def mean_of(loss):
    """An objective of the mean over pairs or sequences."""
    return lambda batch, p: sum(loss(element, p) for element in batch) / len(batch)


def aggregate(losses, batch, p):
    """A batch's loss, of a tensor of token losses for each sequence."""
    sums = [(loss * s.m).sum() for loss, s in zip(losses, batch)]
    trained = [s for s in batch if s.length > 0]
    kind = p["aggregation"]
    if kind == "token_sum":
        return sum(sums)
    if kind == "token_mean":
        return sum(sums) / sum(s.length for s in batch)
    if kind == "sequence_sum":
        return sum(sums) / len(trained)
    if kind == "fixed_length":
        return sum(sums) / (len(trained) * p["max_length"])
    assert kind == "sequence_mean"
    return sum(total / s.length for total, s in zip(sums, batch) if s.length > 0) / len(trained)


def tokens_of(loss):
    """An objective of token losses."""
    return lambda batch, p: aggregate([loss(s, p) for s in batch], batch, p)


# ------------------------------------------------------------------------------ pairs


def aot(batch, p):
    margins = torch.sort(torch.stack([x.w.L - x.l.L for x in batch])).values
    references = torch.sort(torch.stack([x.w.R - x.l.R for x in batch])).values
    return logistic(p["beta"] * (margins - references), p).mean()


def aot_unpaired(batch, p):
    chosen = torch.sort(torch.stack([x.w.a for x in batch])).values
    rejected = torch.sort(torch.stack([x.l.a for x in batch])).values
    return logistic(p["beta"] * (chosen - rejected), p).mean()


def sppo_hard(x, p):
    target = 1 / (2 * p["beta"])
    return (x.w.a - target) ** 2 + (x.l.a + target) ** 2


def online_ipo(x, p):
    scale = (lambda s: s.length) if p["length_average"] else (lambda s: 1.0)
    h = x.w.a / scale(x.w) - x.l.a / scale(x.l)
    target = x.p - 0.5 if p["variant"] == "self_play" else x.w.win_rate - x.l.win_rate
    return (h - target / p["beta"]) ** 2


def triple_po(x, p):
    if p["length_average"]:
        z = p["beta"] * (x.w.L / x.w.length - x.l.L / x.l.length) - p["gamma"]
    else:
        z = p["beta"] * (x.w.L - x.l.L)
    return -logsigmoid(z) - p["alpha"] * x.third.L / x.third.length


def p3o(x, p):
    penalty = [p["kl_coefficient"] * (s.O - s.R) if p["kl_coefficient"] else 0.0 for s in (x.w, x.l)]
    gap = (x.w.reward - penalty[0]) - (x.l.reward - penalty[1])
    e = p["clip_range"]
    ratio = [torch.exp(s.L - s.O) for s in (x.w, x.l)]
    held = [r.detach() if p["weighted"] else torch.ones_like(r) for r in ratio]
    if p["clipping"] == "joint":
        quotient = (x.w.L - x.w.O) - (x.l.L - x.l.O)
        return -0.5 * held[0] * held[1] * torch.min(quotient * gap, quotient.clamp(-e, e) * gap)
    chosen = torch.min(ratio[0] * gap, ratio[0].clamp(1 - e, 1 + e) * gap)
    rejected = torch.min(-ratio[1] * gap, -ratio[1].clamp(1 - e, 1 + e) * gap)
    return -0.5 * (held[1] * chosen + held[0] * rejected)


def tdpo1(x, p):
    k = [(s.forward_kl * s.m).sum() for s in (x.w, x.l)]
    return -logsigmoid(p["beta"] * (x.delta - (k[1] - k[0])))


def tdpo2(x, p):
    k = [(s.forward_kl * s.m).sum() for s in (x.w, x.l)]
    return -logsigmoid(p["beta"] * (x.delta - p["alpha"] * (k[1] - k[0].detach())))


def wpo(x, p):
    means = [((s.l - torch.log(s.collisions)) * s.m).sum() / s.length for s in (x.w, x.l)]
    weight = torch.exp(means[0] + means[1]).detach()
    return (weight.clamp(max=1) if p["clamp"] else weight) * logistic(p["beta"] * x.delta, p)


def hybrid_po(x, p):
    y = x.third
    return -logsigmoid(p["beta"] * x.delta) + p["kl_coefficient"] * y.a.detach() * y.L


def hybrid_dpo(x, p):
    return -logsigmoid(p["beta"] * ((x.w.L - x.l.L) - (x.w.R - x.l.R).clamp(min=0)))


def bradley_terry(x, p):
    z = x.w.score - x.l.score - p["margin_coefficient"] * x.margin
    e, certainty = p["label_smoothing"], x.p if p["soft_labels"] else 1.0
    right = certainty * (1 - e) + (1 - certainty) * e
    centring = p["centring_coefficient"] * (x.w.score + x.l.score) ** 2
    return -right * logsigmoid(z) - (1 - right) * logsigmoid(-z) + centring


# ------------------------------------------------------------------------------ sequences


def nash_md(s, p):
    preference = s.win_rate - 0.5
    if p["kl"] == "sequence":
        return (p["beta"] * s.a.detach() - preference) * s.L
    return ((p["beta"] * (s.l - s.r).detach() - preference) * s.l * s.m).sum()


def a_lol(s, p):
    advantage, e = max(s.reward - s.value, 0.0), p["clip_range"]
    variant = p["variant"]
    if variant == "sequence":
        return -advantage * torch.exp(s.a).clamp(1 - e, 1 + e).detach() * s.l
    if variant == "token":
        return -advantage * torch.exp(s.l - s.r).clamp(1 - e, 1 + e).detach() * s.l
    penalty = p["kl_coefficient"] * (s.l - s.r) if variant == "kl" else 0.0
    return -advantage * s.l + penalty


def nft(s, p):
    rate = min(max(s.value, 0.02), 0.98)
    weight = {"none": 1.0, "failure_rate": 1 - rate, "root_odds": math.sqrt((1 - rate) / rate)}
    ratio = torch.exp((s.l - s.o).clamp(max=10))

    def at_least(x, floor):
        return x + (x.clamp(min=floor) - x).detach()

    if s.reward >= 0.5:
        return -weight[p["normalise"]] * torch.log(at_least(ratio, p["clamp_positive"]))
    implied = at_least((1 - rate * ratio) / (1 - rate), p["clamp_negative"])
    return -weight[p["normalise"]] * p["negative_weight"] * torch.log(implied)


def oreo(s, p):
    rho = (s.l - s.r) * s.m
    suffix = rho.flip(0).cumsum(0).flip(0).detach()
    value = (s.values + p["beta"] * suffix - s.reward) ** 2
    later = suffix - rho.detach()
    policy = (p["beta"] * (s.l - s.r + later) + s.values.detach() - s.reward) ** 2
    kl = s.reverse_kl if p["kl_estimator"] == "exact" else torch.exp(s.r - s.l) + (s.l - s.r) - 1
    return policy + p["kl_coefficient"] * kl + p["value_coefficient"] * value


def oreo_batch(batch, p):
    return aggregate([oreo(s, p) for s in batch], batch, {"aggregation": "sequence_mean"})


def sft(s, p):
    return -s.l


def dro(s, p):
    return -(s.l * s.advantages - 0.5 * p["beta"] * (s.l - s.o) ** 2)


def mdpo(s, p):
    if p["form"] == "squared":
        advantage = (s.advantages * s.m).sum() / s.length.clamp(min=1)
        return (0.5 * (advantage - p["tau"] * (s.L - s.O)) ** 2).expand(len(s.l))
    d = s.l - s.o
    return -torch.exp(d) * s.advantages + (torch.exp(-d) - 1 + d) / p["step_size"]


def align_distil(s, p):
    weight = p["strength"] * s.teacher_distances + 0.001 if p["contrast"] else 1.0
    return p["beta"] / weight * s.teacher_kl


def token_kl(s, p):
    bonus = p["entropy_coefficient"] * s.entropies if p["entropy_coefficient"] else 0.0
    return p["beta"] * (s.reverse_kl if p["direction"] == "reverse" else s.forward_kl) - bonus


# ------------------------------------------------------------------------------ policy gradients


def kl_penalty(s, p):
    if p["kl_estimator"] == "exact":
        return s.reverse_kl
    d = s.l - s.r
    k1, k2, k3 = d, 0.5 * d**2, torch.exp(-d) - 1 + d
    return {"k1": k1, "k2": k2, "k3": k3, "k3_plus": k2 - k2.detach() + k3.detach()}[
        p["kl_estimator"]
    ]


def policy_ratio(s, p):
    if p["ratio"] == "none":
        return torch.exp(s.l - s.l.detach())
    base, total = (s.b, s.B) if p["ratio_base"] == "behavior" else (s.o, s.O)
    if p["ratio"] == "token":
        return torch.exp(s.l - base)
    scale = s.length.clamp(min=1) if p["ratio"] == "sequence_mean" else 1.0
    return torch.exp((s.L - total) / scale).expand(len(s.l))


def importance_weight(s, p):
    """What corrects for data of the sampler; constant."""
    weight = torch.ones_like(s.l)
    cap, floor, mode = p["importance_cap"], p["importance_floor"], p["importance_mode"]
    if cap is not None:
        weight = torch.exp(s.o - s.b)
        whole = torch.exp(s.O - s.B)
        geometric = torch.exp((s.O - s.B) / s.length.clamp(min=1))
        if mode == "truncate":
            weight = weight.clamp(floor, cap)
        elif mode == "mask":
            weight = weight * ((weight >= floor) & (weight <= cap))
        elif mode == "sequence_truncate":
            weight = whole.clamp(floor, cap).expand(len(s.l))
        elif mode == "sequence_mask":
            weight = (whole * ((whole >= floor) & (whole <= cap))).expand(len(s.l))
        else:
            weight = weight * ((geometric >= floor) & (geometric <= cap))
    if p["drift_limit"] is not None:
        drift = (s.B - s.L) / s.length.clamp(min=1)
        weight = weight * ((s.advantages >= 0) | (drift <= p["drift_limit"]))
    return weight.detach()


def surrogate(s, advantage, p):
    kind = p["surrogate"]
    if kind == "likelihood":
        return -advantage * s.l
    if kind == "shaped":
        probability = torch.exp(s.l)
        return -advantage * probability / (probability + 0.1)
    ratio = policy_ratio(s, p)
    low = 1 / (1 + p["clip_low"]) if p["clip_bounds"] == "reciprocal" else 1 - p["clip_low"]
    held_within = ratio.clamp(low, 1 + p["clip_high"])
    if kind == "linear":
        return -ratio * advantage
    if kind == "weighted":
        return -held_within.detach() * advantage * s.l
    if kind == "sigmoid":
        positive = torch.full_like(advantage, p["gate_positive"])
        gate = torch.where(advantage > 0, positive, torch.full_like(advantage, p["gate_negative"]))
        return -advantage * 4 / gate * torch.sigmoid(gate * (ratio - 1))
    loss = torch.max(-ratio * advantage, -held_within * advantage)
    if p["dual_clip"] is not None:
        loss = torch.where(advantage < 0, torch.min(loss, -p["dual_clip"] * advantage), loss)
    return loss


def policy_loss(s, p):
    advantage = s.advantages
    if p["kl_coefficient"] and p["kl_placement"] == "advantage":
        advantage = advantage - p["kl_coefficient"] * kl_penalty(s, p).detach()
    loss = importance_weight(s, p) * surrogate(s, advantage, p)
    if p["kl_coefficient"] and p["kl_placement"] == "loss":
        loss = loss + p["kl_coefficient"] * kl_penalty(s, p)
    if p["entropy_coefficient"]:
        loss = loss - p["entropy_coefficient"] * s.entropies
    if p.get("value_coefficient"):
        error, reach = (s.values - s.returns) ** 2, p["value_clip_range"]
        if reach is not None:
            near = s.old_values + (s.values - s.old_values).clamp(-reach, reach)
            error = torch.max(error, (near - s.returns) ** 2)
        loss = loss + p["value_coefficient"] * 0.5 * error
    return loss


# ------------------------------------------------------------------------------ advantages


def return_to_go(rewards, batch, p):
    mask = batch.get("mask", [1] * len(rewards))
    trained = [t for t, m in enumerate(mask) if m]
    rewards = list(rewards)
    if p["baseline"] == "group_mean":
        rewards[trained[-1]] -= batch["baseline"]
    return [
        sum(p["gamma"] ** n * rewards[u] for n, u in enumerate(u for u in trained if u >= t))
        if t in trained
        else 0.0
        for t in range(len(rewards))
    ]


def greedy_baseline(rewards, batch, p):
    return [min(max(s - batch["baseline"], -p["clip"]), p["clip"]) for s in rewards]


def batch_mean(rewards, batch, p):
    return [s - sum(rewards) / len(rewards) for s in rewards]


def length_weighted_mean(rewards, batch, p):
    baseline = sum(t * s for t, s in zip(batch["lengths"], rewards)) / sum(batch["lengths"])
    return [s - baseline for s in rewards]


def best_minus_second(rewards, batch, p):
    ranked = sorted(rewards, reverse=True)
    return [ranked[0] - ranked[1] if s == ranked[0] else 0.0 for s in rewards]


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


# ------------------------------------------------------------------------------ cases

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
                       "centring_coefficient": 0.0},
                      [{}, ({"margin_coefficient": 0.5, "label_smoothing": 0.1}, ["margin"]),
                       ({"soft_labels": True, "label_smoothing": 0.1, "centring_coefficient": 0.05},
                        ["preference_probability"])]),
    "sft": (sequences, [], tokens_of(sft), TOKEN_MEAN, [{}, {"aggregation": "sequence_mean"}]),
    "nash_md": (sequences, [*REFERENCE, "win_rate"], None, {"beta": 0.1, "kl": "token"},
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


def nash_md_batch(batch, p):
    """By sequences that have a trained token, as all means over sequences."""
    return sum(nash_md(s, p) for s in batch) / sum(1 for s in batch if s.length > 0)


def expected(name, batch, p):
    loss = nash_md_batch if name == "nash_md" else OBJECTIVES[name][2]
    read = pair_terms if "pairs" in batch else terms
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
