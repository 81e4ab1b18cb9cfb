"""One exchange over HTTP: whole answer within a deadline and a size, or `Failed` with what is known of it.

Follows no redirect, keeps no cookie, repeats nothing, reads no proxy or password from the environment.
"""

from __future__ import annotations

import http.client
import json
import logging
import os
import socket
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlencode

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError

from kamsync import __version__
from kamsync.net.spool import MOST_BYTES as MOST_FILE
from kamsync.net.spool import Spool
from kamsync.net.watchdog import Watchdog
from kamsync.plugin import Reply, Request, Text

CHUNK = 64 * 1024
MOST_BYTES = 32 * 1024 * 1024
MOST_RATIO = 100  # unpacked to packed
FREE_BYTES = 1024 * 1024  # small answers may pack as well as they like
TOO_LARGE = Text(f"回答超过 {MOST_BYTES >> 20} MB,已放弃", f"the answer is over {MOST_BYTES >> 20} MB; given up")
CONNECT_SECONDS = 10.0
FILE_SECONDS = 900.0  # a large file may take so long; each piece of it still has the usual deadline

logging.getLogger("urllib3").setLevel(logging.ERROR)  # its own lines print addresses with their queries


class Failed(Exception):
    """No whole answer. `sent`: bytes of the call may have left this machine."""

    def __init__(self, why: Text, *, sent: bool) -> None:
        super().__init__(why.en)
        self.why = why
        self.sent = sent
        self.too_large = why is TOO_LARGE


@dataclass(slots=True)
class Exchange:
    """What is known of the call under way on this thread."""

    lever: socket.socket | None = None  # a second handle on the connection, to shut it from another thread
    sent: bool = False
    late: bool = False  # the deadline has struck
    lock: threading.RLock = field(default_factory=threading.RLock)

    def hold(self, sock: socket.socket) -> None:
        with self.lock:
            self.release()
            self.lever = socket.socket(sock.family, sock.type, sock.proto, fileno=os.dup(sock.fileno()))
            if self.late:
                self.cut()

    def release(self) -> None:
        with self.lock:
            if self.lever is not None:
                self.lever.close()
                self.lever = None

    def cut(self) -> None:
        """The deadline: whatever waits on the connection wakes with an error."""
        with self.lock, suppress(OSError):  # it may have ended by itself meanwhile
            self.late = True
            if self.lever is not None:
                self.lever.shutdown(socket.SHUT_RDWR)


_here = threading.local()


class _Watched:
    """Mixed into urllib3's connections: tells the exchange which socket it uses and when bytes may leave."""

    sock: Any

    def _new_conn(self) -> socket.socket:
        sock: socket.socket = super()._new_conn()  # type: ignore[misc]  # the mixin's other parent has it
        _here.exchange.hold(sock)
        return sock

    def send(self, data: Any) -> None:
        exchange: Exchange = _here.exchange
        if self.sock is None:
            self.connect()  # type: ignore[attr-defined]  # the mixin's other parent has it
        if exchange.lever is None:
            exchange.hold(self.sock)
        if exchange.late:
            raise TimeoutError("the deadline struck before anything was sent")
        exchange.sent = True
        super().send(data)  # type: ignore[misc]  # the mixin's other parent has it
        _answer_at_once(self.sock)


def _answer_at_once(sock: socket.socket) -> None:
    """Acknowledge without delay: a server that sends head and body apart waits 40 ms for us otherwise."""
    quick = getattr(socket, "TCP_QUICKACK", None)  # Linux only
    if quick is not None:
        with suppress(OSError):
            sock.setsockopt(socket.IPPROTO_TCP, quick, 1)


class _Plain(_Watched, HTTPConnection):
    pass


class _Secure(_Watched, HTTPSConnection):
    pass


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _Secure


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **keywords: Any) -> None:
        super().init_poolmanager(*args, **keywords)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}


