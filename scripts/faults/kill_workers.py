#!/usr/bin/env python3
"""kill -9 of workers under a daemon: the same final weights, no orphan, no zombie, no descriptor left. One that is stopped
(SIGSTOP) is found by its heartbeat, one that writes garbage is dropped, all end with their daemon, and two daemons never
have one folder.
"""

import os
import pathlib
import random
import shutil
import signal
import time

import lib

SPEC = lib.online("loop", 30)


def state(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return "gone"


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def kill_some(folder, expected, goal, faults):
    """Kills workers until the run has ended; how many, and how often the run had to be resumed."""
    kills = resumed = 0
    with folder.copy() as own, lib.Honed(own) as honed:
        # What the first run opens for good is no leak.
        honed.need("POST", "/v1/runs", lib.online("warm", 1))
        honed.wait("warm")
        lib.until(lambda: not lib.children(honed.pid), "no child is left", 20)
        before = descriptors(honed.pid)
        honed.need("POST", "/v1/runs", SPEC)
        seen, end = set(), time.monotonic() + 240
        while (run := honed.run("loop"))["state"] != "succeeded" and time.monotonic() < end:
            if run["state"] == "failed":
                if run["error"]["code"] != "worker_lost" or "SIGKILL" not in run["error"]["message"]:
                    faults.append(f"failed as {run['error']}")
                    break
                honed.need("POST", "/v1/runs/loop/resume")
                resumed += 1
            fresh = [pid for pid in honed.workers() if pid not in seen] if kills < goal else []
            if fresh:
                time.sleep(random.uniform(0.0, 0.35))
                seen.add(fresh[0])
                try:
                    os.kill(fresh[0], signal.SIGKILL)
                    kills += 1
                except ProcessLookupError:
                    pass
            time.sleep(0.02)
        if honed.run("loop")["state"] != "succeeded":
            faults.append(f"the run is {honed.run('loop')['state']} after {kills} kills")
        elif own.weights("loop") != expected:
            faults.append("the run ended in other weights")
        try:
            lib.until(lambda: not lib.children(honed.pid), "no child is left", 20)
        except lib.Wrong:
            faults.append(f"children are left: {[(p, state(p)) for p in lib.children(honed.pid)]}")
        try:
            lib.until(lambda: descriptors(honed.pid) <= before, "descriptors are closed", 10)
        except lib.Wrong:
            faults.append(f"{descriptors(honed.pid)} descriptors, {before} at the start")
    return kills, resumed


def stopped(folder, expected, faults):
    """A worker that stands still."""
    with folder.copy() as own, lib.Honed(own) as honed:
        honed.need("POST", "/v1/runs", SPEC)
        pid = lib.until(honed.workers, "a worker")[0]
        lib.until(lambda: honed.run("loop").get("iteration", 0) >= 1, "an iteration")
        os.kill(pid, signal.SIGSTOP)
        started = time.monotonic()
        lib.until(lambda: not lib.alive(pid), "the stopped worker is killed", 40)
        took = time.monotonic() - started
        honed.wait("loop", seconds=60)
        if own.weights("loop") != expected:
            faults.append("after a stopped worker the run ended in other weights")
    return took


def garbage(folder, faults):
    """Workers that are no workers: the run fails with a reason, the daemon lives."""
    writes = {"noise": "os.urandom(1 << 20)", "half a frame": "b'\\x00\\x00\\x10\\x00{'",
              "a gigabyte announced": "b'\\x40\\x00\\x00\\x00' + bytes(1 << 20)", "little-endian gigabyte":
              "b'\\x00\\x00\\x00\\x40' + bytes(1 << 20)", "text": "b'hello\\n' * 1000"}
    for name, bytes_ in writes.items():
        with folder.copy() as own:
            bin = own.path / "bin"
            bin.mkdir()
            shutil.copy(lib.BIN / "honed", bin / "honed")
            worker = bin / "hone-worker"
            worker.write_text("#!/usr/bin/env python3\nimport os, sys\nfd = int(sys.argv[sys.argv.index('--socket-fd') + 1])\n"
                              f"try:\n    os.write(fd, {bytes_})\nexcept OSError:\n    pass\n")
            worker.chmod(0o755)
            real, lib.BIN = lib.BIN, bin
            try:
                honed = lib.Honed(own)
            finally:
                lib.BIN = real
            with honed:
                try:
                    # The worker that plans a run's memory is the first that is asked.
                    status, reply = honed.ask("POST", "/v1/runs", SPEC)
                    error = reply["error"] if status >= 400 else honed.wait("loop", ("failed",), 60)["error"]
                    if error["code"] not in ("worker_lost", "internal_error") or "worker" not in error["message"]:
                        faults.append(f"{name}: {error}")
                except (lib.Wrong, OSError) as error:
                    faults.append(f"{name}: {error}")
                if honed.process.poll() is not None or honed.ask("GET", "/readyz")[0] != 200:
                    faults.append(f"{name}: the daemon did not live")
    return len(writes)


def with_daemon(folder, count, faults):
    """How long workers live after their daemon at most."""
    longest = 0.0
    for _ in range(count):
        with folder.copy() as own, lib.Honed(own) as honed:
            honed.need("POST", "/v1/runs", SPEC)
            pids = lib.until(honed.workers, "a worker")
            time.sleep(random.uniform(0, 0.3))
            pids = set(pids) | set(lib.children(honed.pid))
            honed.kill()
            started = time.monotonic()
            try:
                lib.until(lambda: not any(lib.alive(p) for p in pids), "workers end", 10)
            except lib.Wrong as error:
                faults.append(str(error))
            longest = max(longest, time.monotonic() - started)
    return longest


def twice(folder, faults):
    with folder.copy() as own, lib.Honed(own) as honed:
        for _ in range(3):
            try:
                lib.Honed(own).kill()
                faults.append("a second daemon has the folder")
            except lib.NotStarted as error:
                if error.args[0] != 1 or str(honed.pid) not in error.args[1]:
                    faults.append(f"the second daemon says {error.args}")
        result = lib.hone("train", "/dev/null", "--data", own.data, check=False)
        if result.returncode == 0:
            faults.append("hone train has the folder too")
        if honed.ask("GET", "/readyz")[0] != 200:
            faults.append("the first daemon suffers")


def main():
    options = lib.options(10, 200)
    with lib.Folder() as folder:
        with folder.copy() as own, lib.Honed(own) as honed:
            honed.need("POST", "/v1/runs", SPEC)
            honed.wait("loop")
            expected = own.weights("loop")
        faults, kills, resumed, runs = [], 0, 0, 0
        while kills < options.count and not faults:
            try:
                some = kill_some(folder, expected, min(25, options.count - kills), faults)
            except (lib.Wrong, OSError) as error:
                faults.append(f"{type(error).__name__}: {error}")
                break
            kills, resumed, runs = kills + some[0], resumed + some[1], runs + 1
        lib.say("kill_workers", faults, f"{kills} kills in {runs} runs ({resumed} times three in a row of one unit, which was "
                "said, and resumed); the same weights, no orphan, zombie or descriptor left")
        faults = []
        longest = with_daemon(folder, 3 if options.quick else 30, faults)
        twice(folder, faults)
        lib.say("workers_end", faults, f"with a killed daemon workers ended within {longest:.2f} s; a second daemon was refused")
        faults = []
        count = garbage(folder, faults)
        lib.say("worker_garbage", faults, f"{count} workers that write garbage were dropped with a reason, the daemon lived")
        if not options.quick:
            faults = []
            try:
                took = stopped(folder, expected, faults)
            except lib.Wrong as error:
                faults.append(str(error))
                took = 0
            lib.say("worker_stopped", faults, f"a stopped worker was found after {took:.0f} s and its unit done again")
    lib.finish()


main()
