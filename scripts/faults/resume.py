#!/usr/bin/env python3
"""kill -9 at random moments (of the process that drives a run, or of its worker alone), and SIGTERM, until the run has ended
all the same: weights, moments and metrics are bit for bit those of the run that nobody killed. DPO and PPO, full and with
adapters.
"""

import collections
import json
import os
import random
import signal
import subprocess
import time

import lib

PPO = {"objective": {"name": "ppo", "value_coefficient": 0.5, "value_clip_range": 0.2}, "update_epochs": 2}
LORA = {"adapter": {"rank": 2, "alpha": 4}}
HELD = {"evaluation": {"prompts": {"items": ["xy", "uv"]}}, "checkpoint_every": 2}
RUNS = {
    "dpo": HELD,
    "dpo lora": {**HELD, **LORA},
    "ppo": {**HELD, **PPO},
    "ppo lora": {**HELD, **PPO, **LORA},
}


def moment(folder):
    """The unit that the run was in, as the store has it."""
    with folder.database() as database:
        rows = database.execute("SELECT machine FROM runs").fetchall()
    try:
        return json.loads(rows[0][0])["unit"]["stage"]
    except (IndexError, KeyError, TypeError, ValueError):
        return "start or end"


def state(folder):
    with folder.database() as database:
        return next(iter(database.execute("SELECT state FROM runs").fetchone() or [None]))


def attempt(folder, spec, after, moments):
    """One process, killed after a while; whether it came to its end before."""
    file = folder.path / "run.json"
    file.write_text(json.dumps(spec))
    process = subprocess.Popen([lib.BIN / "hone", "train", file, "--data", folder.data],
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        process.wait(after)
    except subprocess.TimeoutExpired:
        workers = [p for p in lib.children(process.pid) if lib.name_of(p) == "hone-worker"]
        if workers and random.random() < 0.3:
            try:
                os.kill(random.choice(workers), signal.SIGKILL)
                moments["worker alone"] += 1
            except ProcessLookupError:
                pass
            try:
                process.wait(random.uniform(0.05, 0.5))
            except subprocess.TimeoutExpired:
                pass
    if process.poll() is None:
        asked = random.random() < 0.3
        process.terminate() if asked else process.kill()
        process.wait(30)
        moments["SIGTERM" if asked else moment(folder)] += 1
        if not asked:
            return False
    if process.returncode != 0:
        raise lib.Wrong(f"it ended with {process.returncode}: {process.stderr.read()[-400:]}")
    return state(folder) == "succeeded"


def wrong(folder, expected):
    try:
        return lib.differences(expected, lib.outcome(folder))
    except OSError as error:
        with folder.database() as database:
            events = database.execute("SELECT kind, payload FROM events WHERE kind != 'progress' ORDER BY 1 DESC").fetchall()
        return [f"{error}; events {events[-6:]}"]


def main():
    options = lib.options(8, 160)
    faults, moments, ended = [], collections.Counter(), 0
    with lib.Folder() as folder:
        for name, changes in RUNS.items():
            spec = lib.online("loop", 6, **changes)
            with folder.copy() as own:
                started = time.monotonic()
                lib.train(own, spec)
                whole = time.monotonic() - started
                expected = lib.outcome(own)
            goal = sum(moments.values()) + options.count // len(RUNS)
            while sum(moments.values()) < goal:
                with folder.copy() as own:
                    try:
                        for _ in range(60):
                            if attempt(own, spec, random.uniform(0.15, max(0.4, whole)), moments):
                                break
                        else:
                            lib.train(own, spec)
                        faults += [f"{name}: {w}" for w in wrong(own, expected)]
                        faults += [f"{name}: {fault}" for fault in own.intact()]
                        ended += 1
                    except lib.Wrong as error:
                        faults.append(f"{name}: {error}")
    units = ", ".join(f"{unit} {count}" for unit, count in moments.most_common())
    lib.say("resume", faults, f"{sum(moments.values())} kills ({units}); {ended} runs of DPO and PPO, full and LoRA, ended "
            "in the same weights, moments and metrics")
    lib.finish()


main()
