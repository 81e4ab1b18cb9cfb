"""Accounts and what belongs to them: which records stand for which customer.

Decisions come from `rules.identity`; here they are kept and carried to every record that points at a member.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, and_, case, delete, exists, func, literal, or_, select, union_all, update

from kamsync.model import Member
from kamsync.plugin import batches
from kamsync.store import aliases, through_orders
from kamsync.store.aliases import ALIAS
from kamsync.store.clues import is_one_of
from kamsync.store.entities import TABLES
from kamsync.store.sql import fetch, insert_new, upsert
from kamsync.store.tables import AccountRow, DutyRow, LinkRow, ReviewRow, Row, table
from kamsync.store.tables_outbox import IntentRow

ACCOUNT, LINK, REVIEW = table(AccountRow), table(LinkRow), table(ReviewRow)
DUTY, INTENT = table(DutyRow), table(IntentRow)
MEMBER = TABLES["account"]
FACTS = [name for name in TABLES if name not in ("account", "user")]
AT_ONCE = 500
_KEY = (MEMBER.c.connection, MEMBER.c.stream, MEMBER.c.remote_id)
IDENTITY = ("name", "other_names", "uscc", "phone", "website", "province", "city", "industry")


def members(tx: Connection, accounts: Iterable[str] | None = None) -> list[Row]:
    """Member records with what identity looks at and the account each stands for (None: not linked yet)."""
    query = _looked_at()
    if accounts is not None:
        query = query.where(MEMBER.c.account_id.in_(list(accounts)))
    return fetch(tx, query)


def these(tx: Connection, members: Collection[Member]) -> list[Row]:
    """As `members`, of these records."""
    left = batches(list(members), AT_ONCE)
    return [row for some in left for row in fetch(tx, _looked_at().where(is_one_of(MEMBER, some)))]


def dirty_members(tx: Connection) -> Iterator[list[Row]]:
    """As `members`, of those that changed, some at a time."""
    yield from _partly(tx, _looked_at().where(MEMBER.c.dirty))


def all_members(tx: Connection) -> Iterator[list[Row]]:
    """As `members`, some at a time."""
    yield from _partly(tx, _looked_at())


def _partly(tx: Connection, query: Any) -> Iterator[list[Row]]:
    found = tx.execute(query, execution_options={"yield_per": AT_ONCE})
    names = tuple(found.keys())
    for some in found.partitions():
        yield [dict(zip(names, row, strict=True)) for row in some]


def _looked_at() -> Any:
    columns = [*_KEY, *(MEMBER.c[name] for name in ("account_id", "dirty", *IDENTITY))]
    return select(*columns).order_by(*_KEY)


def account_counts(tx: Connection) -> tuple[int, int]:
    """(accounts that have a member, those with members in more than one connection)."""
    homes = (
        select(func.count(MEMBER.c.connection.distinct()).label("connections"))
        .where(MEMBER.c.account_id.is_not(None))
        .group_by(MEMBER.c.account_id)
        .subquery()
    )
    shared = func.sum(case((homes.c.connections > 1, 1), else_=0))
    row = tx.execute(select(func.count(), shared).select_from(homes)).one()
    return row[0], int(row[1] or 0)


def dirty_count(tx: Connection) -> int:
    """How many member records changed since they were linked."""
    return tx.execute(select(func.count()).select_from(MEMBER).where(MEMBER.c.dirty)).scalar_one()


def next_seq(tx: Connection) -> int:
    return (tx.execute(select(func.max(ACCOUNT.c.seq))).scalar() or 0) + 1


def account_ages(tx: Connection, accounts: Collection[str]) -> dict[str, int]:
    """Of those of these accounts that there ever were, joined or not: the age in line."""
    left = batches(sorted(accounts), AT_ONCE)
    query = select(ACCOUNT.c.id, ACCOUNT.c.seq)
    return {row.id: row.seq for some in left for row in tx.execute(query.where(ACCOUNT.c.id.in_(some)))}


def lived_in(tx: Connection, accounts: Collection[str]) -> set[str]:
    """Those of these accounts that records stand for."""
    left = batches(sorted(accounts), AT_ONCE)
    query = select(MEMBER.c.account_id).distinct()
    return {account for some in left for account in tx.execute(query.where(MEMBER.c.account_id.in_(some))).scalars()}


def put_accounts(tx: Connection, rows: Sequence[Row]) -> None:
    upsert(tx, ACCOUNT, rows)


def put_links(tx: Connection, rows: Sequence[Row]) -> None:
    """Each member now stands for that account, because of that evidence; `settle` makes it so."""
    upsert(tx, LINK, rows)


def settle(tx: Connection) -> None:
    """Every member that changed has the account that its link names."""
    tx.execute(
        update(MEMBER).values(
            account_id=select(LINK.c.account)
            .where(
                LINK.c.connection == MEMBER.c.connection,
                LINK.c.stream == MEMBER.c.stream,
                LINK.c.remote_id == MEMBER.c.remote_id,
            )
            .scalar_subquery(),
            dirty=False,
        )
        .where(or_(MEMBER.c.dirty, MEMBER.c.account_id.is_(None)))
    )  # fmt: skip


def join_accounts(tx: Connection, losers: Mapping[str, str]) -> None:
    """Each loser's members, facts and history now belong to the older account."""
    for loser, winner in losers.items():
        tx.execute(update(ACCOUNT).where(ACCOUNT.c.id == loser).values(into=winner, dirty=False))
        tx.execute(update(ACCOUNT).where(ACCOUNT.c.id == winner).values(dirty=True))
        tx.execute(update(LINK).where(LINK.c.account == loser).values(account=winner))
        for target in TABLES.values():
            tx.execute(update(target).where(target.c.account_id == loser).values(account_id=winner))
        _join_duties(tx, loser, winner)


