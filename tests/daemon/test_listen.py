"""The door for calls: what is too large, too slow or no call at all is turned away, and nobody learns what is here."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from kamsync.config.listening import Address
from kamsync.daemon.listen import AT_ONCE, MOST, Listener
from kamsync.engine.hearing import Heard
from kamsync.plugin import ConfigError, Text, Unavailable

SECRET = "body-that-nobody-may-see"


class Door:
    """A listener whose ear takes what says so, and everything that was logged."""

    def __init__(self, **more: Any) -> None:
        self.log: list[dict[str, Any]] = []
        self.heard: list[tuple[str, Mapping[str, str], bytes]] = []
        self.held = threading.Event()
        self.held.set()
        self.listener = Listener(Address("127.0.0.1", 0), self.hear, self.note, **more)

    def hear(self, name: str, headers: Mapping[str, str], body: bytes) -> Heard:
        self.heard.append((name, headers, body))
        self.held.wait(60)
        if name == "broken":
            raise Unavailable(Text("数据库忙", "the store is busy"))
        if name == "fault":
            raise KeyError(SECRET)
        if name == "answered":
            return Heard("taken", b"{}")
        return Heard("taken") if name == "zoho" else Heard("unknown")

    def note(self, event: str, **facts: Any) -> None:
        self.log.append({"event": event, **facts})

    def say(self, text: str, *, patience: float = 60.0, close: bool = False) -> str:
        """Send these bytes and read until the other end has said all."""
        with socket.create_connection(("127.0.0.1", self.listener.address.port), patience) as line:
            try:
                line.sendall(text.encode())
                if close:
                    line.shutdown(socket.SHUT_WR)
            except OSError:
                pass
            return "".join(iter(lambda: line.recv(65_536).decode("latin-1"), ""))

    def post(self, path: str, body: str = SECRET, method: str = "POST", **headers: str) -> str:
        told = {"Host": "x", "Content-Length": str(len(body)), **headers}
        lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in told.items())
        return self.say(f"{method} {path} HTTP/1.1\r\n{lines}\r\n{body}")


@pytest.fixture
def door() -> Iterator[Door]:
    one = Door()
    with one.listener:
        yield one


def status(answer: str) -> int:
    return int(answer.split(" ")[1])


def test_a_call_is_heard_with_its_headers_in_lower_case(door: Door) -> None:
    answer = door.post("/hooks/zoho?t=1", X_Acme_Signature="AbC")

    assert status(answer) == 202
    ((name, headers, body),) = door.heard
    assert (name, headers["x-acme-signature"], body) == ("zoho", "AbC", SECRET.encode())


def test_a_crm_that_waits_for_an_answer_gets_it(door: Door) -> None:
    answer = door.post("/hooks/answered")

    assert status(answer) == 200
    assert answer.endswith("\r\n\r\n{}")


def test_a_connections_name_may_hold_anything(door: Door) -> None:
    door.post("/hooks/%E4%B8%AD%E5%9B%BD%20%2F%20CRM")

    assert [name for name, _, _ in door.heard] == ["中国 / CRM"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/"), ("POST", "/hooks"), ("POST", "/hooks/"), ("POST", "/hooks/zoho/more"), ("POST", "/hooks/nobody"),
        ("POST", "/hooks/../hooks/zoho"), ("POST", "http://evil/"), ("GET", "/hooks/zoho"), ("HEAD", "/hooks/zoho"),
        ("PUT", "/hooks/zoho"), ("OPTIONS", "*"), ("DEBUG", "/"),
    ],
)  # fmt: skip
def test_whatever_is_no_call_is_answered_alike(door: Door, method: str, path: str) -> None:
    """Not a word about what exists, what runs here, in which version."""
    answer = door.post(path, method=method)

    assert answer == "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def test_a_body_of_a_megabyte_is_heard_and_a_longer_one_is_not(door: Door) -> None:
    answers = [door.post("/hooks/zoho", "x" * size) for size in (MOST, MOST + 1)]

    assert [status(answer) for answer in answers] == [202, 413]
    assert len(door.heard) == 1


@pytest.mark.parametrize("length", ["-1", "1e3", "99999999999999999999", "", "0x10", "٣"])
def test_a_length_that_is_none_is_refused_unread(door: Door, length: str) -> None:
    answer = door.say(f"POST /hooks/zoho HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n")

    assert status(answer) == 411
    assert door.heard == []


def test_a_body_in_chunks_is_refused(door: Door) -> None:
    """Two ways to say where a call ends are one too many between a proxy and us."""
    answer = door.post("/hooks/zoho", "5\r\nhello\r\n0\r\n\r\n", Transfer_Encoding="chunked")

    assert status(answer) == 411
    assert door.heard == []


def test_half_a_body_is_not_heard(door: Door) -> None:
    door.say("POST /hooks/zoho HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf", close=True)

    assert door.heard == []


def test_who_sends_a_byte_now_and_then_is_cut_off() -> None:
    """The deadline is for the whole call: a timeout of single reads would begin anew with every byte."""
    door = Door(patience=0.5)
    with door.listener, socket.create_connection(("127.0.0.1", door.listener.address.port), 60) as line:
        line.sendall(b"POST /hooks/zoho HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n")

        gone = False
        while not gone:  # ends by itself, or the test's own patience does
            try:
                line.sendall(b"x")
                time.sleep(0.02)
            except OSError:
                gone = True

    assert door.heard == []


def test_more_calls_than_can_be_answered_at_once_are_sent_away_and_the_next_are_heard(door: Door) -> None:
    door.held.clear()
    callers = [threading.Thread(target=door.post, args=["/hooks/zoho"]) for _ in range(AT_ONCE)]
    for caller in callers:
        caller.start()
    while len(door.heard) < AT_ONCE:
        time.sleep(0.01)

    away = door.say("")
    door.held.set()
    for caller in callers:
        caller.join()
    again = door.post("/hooks/zoho")
    while status(again) == 503:  # the last of them are on their way out
        again = door.post("/hooks/zoho")

    assert status(away) == 503
    assert status(again) == 202


def test_what_could_not_be_noted_is_to_be_sent_again(door: Door) -> None:
    assert status(door.post("/hooks/broken")) == 503


def test_a_fault_of_ours_ends_one_call_and_shows_nothing_of_it(door: Door) -> None:
    said = door.post("/hooks/fault")
    after = door.post("/hooks/zoho")

    assert said == ""
    assert status(after) == 202
    assert [(line["why"], line["error"]) for line in door.log] == [("fault", "KeyError")]


def test_no_body_path_or_header_is_logged_and_a_flood_is_one_line(door: Door) -> None:
    for number in range(20):
        door.post(f"/hooks/secret-path-{number}", X_Token="secret-header")

    assert len(door.log) == 1
    assert not any(word in str(door.log) for word in (SECRET, "secret-path", "secret-header"))


def test_a_place_where_nobody_can_listen_is_a_mistake_in_the_config(door: Door) -> None:
    with pytest.raises(ConfigError, match="cannot listen") as wrong:
        Listener(door.listener.address, door.hear, door.note)

    assert wrong.value.exit_code == 2
