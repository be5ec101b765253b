#!/usr/bin/env python3
"""Connections are cut at every byte of a reply, and the client asks again.

A POST with an `Idempotency-Key` goes through a proxy that resets both sides after n bytes of the reply, for every n;
the retry must make no second object, nor must 100 equal requests at the same time. A run's events are read through the same proxy; what comes after `Last-Event-ID`
must join without gap or repeat, at every byte of a finished run and all along a running one.
"""

import re
import socket
import struct
import threading
import time

from wire import STATUS, Daemon, ask, conclude, read_to_end, request

faults = []
RUN = {
    "name": "vowels", "kind": "online", "model": "novice", "seed": 3,
    "prompts": {"items": ["ab", "cde", "fg"]},
    "reward": {"name": "regex", "pattern": "[aeiou]", "count": "every"},
    "sampling": {"group_size": 2, "max_tokens": 8},
    "iterations": 2, "prompts_per_iteration": 3, "minibatch_size": 3,
}


def reset(connection):
    """Closes with RST, as a peer that has died does."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


class CuttingProxy(threading.Thread):
    """Forwards one connection at a time, and resets both sides after `limit` bytes of the reply."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.upstream = ("127.0.0.1", port)
        self.limit = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]

    def run(self):
        while True:
            client, _ = self.listener.accept()
            try:
                self.serve(client)
            except OSError:
                reset(client)

    def serve(self, client):
        server = socket.create_connection(self.upstream, 30)
        client.settimeout(30)
        head = b""
        while b"\r\n\r\n" not in head:
            head += client.recv(65536)
        length = re.search(rb"(?i)content-length: (\d+)", head)
        missing = (int(length.group(1)) if length else 0) - len(head.split(b"\r\n\r\n", 1)[1])
        while missing > 0:
            piece = client.recv(65536)
            head += piece
            missing -= len(piece)
        server.sendall(head)
        left = self.limit
        while left > 0:
            piece = server.recv(left)
            if not piece:
                client.close()
                server.close()
                return
            client.sendall(piece)
            left -= len(piece)
        reset(server)
        reset(client)


def through(proxy, data):
    """What comes through the proxy, whole or cut."""
    with socket.create_connection(("127.0.0.1", proxy.port), 30) as connection:
        try:
            connection.sendall(data)
        except ConnectionError:
            pass
        return read_to_end(connection, 30) or b""


def posts(daemon, proxy):
    """Every byte of the reply to a verdict."""
    def verdict(cut):
        body = {"kind": "rating", "prompt": "a", "completions": [f"cut at {cut}"], "value": 1}
        return request("POST", "/v1/feedback", body, [f"Idempotency-Key: cut-{cut}"])

    proxy.limit = 1 << 20
    whole = len(through(proxy, verdict("nothing")))
    for cut in range(whole + 1):
        proxy.limit = cut
        first = through(proxy, verdict(cut))
        if len(first) > cut:
            faults.append(f"the proxy let {len(first)} bytes through, not {cut}")
        with daemon.connect(60) as connection:
            connection.sendall(verdict(cut))
            again = read_to_end(connection, 60)
        if int(STATUS.match(again).group(1)) != 201:
            faults.append(f"cut at {cut}: the retry got {again[:60]!r}")
    count = {}
    after = 0
    while True:
        page = ask(daemon, "GET", f"/v1/feedback?limit=100&after={after}")[1]
        for item in page["data"]:
            text = item["subjects"][0]["text"]
            count[text] = count.get(text, 0) + 1
            after = item["id"]
        if not page["has_more"]:
            break
    doubled = [text for text, times in count.items() if times > 1]
    if doubled:
        faults.append(f"{len(doubled)} verdicts are doubled: {doubled[:3]}")
    if len(count) != whole + 2:
        faults.append(f"{len(count)} verdicts of {whole + 2}")
    return whole + 1


