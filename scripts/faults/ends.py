#!/usr/bin/env python3
"""How it begins and ends: equal requests under one Idempotency-Key, SIGTERM under load, a second SIGTERM, and databases that
are older, newer, cut off or somebody else's.
"""

import collections
import concurrent.futures
import http.client
import json
import os
import pathlib
import signal
import sqlite3
import subprocess
import threading
import time

import lib

# No checkpoint falls due: one that is there was written because of the signal.
SPEC = lib.online("loop", 200, checkpoint_every=100)


def idempotency(count, faults):
    """Equal POSTs at once make one object and equal replies; another body is refused; after a restart, too."""
    requests = 0
    with lib.Folder() as folder:
        honed = lib.Honed(folder)
        try:
            for round in range(count):
                bodies = [
                    ("/v1/feedback", [{"kind": "rating", "prompt": "p", "completions": [f"r{round}"], "value": 1}]),
                    ("/v1/feedback", {"kind": "rating", "prompt": "p", "completions": [f"s{round}"], "value": 1}),
                    ("/v1/runs", lib.online(f"run{round}", 1)),
                    ("/v1/models", {"name": f"m{round}", "path": str(folder.data / "models/tiny")}),
                ]
                for place, (path, body) in enumerate(bodies):
                    key = {"idempotency-key": f"key-{round}-{place}"}
                    send = lambda _: honed.ask("POST", path, body, key, seconds=120)
                    with concurrent.futures.ThreadPoolExecutor(100) as pool:
                        replies = list(pool.map(send, range(100)))
                    requests += 100
                    kinds = collections.Counter((status, json.dumps(reply, sort_keys=True)) for status, reply in replies)
                    if len(kinds) != 1 or next(iter(kinds))[0] not in (200, 201, 202):
                        faults.append(f"{path}: {len(kinds)} replies: {str(kinds.most_common(3))[:400]}")
                    other = {**body, "note": 1} if isinstance(body, dict) else body * 2
                    status, reply = honed.ask("POST", path, other, key)
                    if status not in (400, 409):
                        faults.append(f"{path}: another body under the key got {status}")
                    elif isinstance(body, list) and status != 409:
                        faults.append(f"{path}: another body under the key got {status}, not 409")
                    honed.kill()
                    honed = lib.Honed(folder)
                    again = honed.ask("POST", path, body, key)
                    if (again[0], json.dumps(again[1], sort_keys=True)) not in kinds:
                        faults.append(f"{path}: after a restart the reply is {again[0]} {str(again[1])[:200]}")
            for path, expected in (("/v1/feedback", 2 * count), ("/v1/runs", count), ("/v1/models", 1 + count)):
                found = honed.need("GET", path)["data"] if path == "/v1/models" else honed.pages(path)
                found = [x for x in found if path != "/v1/models" or not x["id"].startswith("run")]
                if len(found) != expected:
                    faults.append(f"{path} has {len(found)} objects, not {expected}")
        finally:
            honed.kill()
    return requests


def terminate(faults):
    """SIGTERM while requests come and a run is followed; seconds until the end."""
    with lib.Folder() as folder, lib.Honed(folder) as honed:
        honed.need("POST", "/v1/runs", SPEC)
        lib.until(lambda: honed.run("loop").get("iteration", 0) >= 2, "iterations")
        follower = http.client.HTTPConnection("127.0.0.1", honed.port, timeout=60)
        follower.request("GET", "/v1/runs/loop/events")
        events = follower.getresponse()
        text = []
        reader = threading.Thread(target=lambda: text.append(events.read()))
        reader.start()
        acknowledged, cut = [], []

        def load(kind):
            connection = http.client.HTTPConnection("127.0.0.1", honed.port, timeout=60)
            for number in range(100_000):
                try:
                    connection.connect() if connection.sock is None else None
                except OSError:
                    return
                try:
                    if honed.ask("POST", "/v1/feedback", lib.verdict(number, kind), connection=connection)[0] == 201:
                        acknowledged.append((kind, number))
                except http.client.RemoteDisconnected:
                    return  # An idle connection that was closed between two requests.
                except (OSError, http.client.HTTPException) as error:
                    cut.append(f"{type(error).__name__} {error}")
                    return

        threads = [threading.Thread(target=load, args=(f"k{i}",)) for i in range(8)]
        for thread in threads:
            thread.start()
        time.sleep(0.5)
        started = time.monotonic()
        honed.process.send_signal(signal.SIGTERM)
        try:
            code = honed.process.wait(30)
        except subprocess.TimeoutExpired:
            code = "none"
        took = time.monotonic() - started
        for thread in [*threads, reader]:
            thread.join(30)
        if code != 0:
            faults.append(f"SIGTERM: exit code {code}")
        if took > 12:
            faults.append(f"SIGTERM: {took:.1f} s")
        faults += [f"SIGTERM: a request was cut: {c}" for c in cut if "refused" not in c.lower() and "reset" not in c.lower()]
        body = text[0].decode() if text else ""
        if "event: shutdown" not in body:
            faults.append(f"SIGTERM: the stream ends without a word: {body[-120:]!r}")
        with lib.Honed(folder) as again:
            stored = {(r["source"], r["external_id"]) for r in again.pages("/v1/feedback")}
            lost = [a for a in acknowledged if (a[0], str(a[1])) not in stored]
            if lost:
                faults.append(f"SIGTERM: {len(lost)} acknowledged verdicts lost")
            if not again.need("GET", "/v1/runs/loop/checkpoints")["data"]:
                faults.append("SIGTERM: no checkpoint")
    return took, len(acknowledged)


