"""What each of Zoho's editions allows.

A table; which edition a tenant has, its own record tells.
"""

from __future__ import annotations

from dataclasses import dataclass

from kamsync_zoho.shapes import Row, section, whole


@dataclass(frozen=True, slots=True)
class Edition:
    """`calls` at one time; `credits` a day, `more` for each user, `most` in all; `tags` on one record."""

    word: str
    calls: int
    credits: int
    more: int
    most: int | None
    tags: int = 10


_EDITIONS = (
    Edition("free", 5, 5_000, 0, 5_000, tags=5),
    Edition("crmplus", 25, 50_000, 2_000, None),
    Edition("ultimate", 25, 50_000, 2_000, None),
    Edition("enterprise", 20, 50_000, 1_000, 5_000_000),
    Edition("professional", 15, 50_000, 500, 3_000_000),
    Edition("standard", 10, 50_000, 250, 100_000, tags=5),
)


def edition_of(org: Row) -> Edition | None:
    """By the word in its licence; trials carry the word of what they try."""
    named = str(section(org, "license_details").get("paid_type") or "").lower()
    return next((edition for edition in _EDITIONS if edition.word in named), None)


def credits_of(edition: Edition, org: Row) -> int:
    """Credits in any 24 hours, add-ons aside."""
    users = whole(section(org, "license_details").get("users_license_purchased")) or 0
    credits = edition.credits + edition.more * users
    return min(credits, edition.most) if edition.most else credits
