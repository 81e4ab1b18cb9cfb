"""Where a walk through one of Zoho's lists stands: what the cursor of a page holds.

A token is bound to the parameters of the first call, so they travel with it; the last stamp seen is the real progress.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from kamsync.plugin import CursorLost, Request, Text, Truncated, stamp
from kamsync_zoho.shapes import Row, more, section
from kamsync_zoho.wire import API

CEILING = 100_000  # rows of one query, however many tokens
PER_PAGE = 200


@dataclass(frozen=True, slots=True)
class Place:
    """The next call of a walk."""

    fields: str
    sort: str | None = "Modified_Time"  # None: the module cannot be sorted
    since: str | None = None
    token: str | None = None
    page: int = 1
    rows: int = 0  # read since the walk (or its newest part) began
    last: str | None = None  # the newest stamp read
    ordered: bool = True  # the stamps have only risen so far

    def request(self, module: str) -> Request:
        """Never a page number and a token at once; all else stays the same from call to call."""
        query = {"fields": self.fields, "per_page": str(PER_PAGE)}
        if self.sort is not None:
            query |= {"sort_by": self.sort, "sort_order": "asc"}
        if module == "Leads":
            query["converted"] = "both"
        if self.token is not None:
            query["page_token"] = self.token
        elif self.page > 1:
            query["page"] = str(self.page)
        headers = {"If-Modified-Since": self.since} if self.since else {}
        return Request("GET", f"{API}/{module}", query, headers)

    def after(self, said: Row, count: int) -> Place | None:
        """The place behind an answer; None at the end of the list."""
        token = section(said, "info").get("next_page_token")
        token = token if isinstance(token, str) and token else None
        goes_on = more(said, count, PER_PAGE) and (count > 0 or (token is not None and token != self.token))
        if goes_on:
            return replace(self, token=token, page=self.page + 1, rows=self.rows + count)
        if self.rows + count >= CEILING:
            return self.onward(_cut_off(self.rows + count))
        return None

    def onward(self, wall: Truncated) -> Place:
        """Past a wall: a new list from the newest stamp on. Where that gains nothing, the wall stands."""
        reached, began = stamp(self.last), stamp(self.since)
        if not self.ordered or reached is None or (began is not None and reached <= began):
            raise wall
        return replace(self, since=self.last, token=None, page=1, rows=0)

    def write(self) -> str:
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def read(cls, cursor: str) -> Place:
        try:
            return cls(**json.loads(cursor))
        except (ValueError, TypeError) as broken:
            raise CursorLost(Text("存下的列表位置无法读取", "the place kept for this list cannot be read")) from broken


def since(moment: datetime | None) -> str | None:
    """A moment as Zoho's headers take it: whole seconds, with the offset."""
    return moment.replace(microsecond=0).isoformat() if moment else None


def _cut_off(count: int) -> Truncated:
    return Truncated(
        Text(f"列表在第 {count} 条处被截断,后面可能还有", f"the list was cut at row {count}; there may be more")
    )
