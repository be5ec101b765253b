#!/usr/bin/env python3
"""Model files from strangers: each must be refused in one line that names it, in bounded time and memory.

Every case is imported with `hone import` in a process of at most 2 GiB over the file's size, and by POST /v1/models of
a daemon, which must answer 4xx and live. Nothing may stay in the data folder.
"""

import argparse
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

import hostile_folders
import hostile_gguf
from hostile_model import folder, gguf, safetensors

SECONDS, ROOM = 10, 2 << 30
ROOT = pathlib.Path(__file__).resolve().parents[2]
faults = []


def report(name, problems):
    faults.extend(f"{name}: {problem}" for problem in problems)
    print(f"broken {name}: {'; '.join(problems)}" if problems else f"held {name}: refused in one line", flush=True)


def size(path):
    files = path.rglob("*") if path.is_dir() and not path.is_symlink() else [path]
    return sum(file.lstat().st_size for file in files)


def left_behind(data):
    return [str(file.relative_to(data)) for part in ["models", "runs"] for file in (data / part).glob("*")]


class Memory(threading.Thread):
    """The greatest resident size of a process and its children, mapped files not counted."""

    def __init__(self, root):
        super().__init__(daemon=True)
        self.root, self.most, self.ends = root, 0, threading.Event()

    def run(self):
        while not self.ends.wait(0.02):
            self.most = max(self.most, sum(map(self.anonymous, self.family())))

    def family(self):
        found, waiting = [], [self.root]
        while waiting:
            process = waiting.pop()
            found.append(process)
            try:
                for task in pathlib.Path(f"/proc/{process}/task").iterdir():
                    waiting += map(int, (task / "children").read_text().split())
            except OSError:
                pass
        return found

    def anonymous(self, process):
        try:
            status = pathlib.Path(f"/proc/{process}/status").read_text()
        except OSError:
            return 0
        found = re.search(r"RssAnon:\s+(\d+) kB", status)
        return int(found[1]) * 1024 if found else 0


def refused(program, path, data, name):
    """What is wrong with how the command refuses `path`."""
    before = left_behind(pathlib.Path(data))
    started = time.monotonic()
    process = subprocess.Popen(
        [program, "import", path, "--name", name, "--data", data],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    memory = Memory(process.pid)
    memory.start()
    try:
        _, errors = process.communicate(timeout=60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return ["did not end within 60 s"]
    finally:
        memory.ends.set()
    took = time.monotonic() - started
    words = errors.decode(errors="replace")
    problems = []
    if process.returncode != 1:
        problems.append(f"exit {process.returncode}: {words[:300]!r}")
    elif words.count("\n") != 1 or not words.startswith("hone: ") or re.search(r"[\x00-\x09\x0b-\x1f\x7f]", words):
        problems.append(f"not one clean line: {words[:300]!r}")
    elif len(words) > 1500:
        problems.append(f"a line of {len(words)} characters")
    elif not any(name in words for name in [path.name, path.parent.name, os.path.basename(os.path.realpath(path))]):
        problems.append(f"does not name the file: {words[:300]!r}")
    elif re.search(r"worker|signal|internal|crash", words.replace(str(path), "")):
        problems.append(f"says nothing of the file: {words[:300]!r}")
    if took > SECONDS:
        problems.append(f"took {took:.1f} s")
    if memory.most > ROOM:
        problems.append(f"took {memory.most >> 20} MiB of memory")
    after = left_behind(pathlib.Path(data))
    return problems + [f"left {name} behind" for name in after if name not in before]


class Daemon:
    def __init__(self, program, data):
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.data = pathlib.Path(data)
        self.log = open(self.data.parent / "honed.log", "wb")
        self.process = subprocess.Popen([program, "--port", str(self.port), "--data", data], stdout=self.log, stderr=self.log)
        for _ in range(200):
            try:
                self.ask("GET", "/healthz")
                return
            except OSError:
                time.sleep(0.05)
        sys.exit("the daemon does not answer")

    def ask(self, method, path, body=None):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", method=method, data=json.dumps(body).encode() if body else None,
            headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=60) as reply:
                return reply.status, reply.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except TimeoutError:
            return 0, "no answer within 60 s"

    def refused(self, path, name):
        before = left_behind(self.data)
        status, body = self.ask("POST", "/v1/models", {"name": name, "path": str(path)})
        problems = [] if 400 <= status < 500 else [f"POST /v1/models gives {status}: {body[:200]}"]
        if self.process.poll() is not None:
            problems.append("the daemon died")
        return problems + [f"left {name} behind" for name in left_behind(self.data) if name not in before]


def made(root, only):
    """Name and path of each case, which is removed once it was played."""
    def wanted(name):
        return not only or re.search(only, name)

    for name, content in hostile_gguf.cases():
        label = f"gguf-{name}"
        if wanted(label):
            path = root / (re.sub(r"[^A-Za-z0-9.-]", "_", label)[:100] + ".gguf")
            path.write_bytes(content)
            yield label, path
            path.unlink()
    for name, files in hostile_folders.cases():
        if wanted(name):
            path = folder(root / re.sub(r"[^A-Za-z0-9.-]", "_", name)[:100], files=files)
            yield name, path
            for file in path.iterdir():
                file.unlink()
            path.rmdir()
    odd = root / "odd"
    odd.mkdir()
    for name, path in hostile_folders.odd_files(odd):
        if wanted(f"odd-{name}"):
            yield f"odd-{name}", path


def controls(program, root, data):
    """What is right must go in: otherwise all refusals would prove nothing."""
    (root / "right.gguf").write_bytes(gguf())
    folder(root / "right")
    folder(root / "sharded", files={
        "model.safetensors": None, "one.safetensors": safetensors(),
        "model.safetensors.index.json": {"weight_map": {name: "one.safetensors" for name in hostile_folders.header()[0]}}})
    for name in ["right.gguf", "right", "sharded"]:
        done = subprocess.run([program, "import", root / name, "--name", name, "--data", data], capture_output=True, text=True)
        problems = [] if done.returncode == 0 else [f"a right model is refused: {done.stderr[:300]}"]
        faults.extend(problems)
        print(f"broken control-{name}: {problems[0]}" if problems else f"held control-{name}: imported", flush=True)


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--bin", default=os.environ.get("HONE_BIN", ROOT / ".build/release"), type=pathlib.Path, help="where hone and honed are")
    options.add_argument("--only", help="a regular expression of names")
    options = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="hostile-") as scratch:
        root = pathlib.Path(scratch) / "files"
        data, served = pathlib.Path(scratch) / "data", pathlib.Path(scratch) / "served"
        for part in [root, data, served]:
            part.mkdir()
        controls(options.bin / "hone", root, pathlib.Path(scratch) / "right")
        daemon = Daemon(options.bin / "honed", served)
        count = 0
        try:
            for name, path in made(root, options.only):
                count += 1
                stranger = f"stranger-{count}"
                problems = refused(options.bin / "hone", path, data, stranger)
                report(name, problems + daemon.refused(path, stranger))
        finally:
            daemon.process.terminate()
            daemon.process.wait(20)
    print(f"{count} hostile files, {len(faults)} broken promises")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