def _join_duties(tx: Connection, loser: str, winner: str) -> None:
    """Equal duties of both accounts become one: the one that went out, else the winner's own."""
    known = {row.id: row for row in tx.execute(select(DUTY).where(DUTY.c.account.in_((loser, winner))))}
    sent = set(tx.execute(select(INTENT.c.key).where(INTENT.c.account.in_((loser, winner)))).scalars())
    for row in (row for row in known.values() if row.account == loser):
        id = f"{row.rule}|{winner}|{row.suffix}"
        if id in known and (f"task:{row.id}" not in sent or f"task:{id}" in sent):
            tx.execute(update(DUTY).where(DUTY.c.id == row.id).values(state="over"))
            continue
        tx.execute(delete(DUTY).where(DUTY.c.id == id))
        tx.execute(update(DUTY).where(DUTY.c.id == row.id).values(id=id, account=winner))
        intent = tx.execute(select(INTENT.c.id, INTENT.c.payload).where(INTENT.c.key == f"task:{row.id}")).first()
        if intent is not None:
            renamed = {"key": f"task:{id}", "account": winner, "payload": intent.payload | {"duty": id}}
            tx.execute(update(INTENT).where(INTENT.c.id == intent.id).values(**renamed))


def put_reviews(tx: Connection, rows: Sequence[Row]) -> None:
    """Pairs for a person to look at; a pair decided once is not asked again."""
    insert_new(tx, REVIEW, rows)


def ask_anew(tx: Connection, ids: Collection[str], rows: Sequence[Row]) -> None:
    """Of these records, only these pairs are a question from now on; what merges in a CRM asked (score 0) stays."""
    for some in batches(sorted(ids), AT_ONCE):
        about = or_(REVIEW.c.a.in_(some), REVIEW.c.b.in_(some))
        tx.execute(delete(REVIEW).where(about, REVIEW.c.verdict == "review", REVIEW.c.score > 0))
    put_reviews(tx, rows)


def review_count(tx: Connection) -> int:
    return tx.execute(select(func.count()).select_from(REVIEW).where(REVIEW.c.verdict == "review")).scalar_one()


def links(tx: Connection, account: str) -> list[Row]:
    """The links of an account, with their evidence."""
    query = select(LINK).where(LINK.c.account == account).order_by(LINK.c.connection, LINK.c.remote_id)
    return [dict(row) for row in tx.execute(query).mappings()]


# ---- facts follow their members


def look_again(tx: Connection) -> None:
    """A member came that was not known before: facts without an account may belong to it."""
    for name in FACTS:
        target = TABLES[name]
        tx.execute(update(target).where(target.c.account_id.is_(None), ~target.c.dirty).values(dirty=True))


