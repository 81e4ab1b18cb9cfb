"""Groups of companies: who belongs to which top parent, and the tier of each group by its sums.

The group is judged at its top parent with the figures of all its members; the members keep within reach of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from kamsync.rules.groups import pool
from kamsync.rules.metrics import Metrics
from kamsync.rules.policy import Policy
from kamsync.store import parents


@dataclass(frozen=True, slots=True)
class Groups:
    """Top parent -> all members (the parent among them), and the other way round."""

    members: Mapping[str, Sequence[str]] = field(default_factory=dict)
    top: Mapping[str, str] = field(default_factory=dict)

    def whole(self, accounts: Sequence[str]) -> list[str]:
        """These accounts, and all that are in a group with one of them."""
        touched = {self.top[one] for one in accounts if one in self.top}
        more = [member for top in sorted(touched) for member in self.members[top]]
        return list(dict.fromkeys([*accounts, *more]))


def groups(tx: Connection, policy: Policy) -> Groups:
    """The groups that the CRMs and the policy tell."""
    parent = parents.told(tx)
    by_name = parents.named(tx, {name for pair in policy.parents.items() for name in pair})
    for child, above in policy.parents.items():
        if child in by_name and above in by_name:
            parent[by_name[child]] = by_name[above]
    members: dict[str, list[str]] = defaultdict(list)
    for one in {*parent, *parent.values()}:
        members[_top(one, parent)].append(one)
    several = {top: sorted(found) for top, found in members.items() if len(found) > 1}
    return Groups(several, {one: top for top, found in several.items() for one in found})


def _top(account: str, parent: Mapping[str, str]) -> str:
    """Up the chain; in a circle, which only wrong data make, the least id is the top."""
    path = [account]
    while (above := parent.get(path[-1])) is not None:
        if above in path:
            return min(path[path.index(above) :])
        path.append(above)
    return path[-1]


def pooled(found: Groups, measured: Mapping[str, Metrics]) -> dict[str, Metrics]:
    """Top parent -> the figures of its whole group."""
    return {
        top: pool([measured[one] for one in (top, *(m for m in members if m != top)) if one in measured])
        for top, members in found.members.items()
        if top in measured
    }
