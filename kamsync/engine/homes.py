"""Who keeps which record, who stands in, and which tenant each connection leads to.

Reads the store; assigns nobody by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from kamsync.engine.workspace import Workspace
from kamsync.model import Member
from kamsync.rules.assignee import Person, assignee
from kamsync.store import owners, runs
from kamsync.store.owners import Colleague, Keeper


@dataclass(frozen=True, slots=True)
class Homes:
    """Who keeps which record, who is still there, and which tenant each connection leads to."""

    keepers: Mapping[Member, Keeper]
    colleagues: Mapping[tuple[str, str], Colleague]
    orgs: Mapping[str, str]
    queues: Mapping[str, str | None]  # the fallback owner of each connection

    @classmethod
    def of(cls, workspace: Workspace, tx: Connection, accounts: Sequence[str]) -> Homes:
        names = [one.name for one in workspace.config.connections]
        known = {name: runs.tenant(tx, name) for name in names}
        orgs = {name: row["org"] for name, row in known.items() if row is not None}
        queues = {one.name: one.fallback_owner for one in workspace.config.connections}
        return cls(owners.keepers(tx, accounts), owners.colleagues(tx, names), orgs, queues)

    def person(self, connection: str, id: str | None) -> Person | None:
        if id is None:
            return None
        known = self.colleagues.get((connection, id))
        return Person(id, known.active if known else None)

    def owner(self, member: Member) -> Person | None:
        """Who keeps the member's record."""
        keeper = self.keepers.get(member)
        return self.person(member.connection, keeper.owner) if keeper else None

    def owner_active(self, member: Member) -> bool | None:
        """Is the member's owner still there? False also where it has none."""
        person = self.owner(member)
        return False if person is None else person.active

    def assignee(self, member: Member) -> str | None:
        """Who does what hangs on this member: owner, else backup, else the owner's manager, else `fallback_owner`."""
        keeper = self.keepers.get(member)
        if keeper is None:
            return None
        where = member.connection
        boss = self.colleagues.get((where, keeper.owner or ""))
        people = (keeper.owner, keeper.backup, boss.manager if boss else None)
        owner, backup, manager = (self.person(where, id) for id in people)
        return assignee(owner, backup, manager, self.queues.get(where)).user
