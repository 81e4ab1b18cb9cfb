"""The door for the CRMs' calls: plain HTTP for a TLS proxy on the same machine. It hears, notes and answers at once.

It says to nobody what exists here: whatever is not a proven call is answered alike. It logs no body, path or header.
"""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

from kamsync.config.listening import Address
from kamsync.engine.hearing import Heard
from kamsync.net.watchdog import Watchdog
from kamsync.plugin import ConfigError, KamsyncError, Text

MOST = 1_000_000  # bytes of a body
PATIENCE = 10.0  # seconds from the first byte to the last
AT_ONCE = 32  # calls being answered
QUIET = 60.0  # seconds between two log lines about the same trouble
PATH = re.compile(r"/hooks/([^/]{1,300})")

Hear = Callable[[str, Mapping[str, str], bytes], Heard]
Log = Callable[..., None]


class Listener:
    """Serves `hear` at an address from threads of its own. Raises ConfigError where nobody can listen there."""

    def __init__(self, address: Address, hear: Hear, log: Log, patience: float = PATIENCE) -> None:
        self.hear = hear
        self.patience = patience
        self.deadlines = Watchdog()
        self.troubles = Troubles(log)
        family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
        server = type("_Server", (_Http,), {"address_family": family})
        try:
            self._http = server((address.host, address.port), self)
        except OSError as taken:
            why = taken.strerror or str(taken)
            text = Text(f"不能监听 {address}:{why}", f"cannot listen at {address}: {why}")
            raise ConfigError(text, next="kamsync run --listen HOST:PORT") from taken
        self.address = Address(address.host, int(self._http.server_address[1]))
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)

    def __enter__(self) -> Listener:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()
        self.deadlines.stop()


class Troubles:
    """Says once a minute what was turned away, and how often: a flood of calls is no flood of lines."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._lock = threading.Lock()
        self._since: dict[str, tuple[float, int]] = {}  # by kind: last line, and how many since

    def note(self, why: str, **facts: object) -> None:
        with self._lock:
            last, more = self._since.get(why, (None, 0))
            now = time.monotonic()
            quiet = last is not None and now - last < QUIET
            self._since[why] = (last, more + 1) if quiet and last is not None else (now, 0)
        if not quiet:
            self._log("hook.refused", level="warning", why=why, **facts, **({"more": more} if more else {}))


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], listener: Listener) -> None:
        self.listener = listener
        self._free = threading.BoundedSemaphore(AT_ONCE)
        super().__init__(address, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        if self._free.acquire(blocking=False):
            super().process_request(request, client_address)
            return
        self.listener.troubles.note("too_many")
        with suppress(OSError):
            request.sendall(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        watched = self.listener.deadlines.watch(time.monotonic() + self.listener.patience, lambda: _cut(request))
        try:
            super().process_request_thread(request, client_address)
        finally:
            self.listener.deadlines.drop(watched)
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that went away, or a fault of ours: told by its kind only, for its words may hold the caller's."""
        import sys

        fault = sys.exc_info()[1]
        if not isinstance(fault, OSError):
            self.listener.troubles.note("fault", error=type(fault).__name__)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Http
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        self.close_connection = True
        length = self.headers.get("content-length", "")
        if not re.fullmatch(r"[0-9]{1,12}", length) or "transfer-encoding" in self.headers:
            self._answer(411)
        elif int(length) > MOST:
            self.server.listener.troubles.note("too_large")
            self._answer(413)
            self._drain(int(length))
        else:
            body = self.rfile.read(int(length))
            self._answer(*(self._heard(body) if len(body) == int(length) else (400, b"")))

    def _drain(self, length: int) -> None:
        """Read on for a while, unheard: who is cut off in the middle of a word does not hear our answer."""
        left = min(length, 4 * MOST)
        while left > 0 and (part := self.rfile.read(min(left, 65_536))):
            left -= len(part)

    def _heard(self, body: bytes) -> tuple[int, bytes]:
        found = PATH.fullmatch(urlsplit(self.path).path)
        name = unquote(found[1]) if found else ""
        headers = {key.lower(): value for key, value in self.headers.items()}
        listener = self.server.listener
        try:
            heard = listener.hear(name, headers, body)
        except KamsyncError as trouble:
            listener.troubles.note("not_noted", cause=trouble.text.en, error=type(trouble).__name__)
            return 503, b""
        if not heard.is_welcome:
            listener.troubles.note(heard.state, **({} if heard.state == "unknown" else {"connection": name}))
            return 404, b""
        return (200, heard.answer) if heard.answer else (202, b"")

    def _answer(self, status: int, body: bytes = b"") -> None:
        self.close_connection = True
        self.send_response_only(status)
        if body:
            self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Other methods are answered as unknown addresses are."""
        self._answer(404 if code == 501 else code)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet: a line holds the caller's words."""


def _cut(request: Any) -> None:
    with suppress(OSError):
        request.shutdown(socket.SHUT_RDWR)
