"""What to change, given what is wanted, what we last wrote and what the CRM holds now: people's edits win.

Pure: three-way comparison per facet. Never proposes to touch what we did not write.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from kamsync.plugin import Text

Verdict = Literal["change", "settled", "skip"]


@dataclass(frozen=True, slots=True)
class TagStep:
    """What to do about one record's tag. `adopt`: what is wanted stands there by our own hand already."""

    verdict: Verdict
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    why: Text | None = None


def tag_step(
    wanted: str | None,
    revision: int,
    owned: str | None,
    owned_revision: int | None,
    live: Collection[str] | None,
) -> TagStep:
    """One record's tag: `live` are the tags on it now (None: the record or its tags cannot be seen).

    Only the tag that we last wrote may be removed. A wanted tag that we wrote and someone removed stays away until
    the wish changes; one that stands there already needs nothing, whoever put it there.
    """
    if live is None and wanted is None:
        return TagStep("settled")  # there is nothing left to take it off
    if live is None:
        return TagStep("skip", why=Text("CRM 中看不到此记录", "the record cannot be seen in the CRM"))
    remove = (owned,) if owned is not None and owned != wanted and owned in live else ()
    if wanted is None or wanted in live:
        return TagStep("change", remove=remove) if remove else TagStep("settled")
    if owned == wanted and owned_revision == revision:
        why = Text(
            f"有人去掉了标签 {wanted},在分级变化前不再加回",
            f"someone removed {wanted}: it stays away until the tier changes",
        )
        return TagStep("skip", why=why)
    return TagStep("change", add=(wanted,), remove=remove)
