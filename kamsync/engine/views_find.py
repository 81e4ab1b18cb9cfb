"""Find the account that a person means: by id, by exact name, by part of a name, or by a CRM's record.

Never guesses between several: they are listed.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

from kamsync.engine.workspace import Workspace
from kamsync.plugin import KamsyncError, Text
from kamsync.store import looking

SHOWN = 10


class NoSuchAccount(KamsyncError):
    """What was asked for fits no account, or more than one."""

    exit_code = 2


def find_account(workspace: Workspace, asked: str) -> str:
    """The id of the one account that `asked` fits; raises NoSuchAccount with the candidates."""
    with workspace.store.read() as tx:
        known = looking.account(tx, asked.strip())
        if known is not None:
            return str(known["id"])
        found = _by_record(tx, asked) or _by_name(looking.member_names(tx), asked)
        if len(found) == 1:
            return found[0]
        names = looking.account_names(tx, found)
    raise _several(asked, [(id, names[id]) for id in found]) if found else _none(asked)


def _by_record(tx: Connection, asked: str) -> list[str]:
    connection, slash, remote_id = asked.partition("/")
    return looking.accounts_at(tx, connection.strip(), remote_id.strip()) if slash else []


def _by_name(names: Sequence[tuple[str, str]], asked: str) -> list[str]:
    """Accounts that have exactly this name; where none has, those whose name holds it."""
    exact = _distinct(id for id, name in names if name == asked)
    wanted = fold(asked)
    if exact or not wanted:
        return exact
    same = _distinct(id for id, name in names if fold(name) == wanted)
    return same or _distinct(id for id, name in names if wanted in fold(name))


def _distinct(ids: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(ids))


def fold(name: str) -> str:
    """A name without its width, case and blanks."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def _several(asked: str, found: Sequence[tuple[str, str]]) -> NoSuchAccount:
    lines = [f"  {id}  {name}" for id, name in found[:SHOWN]]
    more = len(found) - SHOWN
    rest = Text(f"\n  … 另有 {more} 个", f"\n  … and {more} more") if more > 0 else Text("", "")
    listed = "\n".join(lines)
    return NoSuchAccount(
        Text(
            f"“{asked}”对应 {len(found)} 个客户,请用编号或更完整的名称:\n{listed}{rest.zh}",
            f'"{asked}" fits {len(found)} accounts; take an id or more of the name:\n{listed}{rest.en}',
        ),
        next=f"kamsync tier explain {found[0][0]}",
    )


def _none(asked: str) -> NoSuchAccount:
    return NoSuchAccount(
        Text(
            f"没有找到客户“{asked}”(可写编号、名称或其一部分、连接/记录编号)",
            f'no account fits "{asked}" (give an id, a name or part of one, or connection/record id)',
        ),
        next="kamsync export accounts --format csv",
    )
