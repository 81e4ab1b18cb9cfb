"""Looking at pages and answers: what the checks of the suite compare.

Plain functions; nothing is asked of anybody.
"""

from __future__ import annotations

import json
from collections import abc
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from kamsync.plugin import Gone, Gotten, Page, Record
from kamsync.testing.server import Answer, dumps


def records(pages: Iterable[Page]) -> list[Record]:
    return [record for page in pages for record in page.records]


def ids(pages: Iterable[Page]) -> list[str]:
    """The ids of all records, in the order they came."""
    return [record.id for record in records(pages)]


def gone(pages: Iterable[Page]) -> list[Gone]:
    return [each for page in pages for each in page.gone]


def states(gotten: Iterable[Gotten]) -> list[str]:
    return [each.state for each in gotten]


def leaves(value: Any) -> Iterator[Any]:
    """Every plain value inside a body."""
    if isinstance(value, abc.Mapping):
        for inner in value.values():
            yield from leaves(inner)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for inner in value:
            yield from leaves(inner)
    else:
        yield value


def body_of(answer: Answer) -> Any:
    """An answer's body as JSON, whether it is bytes already or not; None where it has none."""
    data, _ = answer.wire()
    return json.loads(data) if data else None


def longest_list(value: Any) -> list[Any] | None:
    """The longest list of objects inside an answer: its rows."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    found = [rows for rows in map(longest_list, inner) if rows]
    if isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
        found.append(value)
    return max(found, key=len, default=None)


def with_rows(answer: Answer, change: Callable[[list[Any]], list[Any]]) -> Answer:
    """The answer with its rows changed; one without rows as it is."""
    body = body_of(answer)
    rows = longest_list(body)
    if rows is None:
        return answer
    rows[:] = change(rows)
    return Answer(answer.status, dumps(body), answer.headers)