def content(request: Request) -> tuple[Mapping[str, str], bytes | None]:
    """Headers and body of a call as they go out; half a character, as a CRM may have told it, leaves as `?`."""
    headers: dict[str, str] = {"User-Agent": f"kamsync/{__version__}", "Accept": "application/json"}
    body: bytes | None = None
    if request.json is not None:
        text = json.dumps(request.json, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        body = text.encode(errors="replace")
        headers["Content-Type"] = "application/json; charset=UTF-8"
    elif request.form is not None:
        body = urlencode(request.form, errors="replace").encode()
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    headers.update(request.headers)
    return headers, body


class Transport:
    """Sends calls over kept connections, and those that change something over a new one each."""

    def __init__(self, *, connections: int, deadline: float) -> None:
        self.deadline = deadline
        self._connections = connections
        self._watchdog = Watchdog()
        self._kept = self._session(connections)

    def send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
        *,
        fresh: bool,
        into: Spool | None = None,
    ) -> Reply:
        """The whole answer; of a good one that goes `into` a file, only the beginning is in the reply.

        Raises `Failed`, without the library's own error, whose text holds the address.
        """
        session = self._session(1) if fresh else self._kept
        call = requests.Request(method, url, headers=dict(headers), data=body)
        if fresh:
            call.headers["Connection"] = "close"
        exchange = Exchange()
        try:
            answer = self._exchange(session, call, exchange, into)
        finally:
            exchange.release()
            if fresh:
                session.close()
        if isinstance(answer, Text):
            raise Failed(answer, sent=exchange.sent)
        return answer

    def _exchange(
        self, session: requests.Session, call: requests.Request, exchange: Exchange, into: Spool | None
    ) -> Reply | Text:
        """The answer, or why there is none."""
        _here.exchange = exchange
        deadline = self.deadline if into is None else max(self.deadline, FILE_SECONDS)
        watch = self._watchdog.watch(time.monotonic() + deadline, exchange.cut)
        response = None
        try:
            connect = min(CONNECT_SECONDS, self.deadline)
            ready = session.prepare_request(call)
            response = session.send(ready, stream=True, allow_redirects=False, timeout=(connect, self.deadline))
            return _whole(response) if into is None or response.status_code != 200 else _filed(response, into)
        except (requests.RequestException, HTTPError, http.client.HTTPException, OSError, ValueError) as broken:
            return self._why(broken, exchange)
        finally:
            self._watchdog.drop(watch)
            if response is not None:
                response.close()

    def _why(self, broken: Exception, exchange: Exchange) -> Text:
        if exchange.late:
            seconds = f"{self.deadline:g}"
            return Text(f"{seconds} 秒内没有完整的回答", f"no whole answer within {seconds} s")
        return _in_words(broken)

    def close(self) -> None:
        self._kept.close()
        self._watchdog.stop()

    def _session(self, connections: int) -> requests.Session:
        session = requests.Session()
        session.trust_env = False
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        session.headers.clear()
        session.headers["Accept-Encoding"] = "gzip, deflate"
        adapter = _Adapter(pool_connections=4, pool_maxsize=connections, max_retries=0, pool_block=True)
        session.mount("http://", adapter)
        session.mount("https://", adapter)
        return session


def _whole(response: requests.Response) -> Reply | Text:
    """Read the body piece by piece, so that neither a flood nor a bomb fills the memory."""
    pieces: list[bytes] = []
    size = 0
    raw: urllib3.HTTPResponse = response.raw
    for piece in raw.stream(CHUNK, decode_content=True):
        pieces.append(piece)
        size += len(piece)
        if size > MOST_BYTES:
            return TOO_LARGE
        if size > FREE_BYTES and size > MOST_RATIO * raw.tell():
            return Text("回答解压后膨胀得不合常理,已放弃", "the answer unpacks to an absurd size; given up")
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Reply(response.status_code, headers, b"".join(pieces))


def _filed(response: requests.Response, into: Spool) -> Reply | Text:
    """Write the body to the file piece by piece."""
    into.begin()
    size = 0
    for piece in response.raw.stream(CHUNK, decode_content=True):
        into.write(piece)
        size += len(piece)
        if size > MOST_FILE:
            return Text(f"文件超过 {MOST_FILE >> 20} MB,已放弃", f"the file is over {MOST_FILE >> 20} MB; given up")
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Reply(response.status_code, headers, into.preview())


def _in_words(broken: BaseException) -> Text:
    """The kind of trouble, from the innermost reason; never the library's sentence, which quotes the address."""
    chain = _reasons(broken)
    for reason in chain:
        name = type(reason).__name__
        if name == "NameResolutionError" or isinstance(reason, socket.gaierror):
            return Text("域名解析失败", "the host name could not be resolved")
        if name in ("SSLCertVerificationError", "CertificateError"):
            detail = getattr(reason, "verify_message", "") or name
            return Text(f"TLS 证书不可信:{detail}", f"the TLS certificate is not to be trusted: {detail}")
    for kind, text in _KINDS:
        if any(isinstance(reason, kind) for reason in chain):
            return text
    return Text(f"网络故障({type(chain[-1]).__name__})", f"network trouble ({type(chain[-1]).__name__})")


_KINDS: tuple[tuple[Any, Text], ...] = (
    (ConnectionRefusedError, Text("连接被拒绝", "the connection was refused")),
    ((requests.exceptions.ConnectTimeout, urllib3.exceptions.ConnectTimeoutError), Text("连接超时", "connect timeout")),
    ((requests.exceptions.SSLError, urllib3.exceptions.SSLError), Text("TLS 握手失败", "the TLS handshake failed")),
    (urllib3.exceptions.IncompleteRead, Text("回答不完整", "the answer was cut short")),
    (urllib3.exceptions.DecodeError, Text("回答无法解压", "the answer could not be unpacked")),
    ((requests.exceptions.ReadTimeout, TimeoutError), Text("等待回答超时", "timeout while waiting for the answer")),
    (
        (ConnectionResetError, BrokenPipeError, http.client.RemoteDisconnected),
        Text("连接被对方断开", "the other side closed the connection"),
    ),
)


def _reasons(broken: BaseException) -> list[BaseException]:
    """The error and what it wraps, outermost first."""
    found: list[BaseException] = []
    waiting: list[Any] = [broken]
    while waiting and len(found) < 12:
        error = waiting.pop(0)
        if not isinstance(error, BaseException) or error in found:
            continue
        found.append(error)
        waiting += [getattr(error, "reason", None), error.__cause__, error.__context__, *error.args]
    return found
