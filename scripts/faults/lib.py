"""What the programs of this folder that break whole processes share: a data folder with a tiny model, `honed` and
`hone` over it, requests, waiting, and what is said of each promise.

A program calls `say` once for each promise and ends with `finish()`. `HONE_BIN` is the folder of the binaries (the
debug build's unless set); `--quick` plays a small share.
"""

import argparse
import contextlib
import hashlib
import http.client
import json
import os
import pathlib
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("HONE_BIN", ROOT / ".build/debug")).resolve()
broken = 0


def options(quick, full):
    """The program's options; `count` is how often its fault is played."""
    parser = argparse.ArgumentParser(description=sys.modules["__main__"].__doc__)
    parser.add_argument("--quick", action="store_true", help="a small share of it")
    parser.add_argument("--count", type=int, help="how often the fault is played")
    parser.add_argument("--minutes", type=float, help="how long, for what is measured over time")
    parser.add_argument("--seed", type=int, default=1)
    found = parser.parse_args()
    found.count = found.count or (quick if found.quick else full)
    random.seed(found.seed)
    return found


def say(name, faults, summary):
    """One line for one promise; `faults` are what went wrong."""
    global broken
    if faults:
        broken += 1
        for fault in faults[:20]:
            print(f"  {fault}", file=sys.stderr)
        print(f"broken {name}: {len(faults)} faults, the first: {faults[0]}", flush=True)
    else:
        print(f"held {name}: {summary}", flush=True)


def finish():
    sys.exit(1 if broken else 0)


class Folder:
    """A folder that is thrown away, with a data folder in it; use it in a `with`."""

    def __init__(self, model=True):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="hone-faults."))
        self.data = self.path / "data"
        if model:
            hone("create", "tiny", "--tokenizer", "bytes", "--layers", "2", "--hidden", "32", "--heads", "4",
                 "--context", "64", "--seed", "1", "--data", self.data)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)

    def copy(self):
        """Another one with the same data."""
        other = Folder(model=False)
        shutil.copytree(self.data, other.data)
        return other

    def database(self):
        return contextlib.closing(sqlite3.connect(self.data / "hone.sqlite"))

    def intact(self):
        """What SQLite finds wrong with the database; nothing when it is whole."""
        with self.database() as database:
            found = database.execute("PRAGMA integrity_check").fetchall()
        return [] if found == [("ok",)] else [f"integrity_check: {found[:3]}"]

    def weights(self, model):
        return digest(self.data / "models" / model / "model.safetensors")


