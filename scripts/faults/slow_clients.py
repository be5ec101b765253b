#!/usr/bin/env python3
"""Thousands of slow clients hurt nobody else, and each is cut in its time.

2,000 connections drip a head, hold a request open, or send a body too slowly; some ask for much and read
nothing. All the while `/healthz` must answer new connections within a second. A head that is not complete
after 10 s and a body slower than 1 kB/s get 408 and the end; a body of 2 kB/s is taken; a reader that
stands still is cut after 30 s. `slow_clients.py 500` plays it with 500.
"""

import resource
import select
import socket
import sys
import threading
import time

from wire import Daemon, ask, conclude, read_to_end

COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
SECONDS = 48
HEAD = b"POST /v1/rewards HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
faults = []


class Health(threading.Thread):
    """Asks for `/healthz` on a new connection five times a second."""

    def __init__(self, daemon):
        super().__init__(daemon=True)
        self.daemon_under_test = daemon
        self.is_over = False
        self.seconds = []

    def run(self):
        while not self.is_over:
            started = time.monotonic()
            try:
                status, _ = ask(self.daemon_under_test, "GET", "/healthz", seconds=5)
            except OSError as error:
                status = error
            self.seconds.append(time.monotonic() - started)
            if status != 200:
                faults.append(f"/healthz gave {status}")
            time.sleep(0.2)


def slow_heads(daemon):
    """Connections that drip a head, by the second in which they are cut."""
    connections = {}
    for index in range(COUNT):
        connection = daemon.connect()
        if index % 4:
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
        connection.setblocking(False)
        connections[connection.fileno()] = (connection, time.monotonic())
    poller = select.poll()
    for number in connections:
        poller.register(number, select.POLLIN)
    replies, ages = {}, []
    deadline, drips = time.monotonic() + 25, time.monotonic()
    while connections and time.monotonic() < deadline:
        for number, _ in poller.poll(200):
            connection, started = connections[number]
            try:
                piece = connection.recv(4096)
            except ConnectionError:
                piece = b""
            replies[number] = replies.get(number, b"") + piece
            if not piece:
                ages.append(time.monotonic() - started)
                if not replies[number].startswith(b"HTTP/1.1 408 "):
                    faults.append(f"a slow head got {replies[number][:40]!r}")
                poller.unregister(number)
                connections.pop(number)[0].close()
        if time.monotonic() - drips > 2:
            drips = time.monotonic()
            for connection, _ in connections.values():
                try:
                    connection.send(b"x")
                except OSError:
                    pass
    if connections:
        faults.append(f"{len(connections)} slow heads were not cut")
    if ages and (min(ages) < 9 or max(ages) > 15):
        faults.append(f"heads were cut after {min(ages):.1f} to {max(ages):.1f} s")
    return ages


def body(daemon, bytes_a_second, seconds, is_taken):
    """Sends a body at a pace, ten times a second."""
    with daemon.connect() as connection:
        connection.sendall(HEAD + b"Content-Length: 1000000\r\n\r\n")
        started = time.monotonic()
        while time.monotonic() - started < seconds:
            if select.select([connection], [], [], 0.1)[0]:
                break
            try:
                connection.send(b" " * (bytes_a_second // 10))
            except OSError:
                break
        age = time.monotonic() - started
        is_cut = age < seconds
        if is_cut and not is_taken:
            reply = read_to_end(connection, 5) or b""
            if not reply.startswith(b"HTTP/1.1 408 "):
                faults.append(f"a body of {bytes_a_second} B/s got {reply[:40]!r}")
        if is_cut == is_taken:
            faults.append(f"a body of {bytes_a_second} B/s was {'cut' if is_cut else 'taken'} after {age:.0f} s")


def stalled_reader(daemon):
    """Asks for more than the sockets' buffers hold, and reads nothing for 40 s."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect(("127.0.0.1", daemon.port))
    connection.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n" * 200)
    time.sleep(40)
    # A connection that was cut while bytes waited for it has been reset; TCP_INFO's first byte is its state.
    state = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]
    connection.close()
    if state == 1:
        faults.append("a reader that stood still for 40 s was not cut")


def main():
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    if limit < COUNT + 200:
        raise SystemExit(f"slow_clients.py needs {COUNT + 200} descriptors; the limit is {limit}")
    with Daemon() as daemon:
        health = Health(daemon)
        health.start()
        others = [threading.Thread(target=stalled_reader, args=(daemon,)) for _ in range(20)]
        for pace, is_taken in [(100, False), (500, False), (2000, True)]:
            others += [threading.Thread(target=body, args=(daemon, pace, 30, is_taken)) for _ in range(5)]
        for thread in others:
            thread.start()
        ages = slow_heads(daemon)
        for thread in others:
            thread.join(SECONDS + 30)
        health.is_over = True
        health.join(10)
        slowest = max(health.seconds)
        if slowest >= 1:
            faults.append(f"/healthz took {slowest:.2f} s")
        if not daemon.is_alive():
            faults.append("the daemon has died")
    cut = f"{min(ages):.1f} to {max(ages):.1f} s" if ages else "none"
    conclude(
        "slow_clients",
        faults,
        f"{COUNT} slow heads cut after {cut}, 10 slow bodies and 20 still readers cut, 5 bodies of 2 kB/s taken; "
        f"/healthz {len(health.seconds)} times, at most {slowest * 1000:.0f} ms",
    )


main()
