"""Where rows lie: the store, which is always fresh, and the index that queries read, which may lag behind it.

Rows are never changed in place: a write puts a new dict. Knows three fields: _id, last_modified_time, life_status.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Callable
from typing import Any

Row = dict[str, Any]


class Index:
    """Rows as queries see them, sorted by id and by (last_modified_time, id)."""

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}
        self.ids: list[str] = []
        self.stamps: list[tuple[int, str]] = []
        self.void: set[str] = set()  # those in the recycle bin

    def put(self, row: Row) -> None:
        id = row["_id"]
        old = self.rows.get(id)
        if old is None:
            insort(self.ids, id)
        elif old["last_modified_time"] != row["last_modified_time"]:
            self._unstamp(old)
        if old is None or old["last_modified_time"] != row["last_modified_time"]:
            insort(self.stamps, (row["last_modified_time"], id))
        self.rows[id] = row
        if row["life_status"] == "invalid":
            self.void.add(id)
        else:
            self.void.discard(id)

    def drop(self, id: str) -> None:
        row = self.rows.pop(id, None)
        if row is not None:
            del self.ids[bisect_left(self.ids, id)]
            self._unstamp(row)
            self.void.discard(id)

    def _unstamp(self, row: Row) -> None:
        del self.stamps[bisect_left(self.stamps, (row["last_modified_time"], row["_id"]))]


class Table:
    """All rows of one object. `lag` seconds pass before a write reaches the index."""

    def __init__(self, clock: Callable[[], float], lag: Callable[[], float]) -> None:
        self.rows: dict[str, Row] = {}
        self._clock = clock
        self._lag = lag
        self._index = Index()
        self._pending: deque[tuple[float, str, Row | None]] = deque()

    def put(self, row: Row) -> None:
        self.rows[row["_id"]] = row
        self._pending.append((self._clock(), row["_id"], row))

    def drop(self, id: str) -> None:
        if self.rows.pop(id, None) is not None:
            self._pending.append((self._clock(), id, None))

    def index(self, *, settled: bool = False) -> Index:
        """What a query sees now; `settled`: as if the lag had passed."""
        until = self._clock() - self._lag()
        while self._pending and (settled or self._pending[0][0] <= until):
            _, id, row = self._pending.popleft()
            if row is None:
                self._index.drop(id)
            else:
                self._index.put(row)
        return self._index