def digest(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


def hone(*words, check=True, seconds=300, **keywords):
    result = subprocess.run([BIN / "hone", *map(str, words)], capture_output=True, text=True, timeout=seconds, **keywords)
    if check and result.returncode != 0:
        raise SystemExit(f"hone {' '.join(map(str, words))}: {result.returncode} {result.stderr[-2000:]}")
    return result


class Honed:
    """A daemon on a free port; `prefix` is what it is started under."""

    def __init__(self, folder, prefix=(), options=(), before=None, seconds=120):
        self.folder = folder
        self.log = folder.path / "honed.log"
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [*map(str, prefix), BIN / "honed", "--port", "0", "--data", folder.data, *options],
                stdout=subprocess.PIPE, stderr=log, text=True, preexec_fn=before)
        line = self.process.stdout.readline()
        if "http://" not in line:
            self.process.wait(seconds)
            raise NotStarted(self.process.returncode, self.log.read_text(errors="replace")[-1500:])
        self.port = int(line.rsplit(":", 1)[1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    @property
    def pid(self):
        """The daemon's own process, also under strace."""
        return own_process(self.process.pid, "honed") or self.process.pid

    def ask(self, method, path, body=None, headers=None, seconds=60, connection=None):
        """Status and body. Raises what the connection raises: then nothing was acknowledged."""
        own = connection is None
        connection = connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        try:
            if self.process.poll() is not None and self.process.returncode != -signal.SIGKILL:
                last = self.log.read_text(errors="replace")[-1500:]
                raise Wrong(f"honed ended by itself with {self.process.returncode}: {last}")
            sent = None if body is None else json.dumps(body).encode()
            fields = {"content-type": "application/json"} if sent else {}
            connection.request(method, path, sent, {**fields, **(headers or {})})
            reply = connection.getresponse()
            data = reply.read()
            try:
                return reply.status, json.loads(data or b"null")
            except ValueError:
                return reply.status, data.decode(errors="replace")
        finally:
            if own:
                connection.close()

    def need(self, method, path, body=None, headers=None):
        status, data = self.ask(method, path, body, headers)
        if status >= 300:
            raise SystemExit(f"{method} {path}: {status} {data}")
        return data

    def pages(self, path):
        """All elements of a list."""
        found, after = [], None
        while True:
            mark = "" if after is None else f"&after={after}"
            page = self.need("GET", f"{path}{'&' if '?' in path else '?'}limit=1000{mark}")
            found += page["data"]
            if not page.get("has_more"):
                return found
            after = page["data"][-1]["id"]

    def run(self, name):
        return self.need("GET", f"/v1/runs/{name}")

    def wait(self, name, states=("succeeded",), seconds=120):
        """The run, once it is in one of the states; a run that ended otherwise is an error."""
        def look():
            run = self.run(name)
            if run["state"] in states:
                return run
            if run["state"] in ("succeeded", "failed", "cancelled"):
                raise Wrong(f"{name} is {run['state']}: {run.get('error')}")
            return None
        return until(look, f"{name} is {states}", seconds)

    def workers(self):
        return [w["pid"] for w in self.need("GET", "/v1/workers")["data"] if w["state"] != "dead"]

    def kill(self, sort=signal.SIGKILL, seconds=60):
        if self.process.poll() is None:
            try:
                os.kill(self.pid, sort)
            except ProcessLookupError:
                pass
            self.process.wait(seconds)
        self.process.stdout.close()
        return self.process.returncode


class NotStarted(Exception):
    pass


class Wrong(Exception):
    pass


def until(look, what, seconds=60):
    """The first result that is not empty; looked for until the time is up."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.02)
    raise Wrong(f"after {seconds} s not yet: {what}")


def children(pid):
    """All processes below one."""
    found = []
    for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            for child in task.read_text().split():
                found += [int(child), *children(int(child))]
        except OSError:
            pass
    return found


def name_of(pid):
    try:
        return os.path.basename(os.readlink(f"/proc/{pid}/exe"))
    except OSError:
        return ""


def own_process(pid, name):
    return next((p for p in [pid, *children(pid)] if name_of(p) == name), None)


def alive(pid):
    """Whether a process runs; a zombie does not."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def needs(tool):
    """Has a system program, or installs it and says so."""
    if shutil.which(tool):
        return
    print(f"  {tool} is missing: apt-get install {tool}", file=sys.stderr)
    subprocess.run(["apt-get", "install", "-y", "-qq", tool], check=True, stdout=sys.stderr)


def online(name, iterations=6, **changes):
    """A small run on the tiny model."""
    return {
        "name": name, "kind": "online", "model": "tiny", "prompts": {"items": ["ab", "cde", "fg", "hijk", "l", "mno"]},
        "reward": {"name": "regex", "pattern": "[aeiouAEIOU]", "count": "every"}, "iterations": iterations,
        "prompts_per_iteration": 4, "minibatch_size": 2, "sampling": {"group_size": 4, "max_tokens": 12},
        "optimizer": {"learning_rate": 1e-3}, "seed": 3, **changes,
    }


def verdict(number, source="faults"):
    return {"kind": "rating", "prompt": "p", "completions": [f"c{number}"], "value": 1, "source": source,
            "external_id": str(number)}


def train(folder, spec, binaries=None, check=True, seconds=300):
    """`hone train` of a spec on one thread; every event as JSON."""
    file = folder.path / f"{spec['name']}.json"
    file.write_text(json.dumps(spec))
    command = [(binaries or BIN) / "hone", "train", file, "--data", folder.data, "--json"]
    result = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=seconds)
    if check and result.returncode != 0:
        raise Wrong(f"hone train: {result.returncode} {result.stderr[-500:]}")
    return result


def checkpoints(folder, run="run-1"):
    """(iteration, folder) of the listed ones, oldest first."""
    with folder.database() as database:
        rows = database.execute("SELECT iteration, path FROM checkpoints WHERE run = ? ORDER BY iteration",
                                (int(run.split("-")[1]),)).fetchall()
    return [(iteration, folder.data / path) for iteration, path in rows]


def leftovers(folder):
    return [str(p.relative_to(folder.data)) for p in folder.data.rglob(".tmp-*")]


def outcome(folder, run="loop"):
    """What must be the same whatever was killed: the published weights, the newest checkpoint's every file, and the
    metrics that are no times."""
    files = {p.name: digest(p) for p in sorted(checkpoints(folder)[-1][1].iterdir())}
    lines = [json.loads(line) for line in (folder.data / "runs/run-1/metrics.jsonl").read_text().splitlines()]
    timeless = ("time/", "memory/", "rate/", "throughput/")
    metrics = [{k: v for k, v in flat(line).items() if not any(t in k for t in timeless) and "second" not in k}
               for line in lines]
    return {"weights": folder.weights(run), "checkpoint": files, "metrics": metrics}


def flat(value, path=""):
    if not isinstance(value, dict):
        return {path: value}
    return {k: v for key, inner in value.items() for k, v in flat(inner, f"{path}.{key}").items()}


def differences(expected, found):
    """In words, what of two outcomes differs."""
    words = [part for part in ("weights", "metrics") if expected[part] != found[part]]
    if "metrics" in words:
        for a, b in zip(expected["metrics"], found["metrics"]):
            words += [f"{k}: {a.get(k)} {b.get(k)}" for k in {**a, **b} if a.get(k) != b.get(k)][:3]
    return words + [f"checkpoint's {n}" for n in {**expected["checkpoint"], **found["checkpoint"]}
                    if expected["checkpoint"].get(n) != found["checkpoint"].get(n)]
