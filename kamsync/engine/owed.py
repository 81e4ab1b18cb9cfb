"""From a verdict to what should be true in the CRMs: duties with a home and an assignee, tags on every member.

Asks the rules and fills in places; writes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection

from kamsync.config import ConnectionConfig
from kamsync.engine.homes import Homes
from kamsync.engine.workspace import Workspace
from kamsync.model import Member
from kamsync.plugin import Text
from kamsync.rules.facts import Facts
from kamsync.rules.home import Place, home
from kamsync.rules.marker import marker, slug
from kamsync.rules.reminders import Due, Duty, ManualTier, TierChange, due, ended
from kamsync.rules.tiers import Verdict
from kamsync.store import wanted
from kamsync.store.tables import Row


@dataclass(frozen=True, slots=True)
class Owed:
    """What the rules find owed to one account, and the records where it could hang."""

    facts: Facts
    due: Due
    places: Sequence[Place]


def found(
    workspace: Workspace, facts: Facts, verdict: Row, homes: Homes, churn: Sequence[tuple[date, Decimal]] = ()
) -> Owed:
    """Ask the rules. `churn`: the risk of churn by date, up to today."""
    told = due(
        facts,
        verdict["rank"],
        _change(verdict),
        workspace.reminders,
        workspace.calendar,
        facts.as_of,
        workspace.config.policy.go_live,
        tier=verdict["tier"],
        now=workspace.clock.now().astimezone(workspace.config.timezone),
        manual=_manual(workspace, facts),
        churn=churn,
    )
    open_to_us = {one.name for one in workspace.config.connections if one.writes != "off"} & homes.orgs.keys()
    places = [Place(member, member.connection in open_to_us, homes.owner_active(member)) for member in facts.members]
    return Owed(facts, told, places)


def duties(workspace: Workspace, tx: Connection, some: Sequence[Owed], homes: Homes) -> list[Row]:
    """The duties of these accounts as rows, each at home somewhere; without a writable home there is none."""
    some = _shared(workspace, tx, some, homes)
    stands = _standing(workspace, tx, some, homes)
    rows = []
    for one in some:
        rows += [_row(workspace, one, duty, homes, "wanted", duty.because, stands) for duty in one.due.duties]
        listed = ((told.duty, told.because) for told in one.due.listed if told.duty)
        rows += [_row(workspace, one, duty, homes, "listed", because, stands) for duty, because in listed]
    return [row for row in rows if row is not None]


def _shared(workspace: Workspace, tx: Connection, some: Sequence[Owed], homes: Homes) -> list[Owed]:
    """What all customers of one owner share hangs on one of them: the one that has it already, else the first."""
    if not any(duty.each == "owner" for one in some for duty in one.due.duties):
        return list(some)
    taken = wanted.shared(tx)
    found = []
    for one in some:
        mine = []
        for duty in one.due.duties:
            if duty.each == "owner":
                where = home(None, one.places, workspace.prefer)
                owner = homes.assignee(where) if where else None
                if where is None or owner is None:
                    continue
                duty = replace(duty, suffix=f"{slug(f'{where.connection}.{owner}')}-{duty.suffix}")
                if taken.setdefault((duty.rule, duty.suffix), duty.account) != duty.account:
                    continue
            mine.append(duty)
        found.append(replace(one, due=replace(one.due, duties=tuple(mine))))
    return found


def endings(some: Sequence[Owed]) -> Callable[[Row], str]:
    """Why a known duty of these accounts is owed no more; of others nobody can tell."""
    by_account = {one.facts.account: one for one in some}

    def why(duty: Row) -> str:
        one = by_account.get(duty["account"])
        if one is None or duty["shared"]:
            return ""
        read = [entity for entity, where in one.facts.read.items() if duty["connection"] in where]
        return ended(duty["rule"], duty["series"], duty["stage"], one.due, read)

    return why


def _standing(workspace: Workspace, tx: Connection, some: Sequence[Owed], homes: Homes) -> dict[str, Member]:
    """Where the task of a duty already stands, though this store does not know the duty: that record is its home.

    Which of a customer's records is the best home may have changed since; a second task must not follow from that.
    """
    by_connection: dict[str, dict[str, tuple[str, Member]]] = defaultdict(dict)
    several = [one for one in some if sum(place.writable for place in one.places) > 1]
    known = wanted.duties(tx, [duty.key for one in several for duty in one.due.duties])
    for one in several:
        for duty in one.due.duties:
            for place in one.places if duty.cause is None and duty.key not in known else ():
                if place.writable:
                    mark = _marker(workspace, homes, duty, place.member)
                    by_connection[place.member.connection][mark] = (duty.key, place.member)
    stands: dict[str, Member] = {}
    for connection, marks in by_connection.items():
        seen = wanted.seen_markers(tx, connection, list(marks))
        stands.update(place for mark, place in marks.items() if mark in seen)
    return stands


def _change(verdict: Row) -> TierChange | None:
    if verdict["changed_from"] is None or verdict["changed_from"] == verdict["tier"]:
        return None
    reasons = (verdict["verdict"] or {}).get("reasons")
    because = Text(*reasons[0]) if reasons else None
    return TierChange(before=verdict["changed_from"], after=verdict["tier"], on=verdict["changed_on"], because=because)


def _manual(workspace: Workspace, facts: Facts) -> ManualTier | None:
    """The override that stands on the day, if one does."""
    one = workspace.policy.override_for(facts)
    if one is None or not one.holds_on(facts.as_of) or one.refusal(workspace.policy.gates.override_days):
        return None
    return ManualTier(tier=one.tier, until=one.until, author=one.author)


def _row(
    workspace: Workspace,
    one: Owed,
    duty: Duty,
    homes: Homes,
    state: str,
    said: Text,
    stands: Mapping[str, Member],
) -> Row | None:
    facts = one.facts
    where = stands.get(duty.key) or home(duty.cause, one.places, workspace.prefer)
    if where is None:
        return None
    beside = where if where in facts.members else _beside(facts, where)
    language = workspace.config.language
    return {
        "id": duty.key,
        "account": facts.account,
        "rule": duty.rule,
        "suffix": duty.suffix,
        "series": duty.series,
        "stage": duty.stage,
        "shared": duty.each == "owner",
        "marker": _marker(workspace, homes, duty, where),
        "connection": where.connection,
        "stream": where.stream,
        "object": workspace.mappings[where.connection].objects[where.stream],
        "remote_id": where.remote_id,
        "owner": homes.assignee(beside) if beside else None,
        "due": duty.due,
        "priority": duty.priority,
        "subject": duty.subject.say(language),
        "body": duty.body.say(language),
        "zh": said.zh,
        "en": said.en,
        "owed_on": duty.on,
        "offered_on": facts.as_of,
        "state": state,
        "said": said.say(language) if state == "listed" else "",
        "given_on": None,
        "ended": "",
    }


def _marker(workspace: Workspace, homes: Homes, duty: Duty, at: Member) -> str:
    return marker(workspace.config.deployment, homes.orgs[at.connection], duty.rule, at.remote_id, duty.suffix)


def _beside(facts: Facts, record: Member) -> Member | None:
    """The account's member in the CRM of a record that is no member itself (an invoice)."""
    return next((member for member in facts.members if member.connection == record.connection), None)


def states(workspace: Workspace, facts: Facts, verdict: Row, said: Verdict) -> list[Row]:
    """The tier's tag, wanted on every member record whose connection may write."""
    by_name: Mapping[str, ConnectionConfig] = {one.name: one for one in workspace.config.connections}
    tagged = workspace.policy.is_tagged(verdict["tier"])
    why = said.reasons[0] if said.reasons else Text("", "")
    score = "—" if verdict["score"] is None else verdict["score"]
    rows = []
    for member in facts.members:
        config = by_name.get(member.connection)
        if config is None or config.writes == "off":
            continue
        rows.append(
            {
                "connection": member.connection,
                "stream": member.stream,
                "remote_id": member.remote_id,
                "facet": "tags",
                "object": workspace.mappings[member.connection].objects[member.stream],
                "account": facts.account,
                "wanted": config.options.tag_prefix + verdict["tier"] if tagged else None,
                "zh": f"{verdict['tier']},{score} 分:{why.zh}",
                "en": f"{verdict['tier']}, score {score}: {why.en}",
            }
        )
    return rows
