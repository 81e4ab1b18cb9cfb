"""How many customers the records of all connections are, and how many pairs wait for a person."""

from __future__ import annotations

from dataclasses import dataclass

from kamsync.engine.workspace import Workspace
from kamsync.store import linking


@dataclass(frozen=True, slots=True)
class Linked:
    """`shared`: accounts with members in more than one connection; `review`: pairs that may be one customer."""

    accounts: int
    shared: int
    review: int


def linked(workspace: Workspace) -> Linked:
    with workspace.store.read() as tx:
        accounts, shared = linking.account_counts(tx)
        return Linked(accounts, shared, linking.review_count(tx))
