#!/usr/bin/env python3
"""Half an hour of everything at once (runs, verdicts, completions, followers who leave, killed workers, a daemon killed now and
then): memory, descriptors, threads and the write-ahead log stay bounded, no run is lost, no verdict either.
"""

import http.client
import os
import pathlib
import random
import signal
import threading
import time

import lib

MIB = 1 << 20


def measure(honed):
    status = pathlib.Path(f"/proc/{honed.pid}/status").read_text()
    fields = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
    wal = honed.folder.data / "hone.sqlite-wal"
    return {
        "memory": int(fields["VmRSS"].split()[0]) << 10, "threads": int(fields["Threads"]),
        "descriptors": len(os.listdir(f"/proc/{honed.pid}/fd")), "wal": wal.stat().st_size if wal.exists() else 0,
        "children": len(lib.children(honed.pid)),
    }


class Load:
    """Clients that go on until they are told to stop; the daemon they ask may be killed meanwhile."""

    def __init__(self, honed):
        self.honed, self.isOver, self.counts = honed, False, {"verdicts": 0, "completions": 0, "followers": 0}
        self.acknowledged, self.odd = set(), []
        self.threads = [threading.Thread(target=self.repeat, args=(f,)) for f in
                        (self.judge, self.judge, self.draw, self.follow)]
        for thread in self.threads:
            thread.start()

    def repeat(self, work):
        number = 0
        while not self.isOver:
            try:
                work(f"{work.__name__}-{id(threading.current_thread())}-{number}")
            except (OSError, http.client.HTTPException):
                time.sleep(0.1)
            number += 1
            time.sleep(random.uniform(0, 0.02))

    def judge(self, name):
        status, reply = self.honed.ask("POST", "/v1/feedback", lib.verdict(name), seconds=20)
        if status in (200, 201):
            self.acknowledged.add(name)
            self.counts["verdicts"] += 1
        else:
            self.odd.append(f"verdict: {status} {reply}")

    def draw(self, name):
        status, reply = self.honed.ask("POST", "/v1/rollouts", {"model": "tiny", "prompts": ["ab"], "n": 2,
                                                               "sampling": {"max_tokens": 8}}, seconds=60)
        self.counts["completions"] += status == 200
        if status not in (200, 503):
            self.odd.append(f"completion: {status} {reply}")
        time.sleep(0.1)

    def follow(self, name):
        runs = self.honed.ask("GET", "/v1/runs?limit=1000")[1]["data"]
        if not runs:
            return time.sleep(0.2)
        connection = http.client.HTTPConnection("127.0.0.1", self.honed.port, timeout=5)
        connection.request("GET", f"/v1/runs/{random.choice(runs)['id']}/events")
        connection.getresponse().read(random.randrange(1, 4000))
        connection.close()
        self.counts["followers"] += 1

    def stop(self):
        self.isOver = True
        for thread in self.threads:
            thread.join(90)


def main():
    options = lib.options(1, 1)
    minutes = options.minutes or (1 if options.quick else 30)
    faults, samples, kills, restarts, made = [], [], 0, 0, 0
    with lib.Folder() as folder:
        honed = lib.Honed(folder)
        load = Load(honed)
        end = time.monotonic() + 60 * minutes
        next_kill, next_restart = time.monotonic() + 5, time.monotonic() + min(300, 20 * minutes)
        series = []
        try:
            while time.monotonic() < end:
                runs = honed.need("GET", "/v1/runs?limit=1000")["data"]
                waiting = [r for r in runs if r["state"] in ("queued", "running")]
                for run in (r for r in runs if r["state"] == "failed"):
                    if "SIGKILL" not in run["error"]["message"]:
                        faults.append(f"{run['name']}: {run['error']}")
                    honed.need("POST", f"/v1/runs/{run['id']}/resume")
                done = [r for r in runs if r["state"] == "succeeded"]
                for run in done[:-3]:
                    honed.need("DELETE", f"/v1/runs/{run['id']}")
                    honed.need("DELETE", f"/v1/models/{run['name']}")
                if not waiting:
                    made += 1
                    honed.need("POST", "/v1/runs", lib.online(f"run{made}", 10))
                now = time.monotonic()
                if now > next_kill:
                    workers = honed.workers()
                    if workers:
                        try:
                            os.kill(random.choice(workers), signal.SIGKILL)
                            kills += 1
                        except ProcessLookupError:
                            pass
                    next_kill = now + random.uniform(2, 8)
                if now > next_restart:
                    samples.append(series)
                    series = []
                    honed.kill()
                    honed = lib.Honed(folder)
                    load.honed = honed
                    restarts += 1
                    next_restart = now + random.uniform(240, 420)
                series.append(measure(honed))
                time.sleep(0.25)
            load.stop()
            samples.append(series)
            stored = {r["external_id"] for r in honed.pages("/v1/feedback")}
            lost = load.acknowledged - stored
            if lost:
                faults.append(f"{len(lost)} acknowledged verdicts are lost")
        finally:
            load.isOver = True
            honed.kill()
        faults += folder.intact() + load.odd[:5]
    limits = {"memory": 600 * MIB, "threads": 64, "descriptors": 200, "wal": 64 * MIB, "children": 12}
    most = {name: max(s[name] for series in samples for s in series) for name in limits}
    faults += [f"{name}: {most[name]}" for name in limits if most[name] > limits[name]]
    # Within the life of one daemon the second half may hold little more than the first.
    for series in samples:
        if len(series) > 400:
            half = len(series) // 2
            first, second = ([s["memory"] for s in part] for part in (series[half // 2:half], series[half:]))
            if max(second) > 1.5 * max(first) + 50 * MIB:
                faults.append(f"memory grows: {max(first) // MIB} to {max(second) // MIB} MiB")
    lib.say("soak", faults, f"{minutes:g} minutes, {made} runs, {load.counts['verdicts']} verdicts, "
            f"{load.counts['completions']} completions, {load.counts['followers']} followers, {kills} workers and {restarts} "
            f"daemons killed; at most {most['memory'] // MIB} MiB, {most['threads']} threads, {most['descriptors']} "
            f"descriptors, {most['wal'] / MIB:.1f} MiB of log")
    lib.finish()


main()
