#!/usr/bin/env python3
"""Compares per-token log-probabilities with those transformers computes from a checkpoint.

    hone logprobs --model M < lines.jsonl > hone.jsonl
    compare-with-transformers.py FOLDER hone.jsonl [--tolerance 1e-3]     (- reads standard input)

Each line is {"tokens":[…],"logprobs":[null,-1.2,…],"prompt_length":n}, where logprobs[i] is the natural
log of the probability of tokens[i] given all before it. Needs torch and transformers. Exit code: 0 all
within the tolerance, 1 not (or a line is malformed or not finite), 2 wrong usage.
"""

import argparse
import json
import math
import sys


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", help="a Hugging Face checkpoint folder")
    parser.add_argument("lines", help="output of `hone logprobs`, or - for standard input")
    parser.add_argument("--tolerance", type=float, default=1e-3, help="largest difference allowed, nats (default 1e-3)")
    return parser.parse_args()


def read_lines(path):
    source = sys.stdin if path == "-" else open(path, encoding="utf-8")
    with source:
        for number, text in enumerate(source, 1):
            if text.strip():
                yield number, text


def faults_of(line):
    """What is wrong with a line's shape, or None."""
    if not isinstance(line, dict):
        return "not an object"
    if "error" in line:
        return f"an error line: {line['error']}"
    tokens, logprobs = line.get("tokens"), line.get("logprobs")
    if not isinstance(tokens, list) or not tokens or not all(type(t) is int for t in tokens):
        return "tokens is not a non-empty list of integers"
    if not isinstance(logprobs, list) or len(logprobs) != len(tokens):
        return "logprobs is not a list as long as tokens"
    if logprobs[0] is not None:
        return "logprobs[0] is not null"
    if not all(isinstance(x, (int, float)) and math.isfinite(x) for x in logprobs[1:]):
        return "logprobs has a value that is not a finite number"
    return None


def load_model(folder):
    import torch
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()


def reference_logprobs(model, tokens):
    import torch

    with torch.no_grad():
        logprobs = model(torch.tensor([tokens])).logits[0, :-1].float().log_softmax(-1)
    return logprobs.gather(1, torch.tensor(tokens[1:], dtype=torch.long)[:, None])[:, 0].tolist()


def main():
    arguments = parse_arguments()
    model = load_model(arguments.folder)
    vocabulary = model.config.vocab_size
    worst, total, count, lines, malformed, place = 0.0, 0.0, 0, 0, 0, None
    for number, text in read_lines(arguments.lines):
        try:
            line = json.loads(text)
        except json.JSONDecodeError as error:
            line = {"error": f"not JSON: {error}"}
        fault = faults_of(line)
        if fault is None and not all(0 <= t < vocabulary for t in line["tokens"]):
            fault = f"a token is outside the vocabulary of {vocabulary}"
        if fault is not None:
            print(f"line {number}: {fault}", file=sys.stderr)
            malformed += 1
            continue
        lines += 1
        expected = reference_logprobs(model, line["tokens"])
        for position, (ours, theirs) in enumerate(zip(line["logprobs"][1:], expected), 1):
            difference = abs(ours - theirs)
            total, count = total + difference, count + 1
            if place is None or difference > worst:
                worst, place = difference, (number, position, ours, theirs)
    if count == 0:
        print("nothing was compared", file=sys.stderr)
        return 1
    number, position, ours, theirs = place
    print(f"{lines} lines, {count} log-probabilities")
    print(f"max abs difference {worst:.3e} (line {number}, token {position}: {ours:.6f}, transformers {theirs:.6f})")
    print(f"mean abs difference {total / count:.3e}")
    return 0 if worst <= arguments.tolerance and malformed == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
