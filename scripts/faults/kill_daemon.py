#!/usr/bin/env python3
"""kill -9 of the daemon under a client that gives verdicts and notes each acknowledgement: none lost, none doubled.

Single verdicts with external ids, and lists under an Idempotency-Key; what was not acknowledged is sent again as it was to
the next daemon, as a careful client does.
"""

import collections
import http.client
import random
import threading
import time

import lib


def client(honed, kind, todo, acknowledged, refused):
    """Sends what is to be sent until the daemon is gone; `todo` keeps what has no acknowledgement."""
    connection = http.client.HTTPConnection("127.0.0.1", honed.port, timeout=20)
    while todo:
        number = todo[0]
        if kind == "single":
            body, headers = lib.verdict(number, "single"), {}
        else:
            body = [{"kind": "rating", "prompt": f"l{number}", "completions": [f"l{number}-{i}"], "value": i}
                    for i in range(5)]
            headers = {"idempotency-key": f"list-{number}"}
        try:
            status, reply = honed.ask("POST", "/v1/feedback", body, headers, connection=connection)
        except (OSError, http.client.HTTPException):
            return
        if status in (200, 201):
            acknowledged.append(number)
            todo.popleft()
        else:
            refused.append(f"{kind} {number}: {status} {reply}")
            return


def main():
    options = lib.options(10, 200)
    faults, refused = [], []
    with lib.Folder(model=False) as folder:
        todo = {k: collections.deque(range(1_000_000)) for k in ("single", "list")}
        acknowledged = {"single": [], "list": []}
        for _ in range(options.count):
            with lib.Honed(folder) as honed:
                threads = [threading.Thread(target=client, args=(honed, k, todo[k], acknowledged[k], refused))
                           for k in todo]
                for thread in threads:
                    thread.start()
                time.sleep(random.uniform(0.0, 0.25))
                honed.kill()
                for thread in threads:
                    thread.join()
        with lib.Honed(folder) as honed:
            # What hung in the air is sent once more, so that a doubled one would be seen.
            for kind in todo:
                todo[kind] = collections.deque([todo[kind][0]])
                client(honed, kind, todo[kind], acknowledged[kind], refused)
            stored = collections.Counter()
            for record in honed.pages("/v1/feedback"):
                stored[record["subjects"][0]["text"]] += 1
            honed.kill()
        for number in acknowledged["single"]:
            if stored.pop(f"c{number}", 0) != 1:
                faults.append(f"verdict {number} is not there once")
        for number in acknowledged["list"]:
            for i in range(5):
                count = stored.pop(f"l{number}-{i}", 0)
                if count != 1:
                    faults.append(f"verdict {i} of list {number} is there {count} times")
        if stored:
            faults.append(f"{len(stored)} verdicts that nobody was told of: {list(stored)[:3]}")
        faults += folder.intact() + refused
    lib.say("kill_daemon", faults, f"{options.count} kills, {len(acknowledged['single'])} single verdicts and "
            f"{len(acknowledged['list'])} lists of 5 acknowledged; none lost, none doubled, integrity_check ok")
    lib.finish()


main()
