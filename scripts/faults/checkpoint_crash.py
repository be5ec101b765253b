#!/usr/bin/env python3
"""Crash points over whole saves: the worker is killed at its n-th write, flush, rename, …, and the rest with it. The
newest listed checkpoint loads, and the run goes on to the same bytes. Then checkpoints are damaged on purpose: found by
checksum, passed over for the one before, and said; a fork of one fails.
"""

import json
import os
import random
import shutil

import lib

CALLS = "write,pwrite64,writev,fsync,fdatasync,rename,renameat,renameat2,mkdir,mkdirat,unlink,unlinkat,rmdir,ftruncate"
SPEC = lib.online("loop", 4)


def binaries(folder, strace):
    """A folder of programs whose worker runs under strace, and takes its owner along when it is killed."""
    path = folder.path / "bin"
    path.mkdir()
    for name in ("hone", "honed"):
        shutil.copy(lib.BIN / name, path / name)
    script = path / "hone-worker"
    script.write_text(f"#!/bin/sh\nowner=$PPID\nstrace {strace} '{lib.BIN}/hone-worker' \"$@\"\n"
                      "[ $? -lt 128 ] || kill -9 $owner\n")
    script.chmod(0o755)
    return path


def points(folder):
    """How many such calls a worker's thread makes in the whole run, at most."""
    log = folder.path / "calls"
    with folder.copy() as own:
        lib.train(own, SPEC, binaries(own, f"-ff -qqq -o {log} -e trace={CALLS}"))
    return max(len(p.read_text().splitlines()) for p in folder.path.glob("calls.*"))


def crash(folder, nth, expected, faults):
    with folder.copy() as own:
        place = f"call {nth}"
        bin = binaries(own, f"-f -qqq -o /dev/null -e trace={CALLS} -e inject={CALLS}:signal=KILL:when={nth}")
        first = lib.train(own, SPEC, bin, check=False)
        listed = lib.checkpoints(own)
        if listed:
            iteration = listed[-1][0]
            result = lib.hone("export", f"loop@{iteration}", own.path / "out", "--data", own.data, check=False)
            if result.returncode != 0:
                faults.append(f"{place}: loop@{iteration} does not load: {result.stderr.strip()[-300:]}")
        lib.train(own, SPEC, check=False)
        try:
            wrong = lib.differences(expected, lib.outcome(own))
        except (OSError, IndexError) as error:
            wrong = [f"no end: {error}"]
        faults += [f"{place}: {words}" for words in wrong + lib.leftovers(own)]
        return first.returncode == -9


def flip(path, other):
    data = bytearray(path.read_bytes())
    data[random.randrange(len(data))] ^= 1 << random.randrange(8)
    path.write_bytes(data)


def cut(path, other):
    os.truncate(path, random.randrange(path.stat().st_size))


def swap(path, other):
    if path.read_bytes() == other.read_bytes():
        return False
    shutil.copy(other, path)


def remove(path, other):
    path.unlink()


def fork(damaged, iteration, faults):
    """A run that is forked from a damaged checkpoint fails, and does not begin anywhere else."""
    with damaged.copy() as own, lib.Honed(own) as honed:
        honed.need("POST", "/v1/runs/loop/fork", {"iteration": iteration, "changes": {"name": "fork", "iterations": 6}})
        lib.until(lambda: honed.need("GET", "/v1/runs/fork")["state"] in ("failed", "succeeded"), "the fork's end")
        run = honed.need("GET", "/v1/runs/fork")
        if run["state"] != "failed" or run["error"]["code"] != "invalid_model_file":
            faults.append(f"a fork of a damaged checkpoint is {run['state']}: {run.get('error')}")


def damage(halved, expected, quick, faults):
    """How many damages there were."""
    played = 0
    before, newest = [path for _, path in lib.checkpoints(halved)][-2:]
    names = [p.name for p in sorted(newest.iterdir()) if p.name != "checksums.json"]
    chosen = [n for n in names if n in ("model.safetensors", "optimizer.safetensors")] if quick else names
    for name in chosen:
        for way in (flip, cut, swap, remove):
            with halved.copy() as own:
                paths = [own.data / p.relative_to(halved.data) / name for p in (newest, before)]
                if way(*paths) is False:
                    continue
                played += 1
                place = f"{way.__name__} {name}"
                listed = lib.checkpoints(own)[-1][0]
                export = lib.hone("export", f"loop@{listed}", own.path / "out", "--data", own.data, check=False)
                if export.returncode != 1 or "damaged" not in export.stderr:
                    faults.append(f"{place}: export says {export.returncode} {export.stderr.strip()[-200:]}")
                if played == 1:
                    fork(own, listed, faults)
                result = lib.train(own, SPEC, check=False)
                if result.returncode != 0:
                    faults.append(f"{place}: {result.stderr.strip()[-300:]}")
                    continue
                if not any("cannot be used" in line for line in result.stdout.splitlines()):
                    faults.append(f"{place}: nobody is told")
                faults += [f"{place}: {w}" for w in lib.differences(expected, lib.outcome(own))]
    return played


def main():
    options = lib.options(6, 100)
    lib.needs("strace")
    faults, killed = [], 0
    with lib.Folder() as folder:
        with folder.copy() as own:
            lib.train(own, SPEC)
            expected = lib.outcome(own)
        total = points(folder)
        chosen = sorted({1 + round(i * (total - 1) / max(1, options.count - 1)) for i in range(options.count)})
        for nth in chosen:
            killed += crash(folder, nth, expected, faults)
        lib.say("checkpoint_crash", faults, f"{killed} kills at {len(chosen)} of {total} writing calls of a run with 4 saves; "
                "the newest listed checkpoint loaded each time, the end was the same, nothing was left behind")
        faults = []
        halved = folder.copy()
        with lib.Honed(halved) as honed:
            honed.need("POST", "/v1/runs", SPEC)
            lib.until(lambda: len(honed.need("GET", "/v1/runs/loop/checkpoints")["data"]) >= 2, "two checkpoints")
            honed.kill()
        with halved:
            kept = len(lib.checkpoints(halved))
            if kept < 2:
                faults.append(f"{kept} checkpoints are kept")
            played = damage(halved, expected, options.quick, faults)
        lib.say("checkpoint_damage", faults, f"{played} damages (bits flipped, cut, swapped, removed) found; the one before "
                "was used and said so, the end was the same; 2 are kept")
    lib.finish()


main()
