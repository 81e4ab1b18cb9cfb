"""The run ledger: what ran, when, with what figures; which business times have fired; what was spent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from kamsync.store.sql import insert_new, upsert
from kamsync.store.tables import CursorRow, FireRow, NoticeRow, QuarantineRow, Row, RunRow, TenantRow, TokenRow, table
from kamsync.store.tables_outbox import HoldRow

RUN, FIRE, HOLD = table(RunRow), table(FireRow), table(HoldRow)
TOKEN, TENANT, QUARANTINE, NOTICE = table(TokenRow), table(TenantRow), table(QuarantineRow), table(NoticeRow)
CURSOR = table(CursorRow)


def start(tx: Connection, kind: str, epoch: int, at: datetime, as_of: date | None = None) -> int:
    """Open a run; its number."""
    row = {"kind": kind, "epoch": epoch, "started_at": at, "as_of": as_of}
    return int(tx.execute(RUN.insert().values(**row).returning(RUN.c.id)).scalar_one())


def finish(tx: Connection, run: int, at: datetime, verdict: str, figures: Any, trouble: Any = None) -> None:
    values = {"ended_at": at, "verdict": verdict, "figures": figures, "trouble": trouble}
    tx.execute(update(RUN).where(RUN.c.id == run).values(**values))


def abandon(tx: Connection, epoch: int, at: datetime) -> int:
    """Runs that an earlier writer never ended."""
    open_runs = (RUN.c.ended_at.is_(None), RUN.c.epoch < epoch)
    return tx.execute(update(RUN).where(*open_runs).values(ended_at=at, verdict="interrupted")).rowcount


def latest(tx: Connection, kind: str | None = None, *, many: int = 1) -> list[Row]:
    query = select(RUN).order_by(RUN.c.id.desc()).limit(many)
    if kind is not None:
        query = query.where(RUN.c.kind == kind)
    return [dict(row) for row in tx.execute(query).mappings()]


def published(tx: Connection) -> Row:
    """The versions of the policies that judged last: `tiers` and `reminders`; empty before anything was judged."""
    ended = select(RUN.c.figures).where(RUN.c.kind == "tier", RUN.c.verdict == "ok").order_by(RUN.c.id.desc())
    figures = tx.execute(ended.limit(1)).scalar()
    return dict((figures or {}).get("policies") or {})


# ---- the schedule's ledger


def fire(tx: Connection, job: str, key: str, at: datetime, *, again: bool = False) -> bool:
    """Claim a business time for a job; False when it has fired already. `again`: also if it fired and never ended."""
    here = (FIRE.c.job == job, FIRE.c.fire_key == key)
    insert_new(tx, FIRE, [{"job": job, "fire_key": key, "fired_at": at}])
    if again:
        tx.execute(update(FIRE).where(*here, FIRE.c.ended_at.is_(None)).values(fired_at=at))
    row = tx.execute(select(FIRE.c.fired_at, FIRE.c.ended_at).where(*here)).one()
    return bool(row.fired_at == at and row.ended_at is None)


def fired(tx: Connection, job: str, key: str, at: datetime, verdict: str) -> None:
    tx.execute(update(FIRE).where(FIRE.c.job == job, FIRE.c.fire_key == key).values(ended_at=at, verdict=verdict))


def has_ended(tx: Connection, job: str, key: str) -> bool:
    """Was this business time worked off?"""
    query = select(FIRE.c.ended_at).where(FIRE.c.job == job, FIRE.c.fire_key == key)
    return tx.execute(query).scalar() is not None


def last_fire(tx: Connection, job: str) -> Row | None:
    row = tx.execute(select(FIRE).where(FIRE.c.job == job).order_by(FIRE.c.fired_at.desc()).limit(1)).mappings().first()
    return dict(row) if row else None


# ---- tokens and tenants


def token(tx: Connection, connection: str) -> Row | None:
    row = tx.execute(select(TOKEN).where(TOKEN.c.connection == connection)).mappings().first()
    return dict(row) if row else None


def put_token(tx: Connection, row: Row) -> None:
    upsert(tx, TOKEN, [row])


def drop_token(tx: Connection, connection: str) -> None:
    tx.execute(delete(TOKEN).where(TOKEN.c.connection == connection))


def tenant(tx: Connection, connection: str) -> Row | None:
    row = tx.execute(select(TENANT).where(TENANT.c.connection == connection)).mappings().first()
    return dict(row) if row else None


def put_tenant(tx: Connection, connection: str, org: str, user: str, facts: Mapping[str, Any]) -> None:
    upsert(tx, TENANT, [{"connection": connection, "org": org, "user": user, "facts": dict(facts)}])


# ---- holds


def hold(tx: Connection, row: Row) -> int:
    """Hold something for a person; the same guard on the same subject is one hold since the first time, with the newest
    figures."""
    known = held(tx, row["guard"], row["connection"], row["subject"])
    if known is not None:
        newest = {name: value for name, value in row.items() if name != "made_at"}
        tx.execute(update(HOLD).where(HOLD.c.id == known).values(**newest))
        return int(known)
    return int(tx.execute(HOLD.insert().values(**row).returning(HOLD.c.id)).scalar_one())


def held(tx: Connection, guard: str, connection: str, subject: str) -> int | None:
    """The hold that waits for a person on this subject."""
    same = (HOLD.c.guard == guard, HOLD.c.connection == connection, HOLD.c.subject == subject)
    return tx.execute(select(HOLD.c.id).where(*same, HOLD.c.state == "held")).scalar()


def holds(tx: Connection, state: str | None = "held") -> list[Row]:
    query = select(HOLD).order_by(HOLD.c.id)
    if state is not None:
        query = query.where(HOLD.c.state == state)
    return [dict(row) for row in tx.execute(query).mappings()]


def is_paused(tx: Connection, connection: str) -> bool:
    """Has a person stopped all writes, or those to this connection?"""
    return any(held(tx, "paused", name, "push") is not None for name in ("", connection))


def count_hold(tx: Connection, id: int, count: int, sample: Any) -> None:
    """How much it keeps back today, with a few of the keys."""
    tx.execute(update(HOLD).where(HOLD.c.id == id).values(count=count, sample=sample))


def set_hold(tx: Connection, id: int, state: str, at: datetime) -> None:
    tx.execute(update(HOLD).where(HOLD.c.id == id).values(state=state, decided_at=at))


# ---- what went wrong with single records


def quarantine(tx: Connection, limit: int | None = None) -> list[Row]:
    query = select(QUARANTINE).order_by(QUARANTINE.c.seen_at.desc(), QUARANTINE.c.remote_id).limit(limit)
    return [dict(row) for row in tx.execute(query).mappings()]


def quarantine_count(tx: Connection) -> int:
    return tx.execute(select(func.count()).select_from(QUARANTINE)).scalar_one()


def notices(tx: Connection) -> list[Row]:
    query = select(NOTICE).order_by(NOTICE.c.count.desc())
    return [dict(row) for row in tx.execute(query).mappings()]


def cursors(tx: Connection) -> list[Row]:
    """Where every stream stands."""
    query = select(CURSOR).order_by(CURSOR.c.connection, CURSOR.c.stream, CURSOR.c.lane)
    return [dict(row) for row in tx.execute(query).mappings()]
