"""Bind a policy to a book: where quotas and shares of the whole put the bars of each tier.

A policy that is bound judges each account alone. Equal figures get equal class: a tie is never cut in two.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from kamsync.rules.metrics import Metrics
from kamsync.rules.policy import Matrix, Policy, Quota, Tier
from kamsync.rules.scoring import score

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Bars:
    """What a book made of a policy, kept so that a verdict can be replayed: tier -> floor, value class -> bar."""

    floors: Mapping[str, Decimal]
    classes: Mapping[str, Decimal]


def figure(metrics: Metrics, policy: Policy) -> Decimal | None:
    """What an account brings to the book's comparison: its margin for a matrix, its score for quotas."""
    if policy.matrix is not None:
        return metrics.value(policy.matrix.value)
    return score(metrics, policy, briefly=True).total


def bars(policy: Policy, figures: Iterable[Decimal | None]) -> Bars:
    """The bars that these accounts make; unknown figures count neither for nor against anyone."""
    known = sorted((each for each in figures if each is not None), reverse=True)
    if policy.matrix is not None:
        return Bars({}, _classes(policy.matrix, known))
    return Bars(_floors(policy.tiers, known), {})


def bound(policy: Policy, found: Bars) -> Policy:
    """The policy with the bars of a book."""
    tiers = tuple(replace(tier, floor=found.floors.get(tier.name, tier.floor)) for tier in policy.tiers)
    if policy.matrix is None:
        return replace(policy, tiers=tiers)
    nobody = Decimal("Infinity")
    matrix = replace(policy.matrix, a_from=found.classes.get("A", nobody), b_from=found.classes.get("B", nobody))
    return replace(policy, tiers=tiers, matrix=matrix)


def _classes(matrix: Matrix, known: Sequence[Decimal]) -> dict[str, Decimal]:
    """The least value that is still A, and B: the share before a group of equal values decides for all of it."""
    earned = [each for each in known if each > 0]
    whole = sum(earned, ZERO)
    found: dict[str, Decimal] = {}
    before, place = ZERO, 0
    while place < len(earned):
        value = earned[place]
        for letter, share in (("A", matrix.a_share), ("B", matrix.b_share)):
            if before < share * whole:
                found[letter] = value
        while place < len(earned) and earned[place] == value:
            before += value
            place += 1
    return found


def _floors(tiers: Sequence[Tier], known: Sequence[Decimal]) -> dict[str, Decimal]:
    """Floors raised where a quota is full; a worse tier's quota holds for the better ones too."""
    found: dict[str, Decimal] = {}
    least = ZERO
    for tier in reversed(tiers):
        if tier.quota is not None:
            least = max(least, _last_in(tier.quota, known))
        if tier is not tiers[-1]:
            found[tier.name] = max(tier.floor, least)
    return found


def _last_in(quota: Quota, known: Sequence[Decimal]) -> Decimal:
    """The least figure of which fewer than the quota are strictly better."""
    if not known:
        return ZERO
    places = Decimal(quota.top) if quota.top is not None else (quota.share or ZERO) * len(known)
    inside = [value for place, value in enumerate(known) if place < places]
    return inside[-1] if inside else Decimal("Infinity")
