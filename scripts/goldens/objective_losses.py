"""The objectives' equations but for the policy gradients', in torch.

Each follows its page in docs/objectives; x is a pair with sides w and l, s a completion, p the
parameters. Upper-case letters are sums over trained tokens, as on the pages.
"""

import math

import torch
from torch.nn.functional import logsigmoid


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
    small = p["l2_coefficient"] * (x.w.score ** 2 + x.l.score ** 2)
    return -right * logsigmoid(z) - (1 - right) * logsigmoid(-z) + centring + small


def bradley_terry_ties(x, p):
    if p["model"] == "davidson":
        w, l = torch.exp(x.w.score), torch.exp(x.l.score)
        tie = p["tie_strength"] * torch.sqrt(w * l)
        total = w + l + tie
        win, loss, tie = w / total, l / total, tie / total
    else:
        theta = math.exp(p["tie_strength"])
        w, l = torch.exp(x.w.score), torch.exp(x.l.score)
        win, loss = w / (w + theta * l), l / (l + theta * w)
        tie = 1 - win - loss
    side = 2 * x.p - 1
    return (-max(side, 0.0) * torch.log(win) - max(-side, 0.0) * torch.log(loss)
            - (1 - abs(side)) * torch.log(tie))


# ------------------------------------------------------------------------------ scores of texts


def weight_of(text):
    return getattr(text, "weight", 1.0)


def weighted_mean(loss):
    """An objective of the mean over texts, each with its weight."""
    return lambda batch, p: sum(weight_of(t) * loss(t, p) for t in batch) / len(batch)


def rating_regression(text, p):
    if p["loss"] == "squared":
        return torch.nn.functional.mse_loss(text.score, torch.tensor(text.reward, dtype=torch.float64))
    place = min(1.0, max(0.0, (text.reward - p["lowest"]) / p["range"]))
    target = torch.tensor(place, dtype=torch.float64)
    return torch.nn.functional.binary_cross_entropy_with_logits(text.score, target)


def ordinal_regression(text, p):
    steps = p["steps"]
    # Ratings are rounded half away from zero, and held within the scale.
    step = min(steps - 1, max(0, math.floor(text.reward + 0.5) - p["lowest"]))
    thresholds = [p["spacing"] * (c - (steps - 2) / 2) for c in range(steps - 1)]
    below = lambda c: torch.sigmoid(thresholds[c] - text.score) if 0 <= c < steps - 1 else float(c >= 0)
    return -torch.log(below(step) - below(step - 1))


def binary_labels(text, p):
    smoothing = p["label_smoothing"]
    target = torch.tensor(1 - smoothing if text.label else smoothing, dtype=torch.float64)
    weight = p["desirable_weight"] if text.label else p["undesirable_weight"]
    return weight * torch.nn.functional.binary_cross_entropy_with_logits(text.score, target)


def plackett_luce(group, p):
    order = sorted(range(len(group.rewards)), key=lambda index: -group.rewards[index])
    scores = torch.stack([group.completions[index].score for index in order]) / p["temperature"]
    choices = min(len(order) - 1, p["depth"])
    return sum(torch.logsumexp(scores[i:], 0) - scores[i] for i in range(choices))


def implicit_prm(batch, p):
    counted = [s for s in batch if s.length > 0]
    losses = [-logsigmoid(p["beta"] * (s.a if s.label else -s.a)) for s in counted]
    return sum(losses) / len(counted)


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


def nash_md_batch(batch, p):
    """By sequences that have a trained token, as all means over sequences."""
    return sum(nash_md(s, p) for s in batch) / sum(1 for s in batch if s.length > 0)