def terminate_twice(faults):
    with lib.Folder() as folder, lib.Honed(folder) as honed:
        honed.need("POST", "/v1/runs", SPEC)
        lib.until(honed.workers, "a worker")
        # A request that never comes to its end holds the first one up.
        hanging = http.client.HTTPConnection("127.0.0.1", honed.port)
        hanging.putrequest("POST", "/v1/feedback")
        hanging.putheader("content-length", "100")
        hanging.putheader("content-type", "application/json")
        hanging.endheaders()
        hanging.send(b"{")
        time.sleep(0.2)
        workers = lib.children(honed.pid)
        honed.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        if honed.process.poll() is not None:
            faults.append("the first SIGTERM did not wait for a request")
        started = time.monotonic()
        honed.process.send_signal(signal.SIGTERM)
        try:
            code = honed.process.wait(5)
            if code != 143:
                faults.append(f"a second SIGTERM: exit code {code}")
        except subprocess.TimeoutExpired:
            faults.append("a second SIGTERM changes nothing")
        took = time.monotonic() - started
        try:
            lib.until(lambda: not any(lib.alive(w) for w in workers), "workers end", 5)
        except lib.Wrong as error:
            faults.append(str(error))
    return took


def terminate_training(faults):
    """`hone train` ends with 0 on SIGTERM, leaves a checkpoint and goes on to the same weights."""
    spec = lib.online("loop", 8, checkpoint_every=8)
    with lib.Folder() as folder:
        with folder.copy() as whole:
            lib.train(whole, spec)
            expected = lib.outcome(whole)
        file = folder.path / "run.json"
        file.write_text(json.dumps(spec))
        process = subprocess.Popen([lib.BIN / "hone", "train", file, "--data", folder.data],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for line in process.stdout:
            if "iteration 2" in line:
                break
        process.send_signal(signal.SIGTERM)
        try:
            process.communicate(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
        if process.returncode != 0:
            faults.append(f"hone train: SIGTERM ends it with {process.returncode}")
        if not lib.checkpoints(folder):
            faults.append("hone train: SIGTERM leaves no checkpoint")
        lib.train(folder, spec)
        faults += [f"hone train after SIGTERM: {w}" for w in lib.differences(expected, lib.outcome(folder))]


def foreign(faults):
    """Databases that are not ours to touch: a clear refusal, and the file stays as it was."""
    with lib.Folder() as folder:
        with lib.Honed(folder) as honed:
            for number in range(200):
                honed.need("POST", "/v1/feedback", lib.verdict(number))
            honed.kill(signal.SIGTERM)
        database = folder.data / "hone.sqlite"

        def newer(path):
            other = sqlite3.connect(path)
            other.execute("INSERT INTO migrations VALUES ('of-tomorrow', 0)")
            other.commit()
            other.close()

        def cut(path):
            os.truncate(path, path.stat().st_size // 2 + 100)

        def garbage(path):
            path.write_bytes(os.urandom(65_536))

        def text(path):
            path.write_text("These are my notes.\n" * 500)

        def alien(path):
            path.unlink()
            other = sqlite3.connect(path)
            other.execute("CREATE TABLE runs (mine TEXT)")
            other.execute("INSERT INTO runs VALUES ('somebody else''s')")
            other.commit()
            other.close()

        def flipped(path):
            data = bytearray(path.read_bytes())
            for place in range(4096, min(len(data), 20_000), 7):
                data[place] ^= 0x55
            path.write_bytes(data)

        for damage in (newer, cut, garbage, text, alien, flipped):
            with folder.copy() as own:
                path = own.data / "hone.sqlite"
                for beside in own.data.glob("hone.sqlite-*"):
                    beside.unlink()
                damage(path)
                before = lib.digest(path)
                try:
                    lib.Honed(own).kill()
                    faults.append(f"{damage.__name__}: it starts all the same")
                except lib.NotStarted as error:
                    if error.args[0] != 1 or "hone" not in error.args[1]:
                        faults.append(f"{damage.__name__}: {error.args}")
                    if "Fatal" in error.args[1]:
                        faults.append(f"{damage.__name__}: a trap")
                if lib.digest(path) != before:
                    faults.append(f"{damage.__name__}: the file was changed")
    return 6


def main():
    options = lib.options(1, 8)
    faults = []
    requests = idempotency(options.count, faults)
    lib.say("idempotency", faults, f"{requests} requests, 100 equal ones at once: one object, equal replies, another body "
            "refused; the same after a kill")
    faults, times, given = [], [], 0
    for _ in range(options.count):
        took, acknowledged = terminate(faults)
        times.append(took)
        given += acknowledged
        terminate_training(faults)
    lib.say("sigterm", faults, f"{options.count} times under load, {given} verdicts acknowledged and there, exit code 0 "
            f"within {max(times):.1f} s, event streams told, hone train alike")
    faults = []
    took = max(terminate_twice(faults) for _ in range(options.count))
    lib.say("sigterm_twice", faults, f"a second SIGTERM ended it in {took:.2f} s, workers too")
    faults = []
    count = foreign(faults)
    lib.say("databases", faults, f"{count} kinds of foreign or damaged databases refused, the files unchanged")
    lib.finish()


main()
