"""What the peer programs share: arguments, threads, texts, timing, and the line of JSON they print.

Each program measures one case on a Hugging Face folder in float32 and prints

    {"seconds": [...], "tokens": n, "peak_memory_bytes": n, "settings": "..."}

as its last line. One run goes ahead that is not measured.
"""

import argparse
import contextlib
import json
import os
import random
import re
import sys
import tempfile
import time


def arguments(**extra):
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", required=True, help="a Hugging Face folder in float32")
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--repetitions", type=int, default=1)
    for name, options in extra.items():
        parser.add_argument("--" + name.replace("_", "-"), **options)
    parsed = parser.parse_args()
    # Before torch is loaded, which reads it then.
    os.environ["OMP_NUM_THREADS"] = str(parsed.threads)
    for name in ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "TRL_EXPERIMENTAL_SILENCE"]:
        os.environ[name] = "1"
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    return parsed


def use_threads(count):
    import torch

    torch.set_num_threads(count)
    torch.manual_seed(0)


def peak_memory_bytes():
    """The most resident memory this process ever had, as the kernel counts it."""
    with open("/proc/self/status", encoding="ascii") as status:
        return int(re.search(r"VmHWM:\s+(\d+)", status.read()).group(1)) * 1024


def report(seconds, tokens, settings, **more):
    """The last line of the output."""
    result = {"seconds": seconds, "tokens": tokens, "settings": settings, **more}
    print("\n" + json.dumps(result | {"peak_memory_bytes": peak_memory_bytes()}), flush=True)


def timed(repetitions, run):
    """Seconds of each run, after one that does not count."""
    run()
    seconds = []
    for _ in range(repetitions):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    return seconds


def token_ids(seed, count):
    """The same texts as `hone bench`: any tokens do, the work does not depend on which."""
    return [1000 + (seed * 131 + place * 17) % 20_000 for place in range(count)]


class Words:
    """Texts of an exact number of tokens, for trainers that take text only: words of one token each."""

    def __init__(self, tokenizer):
        spelled = [
            tokenizer.decode([token]) for token, piece in sorted(
                (token, piece) for piece, token in tokenizer.get_vocab().items()
            ) if re.fullmatch("Ġ[a-z]{3,8}", piece)
        ]
        self.tokenizer = tokenizer
        self.words = [w for w in spelled if len(tokenizer(w, add_special_tokens=False).input_ids) == 1]

    def text(self, seed, count):
        text = "".join(random.Random(seed).choices(self.words, k=count))
        found = len(self.tokenizer(text, add_special_tokens=False).input_ids)
        if found != count:
            sys.exit(f"a text of {count} words has {found} tokens: this tokenizer merges words")
        return text


@contextlib.contextmanager
def step_seconds(warmups=1):
    """A trainer callback and the seconds of each optimizer step after the first `warmups`.

    A step is counted from its beginning to the beginning of the next one or the end of training, so that
    nothing of the trainer's own work is left out.
    """
    from transformers import TrainerCallback

    marks = []

    class Clock(TrainerCallback):
        def on_step_begin(self, *_, **__):
            marks.append(time.perf_counter())

        def on_train_end(self, *_, **__):
            marks.append(time.perf_counter())

    seconds = []
    yield Clock(), seconds
    seconds += [after - before for before, after in zip(marks, marks[1:])][warmups:]


def trainer_settings(steps):
    """Arguments that every trainer gets: float32 on the CPU, nothing recomputed, nothing saved or reported."""
    return dict(
        output_dir=tempfile.mkdtemp(prefix="hone-peer-"),
        max_steps=steps,
        use_cpu=True,
        bf16=False,
        gradient_checkpointing=False,
        gradient_accumulation_steps=1,
        learning_rate=1e-7,
        lr_scheduler_type="constant",
        logging_strategy="no",
        save_strategy="no",
        report_to=[],
        disable_tqdm=True,
        dataloader_num_workers=0,
        seed=0,
    )


SETTINGS = "float32, use_cpu, bf16 off, gradient checkpointing off"


def causal_model(path):
    import torch
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32)
    # Nothing ends a completion, so that every run draws the same number of tokens.
    model.generation_config.eos_token_id = None
    return model


def tokenizer(path):
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(path)
