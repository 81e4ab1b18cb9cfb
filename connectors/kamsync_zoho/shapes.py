"""Read the shapes Zoho sends: lists or nothing, ids, references, tags, records.

Pure. An odd shape becomes None or a record with a problem, never an error.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kamsync.plugin import Record, Reply, Text, Unavailable, stamp
from kamsync_zoho.replies import NOTHING

Row = Mapping[str, Any]


def body(reply: Reply) -> Row:
    """The answer as an object; empty where Zoho says "nothing" by status. `Unavailable` when it is no JSON."""
    if reply.status in (204, 304) or not reply.body.strip():
        return {}
    read = reply.json()
    return read if isinstance(read, Mapping) else {}


def items(said: Row, key: str) -> list[Any]:
    """The list under `key`; empty when there is none."""
    listed = said.get(key)
    return list(listed) if isinstance(listed, list) else []


def listed(said: Row, key: str = "data") -> list[Any]:
    """The list that an answer is to hold, empty where Zoho says that there is nothing.

    `Unavailable` when it holds none: taken for an empty one it would end a list in the middle.
    """
    found = said.get(key)
    if isinstance(found, list):
        return found
    if not said or str(said.get("code") or "").strip().upper() in NOTHING:
        return []
    raise _odd(f"{key} = {found!r:.40}")


def rows(reply: Reply, key: str = "data") -> list[Row]:
    """The objects of the list under `key`; raises as `listed`."""
    return [item for item in listed(body(reply), key) if isinstance(item, Mapping)]


def more(said: Row, count: int, full: int) -> bool:
    """Is there another page? By the flag, or the token where there is no flag; where Zoho tells nothing, a page of
    `full` rows suggests it. `Unavailable` where the answer contradicts itself: a list that ended there would lack rows.
    """
    if not isinstance(said.get("info"), Mapping | None):
        raise _odd(f"info = {said['info']!r:.40}")
    info = section(said, "info")
    flag, token = info.get("more_records"), info.get("next_page_token")
    if flag is None:
        return bool(token) or count >= full
    word = str(flag).strip().lower()
    if not isinstance(flag, bool | str) or word not in ("true", "false"):
        raise _odd(f"more_records = {flag!r:.40}")
    if word == "true" and not count and not token:
        raise _odd("more_records, and not one record")
    return word == "true"


def _odd(what: str) -> Unavailable:
    return Unavailable(
        Text(f"Zoho 的列表回答自相矛盾:{what}", f"Zoho's list makes no sense: {what}"), next="kamsync doctor"
    )


def section(said: Row, key: str) -> Row:
    """The object under `key`; empty when there is none."""
    part = said.get(key)
    return part if isinstance(part, Mapping) else {}


def truth(value: object, default: bool = False) -> bool:
    """A flag that came as a boolean or as a word."""
    if value is None:
        return default
    if isinstance(value, str):
        return value.strip().lower() in ("true", "1", "yes")
    return bool(value)


def whole(value: object) -> int | None:
    """A count that came as a number or as digits."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    return int(value) if isinstance(value, str) and value.isdecimal() else None


def text_id(value: object) -> str:
    """An id as text, whether it came as text or as a whole number; empty when it is neither."""
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def ref(value: object) -> str | None:
    """The id a lookup points to: an object with an id, or the bare id."""
    inner = value.get("id") if isinstance(value, Mapping) else value
    return text_id(inner) or None


def tag_names(value: object) -> tuple[str, ...]:
    """Tags as objects, as words, or as one comma-joined text."""
    if isinstance(value, str):
        value = value.split(",")
    if not isinstance(value, Sequence):
        return ()
    names = (item.get("name") if isinstance(item, Mapping) else item for item in value)
    return tuple(name.strip() for name in names if isinstance(name, str) and name.strip())


def record(item: object) -> Record:
    """One element of a list as a record; what cannot be placed carries its problem."""
    if type(item) is not dict and not isinstance(item, Mapping):  # the first is what JSON brings, and ten times faster
        return Record(
            "", None, {"value": item}, Text("列表里的一项不是对象", "an element of the list is not an object")
        )
    id = text_id(item.get("id"))
    if not id:
        return Record("", None, item, Text("记录没有可用的 id", "the record has no usable id"))
    raw = item.get("Modified_Time")
    modified = stamp(raw)
    if raw is not None and modified is None:
        problem = Text(
            f"Modified_Time 不是带时区的时间:{raw!r}", f"Modified_Time is not a time with its offset: {raw!r}"
        )
        return Record(id, None, item, problem)
    return Record(id, modified, item)
