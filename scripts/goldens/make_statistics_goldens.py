#!/usr/bin/env python3
"""Makes the figures that Hone's statistics must agree with.

    python3 -m venv venv && venv/bin/pip install numpy scipy
    venv/bin/python scripts/goldens/make_statistics_goldens.py [Tests/StatisticsTests/Fixtures]

Writes statistics.json. What scipy has comes from scipy; the rest is written down from its definition,
by the slowest way there is: all subsets for the best of n, a general optimizer for the regressions.
Nothing here is shared with Hone's sources. Data comes from a seeded generator, rounded to five digits.
"""

import itertools
import json
import math
import pathlib
import sys
from collections import Counter

import numpy as np
from scipy import optimize, stats

random = np.random.default_rng(17)


def rounded(values):
    return [round(float(value), 5) for value in values]


def quantiles():
    student = [
        {"probability": p, "degrees": d, "expected": stats.t.ppf(p, d)}
        for p in (0.6, 0.9, 0.975, 0.9995, 0.05)
        for d in (1, 2, 3.5, 9, 63, 2000)
    ]
    normal = [{"probability": p, "expected": stats.norm.ppf(p)} for p in (0.001, 0.5, 0.8, 0.975)]
    return {"student": student, "normal": normal}


def means():
    values = rounded(random.normal(2, 3, 12))
    low, high = stats.t.interval(
        0.95, len(values) - 1, loc=np.mean(values), scale=stats.sem(values)
    )
    sizes = [1, 3, 2, 4, 4, 1]
    clusters = [rounded(random.normal(i / 3, 1, size)) for i, size in enumerate(sizes)]
    mean = np.mean(np.concatenate(clusters))
    residuals = np.array([np.sum(np.array(c) - mean) for c in clusters])
    m, n = len(clusters), sum(sizes)
    reach = stats.t.ppf(0.95, m - 1) * math.sqrt(m / (m - 1) * np.sum(residuals**2)) / n
    return [
        {
            "clusters": [[v] for v in values], "level": 0.95, "mean": float(np.mean(values)),
            "deviation": float(np.std(values, ddof=1)), "lower": low, "upper": high,
        },
        {
            "clusters": clusters, "level": 0.9, "mean": float(mean),
            "deviation": float(np.std(np.concatenate(clusters), ddof=1)),
            "lower": float(mean - reach), "upper": float(mean + reach),
        },
    ]


def wilson():
    cases = []
    for wins, count in [(0, 10), (7, 10), (50, 100), (10, 10), (431, 1000)]:
        interval = stats.binomtest(wins, count).proportion_ci(0.95, method="wilson")
        cases.append(
            {"rate": wins / count, "count": count, "lower": interval.low, "upper": interval.high}
        )
    return cases


def length_controlled():
    cases = []
    for effect, quality, ridge in [(1.5, 0.3, 0.01), (-0.8, -1, 0.5), (0, 40, 0.01)]:
        lengths = np.round(random.normal(5, 20, 60))
        term = np.tanh(lengths / np.std(lengths, ddof=1))
        odds = quality + effect * term
        outcomes = (random.random(60) < 1 / (1 + np.exp(-odds))).astype(float)
        if effect:
            outcomes[::7] = 0.5

        def loss(point):
            logit = point[0] + point[1] * term
            return np.sum(np.logaddexp(0, logit) - outcomes * logit) + ridge / 2 * np.sum(point**2)

        best = optimize.minimize(loss, [0, 0], method="BFGS", options={"gtol": 1e-10}).x
        best = optimize.minimize(loss, best, method="Nelder-Mead", options={"xatol": 1e-12, "fatol": 1e-14}).x
        cases.append(
            {
                "outcomes": outcomes.tolist(), "lengths": lengths.tolist(), "ridge": ridge,
                "quality": best[0], "effect": best[1], "rate": float(1 / (1 + np.exp(-best[0]))),
            }
        )
    return cases


def correlations():
    cases = []
    for digits in (5, 0):
        left = np.round(random.normal(0, 2, 40), digits)
        right = np.round(0.6 * left + random.normal(0, 1.5, 40), digits)
        cases.append(
            {
                "left": left.tolist(), "right": right.tolist(),
                "pearson": stats.pearsonr(left, right)[0],
                "spearman": stats.spearmanr(left, right)[0],
                "kendall": stats.kendalltau(left, right)[0],
            }
        )
    return cases


def starc():
    """The reference checks ½‖u₁ − u₂‖ by the other formula, √((1 − correlation) / 2)."""
    groups = [(rounded(random.normal(i, 1, 4)), rounded(random.normal(-i, 2, 4))) for i in range(5)]
    left = np.concatenate([np.array(g[0]) - np.mean(g[0]) for g in groups])
    right = np.concatenate([np.array(g[1]) - np.mean(g[1]) for g in groups])
    correlation = left @ right / math.sqrt((left @ left) * (right @ right))
    return {
        "left": [g[0] for g in groups], "right": [g[1] for g in groups],
        "distance": math.sqrt((1 - correlation) / 2),
    }


