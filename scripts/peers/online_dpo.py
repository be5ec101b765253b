"""TRL's OnlineDPOTrainer: 4 prompts, 2 completions of 64 tokens each, a reference, a reward model of the same size."""

import common

options = common.arguments(prompt_tokens={"type": int, "default": 16})
common.use_threads(options.threads)
import torch
from datasets import Dataset
from transformers import AutoModelForSequenceClassification
from trl.experimental.online_dpo import OnlineDPOConfig, OnlineDPOTrainer

PROMPTS, NEW_TOKENS = 4, 64
tokenizer = common.tokenizer(options.model)
words = common.Words(tokenizer)
steps = options.repetitions + 1
reward_model = AutoModelForSequenceClassification.from_pretrained(
    options.model, num_labels=1, dtype=torch.float32
)
rows = [{"prompt": words.text(n, options.prompt_tokens)} for n in range(PROMPTS * steps)]
with common.step_seconds() as (clock, seconds):
    OnlineDPOTrainer(
        model=common.causal_model(options.model),
        reward_funcs=reward_model,
        args=OnlineDPOConfig(
            per_device_train_batch_size=PROMPTS,
            max_new_tokens=NEW_TOKENS,
            generation_kwargs={"min_new_tokens": NEW_TOKENS},
            temperature=1.0,
            use_vllm=False,
            **common.trainer_settings(steps),
        ),
        train_dataset=Dataset.from_list(rows),
        processing_class=tokenizer,
        reward_processing_classes=common.tokenizer(options.model),
        callbacks=[clock],
    ).train()
common.report(
    seconds,
    PROMPTS * 2 * NEW_TOKENS,
    f"TRL OnlineDPOTrainer, {common.SETTINGS}, reference, reward model, transformers generate, no vLLM",
)
