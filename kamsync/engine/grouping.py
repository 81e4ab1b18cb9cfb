"""Groups of companies: who belongs to which top parent, and the tier of each group by its sums.

The group is judged at its top parent with the figures of all its members; the members keep within reach of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from kamsync.engine.belonging import tree
from kamsync.engine.workspace import Workspace
from kamsync.rules.groups import pool
from kamsync.rules.metrics import Metrics


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


def groups(workspace: Workspace, tx: Connection) -> Groups:
    """The groups that the policy, the CRMs and names tell."""
    known = tree(workspace, tx)
    members = {top: sorted(known.group(top)) for top in {known.top(child) for child in known.parents}}
    return Groups(members, {one: top for top, found in members.items() for one in found})


def pooled(found: Groups, measured: Mapping[str, Metrics]) -> dict[str, Metrics]:
    """Top parent -> the figures of its whole group."""
    return {
        top: pool([measured[one] for one in (top, *(m for m in members if m != top)) if one in measured])
        for top, members in found.members.items()
        if top in measured
    }
