"""The HTTP door of a simulated tenant: a real server on loopback, with latency and faults.

Knows no CRM: it hands each call to a function and sends back what that answers.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from kamsync.testing.faults import Fault, Faults


@dataclass(frozen=True, slots=True)
class Call:
    """One call as it arrived. Header names are in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON (fractions as Decimal), or None when there is none."""
        return json.loads(self.body, parse_float=Decimal) if self.body else None

    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode("utf-8")))


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back. `body`: bytes as they are, text as HTML, anything else as JSON, None as nothing."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def wire(self) -> tuple[bytes, str]:
        """The body's bytes and its content type."""
        if self.body is None:
            return b"", ""
        if isinstance(self.body, bytes):
            return self.body, "application/json;charset=UTF-8"
        if isinstance(self.body, str):
            return self.body.encode(), "text/html;charset=UTF-8"
        return dumps(self.body), "application/json;charset=UTF-8"


def dumps(value: Any) -> bytes:
    """JSON as a CRM would send it: UTF-8, Decimals as numbers."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_plain).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"{type(value).__name__} does not go over the wire")


@dataclass(slots=True)
class Seen:
    """One call as it arrived, and what became of it: a status, 0 while it is handled or when it was dropped."""

    name: str  # "METHOD /path"
    status: int = 0


@dataclass
class Traffic:
    """What the door saw, for tests and figures. `most_in_flight` is the most calls handled at one time."""

    calls: Counter[str] = field(default_factory=Counter)  # "METHOD /path" -> count
    in_flight: int = 0
    open: Counter[str] = field(default_factory=Counter)  # "METHOD /path" -> being handled now
    most_in_flight: int = 0
    log: list[Seen] = field(default_factory=list)  # in the order of arrival

    @property
    def total(self) -> int:
        return sum(self.calls.values())


class Server:
    """Serves `handle` on 127.0.0.1 from threads of its own until stopped."""

    def __init__(
        self, handle: Callable[[Call], Answer], now: Callable[[], datetime], *, port: int = 0, latency: float = 0.0
    ) -> None:
        self.handle = handle
        self.now = now
        self.latency = latency
        self.faults = Faults()
        self.traffic = Traffic()
        self.lock = threading.Lock()
        self.stopped = False
        self._http = _Http(("127.0.0.1", port), self)
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        return int(self._http.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self.stopped = True  # connections that are kept open end with their next call
        if self._thread is not None:
            self._http.shutdown()
            self._thread.join()
            self._thread = None
        self._http.server_close()


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], door: Server) -> None:
        self.door = door
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news here."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Http
    wbufsize = -1
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet: the traffic record says it all."""

    def _serve(self) -> None:
        door = self.server.door
        split = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        if door.stopped:
            self._drop()
            return
        call = Call(self.command, split.path, dict(parse_qsl(split.query, keep_blank_values=True)), headers, body)
        name = f"{call.method} {call.path}"
        self._seen = Seen(name)
        with door.lock:
            door.traffic.log.append(self._seen)
            door.traffic.calls[name] += 1
            door.traffic.in_flight += 1
            door.traffic.open[name] += 1
            door.traffic.most_in_flight = max(door.traffic.most_in_flight, door.traffic.in_flight)
        try:
            if door.latency:
                time.sleep(door.latency)
            self._answer(call, door.faults.take(call.method, call.path))
        finally:
            with door.lock:
                door.traffic.open[name] -= 1
                if not door.traffic.open[name]:
                    del door.traffic.open[name]
                door.traffic.in_flight -= 1  # last: who sees none in flight sees what became of all

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _serve

    def _answer(self, call: Call, fault: Fault | None) -> None:
        door = self.server.door
        if fault is None:
            return self._send(door.handle(call))
        if fault.kind == "answer":
            return self._send(Answer(fault.status, fault.body, fault.headers or {}))
        if fault.kind == "drop_before":
            return self._drop()
        if fault.kind == "late":
            time.sleep(fault.seconds)
        answer = door.handle(call)
        if fault.kind == "drop_after":
            return self._drop()
        if fault.kind == "error_after":
            return self._send(Answer(fault.status, fault.body, fault.headers or {}))
        if fault.kind == "truncate":
            self._send(answer, keep=0.5)
            self._seen.status = 0
            return self._drop()
        return self._send(answer, drip=fault.seconds if fault.kind == "slow" else 0.0)

    def _send(self, answer: Answer, keep: float = 1.0, drip: float = 0.0) -> None:
        self._seen.status = answer.status  # before it is out: who has heard it may look it up
        data, kind = answer.wire()
        self.send_response_only(answer.status)
        self.send_header("Date", format_datetime(self.server.door.now(), usegmt=True))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if kind and "Content-Type" not in answer.headers:
            self.send_header("Content-Type", kind)
        if answer.status != 204 and answer.status != 304:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if drip:
            for byte in data:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(drip / max(1, len(data)))
        else:
            self.wfile.write(data[: int(len(data) * keep)])
        self.wfile.flush()

    def _drop(self) -> None:
        self.close_connection = True
        with suppress(OSError):  # it was gone already
            self.connection.shutdown(socket.SHUT_RDWR)
