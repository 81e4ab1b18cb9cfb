"""What linking keeps of each account record, so that only what a change touches is looked at again.

`face`: the record, numbered, with what its kin tell of it. `clue`: what it is looked up by. `kin`: the records with
which it has something to compare, and whether the two are decided of together. All of it comes from `rules.identity`
and can be made anew from the records.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, and_, delete, func, or_, select, update

from kamsync.model import Member
from kamsync.store.entities import TABLES
from kamsync.store.sql import fetch, insert_new, upsert
from kamsync.store.tables import ClueRow, FaceRow, KinRow, Row, table

FACE, CLUE, KIN, MEMBER = table(FaceRow), table(ClueRow), table(KinRow), TABLES["account"]
CHUNK = 500
RULES = 0  # the number of the row that says by which rules all of this was made
T = TypeVar("T")
_SAME = and_(*(FACE.c[name] == MEMBER.c[name] for name in ("connection", "stream", "remote_id")))


def made_by(tx: Connection) -> str | None:
    """The rules by which all of this was made."""
    rules: str | None = tx.execute(select(FACE.c.told).where(FACE.c.no == RULES)).scalar()
    return rules


def clear(tx: Connection, rules: str) -> None:
    """Nothing is known any more, and what comes now is made by these rules."""
    for target in (KIN, CLUE, FACE):
        tx.execute(delete(target))
    insert_new(tx, FACE, [{"no": RULES, "connection": "", "stream": "", "remote_id": "", "told": rules, "gone": False}])


def count(tx: Connection) -> int:
    return tx.execute(select(func.count()).select_from(FACE).where(FACE.c.no != RULES)).scalar_one()


# ---- records and their numbers


def numbers(tx: Connection, members: Sequence[Member]) -> dict[Member, int]:
    """The number of each of these records; who has none gets the next."""
    found = known(tx, members)
    last = tx.execute(select(func.max(FACE.c.no))).scalar() or RULES
    new = {one: last + place for place, one in enumerate((one for one in members if one not in found), 1)}
    put_faces(tx, ({"no": no, "member": one, "told": None} for one, no in new.items()))
    return found | new


def known(tx: Connection, members: Iterable[Member]) -> dict[Member, int]:
    """The numbers of those of these records that have one."""
    found: dict[Member, int] = {}
    for some in _some(members, CHUNK):
        query = select(FACE.c.connection, FACE.c.stream, FACE.c.remote_id, FACE.c.no).where(is_one_of(FACE, some))
        found.update({Member(row[0], row[1], row[2]): row[3] for row in tx.execute(query)})
    return found


def put_faces(tx: Connection, rows: Iterable[Row]) -> None:
    """Records that had no number: `no`, `member`, `told`."""
    faces = (
        {"no": row["no"], "connection": row["member"].connection, "stream": row["member"].stream,
         "remote_id": row["member"].remote_id, "told": row["told"], "gone": False}
        for row in rows
    )  # fmt: skip
    for some in _some(faces, CHUNK):
        insert_new(tx, FACE, some)


def drop(tx: Connection, connection: str, stream: str, ids: Sequence[str]) -> None:
    """These records are no more; the link step will see to it."""
    here = and_(FACE.c.connection == connection, FACE.c.stream == stream, FACE.c.remote_id.in_(ids))
    tx.execute(update(FACE).where(here).values(gone=True))


def gone(tx: Connection) -> set[int]:
    """Numbers of records that left since the last time, though some may be back."""
    return set(tx.execute(select(FACE.c.no).where(FACE.c.gone)).scalars())


def back(tx: Connection, nos: Collection[int]) -> None:
    """These are there again."""
    for some in _some(nos, CHUNK):
        tx.execute(update(FACE).where(FACE.c.no.in_(some)).values(gone=False))


def gone_members(tx: Connection) -> list[Member]:
    """The records that left since the last time."""
    query = select(FACE.c.connection, FACE.c.stream, FACE.c.remote_id).where(FACE.c.gone)
    return [Member(*row) for row in tx.execute(query)]


def forget(tx: Connection, nos: Collection[int]) -> None:
    """All that was known of these records; they lose their numbers."""
    forget_clues(tx, nos)
    for some in _some(nos, CHUNK):
        tx.execute(delete(FACE).where(FACE.c.no.in_(some)))


def records(tx: Connection, nos: Collection[int], fields: Sequence[str]) -> Iterator[Row]:
    """Of those of these records that are there: number, key, what is told of it, and these fields of the member."""
    columns = [FACE.c.no, FACE.c.told, MEMBER.c.connection, MEMBER.c.stream, MEMBER.c.remote_id]
    query = select(*columns, *(MEMBER.c[name] for name in fields)).join(MEMBER, _SAME)
    for some in _some(nos, CHUNK):
        yield from fetch(tx, query.where(FACE.c.no.in_(some)))


def of_accounts(tx: Connection, accounts: Collection[str]) -> set[int]:
    """Numbers of all records that stand for these accounts."""
    query = select(FACE.c.no).join(MEMBER, _SAME)
    left = _some(accounts, CHUNK)
    return {no for some in left for no in tx.execute(query.where(MEMBER.c.account_id.in_(some))).scalars()}


def tell(tx: Connection, told: Mapping[int, Any]) -> None:
    """What the kin of these records tell of them now."""
    for no, figures in told.items():
        tx.execute(update(FACE).where(FACE.c.no == no).values(told=figures))


# ---- clues


def put(tx: Connection, rows: Iterable[tuple[str, int, int]]) -> None:
    """(clue, number of the record, whom it meets there)."""
    for some in _some(rows, 5_000):
        insert_new(tx, CLUE, [{"clue": clue, "no": no, "side": side} for clue, no, side in some])


def forget_clues(tx: Connection, nos: Collection[int]) -> None:
    """What these records were looked up by, and who their kin were."""
    forget_kin(tx, nos)
    for some in _some(nos, CHUNK):
        tx.execute(delete(CLUE).where(CLUE.c.no.in_(some)))


def forget_kin(tx: Connection, nos: Collection[int]) -> None:
    for some in _some(nos, CHUNK):
        others = set(tx.execute(select(KIN.c.other).where(KIN.c.one.in_(some))).scalars())
        for theirs in _some(others, CHUNK):
            tx.execute(delete(KIN).where(KIN.c.one.in_(theirs), KIN.c.other.in_(some)))
        tx.execute(delete(KIN).where(KIN.c.one.in_(some)))


def of(tx: Connection, nos: Collection[int]) -> Iterator[tuple[str, int]]:
    """(clue, number) of these records."""
    for some in _some(nos, CHUNK):
        yield from map(tuple, tx.execute(select(CLUE.c.clue, CLUE.c.no).where(CLUE.c.no.in_(some))))


def counts(tx: Connection, clues: Collection[str]) -> dict[str, int]:
    """How many records have each of these clues, where any has."""
    query = select(CLUE.c.clue, func.count()).group_by(CLUE.c.clue)
    left = _some(clues, CHUNK)
    return {clue: many for some in left for clue, many in tx.execute(query.where(CLUE.c.clue.in_(some)))}


def bearers(tx: Connection, clues: Collection[str]) -> dict[str, list[tuple[int, int]]]:
    """Who has each of these clues: (number, whom it meets there)."""
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for some in _some(clues, CHUNK):
        for clue, no, side in tx.execute(select(CLUE.c.clue, CLUE.c.no, CLUE.c.side).where(CLUE.c.clue.in_(some))):
            found[clue].append((no, side))
    return found


# ---- kin


def put_kin(tx: Connection, pairs: Iterable[tuple[int, int, bool]]) -> None:
    """Two numbers, and whether these records are decided of together."""
    both = (row for one, other, alike in pairs for row in ((one, other, alike), (other, one, alike)))
    for some in _some(both, 5_000):
        upsert(tx, KIN, [{"one": one, "other": other, "alike": alike} for one, other, alike in some])


def kin(tx: Connection, nos: Collection[int], *, alike: bool = False) -> Iterator[tuple[int, int, bool]]:
    """(one of these, its kin, whether they are decided of together); `alike`: only those that are."""
    query = select(KIN.c.one, KIN.c.other, KIN.c.alike)
    query = query.where(KIN.c.alike) if alike else query
    for some in _some(nos, CHUNK):
        yield from map(tuple, tx.execute(query.where(KIN.c.one.in_(some))))


def is_one_of(target: Any, members: Iterable[Member]) -> Any:
    """The rows of these records. By stream: SQLite looks nothing up by a list of triples."""
    streams: dict[tuple[str, str], list[str]] = {}
    for one in members:
        streams.setdefault((one.connection, one.stream), []).append(one.remote_id)
    within = (
        and_(target.c.connection == connection, target.c.stream == stream, target.c.remote_id.in_(ids))
        for (connection, stream), ids in streams.items()
    )
    return or_(*within)


def _some(items: Iterable[T], size: int) -> Iterator[list[T]]:
    left = iter(items)
    return iter(lambda: list(islice(left, size)), [])
