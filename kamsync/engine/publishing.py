"""From a draft to the policy in force: draft, approve, publish from a date, roll back; every step is a deed.

Once something was published the store holds what judges, and the file is where the next draft is written: a bad file
changes nothing.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from kamsync.config.policies import policy_of
from kamsync.config.toml_file import read
from kamsync.engine.workspace import Workspace
from kamsync.plugin import KamsyncError, Text
from kamsync.plugin.document import parse
from kamsync.store import audit, publications
from kamsync.store.audit import Deed
from kamsync.store.tables import Row


class NotYet(KamsyncError):
    """A step of a policy's way into force that may not be taken now."""

    exit_code = 2


def draft(workspace: Workspace, path: Path, why: str = "") -> Row:
    """Keep the file as a draft; raises Problems with all that is wrong in it."""
    document = read(path)
    policy = policy_of(document)
    row = {
        "version": policy.version, "name": policy.name, "text": document.text, "why": why,
        "author": workspace.who, "drafted_at": workspace.clock.now(),
    }  # fmt: skip
    with workspace.store.write() as tx:
        number = publications.add(tx, row)
        _note(workspace, tx, "policy.drafted", row | {"id": number})
        return _known(tx, number)


def approve(workspace: Workspace, number: int) -> Row:
    """A second person's word, where the config asks for two."""
    with workspace.store.write() as tx:
        row = _known(tx, number)
        if row["approver"] is not None:
            raise _no(f"草案 {number} 已由 {row['approver']} 批准", f"draft {number} was approved by {row['approver']}")
        if workspace.config.policy.two_people and row["author"] == workspace.who:
            raise _no(
                f"草案 {number} 是 {workspace.who} 写的,要由另一个人批准",
                f"draft {number} is {workspace.who}'s own: another person has to approve it",
            )
        publications.change(tx, number, approver=workspace.who, approved_at=workspace.clock.now())
        _note(workspace, tx, "policy.approved", row)
        return _known(tx, number)


def publish(workspace: Workspace, number: int, starts: date) -> Row:
    """Let it judge from a date on; not from one that was, so that no verdict of the past becomes another's."""
    with workspace.store.write() as tx:
        row = _known(tx, number)
        if row["published_at"] is not None:
            raise _no(f"{number} 已经发布过;请另建草案", f"{number} was published already: make a new draft of it")
        if workspace.config.policy.two_people and row["approver"] is None:
            raise _no(
                f"草案 {number} 还没有第二个人批准", f"draft {number} has no second person's approval",
                f"kamsync tier approve {number}",
            )  # fmt: skip
        if starts < workspace.today:
            raise _no(f"{starts} 已经过去", f"{starts} is in the past", f"kamsync tier publish {number}")
        policy_of(parse(row["text"], row["name"]))  # read anew: what this version of kamsync cannot read may not judge
        now = workspace.clock.now()
        publications.change(tx, number, publisher=workspace.who, published_at=now, starts=starts)
        _note(workspace, tx, "policy.published", row, starts=starts.isoformat())
        return _known(tx, number)


def rollback(workspace: Workspace) -> tuple[Row, Row | None]:
    """Take back what was published last; also what is in force then (None: the file)."""
    with workspace.store.write() as tx:
        standing = publications.published(tx)
        if not standing:
            raise _no("没有发布过策略", "nothing was published", "kamsync tier draft FILE")
        row = standing[0]
        publications.change(tx, row["id"], ended_at=workspace.clock.now())
        _note(workspace, tx, "policy.rolled_back", row)
        return _known(tx, row["id"]), publications.in_force(tx, workspace.today)


def versions(workspace: Workspace) -> tuple[list[Row], Row | None]:
    """All drafts and publications, newest first, and the one in force."""
    with workspace.store.read() as tx:
        return publications.listed(tx), publications.in_force(tx, workspace.today)


def keep_simulation(workspace: Workspace, summaries: list[dict[str, Any]]) -> None:
    """What a simulation showed, with the drafts it was of."""
    with workspace.store.write() as tx:
        for summary in summaries:
            told = {name: value for name, value in summary.items() if name != "movers"}
            publications.note_simulation(tx, summary["version"], told)


def to_json(row: Row) -> dict[str, Any]:
    told = {name: value for name, value in row.items() if name != "text"}
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in told.items()}


def _known(tx: Any, number: int) -> Row:
    row = publications.get(tx, number)
    if row is None:
        raise _no(f"没有草案 {number}", f"there is no draft {number}", "kamsync tier versions")
    return row


def _note(workspace: Workspace, tx: Any, deed: str, row: Row, **more: str) -> None:
    facts = {"id": row["id"], "name": row["name"], "why": row["why"], "author": row["author"], **more}
    audit.append(tx, workspace.who, workspace.clock.now(), [Deed(deed, row["version"], facts)])


def _no(zh: str, en: str, next: str = "kamsync tier versions") -> NotYet:
    return NotYet(Text(zh, en), next=next)
