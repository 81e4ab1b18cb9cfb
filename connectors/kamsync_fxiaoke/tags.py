"""Add and remove our tags: options of one select-many field, people's own options in it left alone.

Reads the row fresh, merges, writes the field: between the two somebody else's edit of the same field could be lost,
which is why the field should be kamsync's alone (level S1).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kamsync.plugin import Cause, Clock, Field, Intent, Outcome, TagChange, Target, Text, Write
from kamsync_fxiaoke import fields
from kamsync_fxiaoke.api import Api
from kamsync_fxiaoke.objects import ACCOUNT
from kamsync_fxiaoke.options import FxiaokeOptions
from kamsync_fxiaoke.rows import Row, moment

BATCH = 20
FRESH = 600.0  # seconds a description is believed


@dataclass(frozen=True, slots=True)
class Options:
    """The field's options, both ways. A label may belong to several values."""

    labels: Mapping[str, str]  # value -> label

    def read(self, values: Any) -> tuple[str, ...]:
        """The labels of a row's values; a value without an option reads as itself."""
        listed = values if isinstance(values, Sequence) and not isinstance(values, str) else [values] if values else []
        return tuple(self.labels.get(str(value), str(value)) for value in listed)

    def value(self, label: str) -> str | None:
        return next((value for value, known in self.labels.items() if known == label), None)


class Tags:
    """The tag field of one tenant."""

    def __init__(self, api: Api, options: FxiaokeOptions, clock: Clock) -> None:
        self._api = api
        self._settings = options
        self._clock = clock
        self._known: tuple[float, Options | None] | None = None

    def options(self, *, fresh: bool = False) -> Options | None:
        """The field's options; None when there is no such field."""
        now = self._clock.monotonic()
        if fresh or self._known is None or now - self._known[0] > FRESH:
            self._known = (now, self._ask())
        return self._known[1]

    def _ask(self) -> Options | None:
        field = self.field()
        return Options({choice.value: choice.label for choice in field.choices}) if field else None

    def field(self) -> Field | None:
        """The field as described today."""
        described = fields.of(self._api.describe(ACCOUNT))
        return next((each for each in described if each.name == self._settings.tag_field), None)

    def promise(self, settle: float) -> Write:
        name = self._settings.tag_field
        why = Text(
            f"标签写入多选字段 {name}:先读、合并、再写;其他选项保持不变。请让该字段只由 kamsync 维护",
            f"tags are options of {name}: read, merged, written, other options left alone; keep it kamsync's",
        )
        return Write("tags", "S1", BATCH, settle, why, credits_per_row=2.0, facts={"field": name})

    def read(self, target: Target, row: Row) -> tuple[str, ...] | None:
        """The tags that a row carries."""
        options = self.options() if target.object == ACCOUNT else None
        return options.read(row.get(self._settings.tag_field)) if options else None

    def work_out(self, intent: Intent, change: TagChange, row: Row) -> list[str] | Outcome:
        """The values the field is to hold then, or what stands against it. Only reads."""
        foreign = not_ours(intent, change, self._settings.tag_prefix)
        if foreign is not None:
            return foreign
        options = self._options_for(change.add)
        if options is None:
            return refused(intent, "field_missing", self._no_field(), "setup")
        missing = [tag for tag in change.add if options.value(tag) is None]
        if missing:
            return refused(intent, "option_missing", self._no_option(missing), "setup")
        held = _values(row.get(self._settings.tag_field))
        wanted = merged(held, options, change)
        if wanted == held:
            modified = moment(row.get("last_modified_time"))
            return Outcome(intent.id, "applied", change.target.remote_id, modified=modified)
        return wanted

    def send(self, intent: Intent, change: TagChange, values: list[str]) -> Outcome:
        """Write the field. Raises what the door raises."""
        self._api.update(ACCOUNT, change.target.remote_id, {self._settings.tag_field: values})
        return Outcome(intent.id, "applied", change.target.remote_id)

    def _options_for(self, labels: Sequence[str]) -> Options | None:
        """The options, asked for again when a label is new: the admin may have added it just now."""
        options = self.options()
        if options is None or any(options.value(label) is None for label in labels):
            options = self.options(fresh=True)
        return options

    def _no_field(self) -> Text:
        name = self._settings.tag_field
        return Text(
            f"客户对象没有字段 {name}。请管理员新建一个多选字段,或修改配置项 tag_field",
            f"the account object has no field {name}; ask the admin to add a select-many field, or change tag_field",
        )

    def _no_option(self, missing: Sequence[str]) -> Text:
        names, field = "、".join(missing), self._settings.tag_field
        return Text(
            f"字段 {field} 缺少选项:{names}。请管理员在客户对象的该字段中添加同名选项",
            f"the field {field} has no option {', '.join(missing)}; ask the admin to add it to the account object",
        )


def refused(intent: Intent, code: str, why: Text, cause: Cause | None = None) -> Outcome:
    """A no of our own, in both languages."""
    return Outcome(intent.id, "refused", code=code, message=f"{why.zh} / {why.en}", cause=cause)


def not_ours(intent: Intent, change: TagChange, prefix: str) -> Outcome | None:
    """A change to tags outside our own prefix is refused whole."""
    foreign = [tag for tag in (*change.add, *change.remove) if not prefix or not tag.startswith(prefix)]
    names = "、".join(foreign)
    why = Text(f"标签 {names} 不以 {prefix!r} 开头,不予改动", f"{names}: outside our own {prefix!r}, left alone")
    return refused(intent, "foreign_tag", why, "foreign") if foreign else None


def _values(value: Any) -> list[str]:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [str(each) for each in value]
    return [str(value)] if value else []


def merged(held: Sequence[str], options: Options, change: TagChange) -> list[str]:
    """What is held, less what is to go, plus what is to come; everything else in its place."""
    kept = [value for value in held if options.labels.get(value) not in change.remove]
    there = {options.labels.get(value) for value in kept}
    new = [options.value(label) for label in change.add if label not in there]
    return [*kept, *(value for value in new if value is not None)]