def at_once(daemon):
    """100 equal POSTs at the same time: one object, and its reply for all."""
    body = {"kind": "rating", "prompt": "a", "completions": ["at once"], "value": 1}
    replies = []

    def post():
        replies.append(ask(daemon, "POST", "/v1/feedback", body, ["Idempotency-Key: at-once"], 120))

    threads = [threading.Thread(target=post) for _ in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(replies) != 100 or any(reply != replies[0] for reply in replies) or replies[0][0] != 201:
        faults.append(f"100 equal POSTs at once got {len(replies)} replies, {[reply for reply in replies if reply != replies[0]][:2]}")
    after = ask(daemon, "POST", "/v1/feedback", body | {"value": 2}, ["Idempotency-Key: at-once"])
    if after[0] != 409:
        faults.append(f"another body with the key got {after}")
    status, reply = ask(daemon, "POST", "/v1/feedback", body, ["Idempotency-Key: afterwards"])
    if status != 201 or reply["id"] != replies[0][1]["id"] + 1:
        faults.append(f"100 equal POSTs made {reply['id'] - replies[0][1]['id']} objects")


def events_of(reply):
    """Ids of the whole events in a reply that may be cut anywhere, its chunks undone."""
    _, _, rest = reply.partition(b"\r\n\r\n")
    text = b""
    while (mark := rest.find(b"\r\n")) >= 0:
        try:
            size = int(rest[:mark], 16)
        except ValueError:
            break
        text += rest[mark + 2 : mark + 2 + size]
        rest = rest[mark + 4 + size :]
    blocks = text.split(b"\n\n")[:-1]
    return [int(found.group(1)) for block in blocks if (found := re.search(rb"^id: ?(\d+)", block, re.M))]


def follow(proxy, last, limit):
    proxy.limit = limit
    fields = [f"Last-Event-ID: {last}"] if last else []
    return events_of(through(proxy, request("GET", "/v1/runs/vowels/events", fields=fields)))


def running(proxy):
    """Follows a run from its first event to its end, a few hundred bytes a connection."""
    ids, limit, deadline = [], 300, time.monotonic() + 300
    while time.monotonic() < deadline:
        new = follow(proxy, ids[-1] if ids else None, limit)
        ids += new
        # An event longer than the limit would never come whole.
        limit = 300 + (limit * 7 + 13) % 900 if new else limit + 200
        if limit > 20000:
            break
    return ids


def finished(proxy, whole):
    """Every byte of the events of a run that has ended."""
    proxy.limit = 1 << 20
    length = len(through(proxy, request("GET", "/v1/runs/vowels/events")))
    for cut in range(length + 1):
        before = follow(proxy, None, cut)
        after = follow(proxy, before[-1] if before else None, 1 << 20)
        if before + after != whole:
            faults.append(f"cut at {cut} of {length}: {before} and {after}, not {whole}")
    return length + 1


def main():
    with Daemon() as daemon:
        proxy = CuttingProxy(daemon.port)
        proxy.start()
        made = posts(daemon, proxy)
        at_once(daemon)
        model = {"tokenizer": "ascii", "layers": 1, "hidden": 16, "heads": 2, "context": 32, "seed": 1}
        for path, body in [("/v1/models", {"name": "novice", "create": model}), ("/v1/runs", RUN)]:
            status, reply = ask(daemon, "POST", path, body, seconds=120)
            if status >= 300:
                raise SystemExit(f"POST {path}: {status} {reply}")
        live = running(proxy)
        proxy.limit = 1 << 20
        whole = follow(proxy, None, 1 << 20)
        if live != whole or whole != sorted(set(whole)) or len(whole) < 5:
            faults.append(f"the running run gave {live}, all in all it has {whole}")
        cuts = finished(proxy, whole)
    conclude("cut_replies", faults, f"{made} cuts of a POST and 100 equal ones at once, one object each; {cuts} cuts of {len(whole)} events, no gap or repeat")


main()
