"""Learn where this tenant shows the rows that were made invalid (作废), so that no stream is asked twice for nothing.

Three behaviours are known: always in the list, only when a filter speaks of life_status, never. It changes nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Literal

from kamsync.plugin import Refused
from kamsync_fxiaoke.api import INVALID, Api, Filter, where
from kamsync_fxiaoke.objects import ACCOUNT
from kamsync_fxiaoke.rows import Row, id_of, rows_of

# shown: they come by themselves. together: one filter brings live and void rows. apart: void rows need their own query
How = Literal["shown", "together", "apart", "never"]

BOTH: Filter = where("life_status", "N", "-")  # "is not": true of every row, the empty ones too
DEAD: Filter = where("life_status", "EQ", INVALID)

_SET: dict[str, How] = {"always": "shown", "filtered": "apart", "never": "never"}


class Voids:
    """What one session knows of it: by setting, by what it saw, or by at most three small queries."""

    def __init__(self, api: Api, setting: str) -> None:
        self._api = api
        self._lock = threading.Lock()
        self._how: How | None = _SET.get(setting)

    def how(self) -> How:
        with self._lock:
            if self._how is None:
                self._how = self._learn()
            return self._how

    @property
    def known(self) -> How | None:
        """What is known without asking."""
        return self._how

    def saw(self, rows: Iterable[Row]) -> None:
        """A list that nobody filtered by life status: a void row in it settles the question."""
        if self._how in (None, "apart") and any(row.get("life_status") == INVALID for row in rows):
            self._how = "shown"

    def _learn(self) -> How:
        try:
            dead = self._look(DEAD)
            if not dead:
                return "apart"  # none yet: nothing to learn from
            one = where("_id", "EQ", id_of(dead[0]))
            if self._look(one):
                return "shown"
            return "together" if self._look(one, BOTH) else "apart"
        except Refused:
            return "apart"

    def _look(self, *filters: Filter) -> list[Row]:
        said = self._api.query(ACCOUNT, filters, limit=1, fields=("_id", "life_status"))
        return [row for row in rows_of(said) if id_of(row) and row.get("life_status") == INVALID]
