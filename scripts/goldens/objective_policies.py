"""The stages of policy gradients and the advantage estimators, from docs/objectives."""

import torch


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
