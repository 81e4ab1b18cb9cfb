"""What was taken back, and what keeps it from being written again: the intents of one apply, and who undid whom.

Questions and marks only; what may be taken back is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, select, update

from kamsync.store.sql import fetch
from kamsync.store.tables import OwnedRow, Row, RunRow, table
from kamsync.store.tables_outbox import IntentRow

INTENT, OWNED, RUN = table(IntentRow), table(OwnedRow), table(RunRow)
ON_ITS_WAY = ("planned", "sending", "unknown")
LOOKED_THROUGH = 500  # runs, for the last that sent anything
CHUNK = 500


# ---- runs


def applies(tx: Connection) -> list[Row]:
    """The applies, undos among them, of which anything is in the outbox; the newest first."""
    newest = select(RUN).where(RUN.c.kind.in_(("accept", "undo"))).order_by(RUN.c.id.desc()).limit(LOOKED_THROUGH)
    runs = fetch(tx, newest)
    meant = INTENT.c.run.in_([run["id"] for run in runs])
    sent = set(tx.execute(select(INTENT.c.run).where(meant).distinct()).scalars())
    return [run for run in runs if run["id"] in sent]


def of_run(tx: Connection, run: int) -> list[Row]:
    """The intents that an apply accepted, in the order of their keys."""
    return fetch(tx, select(INTENT).where(INTENT.c.run == run).order_by(INTENT.c.connection, INTENT.c.key))


# ---- who undid whom


def by_ids(tx: Connection, ids: Sequence[str]) -> dict[str, Row]:
    """These intents, by id."""
    found: dict[str, Row] = {}
    for chunk in _chunks(ids):
        found.update({row["id"]: row for row in fetch(tx, select(INTENT).where(INTENT.c.id.in_(chunk)))})
    return found


def lineage(tx: Connection, intent: Row) -> list[Row]:
    """The intent, the one that it takes back, the one that this took back …: the last is a wish's own."""
    line = [intent]
    while (id := (line[-1]["payload"] or {}).get("undoes")) is not None:
        line.append(by_ids(tx, [id])[id])
    return line


def reversing(tx: Connection, connection: str, kind: str) -> list[Row]:
    """The intents that take something back and have not arrived yet."""
    waiting = (INTENT.c.state.in_(ON_ITS_WAY), INTENT.c.connection == connection, INTENT.c.kind == kind)
    return fetch(tx, select(INTENT).where(*waiting, INTENT.c.key.startswith("undo:")))


def at_records(tx: Connection, connection: str, kind: str, records: Sequence[str]) -> list[Row]:
    """All that was ever accepted of this kind for these records (their ids), the oldest first."""
    found: list[Row] = []
    for chunk in _chunks(records):
        here = (INTENT.c.connection == connection, INTENT.c.kind == kind, INTENT.c.remote_id.in_(chunk))
        found += fetch(tx, select(INTENT).where(*here).order_by(INTENT.c.run, INTENT.c.plan))
    return found


def owned(tx: Connection, connection: str, records: Sequence[str]) -> dict[tuple[str, str], Row]:
    """What we last wrote on the tags of these records, by (stream, record)."""
    found: dict[tuple[str, str], Row] = {}
    for chunk in _chunks(records):
        here = (OWNED.c.connection == connection, OWNED.c.facet == "tags", OWNED.c.remote_id.in_(chunk))
        found.update({(row["stream"], row["remote_id"]): row for row in fetch(tx, select(OWNED).where(*here))})
    return found


# ---- holds


def held(tx: Connection) -> list[Row]:
    """Everything undone that is kept from being written again."""
    return fetch(tx, select(INTENT).where(INTENT.c.hold.is_not(None)).order_by(INTENT.c.hold, INTENT.c.key))


def put_under(tx: Connection, ids: Sequence[str], hold: int | None) -> None:
    """These are kept back by that hold; None: by none any more."""
    for chunk in _chunks(ids):
        tx.execute(update(INTENT).where(INTENT.c.id.in_(chunk)).values(hold=hold))


def _chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))
