#!/usr/bin/env python3
"""Plays the table of raw requests (Tests/Fixtures/http/requests.jsonl) against a real daemon.

The default tests play the same table without sockets; `docs/http.md` says why each answer is so.
"""

import concurrent.futures
import json
import socket
import sys
import time

from wire import ROOT, STATUS, Daemon, conclude

TABLE = ROOT / "Tests/Fixtures/http/requests.jsonl"


def bytes_of(send):
    """A text, or a list of texts and of [text, times]; a character is a byte."""
    parts = [send] if isinstance(send, str) else send
    return b"".join(
        (part if isinstance(part, str) else part[0] * part[1]).encode("latin-1") for part in parts
    )


def play(port, case):
    """What came, and whether the server closed."""
    data = b""
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        try:
            connection.sendall(bytes_of(case["send"]))
            if case.get("end"):
                connection.shutdown(socket.SHUT_WR)
        except ConnectionError:
            pass
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            is_whole = len(STATUS.findall(data)) >= len(case["replies"])
            connection.settimeout(0.4 if is_whole and not case["closes"] else 5)
            try:
                piece = connection.recv(65536)
            except TimeoutError:
                return data, False
            except ConnectionError:
                return data, True
            if not piece:
                return data, True
            data += piece
    return data, False


def faults_of(case, data, closed):
    replies = [int(status) for status in STATUS.findall(data)]
    if replies != case["replies"]:
        return f"{case['name']} ({case['rfc']}): {replies}, not {case['replies']}"
    if closed != case["closes"]:
        return f"{case['name']} ({case['rfc']}): {'closed' if closed else 'left open'}"
    text = data.lower()
    for part in case.get("has", []):
        if part.encode() not in text:
            return f"{case['name']} ({case['rfc']}): the reply has no {part!r}"
    for part in case.get("lacks", []):
        if part.encode() in text:
            return f"{case['name']} ({case['rfc']}): the reply has {part!r}"
    if "ends" in case and not data.endswith(case["ends"].encode()):
        return f"{case['name']} ({case['rfc']}): the reply has a body"
    return None


def main():
    cases = [json.loads(line) for line in TABLE.read_text().splitlines()]
    if len(sys.argv) > 1:
        cases = [case for case in cases if sys.argv[1] in case["name"]]
    with Daemon() as daemon, concurrent.futures.ThreadPoolExecutor(16) as pool:
        results = list(pool.map(lambda case: play(daemon.port, case), cases))
        faults = [fault for case, (data, closed) in zip(cases, results) if (fault := faults_of(case, data, closed))]
        if not daemon.is_alive():
            faults.append("the daemon has died")
    conclude("raw_requests", faults, f"{len(cases)} raw requests, each answered as written")


main()
