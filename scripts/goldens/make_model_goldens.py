#!/usr/bin/env python3
"""Makes the tiny Llama models of Tests/Fixtures and the values Hone must agree with.

    python3 -m venv venv && venv/bin/pip install torch transformers safetensors numpy
    venv/bin/python scripts/goldens/make_model_goldens.py [Tests/Fixtures]

The forward pass is written out below in float64 with plain torch operations, and its gradients come
from autograd: transformers itself computes norms, softmax and rotary angles in float32 whatever the
model's type. It is then checked against transformers' LlamaForCausalLM and
LlamaForSequenceClassification in float32 before anything is written. The weights come from a seeded
generator and are rounded to float32 first, so the files hold exactly the numbers that were used.
Tests/Fixtures/README.md names every array.
"""

import json
import math
import pathlib
import sys

import numpy
import torch
import transformers
from safetensors.torch import save_file
from transformers import LlamaConfig, LlamaForCausalLM, LlamaForSequenceClassification

HIDDEN, INTERMEDIATE, LAYERS, HEADS, KV_HEADS, HEAD, VOCABULARY = 32, 64, 2, 4, 2, 8, 97
THETA, EPSILON, BETA, LORA_RANK, LORA_ALPHA = 10_000.0, 1e-5, 0.1, 4, 8.0
OPTIMIZER = {
    "learning_rate": 1e-3,
    "beta1": 0.9,
    "beta2": 0.95,
    "epsilon": 1e-8,
    "weight_decay": 0.1,
    "gradient_clip": 1.0,
}

# Two prompts of four tokens with two completions each; one completion is a single token.
SEQUENCES = [
    {"tokens": [5, 17, 80, 3, 41, 2, 96], "prompt_length": 4},
    {"tokens": [5, 17, 80, 3, 9, 63, 63, 12, 0, 77, 28, 50], "prompt_length": 4},
    {"tokens": [33, 1, 33, 60, 88], "prompt_length": 4},
    {"tokens": [33, 1, 33, 60, 14, 91, 7, 22, 2], "prompt_length": 4},
]
PAIRS = [{"chosen": 0, "rejected": 1}, {"chosen": 3, "rejected": 2}]
PROJECTIONS = {
    "self_attn.q_proj": (HEADS * HEAD, HIDDEN),
    "self_attn.k_proj": (KV_HEADS * HEAD, HIDDEN),
    "self_attn.v_proj": (KV_HEADS * HEAD, HIDDEN),
    "self_attn.o_proj": (HIDDEN, HEADS * HEAD),
    "mlp.gate_proj": (INTERMEDIATE, HIDDEN),
    "mlp.up_proj": (INTERMEDIATE, HIDDEN),
    "mlp.down_proj": (HIDDEN, INTERMEDIATE),
}


def normal(random, shape, deviation, mean=0.0):
    """Float64 values that float32 holds exactly."""
    values = (mean + deviation * random.standard_normal(shape)).astype(numpy.float32)
    return torch.from_numpy(values).double()


def make_parameters(random, tied):
    parameters = {"model.embed_tokens.weight": normal(random, (VOCABULARY, HIDDEN), 0.3 if tied else 1.0)}
    for layer in range(LAYERS):
        prefix = f"model.layers.{layer}."
        for name, (rows, columns) in PROJECTIONS.items():
            parameters[f"{prefix}{name}.weight"] = normal(random, (rows, columns), columns**-0.5)
        for name in ("input_layernorm", "post_attention_layernorm"):
            parameters[f"{prefix}{name}.weight"] = normal(random, (HIDDEN,), 0.2, mean=1.0)
    parameters["model.norm.weight"] = normal(random, (HIDDEN,), 0.2, mean=1.0)
    if not tied:
        parameters["lm_head.weight"] = normal(random, (VOCABULARY, HIDDEN), 0.3)
    return parameters


def rms_norm(x, weight):
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + EPSILON) * weight


def rotate(x):
    """Rotary positions, halves convention: channel i pairs with i + HEAD / 2. x: (heads, tokens, HEAD)."""
    frequencies = THETA ** (-torch.arange(0, HEAD, 2, dtype=torch.float64) / HEAD)
    angles = torch.arange(x.shape[1], dtype=torch.float64)[:, None] * frequencies
    cosine, sine = torch.cat([angles.cos()] * 2, -1), torch.cat([angles.sin()] * 2, -1)
    first, second = x.chunk(2, -1)
    return x * cosine + torch.cat([-second, first], -1) * sine


