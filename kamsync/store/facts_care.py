"""Gather how customers are served on a day: people, cases, contracts, inspections, answers, deals.

A query a kind and chunk of accounts, read only where the stream was read whole; nothing after the day asked about is
known yet. Judges nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Table, or_, select

from kamsync.model import Birthday, Member
from kamsync.rules.care_facts import (
    AnswerFact,
    CareFacts,
    CaseFact,
    ContactFact,
    ContractFact,
    InspectionFact,
    OpenDealFact,
)
from kamsync.store.entities import TABLES
from kamsync.store.facts import Reach
from kamsync.store.sql import fetch

Row = Mapping[str, Any]
Rows = Mapping[str, Sequence[Row]]  # by account
_ENTITY = {
    "contacts": "contact", "cases": "case", "contracts": "contract", "inspections": "inspection",
    "trainings": "training", "answers": "survey", "deals": "deal",
}  # fmt: skip
CLOSED_SINCE = timedelta(days=730)  # cases and answers that are older are nobody's concern any more
FOLLOWS = timedelta(days=60)  # a contract that begins so soon after another's end follows it


def care(
    tx: Connection,
    accounts: Mapping[str, frozenset[str]],
    as_of: date,
    reach: Reach,
    known: Telling,
    zone: ZoneInfo,
) -> dict[str, CareFacts]:
    """How each account is served (without its profile); `accounts` names the connections it has records in."""
    end = datetime.combine(as_of + timedelta(days=1), time(), zone)  # the first moment that is not known yet
    since = datetime.combine(as_of - CLOSED_SINCE, time(), zone)

    def read(section: str, rows: Rows, make: Callable[[Sequence[Row]], tuple[Any, ...]]) -> None:
        entity = _ENTITY[section]
        for account, where in accounts.items():
            if reach.of(entity, where):
                found[account][section] = make(rows.get(account, ()))

    found: dict[str, dict[str, Any]] = {account: {} for account in accounts}
    held = {name: _held_by(TABLES[name], as_of) for name in ("inspection", "training")}
    read("contacts", _rows(tx, "contact", accounts, _CONTACT), lambda rows: tuple(_contact(row, zone) for row in rows))
    read(
        "cases",
        _rows(tx, "case", accounts, _CASE, _cases_at(since, end)),
        lambda rows: tuple(_case(row, zone, as_of, known.responses) for row in rows),
    )
    read("contracts", _rows(tx, "contract", accounts, _CONTRACT), lambda rows: _contracts(rows, zone))
    read(
        "inspections",
        _rows(tx, "inspection", accounts, _INSPECTION, held["inspection"]),
        lambda rows: tuple(_inspection(row, as_of, known.reports) for row in rows),
    )
    read(
        "trainings",
        _rows(tx, "training", accounts, ("date",), held["training"]),
        lambda rows: tuple(sorted(row["date"] for row in rows)),
    )
    read(
        "answers",
        _rows(tx, "survey", accounts, _SURVEY, _answered_by(as_of)),
        lambda rows: tuple(one for row in rows if (one := _answer(row)) is not None),
    )
    read(
        "deals",
        _rows(tx, "deal", accounts, _DEAL, TABLES["deal"].c.status == "open"),
        lambda rows: tuple(_deal(row, zone) for row in rows),
    )
    return {account: CareFacts(**sections) for account, sections in found.items()}


def _rows(tx: Connection, entity: str, accounts: Iterable[str], columns: Sequence[str], where: Any = None) -> Rows:
    """These columns of the accounts' records, in the order of their ids."""
    target = TABLES[entity]
    key = ("account_id", "connection", "stream", "remote_id")
    query = select(*(target.c[name] for name in (*key, *columns))).where(target.c.account_id.in_(list(accounts)))
    if where is not None:
        query = query.where(where)
    found: dict[str, list[Row]] = defaultdict(list)
    for row in fetch(tx, query.order_by(target.c.connection, target.c.stream, target.c.remote_id)):
        found[row["account_id"]].append(row)
    return found


def watched(tx: Connection) -> set[str]:
    """The accounts with an open case: what is owed to them goes by the hour."""
    cases = TABLES["case"].c
    query = select(cases.account_id).where(cases.status == "open", cases.account_id.is_not(None)).distinct()
    return set(tx.execute(query).scalars())


@dataclass(frozen=True, slots=True)
class Telling:
    """Which connections tell of first responses and of reports for any record: elsewhere their absence says nothing."""

    responses: frozenset[str]
    reports: frozenset[str]


def telling(tx: Connection) -> Telling:
    """One look over all cases and inspections."""
    return Telling(_tell(tx, "case", "first_response_at"), _tell(tx, "inspection", "reported"))


def _tell(tx: Connection, entity: str, column: str) -> frozenset[str]:
    target = TABLES[entity]
    query = select(target.c.connection).where(target.c[column].is_not(None)).distinct()
    return frozenset(tx.execute(query).scalars())


def _member(row: Row) -> Member:
    return Member(row["connection"], row["stream"], row["remote_id"])


