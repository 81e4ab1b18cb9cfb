"""A line that misbehaves: a TCP proxy on loopback, between kamsync and one invented CRM.

Knows bytes and no CRM. What it does to a connection is decided by the first line of its first request; writes open a
connection each.
"""

from __future__ import annotations

import re
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal

CHUNK = 65_536
RESET = struct.pack("ii", 1, 0)  # SO_LINGER that makes close() send RST

Kind = Literal[
    "none",
    "cut request",  # pass `at` bytes of the request, then close both sides
    "cut answer",  # pass the request and `at` bytes of its answer, then close
    "delay",  # hold the answer back `seconds`
    "drip",  # the answer a byte at a time, over `seconds`
    "swallow",  # the request arrives, no answer comes, the connection stays open
    "hole",  # not even the request arrives, and the connection stays open
    "twice",  # the answer comes twice
    "corrupt",  # byte `at` of the answer is another one
]


@dataclass(frozen=True, slots=True)
class Toxic:
    """What happens to one connection. `hard`: it is reset instead of closed."""

    kind: Kind = "none"
    at: int = 0
    seconds: float = 0.0
    hard: bool = False


@dataclass(slots=True)
class Passed:
    """Bytes that really went through on a connection that a toxic was meant for."""

    request: int = 0
    answer: int = 0


@dataclass
class Proxy:
    """Stands before a port of this machine while open; `strike` says what befalls the next connections."""

    port: int  # of the CRM
    passed: list[Passed] = field(default_factory=list)
    _on: re.Pattern[str] = field(default_factory=lambda: re.compile("(?!)"))
    _toxics: deque[Toxic] = field(default_factory=deque)
    _open: set[socket.socket] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> Proxy:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes whoever accepts
        self._listener.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def strike(self, on: str, toxics: Iterable[Toxic]) -> None:
        """One for each of the next connections whose request line fits `on`, in their order; then none."""
        with self._lock:
            self._on, self._toxics = re.compile(on), deque(toxics)
            self.passed = []

    @property
    def left(self) -> int:
        """Toxics that nothing has come for yet."""
        return len(self._toxics)

    def drop(self, *, hard: bool = False) -> None:
        """Close every connection there is, as a CRM does with those that were idle too long."""
        with self._lock:
            kept, self._open = self._open, set()
        for one in kept:
            _end(one, hard)

    # ---- one connection

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with self._lock:
            self._open.add(client)
        with suppress(OSError), client:
            self._carry(client)
        with self._lock:
            self._open.discard(client)

    def _carry(self, client: socket.socket) -> None:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        first = b""
        while b"\n" not in first:
            more = client.recv(CHUNK)
            if not more:
                return
            first += more
        toxic, passed = self._chosen(first.split(b"\r\n")[0].decode("latin-1"))
        with socket.create_connection(("127.0.0.1", self.port)) as crm:
            crm.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            back = threading.Thread(target=self._answer, args=(crm, client, toxic, passed), daemon=True)
            back.start()
            self._request(first, client, crm, toxic, passed)
            back.join()

    def _chosen(self, line: str) -> tuple[Toxic, Passed]:
        with self._lock:
            if not self._on.search(line) or not self._toxics:
                return Toxic(), Passed()
            self.passed.append(Passed())
            return self._toxics.popleft(), self.passed[-1]

    def _request(self, first: bytes, client: socket.socket, crm: socket.socket, toxic: Toxic, passed: Passed) -> None:
        most = {"cut request": toxic.at, "hole": 0}.get(toxic.kind)
        data = first
        with suppress(OSError):
            while data:
                data = data if most is None else data[: most - passed.request]
                crm.sendall(data)
                passed.request += len(data)
                if toxic.kind == "cut request" and passed.request >= toxic.at:
                    _end(crm, toxic.hard)
                    _end(client, toxic.hard)
                    return
                data = client.recv(CHUNK)
        with suppress(OSError):
            crm.shutdown(socket.SHUT_WR)

    def _answer(self, crm: socket.socket, client: socket.socket, toxic: Toxic, passed: Passed) -> None:
        with suppress(OSError):
            while data := crm.recv(CHUNK):
                if toxic.kind in ("swallow", "cut request"):
                    continue
                if toxic.kind == "cut answer":
                    data = data[: toxic.at - passed.answer]
                if toxic.kind == "corrupt" and 0 <= toxic.at - passed.answer < len(data):
                    place = toxic.at - passed.answer
                    data = data[:place] + bytes([data[place] ^ 0x80]) + data[place + 1 :]
                _send(client, data, toxic)
                passed.answer += len(data)
                if toxic.kind == "cut answer" and passed.answer >= toxic.at:
                    break
            if toxic.kind in ("swallow", "hole"):
                return  # whoever waits gives up by himself
            _end(client, toxic.hard)
            _end(crm, toxic.hard)


def _send(client: socket.socket, data: bytes, toxic: Toxic) -> None:
    if toxic.kind == "delay":
        time.sleep(toxic.seconds)
    if toxic.kind == "drip":
        for byte in data:
            client.sendall(bytes([byte]))
            time.sleep(toxic.seconds / len(data))
        return
    client.sendall(data * 2 if toxic.kind == "twice" else data)


def _end(one: socket.socket, hard: bool) -> None:
    """Close for both directions at once, though another thread waits on it."""
    with suppress(OSError):
        if hard:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        one.shutdown(socket.SHUT_RD if hard else socket.SHUT_RDWR)  # a waiting thread lets go; only then it is closed
        one.close()
