"""A large answer lies on disk, is opened within caps, and follows the rules of every other read."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from kamsync.net import spool
from kamsync.net.pace import Pace
from kamsync.net.spool import Spool, spooled
from kamsync.net.tokens import MemoryBox, Tokens
from kamsync.plugin import Limit, Reply, Request, Secret, Token, Unavailable, same
from kamsync.testing.server import Answer


@contextmanager
def archive(*members: tuple[str, bytes]) -> Iterator[Spool]:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in members:
            made.writestr(name, data)
    with spooled() as file:
        file.write(packed.getvalue())
        yield file


def test_a_download_is_whole_and_its_members_can_be_read(crm, open_door):
    with archive(("1.csv", "id\n“华为”😀".encode())) as made:
        data = made.stream().read()
    crm.answers["/file"] = lambda call: Answer(200, data, {"Content-Type": "application/zip"})

    with open_door(check=fine).download(Request("GET", "/file")) as file:
        (member,) = [(name, stream.read().decode()) for name, stream in file.members()]

    assert member == ("1.csv", "id\n“华为”😀")


def test_a_download_that_fails_once_is_tried_again_from_the_beginning(crm, open_door):
    answers = iter([Answer(503, "busy"), Answer(200, b"PK all of it")])
    crm.answers["/file"] = lambda call: next(answers)

    with open_door(check=fine).download(Request("GET", "/file")) as file:
        assert file.stream().read() == b"PK all of it"


def fine(request: Request, reply: Reply) -> None:
    if reply.status >= 500:
        raise Unavailable(same("busy"))


def test_a_zip_bomb_is_given_up(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(spool, "FREE_BYTES", 1024)

    with archive(("1.csv", b"0" * 1_000_000)) as made, pytest.raises(Unavailable, match="absurd"):
        list(made.members())


def test_an_archive_of_many_files_is_given_up():
    with archive(*((f"{n}.csv", b"x") for n in range(11))) as made, pytest.raises(Unavailable, match="11 files"):
        list(made.members())


def test_a_damaged_archive_is_an_answer_without_sense():
    with spooled() as file:
        file.write(b"PK\x03\x04 not really")

        with pytest.raises(Unavailable, match="damaged"):
            list(file.members())


def test_a_limit_may_hold_for_some_paths_only(fast_clock):
    pace = Pace("tiny", [Limit("downloads", 1, 60.0, paths="/result$")], 4, fast_clock)
    with pace.turn("/jobs/1/result", 1):
        pass
    began = fast_clock.monotonic()

    with pace.turn("/jobs/1", 1):
        other = fast_clock.monotonic() - began
    with pace.turn("/jobs/2/result", 1):
        same = fast_clock.monotonic() - began

    assert (other, same >= 59) == (0.0, True)


def test_a_token_that_answers_call_short_lived_is_renewed_in_time(fast_clock):
    made = iter(range(9))
    token = Token(Secret("a"), 3600.0, 3300.0)
    tokens = Tokens("tiny", fast_clock, MemoryBox(), 1.0, lambda: Token(Secret(str(next(made))), 3600.0, 3300.0))
    token = tokens.current()

    tokens.ends(token, 310.0)
    fast_clock.sleep(20.0)

    assert tokens.current().secret != token.secret


def test_a_token_whose_end_an_answer_tells_is_renewed_by_the_next_call(crm, open_door, fast_clock):
    opened = open_door(clock=fast_clock, least=1.0, ends=lambda reply: datetime.now(UTC) + timedelta(seconds=5))
    first = opened.call(Request("GET", "/thing"))
    fast_clock.sleep(20.0)

    second = opened.call(Request("GET", "/thing"))

    assert (first.status, second.status, len(crm.tokens)) == (200, 200, 2)
