"""Decide which account records, of whatever connection, are one company, and keep the evidence.

Pure. It rather leaves two records of one company apart than joins two companies: what several companies share proves
nothing, and a cluster never holds two records that cannot be one company.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from kamsync.rules.identity.blocks import CROWD, keys, meet
from kamsync.rules.identity.book import Book, Group, are_kin, groups, may_be_one, read_companies
from kamsync.rules.identity.clustering import barred, match
from kamsync.rules.identity.company import Company
from kamsync.rules.identity.crowd import Crowd, crowd, crowd_of
from kamsync.rules.identity.face import face_of
from kamsync.rules.identity.known import LINK, REVIEW, Evidence, Known, LinkDecision, Verdict

__all__ = [
    "CROWD", "LINK", "REVIEW", "RULES", "Book", "Company", "Crowd", "Evidence", "Group", "Known",
    "LinkDecision", "Verdict", "are_kin", "company_of", "compare", "crowd", "crowd_of", "decide", "groups", "keys",
    "link", "may_be_one", "meet", "read", "read_companies",
]  # fmt: skip

RULES = "rules 5"  # to be raised with every change to what is decided here: then everything is looked at again


def company_of(known: Known) -> Company:
    """A record by itself, as it is compared."""
    return Company((face_of(known),))


def compare(a: Known, b: Known) -> LinkDecision:
    """Are these two records one company, as far as they tell themselves?"""
    one, other = company_of(a), company_of(b)
    found = match(one, other, crowd(one, [other]) | crowd(other, [one]))
    found = replace(found, barred=barred(one, other))
    if found.barred is not None:
        return found.decision(found.if_barred)
    return found.decision("link" if found.score >= LINK else "review" if found.score >= REVIEW else "apart")


def read(records: Sequence[Known]) -> Book:
    """What all records there are tell of each other."""
    return read_companies([company_of(known) for known in sorted(records, key=lambda known: known.id)])


def decide(
    records: Sequence[Known], *, apart: Collection[frozenset[str]] = ()
) -> Iterator[tuple[list[frozenset[str]], list[LinkDecision]]]:
    """As `link`, group by group: records of different groups have nothing to do with each other."""
    told = aparts(apart)
    for group in read(records).groups():
        clusters, decisions = group.decide(told)
        yield [frozenset(company.ids) for company in clusters], decisions


def aparts(pairs: Collection[frozenset[str]]) -> dict[str, set[str]]:
    """Pairs of ids, looked up by either."""
    found: dict[str, set[str]] = defaultdict(set)
    for pair in pairs:
        for id in pair:
            found[id] |= pair - {id}
    return found


def link(
    records: Sequence[Known], *, apart: Collection[frozenset[str]] = ()
) -> tuple[list[frozenset[str]], list[LinkDecision]]:
    """Every record in one cluster; the decisions are those that link, ask a person, or hold apart what is alike.

    `records` are all there are: a short name or a translation joins only where it fits nobody else. `apart`: pairs that
    a person has called different; that is final. The order of the records changes nothing. Records with one `fixed`
    account stay together.
    """
    clusters: list[frozenset[str]] = []
    decisions: list[LinkDecision] = []
    for some, made in decide(records, apart=apart):
        clusters += some
        decisions += made
    return sorted(clusters, key=min), sorted(decisions, key=lambda one: (one.a, one.b))
