"""TRL's RewardTrainer: steps on 4 pairs of texts of 256 tokens, all weights."""

import common

options = common.arguments()
common.use_threads(options.threads)
import torch
from datasets import Dataset
from transformers import AutoModelForSequenceClassification
from trl import RewardConfig, RewardTrainer

steps = options.repetitions + 1
rows = [
    {"chosen_ids": common.token_ids(2 * n, 256), "rejected_ids": common.token_ids(2 * n + 1, 256)}
    for n in range(4 * steps)
]
model = AutoModelForSequenceClassification.from_pretrained(
    options.model, num_labels=1, dtype=torch.float32
)
with common.step_seconds() as (clock, seconds):
    RewardTrainer(
        model=model,
        args=RewardConfig(per_device_train_batch_size=4, **common.trainer_settings(steps)),
        train_dataset=Dataset.from_list(rows),
        processing_class=common.tokenizer(options.model),
        callbacks=[clock],
    ).train()
common.report(seconds, 4 * 2 * 256, f"TRL RewardTrainer, {common.SETTINGS}")
