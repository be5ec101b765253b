"""TRL's DPOTrainer: steps on 4 pairs of 128 prompt and 128 completion tokens."""

import common

options = common.arguments(
    stored={"action": "store_true", "help": "reference log-probabilities computed before training"},
    lora={"action": "store_true", "help": "PEFT adapters of rank 16 on all linear layers"},
)
common.use_threads(options.threads)
from datasets import Dataset
from trl import DPOConfig, DPOTrainer

tokenizer = common.tokenizer(options.model)
words = common.Words(tokenizer)
steps = options.repetitions + 1
rows = [
    {
        "prompt": words.text(3 * n, 128),
        # The trainer adds the end token.
        "chosen": words.text(3 * n + 1, 127),
        "rejected": words.text(3 * n + 2, 127),
    }
    for n in range(4 * steps)
]
adapters = None
if options.lora:
    from peft import LoraConfig

    adapters = LoraConfig(r=16, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM")
with common.step_seconds() as (clock, seconds):
    trainer = DPOTrainer(
        model=common.causal_model(options.model),
        args=DPOConfig(
            per_device_train_batch_size=4,
            precompute_ref_log_probs=options.stored,
            **common.trainer_settings(steps),
        ),
        train_dataset=Dataset.from_list(rows),
        processing_class=tokenizer,
        peft_config=adapters,
        callbacks=[clock],
    )
    example = trainer.train_dataset[0]
    lengths = [len(example[name]) for name in ("prompt_ids", "chosen_ids", "rejected_ids")]
    assert lengths == [128, 128, 128], lengths
    trainer.train()
extra = ", precompute_ref_log_probs" if options.stored else ""
extra += ", PEFT LoraConfig(r=16, all-linear)" if options.lora else ""
common.report(seconds, 4 * 2 * 256, f"TRL DPOTrainer, {common.SETTINGS}{extra}")
