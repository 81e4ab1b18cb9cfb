"""What reading a window would take, told before it is read: the CRM counts on one small call.

Pages hold a hundred rows, and every call costs one of the day's. Follows the rules of `reading` and `slicing`; reads no
record.
"""

from __future__ import annotations

from collections.abc import Sequence

from kamsync.plugin import Forecast, Stream, Window
from kamsync_fxiaoke.api import PAGE, Api, Filter, changed
from kamsync_fxiaoke.rows import rows_of, total_of
from kamsync_fxiaoke.slicing import LEAST, WALL, WORTH
from kamsync_fxiaoke.voids import BOTH, DEAD, Voids

LEARNING = 2  # small queries that find out where void rows show, one more or less


class Forecaster:
    """Reckons what reading one enterprise's objects takes."""

    def __init__(self, api: Api, voids: Voids) -> None:
        self._api = api
        self._voids = voids

    def forecast(self, stream: Stream, window: Window, parts: int) -> Forecast | None:
        """None where the CRM does not count."""
        late, how = window.lo is not None, self._voids.known
        base = changed(window.lo, window.hi)
        rows = self._count(stream.object, [*base, BOTH] if late and how == "together" else base)
        if rows is None:
            return None
        calls = pages(rows, parts if stream.incremental else 1)
        if late and how in (None, "apart"):
            calls += pages(self._count(stream.object, [*base, DEAD]) or 0, 1)
            calls += LEARNING if how is None else 0
        return Forecast(calls, calls, rows, describing=1)

    def _count(self, object: str, filters: Sequence[Filter]) -> int | None:
        said = self._api.query(object, filters, limit=1, fields=("_id",), total=True)
        return total_of(said) if rows_of(said) else 0


def pages(rows: int, parts: int) -> int:
    """Calls that list so many rows in at most so many parts. Only the jumps past the wall are extra: what is asked
    for to find a border is the first page of a part."""
    parts = min(parts, rows // LEAST) if rows >= WORTH else 1
    calls, foot, begun = 0, 0, 0
    for number in range(1, parts):
        to = rows * number // parts // PAGE * PAGE
        jumps = max(0, -(-(to - foot - WALL) // (WALL + PAGE)))
        calls, foot = calls + jumps, foot + jumps * (WALL + PAGE)
        calls += (to - begun) // PAGE
        foot, begun = to + PAGE, to
    return calls + max(1, -(-(rows - begun) // PAGE))