def calibration():
    probabilities = rounded(random.random(200))
    outcomes = [float(random.random() < p**2) for p in probabilities]
    bins = np.clip((np.array(probabilities) / 0.1).astype(int), 0, 9)
    error = 0.0
    for number in range(10):
        chosen = bins == number
        if chosen.any():
            gap = np.array(outcomes)[chosen].mean() - np.array(probabilities)[chosen].mean()
            error += chosen.mean() * abs(gap)
    differences = rounded(random.normal(0.7, 1.5, 80))
    best = optimize.minimize_scalar(
        lambda scale: np.sum(np.logaddexp(0, -scale * np.array(differences))),
        bounds=(0, 20), method="bounded", options={"xatol": 1e-13},
    ).x
    return {
        "probabilities": probabilities, "outcomes": outcomes, "error": error,
        "brier": float(np.mean((np.array(probabilities) - outcomes) ** 2)),
        "differences": differences, "temperature": 1 / best,
    }


def best_of_n():
    ranks = rounded(random.normal(0, 1, 7))
    ranks[2] = ranks[5]
    values = rounded(random.normal(0, 1, 7))
    cases = []
    for n in (1, 2, 4, 7):
        own, other = [], []
        for subset in itertools.combinations(range(7), n):
            best = max(ranks[i] for i in subset)
            tops = [i for i in range(7) if ranks[i] == best]
            own.append(best)
            # Equal ranks: each of them is as likely to be the one that is taken.
            other.append(np.mean([values[i] for i in tops]))
        cases.append({"n": n, "own": float(np.mean(own)), "other": float(np.mean(other))})
    return {"ranks": ranks, "values": values, "cases": cases}


def pass_at_k():
    return [
        {"k": k, "samples": n, "correct": c, "expected": 1 - math.comb(n - c, k) / math.comb(n, k)}
        for n, c, k in [(10, 3, 1), (10, 3, 5), (200, 13, 100), (8, 0, 3), (8, 6, 4)]
    ]


def bleu(candidate, references):
    logs = 0.0
    for n in range(1, 5):
        grams = Counter(tuple(candidate[i : i + n]) for i in range(len(candidate) - n + 1))
        limits = Counter()
        for reference in references:
            limits |= Counter(tuple(reference[i : i + n]) for i in range(len(reference) - n + 1))
        matches = sum((grams & limits).values())
        logs += math.log((matches or 0.1) / max(1, sum(grams.values()))) / 4
    nearest = min((abs(len(r) - len(candidate)), len(r)) for r in references)[1]
    penalty = 1.0 if len(candidate) > nearest else math.exp(1 - nearest / len(candidate))
    return penalty * math.exp(logs)


def diversity():
    lines = [
        "the cat sat on the mat and slept",
        "the cat sat on the hat and then it slept",
        "a dog ran over the hill",
        "dog",
    ]
    tokens = [line.split() for line in lines]
    grams = {
        n: [tuple(t[i : i + n]) for t in tokens for i in range(len(t) - n + 1)] for n in (1, 2, 3)
    }
    return {
        "sequences": tokens,
        "distinct": [len(set(grams[n])) / len(grams[n]) for n in (1, 2, 3)],
        "self_bleu": float(
            np.mean([bleu(t, tokens[:i] + tokens[i + 1 :]) for i, t in enumerate(tokens)])
        ),
    }


def overoptimisation():
    cases = []
    for method, alpha, beta in [("rl", 0.9, 0.35), ("best_of_n", 0.8, 0.06), ("rl", 0.2, -0.1)]:
        distances = np.sort(np.round(random.uniform(0.1, 9, 15), 4))
        second = distances * np.log(distances) if method == "rl" else distances**2
        noise = random.normal(0, 0.05, 15)
        rewards = np.round(1.5 + alpha * distances - beta * second + noise, 5)
        design = np.stack([distances, -second], axis=1)
        (a, b), missed, *_ = np.linalg.lstsq(design, rewards - 1.5)
        cases.append(
            {
                "method": method, "start": 1.5, "distances": distances.tolist(),
                "rewards": rewards.tolist(), "alpha": a, "beta": b,
                "determination": 1 - missed[0] / np.sum((rewards - 1.5) ** 2),
            }
        )
        if b > 0:
            curve = lambda d: -(a * d - b * (d * np.log(d) if method == "rl" else d * d))
            cases[-1]["peak"] = optimize.minimize_scalar(
                curve, bounds=(1e-3, 100), method="bounded", options={"xatol": 1e-12}
            ).x
    return cases


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "Tests/StatisticsTests/Fixtures")
    goldens = {
        "quantiles": quantiles(), "means": means(), "wilson": wilson(),
        "length_controlled": length_controlled(), "correlations": correlations(), "starc": starc(),
        "calibration": calibration(), "best_of_n": best_of_n(), "pass_at_k": pass_at_k(),
        "diversity": diversity(), "overoptimisation": overoptimisation(),
    }
    lines = [f"{json.dumps(name)}: {json.dumps(value)}" for name, value in goldens.items()]
    (folder / "statistics.json").write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
