"""`generate` of transformers with its key/value cache, or (one new token) the reading of a prompt alone."""

import common

options = common.arguments(
    prompts={"type": int, "default": 1},
    prompt_tokens={"type": int, "default": 16},
    completions={"type": int, "default": 1, "help": "of each prompt"},
    new_tokens={"type": int, "default": 64},
)
common.use_threads(options.threads)
import torch

model = common.causal_model(options.model).eval()
prompts = [common.token_ids(seed, options.prompt_tokens) for seed in range(options.prompts)]
ids = torch.tensor(prompts)
drawn = options.prompts * options.completions * options.new_tokens


@torch.inference_mode()
def read():
    return model(ids, logits_to_keep=1, use_cache=True)


@torch.inference_mode()
def generate():
    result = model.generate(
        ids,
        attention_mask=torch.ones_like(ids),
        do_sample=True,
        temperature=1.0,
        top_k=0,
        top_p=1.0,
        max_new_tokens=options.new_tokens,
        num_return_sequences=options.completions,
        pad_token_id=0,
    )
    assert result.shape[1] == options.prompt_tokens + options.new_tokens, result.shape


if options.new_tokens == 1:
    seconds = common.timed(options.repetitions, read)
    common.report(seconds, ids.numel(), "transformers forward pass, logits_to_keep=1, use_cache, inference_mode")
else:
    seconds = common.timed(options.repetitions, generate)
    common.report(seconds, drawn, "transformers generate, DynamicCache, temperature 1, inference_mode")
