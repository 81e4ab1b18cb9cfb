"""Where a duty goes: one record, in one CRM.

A first home, nothing more: whoever froze it keeps it, even when a better one turns up later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kamsync.model import Member


@dataclass(frozen=True, slots=True)
class Place:
    """One record of the account. `writable`: its connection may write. `owner_active` None: the CRM does not say."""

    member: Member
    writable: bool
    owner_active: bool | None = None


def home(cause: Member | None, places: Sequence[Place], prefer: Sequence[str] = ()) -> Member | None:
    """The record that caused the duty, else the account's record that is best looked after.

    `places` come in the order of the config, `prefer` names connections. None: no connection may write.
    A cause in a connection that may not write cannot be home; the duty then goes to one that may.
    """
    open_to_us = [place for place in places if place.writable]
    if cause and cause.connection in {place.member.connection for place in open_to_us}:
        return cause
    configured = list(dict.fromkeys(place.member.connection for place in places))
    order = list(dict.fromkeys([*(name for name in prefer if name in configured), *configured]))

    def rank(place: Place) -> tuple[bool, int, Member]:
        return (place.owner_active is False, order.index(place.member.connection), place.member)

    return min(open_to_us, key=rank).member if open_to_us else None
