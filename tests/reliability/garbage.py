"""What answers become on a bad day: real ones, mutated by a grammar, each from a number that makes it again.

Two kinds. Senseless: no answer of any CRM (broken JSON, HTML, another encoding, a bomb). Odd: the CRM's own shape with
something wrong in it, at any place.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from kamsync.testing.faults import PORTAL
from kamsync.testing.server import Answer

BOMB = gzip.compress(bytes(200_000_000), 9)
DEEP = b"[" * 100_000 + b"]" * 100_000
HUGE = "9" * 5_000
MARK = "\ue000"  # stands in for text that no JSON writer would make
ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 10**15, 0.5, -0.0, "", " ", "0", "-1", "null", "true", "NaN", "华" * 300, "\x00",
    "\ud800", "\u202e😀\u0301", "0000-00-00", "9999-12-31T23:59:59+14:00", "0001-01-01", "2026-02-30", "1e400", [], {},
    [None], [[]], [{}], {"": None}, {"id": {}}, [1, "2", None], {"code": 7},
)  # fmt: skip
RAW = ("NaN", "Infinity", "-Infinity", "1e400", HUGE, "1e-9999", "0x10", "'a'", "[" * 100_000, '{"a":1,"a":2}', "\\")
EMPTY = (204, 304)  # Zoho's own word for: there is nothing
STATUSES = (302, 400, 403, 404, 418, 500, 502, 503)


@dataclass(frozen=True, slots=True)
class Garbage:
    """A mutated answer. `how`: what was done. `senseless`: nothing may be concluded from it.

    `kept`: the rows that can still be read in it; None where it has no rows. `ends`: it says in the CRM's own
    words that there is no more, which nobody can know better.
    """

    answer: Answer
    how: str
    senseless: bool
    kept: list[Any] | None = None
    ends: bool = False


def garbage(answer: Answer, rng: Random, *, wire: bool) -> Garbage:
    """This answer on a bad day. `wire`: it really goes over HTTP, so that encodings can be wrong, too."""
    drawn = rng.random()
    if drawn < 0.25:
        return _bytes(answer, rng)
    if drawn < 0.45 and wire:
        return _coded(answer, rng)
    return _odd(answer, rng) or _bytes(answer, rng)


# ---- senseless


def _bytes(answer: Answer, rng: Random) -> Garbage:
    data, _ = answer.wire()
    name, change = rng.choice(_BYTES)
    status = rng.choice((answer.status, *STATUSES)) if rng.random() < 0.3 else answer.status
    status = 200 if status in EMPTY else status
    return _settled(Answer(status, change(data, rng)), f"{name}, HTTP {status}", data)


def _cut(data: bytes, rng: Random) -> bytes:
    return data[: rng.randrange(len(data))] if data else b"{"


def _flipped(data: bytes, rng: Random) -> bytes:
    place = rng.randrange(max(1, len(data)))
    return data[:place] + bytes([rng.randrange(256)]) + data[place + 1 :]


def _shuffled(data: bytes, rng: Random) -> bytes:
    at = sorted(rng.randrange(len(data) + 1) for _ in range(3))
    return data[: at[0]] + data[at[1] : at[2]] + data[at[0] : at[1]] + data[at[2] :]


_BYTES: tuple[tuple[str, Callable[[bytes, Random], bytes]], ...] = (
    ("cut off", _cut),
    ("a byte flipped", _flipped),
    ("parts shuffled", _shuffled),
    ("HTML", lambda data, rng: PORTAL.encode()),
    ("HTML around it", lambda data, rng: b"<html>" + data + b"</html>"),
    ("nothing", lambda data, rng: b""),
    ("null", lambda data, rng: b"null"),
    ("a number", lambda data, rng: rng.choice((b"0", b"7", b"NaN", HUGE.encode(), b'"ok"', b"true"))),
    ("a list", lambda data, rng: b"[" + data + b"]"),
    ("twice", lambda data, rng: data + data),
    ("depth", lambda data, rng: DEEP),
    ("depth of objects", lambda data, rng: b'{"data":' * 50_000),
    ("UTF-8 with a mark", lambda data, rng: b"\xef\xbb\xbf" + data),
    ("UTF-16", lambda data, rng: data.decode("utf-8", "replace").encode("utf-16")),
    ("GB18030", lambda data, rng: data.decode("utf-8", "replace").encode("gb18030")),
    ("binary", lambda data, rng: rng.randbytes(rng.randrange(1, 400))),
)


def _coded(answer: Answer, rng: Random) -> Garbage:
    """Its encoding is not as it says."""
    data, _ = answer.wire()
    name, change = rng.choice(_CODED)
    body, headers = change(data)
    return _settled(Answer(200, body, headers), name, data, coded=True)


_JSON = {"Content-Type": "application/json"}
_CODED: tuple[tuple[str, Callable[[bytes], tuple[bytes, dict[str, str]]]], ...] = (
    ("a bomb", lambda data: (BOMB, {"Content-Encoding": "gzip"} | _JSON)),
    ("says gzip and is not", lambda data: (data or b"{}", {"Content-Encoding": "gzip"} | _JSON)),
    ("says deflate and is not", lambda data: (data or b"{}", {"Content-Encoding": "deflate"} | _JSON)),
    ("gzip that does not say so", lambda data: (gzip.compress(data), _JSON)),
    ("half a gzip", lambda data: (gzip.compress(data or b"{}")[:-9], {"Content-Encoding": "gzip"} | _JSON)),
    ("a charset that is none", lambda data: (data, {"Content-Type": "application/json;charset=klingon"})),
    ("another charset than it says", lambda data: (data.decode("utf-8", "replace").encode("gb18030"), {
        "Content-Type": "application/json;charset=UTF-8"})),
    ("dates of nowhere", lambda data: (data, {"Retry-After": "\xe2\x88\x9e", "Date": "yesterday"} | _JSON)),
)  # fmt: skip


def _settled(answer: Answer, how: str, before: bytes, *, coded: bool = False) -> Garbage:
    """Sense is what a strict reader of the body finds; a body that came out unharmed makes sense."""
    data, _ = answer.wire()
    said = "Content-Encoding" in answer.headers
    found = None if said else read(data)
    sense = isinstance(found, dict) and (not coded or data == before) and answer.status < 300
    return Garbage(answer, how, not sense, rows(found) if sense else None, sense and _ends(found))


def read(data: bytes) -> Any:
    try:
        return json.loads(data, parse_constant=_none)
    except (ValueError, RecursionError):
        return None


def _none(name: str) -> Any:
    raise ValueError(name)


# ---- odd


def _odd(answer: Answer, rng: Random) -> Garbage | None:
    """Something else at one to three places."""
    body = read(answer.wire()[0])
    if not isinstance(body, dict):
        return None
    raw: list[str] = []
    told = [_change(body, rng, raw) for _ in range(rng.choice((1, 1, 1, 2, 3)))]
    text = json.dumps(body, ensure_ascii=True, separators=(",", ":"))
    for each in raw:
        text = text.replace(json.dumps(MARK), each, 1)
    data = text.encode()
    found = read(data)
    sense = isinstance(found, dict)
    made = Answer(200 if answer.status in EMPTY else answer.status, data)
    return Garbage(made, "; ".join(told), not sense, rows(found) if sense else None, sense and _ends(found))


def _change(body: Any, rng: Random, raw: list[str]) -> str:
    """One change somewhere in the body; in words."""
    places = _places(body)
    if not places:
        return "nothing left"
    holder, key, path = rng.choice(places)
    what = rng.randrange(8)
    if what == 0:
        del holder[key]
        return f"{path} is missing"
    if what == 1 and isinstance(holder, list):
        rng.shuffle(holder)
        return f"{path} and its neighbours in another order"
    if what == 2 and isinstance(holder, list):
        holder.insert(rng.randrange(len(holder) + 1), json.loads(json.dumps(rng.choice(holder))))
        return f"one like {path} once more"
    if what == 3 and isinstance(holder, dict):
        holder[f"{key}_"] = holder.pop(key)
        return f"{path} under another name"
    if what == 4:
        raw.append(rng.choice(RAW))
        holder[key] = MARK
        return f"{path} is {raw[-1][:20]}"
    if what == 5:
        other, its, _ = rng.choice(places)
        if (isinstance(other, dict) and its in other) or (isinstance(other, list) and its < len(other)):
            holder[key], other[its] = json.loads(json.dumps([other[its], holder[key]]))
            return f"{path} and another change places"
    holder[key] = json.loads(json.dumps(rng.choice(ODD)))
    return f"{path} is {str(holder[key])[:20]!r}"


def _places(value: Any, path: str = "") -> list[tuple[Any, Any, str]]:
    """Every place in a body: what holds it, under which key, and the way there."""
    inner = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    found = []
    for key, each in inner:
        way = f"{path}.{key}"
        found += [(value, key, way), *_places(each, way)]
    return found


def rows(body: Any) -> list[Any] | None:
    """The rows of an answer, in either CRM's shape."""
    data = body.get("data") if isinstance(body, dict) else None
    if isinstance(data, dict):
        data = data.get("dataList")
    return data if isinstance(data, list) else None


def named(found: list[Any] | None) -> set[str]:
    """The ids of these rows."""
    each = [row for row in found or () if isinstance(row, dict)]
    return {str(row.get("id") or row.get("_id")) for row in each}


def _ends(body: Any) -> bool:
    """Does this say that a list ends here?"""
    info, data = body.get("info"), body.get("data")
    if isinstance(info, dict) and info.get("more_records") is False:
        return True
    if data in (None, {}, []) and "errorCode" in body and "data" in body:  # Fxiaoke's, where there is nothing
        return True
    return isinstance(data, dict) and isinstance(data.get("total"), int)
