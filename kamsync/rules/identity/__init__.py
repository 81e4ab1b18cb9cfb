"""Decide which account records, of whatever connection, are one company, and keep the evidence.

Pure. It rather leaves two records of one company apart than joins two companies: what several companies share proves
nothing, and a cluster never holds two records that cannot be one company.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace

from kamsync.rules.identity import blocks
from kamsync.rules.identity.clustering import Clusters, barred, match
from kamsync.rules.identity.company import Company
from kamsync.rules.identity.crowd import crowd
from kamsync.rules.identity.face import Face, face_of
from kamsync.rules.identity.known import LINK, REVIEW, Evidence, Known, LinkDecision, Verdict

__all__ = ["LINK", "REVIEW", "RULES", "Evidence", "Known", "LinkDecision", "Verdict", "clues", "compare", "link"]

RULES = "rules 2"  # to be raised with every change to what is decided here: then everything is looked at again
LONGEST_CLUE = 200  # no name is so long; what somebody pasted into its field may be


def compare(a: Known, b: Known) -> LinkDecision:
    """Are these two records one company, as far as they tell themselves?"""
    one, other = (Company((face_of(known),)) for known in (a, b))
    found = replace(match(one, other, crowd((one, other))), barred=barred(one, other))
    if found.barred is not None:
        return found.decision(found.if_barred)
    return found.decision("link" if found.score >= LINK else "review" if found.score >= REVIEW else "apart")


def clues(known: Known) -> frozenset[str]:
    """What a record can be known by. Who shares no clue with it, straight or through others, has no say in its links:
    records may be linked group by group, not `widely`."""
    found = blocks.clues(Company((face_of(known),)))
    return frozenset(" ".join(clue)[:LONGEST_CLUE] for clue in found if clue[-1])


def link(
    records: Sequence[Known], *, apart: Collection[frozenset[str]] = (), widely: bool = True
) -> tuple[list[frozenset[str]], list[LinkDecision]]:
    """Every record in one cluster; the decisions are those that link, ask for review, or hold alike names apart.

    `apart`: pairs that a person has called different; that is final. `widely`: `records` are all there are; then
    records that share no clue are joined too, by a short name or a translation that fits nobody else. The order of the
    records changes nothing. Records with one `fixed` account stay together.
    """
    groups: dict[str, list[Face]] = defaultdict(list)
    for known in sorted(records, key=lambda known: known.id):
        groups[known.id if known.fixed is None else f"\0{known.fixed}"].append(face_of(known))
    clusters = Clusters([Company(tuple(faces)) for _, faces in sorted(groups.items())], apart, widely=widely)
    clusters.run()
    return [frozenset(company.ids) for company in clusters.companies], [
        made for _, made in sorted(clusters.decisions.items())
    ]