def backbone(parameters, tokens, adapter=None):
    """The residual after each layer, and after the final norm: each (tokens, HIDDEN)."""

    def linear(name, x):
        y = x @ parameters[f"{name}.weight"].T
        if adapter is not None:
            a, b = adapter[f"{name}.lora_A.weight"], adapter[f"{name}.lora_B.weight"]
            y = y + (LORA_ALPHA / LORA_RANK) * (x @ a.T) @ b.T
        return y

    count = len(tokens)
    x = parameters["model.embed_tokens.weight"][torch.tensor(tokens)]
    future = torch.ones(count, count, dtype=torch.bool).triu(1)
    residuals = []
    for layer in range(LAYERS):
        p = f"model.layers.{layer}."
        h = rms_norm(x, parameters[f"{p}input_layernorm.weight"])
        q = rotate(linear(f"{p}self_attn.q_proj", h).view(count, HEADS, HEAD).transpose(0, 1))
        k = rotate(linear(f"{p}self_attn.k_proj", h).view(count, KV_HEADS, HEAD).transpose(0, 1))
        v = linear(f"{p}self_attn.v_proj", h).view(count, KV_HEADS, HEAD).transpose(0, 1)
        k, v = (t.repeat_interleave(HEADS // KV_HEADS, 0) for t in (k, v))
        scores = (q @ k.transpose(1, 2) / math.sqrt(HEAD)).masked_fill(future, -math.inf)
        mixed = (scores.softmax(-1) @ v).transpose(0, 1).reshape(count, HEADS * HEAD)
        x = x + linear(f"{p}self_attn.o_proj", mixed)
        h = rms_norm(x, parameters[f"{p}post_attention_layernorm.weight"])
        gated = torch.nn.functional.silu(linear(f"{p}mlp.gate_proj", h)) * linear(f"{p}mlp.up_proj", h)
        x = x + linear(f"{p}mlp.down_proj", gated)
        residuals.append(x)
    return residuals, rms_norm(x, parameters["model.norm.weight"])


def logits_of(parameters, tokens, adapter=None):
    head = parameters.get("lm_head.weight", parameters["model.embed_tokens.weight"])
    return backbone(parameters, tokens, adapter)[1] @ head.T


def token_statistics(logits, tokens):
    """Log-probability of tokens[1…] and the entropy of the distribution each was drawn from."""
    logprobs = logits[:-1].log_softmax(-1)
    taken = logprobs.gather(1, torch.tensor(tokens[1:])[:, None])[:, 0]
    return taken, -(logprobs.exp() * logprobs).sum(-1)


def completion(statistic, sequence):
    return statistic[sequence["prompt_length"] - 1 :]


def weighted_loss(parameters, weights, which, adapter=None):
    """Σ over completion tokens of weight · log-probability (which = 0) or · entropy (which = 1)."""
    total = 0.0
    for sequence, row in zip(SEQUENCES, weights):
        values = token_statistics(logits_of(parameters, sequence["tokens"], adapter), sequence["tokens"])[which]
        total = total + (torch.tensor(row, dtype=torch.float64) * completion(values, sequence)).sum()
    return total


def dpo_loss(parameters, reference):
    sums = []
    for sequence in SEQUENCES:
        logprobs, _ = token_statistics(logits_of(parameters, sequence["tokens"]), sequence["tokens"])
        sums.append(completion(logprobs, sequence).sum())
    margins = []
    for pair in PAIRS:
        w, l = pair["chosen"], pair["rejected"]
        margins.append(sums[w] - sum(reference[w]) - sums[l] + sum(reference[l]))
    return -torch.nn.functional.logsigmoid(BETA * torch.stack(margins)).mean()


def rewards_of(parameters):
    """A scalar head on the last token's final-normed state, without bias: (sequences,)."""
    states = [backbone(parameters, s["tokens"])[1][-1] for s in SEQUENCES]
    return (torch.stack(states) @ parameters["score.weight"].T)[:, 0]


def reward_loss(parameters):
    rewards = rewards_of(parameters)
    margins = torch.stack([rewards[p["chosen"]] - rewards[p["rejected"]] for p in PAIRS])
    return -torch.nn.functional.logsigmoid(margins).mean()


def gradients(loss, parameters):
    leaves = {name: value.clone().requires_grad_() for name, value in parameters.items()}
    value = loss(leaves)
    value.backward()
    return value.item(), {name: leaf.grad for name, leaf in leaves.items()}


def adamw_steps(parameters, reference):
    """Two torch.optim.AdamW steps on the DPO loss: each step's loss and norm, and total changes."""
    leaves = {name: torch.nn.Parameter(value.clone()) for name, value in parameters.items()}
    matrices = [v for v in leaves.values() if v.dim() == 2]
    vectors = [v for v in leaves.values() if v.dim() == 1]
    optimizer = torch.optim.AdamW(
        [{"params": matrices, "weight_decay": OPTIMIZER["weight_decay"]}, {"params": vectors, "weight_decay": 0.0}],
        lr=OPTIMIZER["learning_rate"],
        betas=(OPTIMIZER["beta1"], OPTIMIZER["beta2"]),
        eps=OPTIMIZER["epsilon"],
    )
    losses, norms, changes = [], [], []
    for _ in range(2):
        optimizer.zero_grad()
        loss = dpo_loss(leaves, reference)
        loss.backward()
        norms.append(torch.nn.utils.clip_grad_norm_(leaves.values(), OPTIMIZER["gradient_clip"]).item())
        losses.append(loss.item())
        optimizer.step()
        changes.append({name: leaf.detach() - parameters[name] for name, leaf in leaves.items()})
    return losses, norms, changes


def check_against_transformers(folder, parameters, score):
    """Fails unless transformers, reading the saved folder, agrees to float32 rounding."""
    model = LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    scored = {**parameters, "score.weight": score}
    config = LlamaConfig.from_pretrained(folder, num_labels=1, pad_token_id=VOCABULARY - 2)
    classifier = LlamaForSequenceClassification(config).eval()
    state = {k: v.float() for k, v in scored.items() if k != "lm_head.weight"}
    classifier.load_state_dict(state, strict=True)
    expected_rewards = rewards_of(scored)
    worst = 0.0
    with torch.no_grad():
        for index, sequence in enumerate(SEQUENCES):
            tokens = torch.tensor([sequence["tokens"]])
            output = model(tokens, output_hidden_states=True)
            residuals, final = backbone(parameters, sequence["tokens"])
            expected = [residuals[0], final, logits_of(parameters, sequence["tokens"])]
            actual = [output.hidden_states[1][0], output.hidden_states[-1][0], output.logits[0]]
            actual.append(classifier(tokens).logits[0])
            expected.append(expected_rewards[index : index + 1])
            worst = max([worst] + [(a - e).abs().max().item() for a, e in zip(actual, expected)])
    if worst > 2e-5:
        raise SystemExit(f"{folder}: differs from transformers by {worst:.2e}")
    return worst


def save_model(folder, parameters, tied):
    config = LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=HIDDEN,
        intermediate_size=INTERMEDIATE,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        num_key_value_heads=KV_HEADS,
        head_dim=HEAD,
        max_position_embeddings=128,
        rms_norm_eps=EPSILON,
        rope_parameters={"rope_type": "default", "rope_theta": THETA},
        tie_word_embeddings=tied,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=0,
        dtype="float32",
    )
    model = LlamaForCausalLM(config)
    state = {name: value.float() for name, value in parameters.items()}
    missing, unexpected = model.load_state_dict(state, strict=False)
    assert not unexpected and missing == (["lm_head.weight"] if tied else []), (missing, unexpected)
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    if not tied:
        spell_as_transformers_4(folder / "config.json")


def spell_as_transformers_4(path):
    """The keys that nearly every published Llama uses; version 5 writes rope_parameters and dtype."""
    config = json.loads(path.read_text())
    config["rope_theta"] = config.pop("rope_parameters")["rope_theta"]
    config["rope_scaling"] = None
    config["torch_dtype"] = config.pop("dtype")
    path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")


def random_rows(random):
    lengths = [len(s["tokens"]) - s["prompt_length"] for s in SEQUENCES]
    return [[round(float(x), 4) for x in random.standard_normal(n)] for n in lengths]


def make_adapter(random):
    adapter = {}
    for layer in range(LAYERS):
        for name, (rows, columns) in PROJECTIONS.items():
            base = f"model.layers.{layer}.{name}"
            adapter[f"{base}.lora_A.weight"] = normal(random, (LORA_RANK, columns), columns**-0.5)
            adapter[f"{base}.lora_B.weight"] = normal(random, (rows, LORA_RANK), 0.3)
    return adapter


def statistics_of(parameters, adapter=None):
    rows = []
    for sequence in SEQUENCES:
        logprobs, entropies = token_statistics(logits_of(parameters, sequence["tokens"], adapter), sequence["tokens"])
        rows.append({"logprobs": [None] + logprobs.tolist(), "entropies": [None] + entropies.tolist()})
    return rows


def make_goldens(folder, tied, seed):
    random = numpy.random.RandomState(seed)
    parameters = make_parameters(random, tied)
    save_model(folder, parameters, tied)
    score = normal(random, (1, HIDDEN), HIDDEN**-0.5)
    perturbed = {n: v + 0.1 * normal(random, v.shape, 1.0) * v.std() for n, v in parameters.items()}
    reference = [
        [round(x, 6) for x in row["logprobs"][s["prompt_length"] :]]
        for row, s in zip(statistics_of(perturbed), SEQUENCES)
    ]
    logprob_weights, entropy_weights = random_rows(random), random_rows(random)
    adapter = make_adapter(random)
    arrays, document = {}, {}

    def store(group, values):
        for name, value in values.items():
            arrays[f"{group}/{name}"] = value.detach().float().contiguous()

    for index, sequence in enumerate(SEQUENCES):
        residuals, final = backbone(parameters, sequence["tokens"])
        store(f"sequence/{index}", {f"residual_after_layer_{n}": r for n, r in enumerate(residuals)})
        store(f"sequence/{index}", {"final_norm": final, "logits": logits_of(parameters, sequence["tokens"])})

    weighted, weighted_gradients = gradients(lambda p: weighted_loss(p, logprob_weights, 0), parameters)
    entropy, entropy_gradients = gradients(lambda p: weighted_loss(p, entropy_weights, 1), parameters)
    dpo, dpo_gradients = gradients(lambda p: dpo_loss(p, reference), parameters)
    store("gradient/logprob", weighted_gradients)
    store("gradient/entropy", entropy_gradients)
    store("gradient/dpo", dpo_gradients)
    losses, norms, changes = adamw_steps(parameters, reference)
    store("adamw/change_after_2", changes[1])
    if tied:
        store("adamw/change_after_1", changes[0])

    lora, lora_gradients = gradients(lambda a: weighted_loss(parameters, logprob_weights, 0, a), adapter)
    store("lora/parameter", adapter)
    store("lora/gradient", lora_gradients)

    scored = {n: v for n, v in parameters.items() if n != "lm_head.weight"} | {"score.weight": score}
    reward, reward_gradients = gradients(reward_loss, scored)
    arrays["reward/score.weight"] = score.float()
    if tied:
        store("gradient/reward", reward_gradients)

    worst = check_against_transformers(folder, parameters, score)
    document = {
        "provenance": {
            "torch": torch.__version__,
            "transformers": transformers.__version__,
            "numpy": numpy.__version__,
            "seed": seed,
            "computed_in": "float64",
            "largest_difference_from_transformers_float32": worst,
        },
        "sequences": [
            {**s, **row} for s, row in zip(SEQUENCES, statistics_of(parameters))
        ],
        "logprob": {"weights": logprob_weights, "loss": weighted},
        "entropy": {"weights": entropy_weights, "loss": entropy},
        "dpo": {"beta": BETA, "pairs": PAIRS, "reference_logprobs": reference, "loss": dpo},
        "adamw": {**OPTIMIZER, "losses": losses, "gradient_norms": norms},
        "reward": {"pairs": PAIRS, "rewards": rewards_of(scored).tolist(), "loss": reward},
        "lora": {
            "rank": LORA_RANK,
            "alpha": LORA_ALPHA,
            "weights": logprob_weights,
            "loss": lora,
            "sequences": [{"logprobs": r["logprobs"]} for r in statistics_of(parameters, adapter)],
        },
    }
    save_file(dict(sorted(arrays.items())), folder / "goldens.safetensors")
    (folder / "goldens.json").write_text(json.dumps(document, indent=1) + "\n")
    print(f"{folder.name}: {len(arrays)} arrays, transformers differs by {worst:.1e}, losses {losses}, norms {norms}")


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "Tests/Fixtures")
    torch.manual_seed(0)
    for name, tied, seed in (("tiny-llama-tied", True, 20_261_121), ("tiny-llama-untied", False, 20_261_122)):
        folder = root / name
        folder.mkdir(parents=True, exist_ok=True)
        make_goldens(folder, tied, seed)


if __name__ == "__main__":
    main()
