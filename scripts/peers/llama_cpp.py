"""llama.cpp through its bindings `xllamacpp`: one prompt of 16 tokens, 64 tokens drawn at temperature 1."""

import common

options = common.arguments()
import xllamacpp

PROMPT_TOKENS, NEW_TOKENS = 16, 64
settings = xllamacpp.CommonParams()
settings.model.path = options.model
settings.n_ctx = 256
settings.n_parallel = 1
settings.cpuparams.n_threads = options.threads
settings.cpuparams_batch.n_threads = options.threads
settings.warmup = True
settings.verbosity = 0
server = xllamacpp.Server(settings)


def draw():
    reply = server.handle_completions(
        {
            "prompt": common.token_ids(0, PROMPT_TOKENS),
            "n_predict": NEW_TOKENS,
            "ignore_eos": True,
            "cache_prompt": False,
            "samplers": ["temperature"],
            "temperature": 1.0,
            "seed": 1,
        }
    )
    drawn = reply["usage"]["completion_tokens"]
    assert drawn == NEW_TOKENS, reply


seconds = common.timed(options.repetitions, draw)
common.report(seconds, NEW_TOKENS, "llama.cpp server in the process, n_parallel 1, KV cache in float16")
