"""Give each account the name that survives among its records, as part of linking."""

from __future__ import annotations

from sqlalchemy import Connection

from kamsync.engine.workspace import Workspace
from kamsync.rules.golden import golden
from kamsync.store import golden as store

LOOKED_AT = ("name", "verified_at")


def name_accounts(workspace: Workspace, tx: Connection) -> None:
    """Accounts about which something landed; one of a single record is called as that is."""
    store.rename(tx, store.called_otherwise(tx))
    for some in store.of_several(tx, changed=True):
        called = store.names(tx, some)
        best = {
            account: str(found.value)
            for account, rows in store.members(tx, some, LOOKED_AT).items()
            if (found := golden("name", rows, workspace.golden)) is not None
        }
        store.rename(tx, {account: name for account, name in best.items() if name != called.get(account)})
