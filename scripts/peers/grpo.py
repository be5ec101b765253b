"""TRL's GRPOTrainer: iterations of 2 prompts of 128 tokens, 8 completions of 64 tokens each, and one update."""

import common

options = common.arguments()
common.use_threads(options.threads)
from datasets import Dataset
from trl import GRPOConfig, GRPOTrainer

GROUPS, GROUP_SIZE, NEW_TOKENS = 2, 8, 64
tokenizer = common.tokenizer(options.model)
words = common.Words(tokenizer)
steps = options.repetitions + 1


def reward(completion_ids, **_):
    """Any reward that differs does."""
    lengths = {len(ids) for ids in completion_ids}
    assert lengths == {NEW_TOKENS}, lengths
    return [float(index % GROUP_SIZE) for index in range(len(completion_ids))]


with common.step_seconds() as (clock, seconds):
    GRPOTrainer(
        model=common.causal_model(options.model),
        args=GRPOConfig(
            per_device_train_batch_size=GROUPS * GROUP_SIZE,
            num_generations=GROUP_SIZE,
            max_completion_length=NEW_TOKENS,
            generation_kwargs={"min_new_tokens": NEW_TOKENS},
            beta=0.0,
            use_vllm=False,
            **common.trainer_settings(steps),
        ),
        reward_funcs=reward,
        train_dataset=Dataset.from_list([{"prompt": words.text(n, 128)} for n in range(GROUPS * steps)]),
        processing_class=tokenizer,
        callbacks=[clock],
    ).train()
common.report(
    seconds,
    GROUPS * GROUP_SIZE * NEW_TOKENS,
    f"TRL GRPOTrainer, {common.SETTINGS}, beta 0 (no reference), 1 update, transformers generate, no vLLM",
)