def attach_facts(tx: Connection, account_streams: Mapping[str, frozenset[str]]) -> None:
    """Give every dirty fact the account it belongs to; old and new account become dirty.

    `account_streams`: per connection, the streams whose records are members.
    """
    if not _with_dirty(tx):  # a quiet day is one question
        return
    _wake_activities(tx)
    through_orders.wake(tx)
    touched = [TABLES[name] for name in _with_dirty(tx)]
    for target in touched:
        _mark(tx, target)
        tx.execute(update(target).where(target.c.dirty).values(account_id=_owner_of(target)))
    through_orders.attach(tx)
    _attach_through_others(tx, account_streams)
    for target in touched:
        _mark(tx, target)
        tx.execute(update(target).where(target.c.dirty).values(dirty=False))


def _with_dirty(tx: Connection) -> list[str]:
    """Kinds of facts that have dirty ones."""
    kinds = (select(literal(name)).where(exists().where(TABLES[name].c.dirty)) for name in FACTS)
    return list(tx.execute(union_all(*kinds)).scalars())


def _wake_activities(tx: Connection) -> None:
    """A contact, deal or order came: activities without an account may hang on it."""
    activity = TABLES["activity"]
    others = (TABLES[name] for name in FACTS if name != "activity")
    if any(tx.execute(select(other.c.remote_id).where(other.c.dirty).limit(1)).first() for other in others):
        tx.execute(update(activity).where(activity.c.account_id.is_(None), ~activity.c.dirty).values(dirty=True))


def _mark(tx: Connection, target: Table) -> None:
    touched = select(target.c.account_id).where(target.c.dirty, target.c.account_id.is_not(None)).distinct()
    tx.execute(update(ACCOUNT).where(ACCOUNT.c.id.in_(touched)).values(dirty=True))


def _owner_of(target: Table) -> Any:
    """The account of the member a fact points at, through an alias where that member was merged away."""
    winner = (
        select(ALIAS.c.final)
        .where(
            ALIAS.c.connection == target.c.connection,
            ALIAS.c.stream == target.c.account_stream,
            ALIAS.c.loser == target.c.account_ref,
        )
        .correlate(target)  # of this very fact: left to itself, it takes any fact's alias
        .scalar_subquery()
    )
    return (
        select(MEMBER.c.account_id)
        .where(
            MEMBER.c.connection == target.c.connection,
            MEMBER.c.stream == target.c.account_stream,
            MEMBER.c.remote_id == func.coalesce(winner, target.c.account_ref),
        )
        .scalar_subquery()
    )


def _attach_through_others(tx: Connection, account_streams: Mapping[str, frozenset[str]]) -> None:
    """Activities that hang on a contact, deal, order …: take that record's account."""
    activity = TABLES["activity"]
    query = select(activity.c.connection, activity.c.stream, activity.c.remote_id, activity.c.about).where(
        activity.c.dirty, activity.c.account_id.is_(None)
    )
    rows = [row for row in tx.execute(query) if row.about]
    wanted: dict[str, set[str]] = {}
    for row in rows:
        for stream, id in row.about:
            if stream and stream not in account_streams.get(row.connection, ()):
                wanted.setdefault(row.connection, set()).add(id)
    now = {connection: aliases.finals(tx, connection) for connection in wanted}
    for connection, finals in now.items():
        wanted[connection] |= {winner for (_, loser), winner in finals.items() if loser in wanted[connection]}
    homes = {connection: _homes(tx, connection, sorted(ids)) for connection, ids in wanted.items()}
    for row in rows:
        is_now = now.get(row.connection, {})
        found = (homes.get(row.connection, {}).get((stream, is_now.get((stream, id), id))) for stream, id in row.about)
        home = next((account for account in found if account), None)
        if home is not None:
            here = and_(
                activity.c.connection == row.connection,
                activity.c.stream == row.stream,
                activity.c.remote_id == row.remote_id,
            )
            tx.execute(update(activity).where(here).values(account_id=home))


def _homes(tx: Connection, connection: str, ids: Sequence[str]) -> dict[tuple[str, str], str]:
    homes: dict[tuple[str, str], str] = {}
    for name in FACTS:
        if name == "activity":
            continue
        target = TABLES[name]
        for start in range(0, len(ids), 500):
            query = select(target.c.stream, target.c.remote_id, target.c.account_id).where(
                target.c.connection == connection,
                target.c.remote_id.in_(ids[start : start + 500]),
                target.c.account_id.is_not(None),
            )
            homes.update({(row.stream, row.remote_id): row.account_id for row in tx.execute(query)})
    return homes
