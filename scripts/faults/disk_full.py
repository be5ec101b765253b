#!/usr/bin/env python3
"""The disk is full: under the database, the log and a checkpoint. Writes are refused with 507 or 503 and the usual error,
reads go on, the last checkpoint is whole, and with room again all goes on without a restart.

On a small tmpfs (as root). Beside it: a limit of file sizes (SIGXFSZ) and a log nobody reads (SIGPIPE) end nobody.
"""

import os
import resource
import signal
import subprocess
import time

import lib


def fill(path):
    """Takes all the room there is."""
    with open(path, "ab", buffering=0) as file:
        for size in (1 << 16, 4096, 512, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                pass


def refused(honed, start, place, faults, most=3000, as_=(503, 507)):
    """Gives verdicts until one is refused as it should be; how many were acknowledged."""
    for number in range(start, start + most):
        status, reply = honed.ask("POST", "/v1/feedback", {**lib.verdict(number), "rationale": "r" * 2000})
        if status in (200, 201):
            continue
        if status not in as_ or not isinstance(reply, dict) or not reply.get("error", {}).get("code"):
            faults.append(f"{place}: {status} {reply}")
        return number - start
    faults.append(f"{place}: {most} verdicts and no refusal")
    return most


def full(round, expected, faults):
    folder = lib.Folder(model=False)
    small = folder.path / "small"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", small], check=True)
    inner = lib.Folder.__new__(lib.Folder)
    inner.path, inner.data = small, small / "data"
    try:
        lib.hone("create", "tiny", "--tokenizer", "bytes", "--layers", "2", "--hidden", "32", "--heads", "4",
                 "--context", "64", "--seed", "1", "--data", inner.data)
        with lib.Honed(inner) as honed:
            honed.need("POST", "/v1/runs", lib.online("loop", 40))
            reached = 2 + 3 * round
            lib.until(lambda: honed.run("loop").get("iteration", 0) >= reached, "some iterations")
            fill(small / "filler")
            refused(honed, 0, "database", faults)
            for path in ("/v1/runs/loop", "/v1/feedback?limit=1", "/v1/models", "/v1/runs/loop/metrics"):
                status, reply = honed.ask("GET", path)
                if status != 200:
                    faults.append(f"GET {path} on a full disk: {status} {reply}")
            time.sleep(1)
            os.unlink(small / "filler")
            status, reply = honed.ask("POST", "/v1/feedback", lib.verdict(10_000_000))
            if status != 201:
                faults.append(f"with room again: {status} {reply}")
            if honed.ask("GET", "/readyz")[0] != 200:
                faults.append("with room again it is not ready")
            # The run failed, or its write came after there was room again.
            run = lib.until(lambda: (r := honed.run("loop"))["state"] in ("failed", "succeeded") and r,
                            "the run rests", 60)
            kept = honed.need("GET", "/v1/runs/loop/checkpoints")["data"]
            if not kept:
                faults.append("no checkpoint is left")
            for checkpoint in kept:
                status, _ = honed.ask("GET", f"/v1/models/{checkpoint['id']}/export?format=gguf")
                if status != 200:
                    faults.append(f"checkpoint {checkpoint['id']}: {status}")
            if run["state"] == "failed":
                if run["error"]["code"] != "disk_full":
                    faults.append(f"the run failed as {run['error']}")
                honed.need("POST", "/v1/runs/loop/resume")
                honed.wait("loop")
            if inner.weights("loop") != expected:
                faults.append("the run ended in other weights")
            honed.kill()
        faults += inner.intact()
        return run["state"]
    finally:
        subprocess.run(["umount", "-l", small], check=False)
        folder.__exit__()


def limited(faults):
    """RLIMIT_FSIZE: the write is an error, its signal ends nobody."""
    with lib.Folder() as folder:
        limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (3 << 20, 3 << 20))
        with lib.Honed(folder, before=limit) as honed:
            refused(honed, 0, "file size limit", faults, 20_000, (500, 503, 507))
            if honed.process.poll() is not None:
                faults.append(f"file size limit: honed ended with {honed.process.returncode}")
            elif honed.ask("GET", "/v1/models")[0] != 200:
                faults.append("file size limit: reads do not go on")


def unread(faults):
    """Nobody reads its output any more."""
    with lib.Folder() as folder:
        process = subprocess.Popen([lib.BIN / "honed", "--port", "0", "--data", folder.data], text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        honed = lib.Honed.__new__(lib.Honed)
        honed.log = folder.path / "none"
        honed.process, honed.folder = process, folder
        honed.port = int(process.stdout.readline().rsplit(":", 1)[1])
        process.stderr.close()
        honed.need("POST", "/v1/runs", lib.online("loop", 2))
        honed.wait("loop")
        os.kill(process.pid, signal.SIGPIPE)
        if honed.ask("GET", "/healthz")[0] != 200:
            faults.append("a log nobody reads ends it")
        honed.kill()


def main():
    options = lib.options(1, 8)
    faults, ends = [], []
    if os.geteuid() == 0:
        with lib.Folder() as folder, lib.Honed(folder) as honed:
            honed.need("POST", "/v1/runs", lib.online("loop", 40))
            honed.wait("loop")
            expected = folder.weights("loop")
        for round in range(options.count):
            try:
                ends.append(full(round, expected, faults))
            except (lib.Wrong, OSError, SystemExit) as error:
                faults.append(f"{type(error).__name__}: {error}")
        lib.say("disk_full", faults, f"{options.count} full disks under runs ({ends.count('failed')} failed as disk_full and were resumed, "
                "the others waited); 507 or 503, reads went on, checkpoints whole, the same weights in the end")
    else:
        print("  disk_full needs root for a tmpfs: left out")
    faults = []
    limited(faults)
    unread(faults)
    lib.say("file_limit", faults, "a file size limit and an unread log ended nobody")
    lib.finish()


main()
