#!/usr/bin/env python3
"""The n-th flush to the disk fails (EIO): no acknowledgement for what was not flushed, no further write that pretends
that all is well, not ready; and after a restart everything that was acknowledged is there.

Once the one flush alone fails, once all from it on. strace injects the error.
"""

import lib


def play(nth, how, faults):
    """How many verdicts were acknowledged before the fault."""
    with lib.Folder(model=False) as folder:
        inject = f"inject=fdatasync,fsync:error=EIO:when={nth}{how}"
        acknowledged, place = [], f"flush {nth}{how}"
        try:
            with lib.Honed(folder, ["strace", "-f", "-qqq", "-o", "/dev/null", "--seccomp-bpf", "-e",
                                    "trace=fdatasync,fsync", "-e", inject]) as honed:
                refused = 0
                for number in range(200):
                    status, reply = honed.ask("POST", "/v1/feedback", lib.verdict(number))
                    if status in (200, 201):
                        acknowledged.append(number)
                        if refused:
                            faults.append(f"{place}: verdict {number} was acknowledged after a lost flush")
                        continue
                    refused += 1
                    if status < 500 or "error" not in reply:
                        faults.append(f"{place}: {status} {reply}")
                    if refused == 5:
                        break
                if refused:
                    ready, _ = honed.ask("GET", "/readyz")
                    if ready != 503:
                        faults.append(f"{place}: /readyz says {ready}")
                    health, _ = honed.ask("GET", "/v1/feedback?limit=1")
                    if health != 200:
                        faults.append(f"{place}: reading says {health}")
                else:
                    faults.append(f"{place}: nothing was refused")
        except lib.NotStarted as error:
            if error.args[0] not in (1,):
                faults.append(f"{place}: the start ended with {error.args}")
        with lib.Honed(folder) as honed:
            stored = {record["external_id"] for record in honed.pages("/v1/feedback")}
            lost = [n for n in acknowledged if str(n) not in stored]
            if lost:
                faults.append(f"{place}: acknowledged and lost: {lost}")
            if honed.ask("POST", "/v1/feedback", lib.verdict(1000))[0] != 201:
                faults.append(f"{place}: does not take verdicts after a restart")
        faults += [f"{place}: {fault}" for fault in folder.intact()]
        return len(acknowledged)


def main():
    options = lib.options(3, 40)
    lib.needs("strace")
    faults, played, acknowledged = [], 0, 0
    # The first flushes are those of the start, which makes the tables.
    for index in range(options.count):
        nth = 1 + index * 2 if options.count > 3 else [40, 2, 90][index]
        for how in ("", "+"):
            acknowledged += play(nth, how, faults)
            played += 1
    lib.say("fsync_error", faults, f"{played} failing flushes, {acknowledged} verdicts acknowledged before them; none "
            "lost, none acknowledged after, /readyz 503, all well after a restart")
    lib.finish()


main()
