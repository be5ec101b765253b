#!/usr/bin/env python3
"""The clock jumps a year ahead and a day back: nothing ends early, nothing waits for ever.

The daemon runs under libfaketime (Debian: libfaketime), which moves its wall clock and leaves the monotonic one.
"""

import glob
import os
import pathlib
import tempfile
import time

from wire import Daemon, ask, conclude, read_to_end

GET = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
faults = []


def library():
    found = glob.glob("/usr/lib/*/faketime/libfaketime.so.1")
    return os.environ.get("LIBFAKETIME") or (found[0] if found else None)


def jump(daemon, clock, shift):
    """A connection that idles and one that drips live through the jump; the one is cut in its time."""
    idle, slow = daemon.connect(), daemon.connect()
    idle.sendall(GET)
    idle.recv(4096)
    slow.sendall(b"GET /healthz HTT")
    started = time.monotonic()
    clock.write_text(shift)
    time.sleep(2)
    date = ask_date(daemon)
    try:
        idle.sendall(GET)
        if not idle.recv(4096).startswith(b"HTTP/1.1 200 "):
            faults.append(f"{shift}: an idle connection was closed early")
    except OSError as error:
        faults.append(f"{shift}: an idle connection was closed early ({error})")
    reply = read_to_end(slow, 20)
    age = time.monotonic() - started
    if reply is None or not reply.startswith(b"HTTP/1.1 408 ") or not 9 < age < 14:
        faults.append(f"{shift}: a slow head got {reply and reply[:20]!r} after {age:.1f} s")
    created = ask(daemon, "POST", "/v1/feedback", {"kind": "rating", "prompt": "a", "completions": [shift], "value": 1})
    if created[0] != 201:
        faults.append(f"{shift}: a verdict got {created}")
    idle.close()
    slow.close()
    return date


def ask_date(daemon):
    with daemon.connect() as connection:
        connection.sendall(GET)
        head = connection.recv(4096).decode("latin-1").lower()
    return head.split("date: ")[1].split("\r\n")[0]


def main():
    path = library()
    if path is None:
        conclude("clocks", ["libfaketime is not installed (apt-get install libfaketime)"], "")
    with tempfile.TemporaryDirectory() as folder:
        clock = pathlib.Path(folder) / "clock"
        clock.write_text("+0")
        environment = {
            "LD_PRELOAD": path,
            "FAKETIME_TIMESTAMP_FILE": str(clock),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
        }
        with Daemon(environment=environment) as daemon:
            dates = [ask_date(daemon)] + [jump(daemon, clock, shift) for shift in ("+1y", "-1d")]
            if len({date.split()[3] for date in dates[:2]}) != 2:
                faults.append(f"the clock did not jump: {dates}")
            if not daemon.is_alive():
                faults.append("the daemon has died")
    conclude("clocks", faults, "a year ahead and a day back: connections lived, slow heads were cut after 10 s")


main()
