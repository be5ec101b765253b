"""Random batches of the objectives' golden cases, and their numbers as tensors."""

import math
import types

import torch

# The fields of the policy, which have gradients beside the log-probabilities.
DIFFERENTIABLE = ("values", "entropies", "reverse_kl", "forward_kl", "collisions", "teacher_kl")


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


def score_texts(rng, fields, masked):
    """Whole texts with a reward model's score, and a rating or a label."""
    result = []
    for _ in range(5):
        text = {"score": number(rng.gauss(0, 1.5))}
        if "rating" in fields:
            text["reward"] = number(rng.uniform(0, 6))
        if "label" in fields:
            text["label"] = rng.random() < 0.5
        if masked:
            text["weight"] = number(rng.uniform(0.5, 2))
        result.append(text)
    return {"sequences": result}


def score_lists(rng, fields, masked):
    """Groups of a reward model's scores with a reward each, by whose order they are ranked."""
    result = []
    for _ in range(3):
        count = rng.randint(2, 5) if masked else rng.randint(9, 11)
        result.append({
            "completions": [{"score": number(rng.gauss(0, 1.5))} for _ in range(count)],
            "rewards": [number(rng.gauss(0, 1)) for _ in range(count)],
        })
    return {"groups": result}


def labelled(rng, fields, masked):
    """Completions of a policy that are right or wrong."""
    batch = sequences(rng, fields, masked)
    for record in batch["sequences"]:
        record["label"] = rng.random() < 0.5
    return batch


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


def group_terms(record):
    found = types.SimpleNamespace(completions=[terms(item) for item in record["completions"]])
    found.rewards = record["rewards"]
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
        elif hasattr(element, "completions"):
            yield from element.completions
        else:
            yield element
