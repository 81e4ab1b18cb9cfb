"""The line that misbehaves does so as it was told, to the byte."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from tests.reliability.proxy import Proxy, Toxic

REQUEST = b"POST /tasks HTTP/1.1\r\n\r\n" + "回访 华为".encode()
ANSWER = b"HTTP/1.1 200 OK\r\n\r\n" + "好".encode() * 5


class Crm:
    """Takes a request, answers when it is whole, and closes."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.socket.getsockname()[1])
        self.got = b""
        self.over = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        one, _ = self.socket.accept()
        with one:
            while len(self.got) < len(REQUEST) and (data := one.recv(4)):
                self.got += data
            if self.got == REQUEST:
                one.sendall(ANSWER)
        self.over.set()


@pytest.fixture
def crm() -> Iterator[Crm]:
    one = Crm()
    yield one
    one.socket.close()


def _spoken(crm: Crm, toxic: Toxic, patience: float = 5.0) -> tuple[bytes, str]:
    """What came back through the proxy, and how it ended."""
    with Proxy(crm.port) as proxy:
        proxy.strike("POST /tasks", [toxic])
        with socket.create_connection(("127.0.0.1", int(proxy.url.rsplit(":", 1)[1]))) as line:
            line.settimeout(patience)
            line.sendall(REQUEST)
            told = b""
            try:
                while data := line.recv(1024):
                    told += data
            except ConnectionResetError:
                return told, "reset"
            except TimeoutError:
                return told, "open"
        if toxic.kind != "hole":
            crm.over.wait(5)
    return told, "closed"


@pytest.mark.parametrize("at", [0, 1, len(REQUEST) - 1, len(REQUEST)])
def test_a_request_is_cut_after_so_many_bytes(crm: Crm, at: int) -> None:
    assert _spoken(crm, Toxic("cut request", at)) == (b"", "closed")
    assert crm.got == REQUEST[:at]


@pytest.mark.parametrize("at", [0, 1, len(ANSWER) - 1])
def test_an_answer_is_cut_after_so_many_bytes(crm: Crm, at: int) -> None:
    assert _spoken(crm, Toxic("cut answer", at)) == (ANSWER[:at], "closed")
    assert crm.got == REQUEST


@pytest.mark.parametrize(
    ("toxic", "told"),
    [
        (Toxic(), ANSWER),
        (Toxic("delay", seconds=0.01), ANSWER),
        (Toxic("drip", seconds=0.01), ANSWER),
        (Toxic("twice"), ANSWER * 2),
        (Toxic("corrupt", 9), ANSWER[:9] + bytes([ANSWER[9] ^ 0x80]) + ANSWER[10:]),
    ],
)
def test_an_answer_is_what_the_line_makes_of_it(crm: Crm, toxic: Toxic, told: bytes) -> None:
    assert _spoken(crm, toxic) == (told, "closed")


def test_a_hard_end_is_a_reset(crm: Crm) -> None:
    assert _spoken(crm, Toxic("cut answer", 3, hard=True))[1] == "reset"


@pytest.mark.parametrize(("kind", "arrived"), [("swallow", REQUEST), ("hole", b"")])
def test_silence_keeps_the_line_open(crm: Crm, kind: str, arrived: bytes) -> None:
    assert _spoken(crm, Toxic(kind), patience=0.2) == (b"", "open")  # type: ignore[arg-type]  # two of its kinds
    assert crm.got == arrived


def test_connections_that_are_kept_can_all_be_dropped(crm: Crm) -> None:
    with Proxy(crm.port) as proxy, socket.create_connection(("127.0.0.1", int(proxy.url.rsplit(":", 1)[1]))) as line:
        line.sendall(REQUEST[:9])
        while not proxy._open:
            time.sleep(0.001)

        proxy.drop()

        assert line.recv(1) == b""
