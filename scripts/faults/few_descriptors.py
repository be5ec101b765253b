#!/usr/bin/env python3
"""`ulimit -n 64` and 200 connections: the daemon neither spins nor dies, and recovers.

200 clients connect and hold half a head; the daemon has descriptors for fewer. It must not burn the processor
meanwhile, must answer once the half heads are cut after 10 s although their clients keep the sockets, and must
answer 200 idle clients one after the other without one of them leaving.
"""

import time

from wire import Daemon, ask, conclude, read_to_end

faults = []


def answers(daemon, seconds):
    """Whether `/healthz` is answered 200 before the time is over."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if ask(daemon, "GET", "/healthz", seconds=2)[0] == 200:
                return True
        except (OSError, AttributeError):
            pass
        time.sleep(0.1)
    return False


def hold(daemon, bytes_each):
    """200 connections, as far as they are taken."""
    held = []
    for _ in range(200):
        connection = daemon.connect(5)
        try:
            connection.sendall(bytes_each)
        except OSError:
            pass
        held.append(connection)
    return held


def main():
    prefix = ["sh", "-c", 'ulimit -n 64; exec "$@"', "sh"]
    with Daemon(prefix) as daemon:
        held = hold(daemon, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Half: ")
        before = daemon.cpu_seconds()
        time.sleep(5)
        spent = daemon.cpu_seconds() - before
        if spent > 1:
            faults.append(f"5 s of waiting cost {spent:.2f} s of processor")
        if not answers(daemon, 15):
            faults.append("no answer although the half heads' time is over")
        for connection in held:
            connection.close()
        if not answers(daemon, 5):
            faults.append("no answer after the clients have left")
        idle = hold(daemon, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        last = idle[-1]
        last.settimeout(5)
        try:
            reply = last.recv(4096)
        except OSError as error:
            reply = repr(error).encode()
        if not reply.startswith(b"HTTP/1.1 200 "):
            faults.append(f"the last of 200 idle clients got {reply[:40]!r}")
        for connection in idle:
            connection.close()
        if not answers(daemon, 5) or not daemon.is_alive():
            faults.append("no answer at the end")
    conclude("few_descriptors", faults, f"64 descriptors, 200 half heads and 200 idle clients; {spent:.2f} s of processor in 5 s")


main()
