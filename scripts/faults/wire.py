"""What the programs of this folder share: a daemon of their own, and a connection's raw bytes.

A program here plays one fault against a `honed` of its own and prints one line, `held NAME: …` or
`broken NAME: …`; its exit code is 0 or 1. `HONED` names the daemon, the debug build's unless set.
"""

import json
import os
import pathlib
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
HONED = os.environ.get("HONED", str(ROOT / ".build/debug/honed"))
STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")


class Daemon:
    """A `honed` in a folder that is thrown away; use it in a `with`."""

    def __init__(self, prefix=(), environment=None):
        self.folder = tempfile.mkdtemp(prefix="hone-faults.")
        self.log = open(f"{self.folder}/log", "wb")
        self.process = subprocess.Popen(
            [*prefix, HONED, "--port", "0", "--data", f"{self.folder}/data"],
            stdout=subprocess.PIPE,
            stderr=self.log,
            env={**os.environ, **(environment or {})},
        )
        self.port = self._port()

    def _port(self):
        deadline = time.monotonic() + 120
        line = b""
        while time.monotonic() < deadline and not line.endswith(b"\n"):
            if select.select([self.process.stdout], [], [], 1)[0]:
                piece = os.read(self.process.stdout.fileno(), 1)
                if not piece:
                    break
                line += piece
        found = re.search(rb":(\d+)\s*$", line)
        if not found:
            text = pathlib.Path(f"{self.folder}/log").read_text(errors="replace")
            self.stop()
            raise SystemExit(f"honed did not start: {text[-2000:]}")
        return int(found.group(1))

    def connect(self, timeout=10.0):
        connection = socket.create_connection(("127.0.0.1", self.port), timeout)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def cpu_seconds(self):
        """Processor time that the daemon alone has used."""
        fields = pathlib.Path(f"/proc/{self.pid()}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def pid(self):
        """The daemon's process, which is a child of whatever it was started through."""
        for status in pathlib.Path("/proc").glob("[0-9]*/stat"):
            try:
                name, rest = status.read_text().split(" (", 1)[1].rsplit(")", 1)
            except (OSError, ValueError):
                continue
            if name != "honed":
                continue
            process, parent = int(status.parent.name), int(rest.split()[1])
            if self.process.pid in (process, parent):
                return process
        raise RuntimeError("honed is not running")

    def is_alive(self):
        return self.process.poll() is None

    def stop(self):
        if self.is_alive():
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def request(method, path, body=None, fields=()):
    """The bytes of a request that asks for the connection's end."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", "Connection: close", *fields]
    data = b"" if body is None else json.dumps(body).encode()
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(data)}"]
    return "\r\n".join([*lines, "", ""]).encode() + data


def read_to_end(connection, seconds=30.0):
    """Everything until the peer closes, or None if it does not in time."""
    deadline = time.monotonic() + seconds
    data = b""
    while (left := deadline - time.monotonic()) > 0:
        connection.settimeout(left)
        try:
            piece = connection.recv(65536)
        except TimeoutError:
            return None
        except ConnectionError:
            return data
        if not piece:
            return data
        data += piece
    return None


def ask(daemon, method, path, body=None, fields=(), seconds=30.0):
    """Status, and the reply's body as JSON."""
    with daemon.connect(seconds) as connection:
        connection.sendall(request(method, path, body, fields))
        reply = read_to_end(connection, seconds)
    if reply is None:
        raise TimeoutError(f"{method} {path} was not answered in {seconds} s")
    head, _, text = reply.partition(b"\r\n\r\n")
    return int(STATUS.match(head).group(1)), json.loads(text) if text else None


def conclude(name, faults, summary):
    """Prints the one line and ends the program."""
    if faults:
        for fault in faults[:40]:
            print(f"  {fault}", file=sys.stderr)
        print(f"broken {name}: {len(faults)} faults, the first: {faults[0]}")
        sys.exit(1)
    print(f"held {name}: {summary}")
    sys.exit(0)
