"""Which rows a query must look at, and in which order: the smallest slice of an index that serves it.

So a keyset page of a large object costs a bisection and a hundred steps. Decides nothing about rights.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from kamsync_fxiaoke.sim.fields import Described
from kamsync_fxiaoke.sim.filters import Filter, Test, sort_key
from kamsync_fxiaoke.sim.rows import Index, Row

STAMP = "last_modified_time"
Order = tuple[str, bool]  # field, ascending

_EDGES = frozenset({"GT", "GTE", "LT", "LTE", "BETWEEN"})
_MUCH = 8  # sorting a slice this much smaller beats walking the larger one


@dataclass(frozen=True, slots=True)
class Candidates:
    """`rows` in the wanted order, `count` of them before the tests still to be made."""

    rows: Iterable[Row]
    count: int
    tests: Sequence[Test]


def candidates(index: Index, described: Described, filters: Sequence[Filter], orders: Sequence[Order]) -> Candidates:
    """Rows to look at for these filters in this order."""
    listed = _listed(index, filters)
    if listed is not None:
        return _gathered(described, orders, listed, filters)
    ids = _slice(index.ids, [one for one in filters if one.field == "_id"], None)
    stamps = _slice(index.stamps, [one for one in filters if one.field == STAMP], lambda pair: pair[0])
    field, ascending = orders[0]
    if field == "_id" and len(stamps) * _MUCH >= len(ids):
        rows = (index.rows[index.ids[at]] for at in _way(ids, ascending))
        return Candidates(rows, len(ids), _left(filters, "_id"))
    if field == STAMP and _ties(orders) and len(ids) * _MUCH >= len(stamps):
        rows = (index.rows[index.stamps[at][1]] for at in _way(stamps, ascending))
        return Candidates(rows, len(stamps), _left(filters, STAMP))
    if len(ids) < len(stamps):
        return _gathered(described, orders, [index.rows[index.ids[at]] for at in ids], filters)
    return _gathered(described, orders, [index.rows[index.stamps[at][1]] for at in stamps], filters)


def _listed(index: Index, filters: Sequence[Filter]) -> list[Row] | None:
    """The rows that a filter on _id names one by one, if there is such a filter."""
    for one in filters:
        if one.field == "_id" and one.operator in ("EQ", "IN"):
            return [index.rows[id] for id in dict.fromkeys(one.values) if id in index.rows]
    return None


def _gathered(described: Described, orders: Sequence[Order], rows: list[Row], filters: Sequence[Filter]) -> Candidates:
    kept = [row for row in rows if all(one.test(row) for one in filters)]
    for field, ascending in reversed(orders):
        kept.sort(key=sort_key(described.fields[field]), reverse=not ascending)
    return Candidates(kept, len(kept), ())


def _slice(keys: Sequence[Any], filters: Sequence[Filter], key: Callable[[Any], Any] | None) -> range:
    """Positions of the keys that the range filters leave."""
    lo, hi = 0, len(keys)
    for one in filters:
        first, last = one.values[0] if one.values else None, one.values[-1] if one.values else None
        if one.operator in ("GTE", "BETWEEN"):
            lo = max(lo, bisect_left(keys, first, key=key))
        if one.operator == "GT":
            lo = max(lo, bisect_right(keys, first, key=key))
        if one.operator in ("LTE", "BETWEEN"):
            hi = min(hi, bisect_right(keys, last, key=key))
        if one.operator == "LT":
            hi = min(hi, bisect_left(keys, first, key=key))
    return range(lo, max(lo, hi))


def _left(filters: Sequence[Filter], walked: str) -> list[Test]:
    """The tests that the walked index has not made already."""
    return [one.test for one in filters if not (one.field == walked and one.operator in _EDGES)]


def _way(positions: range, ascending: bool) -> range:
    return positions if ascending else positions[::-1]


def _ties(orders: Sequence[Order]) -> bool:
    """Does the index's own order (stamp, then id, one direction) agree with what is wanted?"""
    if len(orders) == 1:
        return True
    return orders[1][0] == "_id" and orders[1][1] == orders[0][1]
