"""TRL's RewardTrainer on pairs of a file, and its accuracy on the pairs of another.

The texts are the template's, without special tokens, as Hone reads them.
"""

import json
import pathlib

import common

options = common.arguments(
    folder={"required": True, "help": "train.jsonl and held-out.jsonl"},
    layers={"type": int, "required": True, "help": "layers that are kept"},
    trained={"type": int, "required": True, "help": "the top layers that are trained"},
    batch={"type": int, "default": 8},
    learning_rate={"type": float, "default": 1e-4},
    seed={"type": int, "default": 0},
    template={"required": True},
)
common.use_threads(options.threads)
import time

import torch
from datasets import Dataset
from transformers import AutoModelForSequenceClassification
from trl import RewardConfig, RewardTrainer

torch.manual_seed(options.seed)
tokenizer = common.tokenizer(options.model)


def read(name):
    lines = (pathlib.Path(options.folder) / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def tokens(text):
    whole = options.template.replace("{completion}", text)
    return tokenizer(whole, add_special_tokens=False).input_ids


rows = [
    {"chosen_ids": tokens(pair["chosen"]), "rejected_ids": tokens(pair["rejected"])}
    for pair in read("train")
]
model = AutoModelForSequenceClassification.from_pretrained(
    options.model, num_labels=1, num_hidden_layers=options.layers, dtype=torch.float32
)
model.config.pad_token_id = tokenizer.pad_token_id
for name, parameter in model.named_parameters():
    layer = name.split("layers.")[1].split(".")[0] if "layers." in name else None
    parameter.requires_grad_(
        "embed" not in name and (layer is None or int(layer) >= options.layers - options.trained)
    )
steps = -(-len(rows) // options.batch)
settings = common.trainer_settings(steps) | {
    "learning_rate": options.learning_rate, "seed": options.seed, "max_grad_norm": 1.0,
}
start = time.perf_counter()
RewardTrainer(
    model=model,
    args=RewardConfig(per_device_train_batch_size=options.batch, weight_decay=0.0, **settings),
    train_dataset=Dataset.from_list(rows),
    processing_class=tokenizer,
).train()
seconds = time.perf_counter() - start
model.eval()


def score(text):
    with torch.no_grad():
        return model(input_ids=torch.tensor([tokens(text)])).logits.item()


held_out = read("held-out")
right = sum(score(pair["chosen"]) > score(pair["rejected"]) for pair in held_out)
common.report([seconds], 0, f"TRL RewardTrainer, {common.SETTINGS}", accuracy=right / len(held_out))
