"""The verbs of publishing: a version comes into force at once, and is followed as soon as nobody else is writing."""

from __future__ import annotations

from kamsync.engine.mapping_force import draft_of
from kamsync.engine.mapping_publish import Published, publish, roll_back
from kamsync.engine.mapping_rebuild import catch_up
from kamsync.engine.verbs import known_connection
from kamsync.engine.workspace import Workspace
from kamsync.store import AlreadyWriting, writing


def publish_verb(workspace: Workspace, connection: str | None, why: str) -> Published:
    """Bring the files that were edited into force, and make everything anew that they change.

    Raises Problems where one has mistakes: then none is in force that was not.
    """
    names = None if connection is None else [known_connection(workspace, connection)]
    chosen = [one for one in workspace.config.connections if names is None or one.name in names]
    with workspace.store.read() as tx:
        drafts = [draft_of(tx, one, workspace.connectors) for one in chosen]
    news = [one for one in drafts if one.state != "same" or one.version == 0]
    return _followed(workspace, Published(publish(workspace, news, why)))


def roll_back_verb(workspace: Workspace, connection: str, version: int) -> Published:
    """An earlier version is in force again, and everything follows it."""
    return _followed(workspace, Published(roll_back(workspace, known_connection(workspace, connection), version)))


def _followed(workspace: Workspace, done: Published) -> Published:
    try:
        with writing(workspace.store) as writer:
            done.rebuilt = catch_up(workspace, writer)
    except AlreadyWriting:
        done.waits = True
    return done
