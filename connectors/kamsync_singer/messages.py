"""One line of a tap's output as a value: a record, a state, a schema, or what is wrong with it.

Pure. A line that cannot be understood becomes a record with a problem, never an error and never nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from kamsync.plugin import Gone, Record, Refused, Text, joined, stamp
from kamsync_singer.catalog import Entry

OF_TRANSPORT = frozenset(["_sdc_extracted_at", "_sdc_received_at", "_sdc_batched_at", "_sdc_sequence"])
DELETED = "_sdc_deleted_at"
LONGEST = 2000  # characters of a bad line that are kept


@dataclass(frozen=True, slots=True)
class Message:
    """A message of the protocol. `kind`: SCHEMA, RECORD, STATE or another word of the tap's."""

    kind: str
    stream: str
    told: Mapping[str, Any]


def read_line(line: bytes) -> Message | Text:
    """The message in a line, or why there is none."""
    try:
        told = json.loads(line, parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return Text("不是 JSON", "is not JSON")
    kind = told.get("type") if isinstance(told, dict) else None
    if not isinstance(kind, str):
        return Text("不是 Singer 消息", "is no Singer message")
    if kind == "RECORD" and not isinstance(told.get("record"), dict):
        return Text("RECORD 里没有 record", "is a RECORD without a record")
    if kind == "STATE" and not isinstance(told.get("value", {}), dict):
        return Text("STATE 的 value 不是对象", "is a STATE whose value is no object")
    return Message(kind, str(told.get("stream", "")), told)


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def bad_line(line: bytes, why: Text, tap: str, redact: Callable[[str], str]) -> Record:
    """A line that nobody can place, kept to be looked at."""
    text = redact(line.decode("utf-8", "replace").strip())[:LONGEST]
    said = Text(f"{tap} 输出的一行{why.zh}:{text[:80]}", f"a line of {tap} {why.en}: {text[:80]}")
    return Record(f"line:{_digest(line)}", None, {"line": text}, problem=said)


def place(message: Message, entry: Entry) -> Record | Gone:
    """A RECORD as a record of ours, or as gone where the tap says that it was deleted."""
    body = {name: value for name, value in message.told["record"].items() if name not in OF_TRANSPORT}
    id, problem = _id(body, entry)
    if body.get(DELETED) and problem is None:
        return Gone(id, "deleted")
    return Record(id, _modified(body, entry), body, problem)


def _id(body: Mapping[str, Any], entry: Entry) -> tuple[str, Text | None]:
    """The key's values joined; without a key the content itself: a record that changes is then another one."""
    if not entry.keys:
        return f"row:{_digest(_canonical(body))}", None
    values = [body.get(key) for key in entry.keys]
    if all(isinstance(value, str | int | Decimal) and value != "" for value in values):
        return joined([_word(value) for value in values]), None
    lacking = next(
        key for key, value in zip(entry.keys, values, strict=True) if not isinstance(value, str | int) or value == ""
    )
    why = Text(f"没有键 {lacking} 的值", f"has no value of its key {lacking}")
    return f"nokey:{_digest(_canonical(body))}", why


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _modified(body: Mapping[str, Any], entry: Entry) -> datetime | None:
    """The bookmark's value where it is a point in time (UTC where it names no zone); a number or a date is none."""
    value = body.get(entry.bookmark) if entry.bookmark else None
    if not isinstance(value, str) or len(value) < 16:
        return None
    if (read := stamp(value)) is not None:
        return read
    try:
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    except ValueError:
        return None


def state_text(message: Message) -> str:
    """A STATE as a cursor."""
    return json.dumps(message.told.get("value", {}), ensure_ascii=False, separators=(",", ":"), default=_plain)


def is_state(cursor: str) -> bool:
    """Can a tap be given this as its state? Most die of anything but an object."""
    try:
        return isinstance(json.loads(cursor), dict)
    except (ValueError, RecursionError):
        return False


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else str(value)


def refuse_batches(tap: str) -> Refused:
    """A tap that puts its records into files of its own."""
    return Refused(
        Text(
            f"{tap} 以 BATCH 文件输出;请从它的配置里去掉 batch_config",
            f"{tap} puts its records into BATCH files; take batch_config out of its config",
        ),
        code="BATCH",
    )


def _canonical(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, sort_keys=True, ensure_ascii=False, default=str).encode("utf-8", "replace")


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=12).hexdigest()