def _day(moment: datetime | None, zone: ZoneInfo) -> date | None:
    return moment.astimezone(zone).date() if moment is not None else None


# ---- people

_CONTACT = (
    "name", "decision_role", "birthday_month", "birthday_day", "birthday_year", "birthday_lunar", "birthday_leap",
    "care_consent", "left_company", "left_on", "verified_at",
)  # fmt: skip


def _contact(row: Row, zone: ZoneInfo) -> ContactFact:
    month, day = row["birthday_month"], row["birthday_day"]
    born = Birthday(month, day, row["birthday_year"], bool(row["birthday_lunar"]), bool(row["birthday_leap"]))
    return ContactFact(
        member=_member(row),
        name=row["name"],
        role=row["decision_role"],
        birthday=born if month and day else None,
        consent=row["care_consent"],
        left=True if row["left_on"] is not None else row["left_company"],
        verified=_day(row["verified_at"], zone),
    )


# ---- cases

_CASE = (
    "number", "kind", "status", "opened_at", "first_response_at", "resolved_at", "confirmed_by_customer",
)  # fmt: skip


def _cases_at(since: datetime, end: datetime) -> Any:
    cases = TABLES["case"].c
    recent = or_(cases.status == "open", cases.resolved_at.is_(None), cases.resolved_at >= since)
    return (cases.opened_at < end) & recent


def _case(row: Row, zone: ZoneInfo, as_of: date, telling: frozenset[str]) -> CaseFact:
    closed = _day(row["resolved_at"], zone)
    return CaseFact(
        member=_member(row),
        number=row["number"] or row["remote_id"],
        kind=row["kind"],
        open=row["status"] == "open" or (closed is not None and closed > as_of),
        opened=row["opened_at"].astimezone(zone),
        responded=row["first_response_at"],
        responses_told=row["connection"] in telling,
        closed=closed,
        confirmed=row["confirmed_by_customer"],
    )


# ---- contracts

_CONTRACT = (
    "number", "start", "end", "status", "auto_renew", "notice_days", "review_days", "reviewed", "successor_ref",
    "verified_at",
)  # fmt: skip


def _contracts(rows: Sequence[Row], zone: ZoneInfo) -> tuple[ContractFact, ...]:
    real = [row for row in rows if row["status"] not in ("draft", "cancelled")]
    return tuple(
        ContractFact(
            member=_member(row),
            number=row["number"] or row["remote_id"],
            start=row["start"],
            end=row["end"],
            auto_renew=row["auto_renew"],
            notice_days=row["notice_days"],
            review_days=row["review_days"],
            reviewed=row["reviewed"],
            renewed=row["successor_ref"] is not None or any(_follows(other, row) for other in real),
            verified=_day(row["verified_at"], zone),
        )
        for row in real
    )


def _follows(other: Row, row: Row) -> bool:
    """Does another contract go on where this one ends, and longer?"""
    if other is row or row["end"] is None or other["start"] is None:
        return False
    begins_later = row["start"] is None or other["start"] > row["start"]
    goes_on = other["end"] is None or other["end"] > row["end"]
    return bool(begins_later and goes_on and other["start"] <= row["end"] + FOLLOWS)


# ---- inspections, trainings, answers, deals

_INSPECTION = ("site", "date", "reported", "cycle_days")
_SURVEY = ("kind", "score", "max_score", "date", "contact_ref")
_DEAL = ("name", "stage_since")


def _held_by(target: Table, as_of: date) -> Any:
    """Done by that day: one that has passed and was not called off counts where the CRM tells no status."""
    status = or_(target.c.status.is_(None), target.c.status == "done")
    return status & (target.c.date <= as_of)


def _inspection(row: Row, as_of: date, telling: frozenset[str]) -> InspectionFact:
    reported = row["reported"] is not None and row["reported"] <= as_of
    return InspectionFact(
        member=_member(row),
        site=row["site"] or "",
        done=row["date"],
        reported=reported if reported or row["connection"] in telling else None,
        cycle_days=row["cycle_days"],
    )


def _answered_by(as_of: date) -> Any:
    survey = TABLES["survey"].c
    return survey.score.is_not(None) & (survey.date <= as_of) & (survey.date > as_of - CLOSED_SINCE)


def _answer(row: Row) -> AnswerFact | None:
    """None where the scale of the score is not known."""
    score, most = row["score"], row["max_score"]
    if row["kind"] == "nps":
        most, percent = Decimal(10), score * 10
    elif row["kind"] == "csat" and most is not None and most > 1:
        percent = (score - 1) / (most - 1) * 100
    else:
        return None
    return AnswerFact(
        member=_member(row), kind=row["kind"], score=score, out_of=most, percent=percent, on=row["date"],
        contact=row["contact_ref"],
    )  # fmt: skip


def _deal(row: Row, zone: ZoneInfo) -> OpenDealFact:
    return OpenDealFact(
        member=_member(row), name=row["name"] or row["remote_id"], moved=_day(row["stage_since"], zone)
    )  # fmt: skip
