"""Add and remove our tags as the CRM's own tags (标签), by the APL functions that an admin installed.

An update there replaces the whole set, people's tags too: it is read, merged and written, and what a person did in
between is lost. That is why this way is S0 and has to be chosen; it makes no new tags.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kamsync.plugin import Clock, Intent, Outcome, Refused, TagChange, Target, Text, Write
from kamsync_fxiaoke.functions import Functions
from kamsync_fxiaoke.objects import ACCOUNT
from kamsync_fxiaoke.options import FxiaokeOptions
from kamsync_fxiaoke.rows import Row
from kamsync_fxiaoke.tags import BATCH, FRESH, Options, merged, not_ours, refused


class TagFunctions:
    """The tags of one tenant."""

    def __init__(self, functions: Functions, options: FxiaokeOptions, clock: Clock) -> None:
        self._functions = functions
        self._settings = options
        self._clock = clock
        self._known: tuple[float, Options] | None = None

    def promise(self, settle: float) -> Write:
        name = self._functions.name("tag_update")
        why = Text(
            f"标签由函数 {name} 写入:该接口整组替换,先读、合并、再写;同一瞬间他人的改动可能丢失",
            f"tags are written by {name}, which replaces the whole set: read, merged, written; what a person changes "
            "in that very moment may be lost",
        )
        better = Text(
            'tag_channel = "field"(只由 kamsync 维护的多选字段)即为 S1',
            'tag_channel = "field", a select-many field that is kamsync\'s alone, makes it S1',
        )
        return Write("tags", "S0", BATCH, settle, why, credits_per_row=3.0, facts={"function": name}, better=better)

    def options(self, *, fresh: bool = False) -> Options:
        """The tags that accounts may carry, by id."""
        now = self._clock.monotonic()
        if fresh or self._known is None or now - self._known[0] > FRESH:
            said = self._functions.call("tag_define", {"objectApiName": ACCOUNT})
            self._known = (now, Options(_named(said)))
        return self._known[1]

    def read(self, target: Target, row: Row) -> tuple[str, ...] | None:
        """The names of the tags that a record carries; None where they cannot be read."""
        try:
            return tuple(self._held(target).values())
        except Refused:
            return None

    def _held(self, target: Target) -> dict[str, str]:
        return _named(self._functions.call("tag_find", {"objectApiName": target.object, "dataId": target.remote_id}))

    def work_out(self, intent: Intent, change: TagChange, row: Row) -> list[str] | Outcome:
        """The ids that the record is to carry then, or what stands against it. Only reads."""
        foreign = not_ours(intent, change, self._settings.tag_prefix)
        if foreign is not None:
            return foreign
        options = self.options()
        if any(options.value(tag) is None for tag in change.add):
            options = self.options(fresh=True)
        missing = [tag for tag in change.add if options.value(tag) is None]
        if missing:
            return refused(intent, "option_missing", _no_tag(missing), "setup")
        held = self._held(change.target)
        wanted = merged(list(held), Options({**options.labels, **held}), change)
        same = wanted == list(held)
        return Outcome(intent.id, "applied", change.target.remote_id) if same else wanted

    def send(self, intent: Intent, change: TagChange, values: list[str]) -> Outcome:
        """Write the whole set. Raises what the door raises."""
        target = change.target
        given = {"objectApiName": target.object, "dataId": target.remote_id, "tagIdList": values}
        self._functions.call("tag_update", given, write=True)
        return Outcome(intent.id, "applied", target.remote_id)


def _named(said: Any) -> dict[str, str]:
    """Tags as id -> name, from a list or from the map around one."""
    if isinstance(said, Mapping):
        said = said.get("dataList") or said.get("data") or []
    rows = [each for each in said if isinstance(each, Mapping)] if isinstance(said, list) else []
    return {str(each["tagId"]): str(each.get("name") or each["tagId"]) for each in rows if each.get("tagId")}


def _no_tag(missing: list[str]) -> Text:
    names = "、".join(missing)
    return Text(
        f"客户没有这些标签:{names}。请管理员在标签管理中为客户对象新建",
        f"accounts have no tag {', '.join(missing)}: ask the admin to make it",
    )
