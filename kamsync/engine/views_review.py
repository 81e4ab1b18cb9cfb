"""The pairs that wait for a person: the customers that matter most first, then the likeliest.

Reads only. One question for two accounts, however many of their records are alike.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from kamsync.engine.heeding import id_of, member_called, said
from kamsync.engine.views_identity import FIELDS, likeness_json, neighbours
from kamsync.engine.workspace import Workspace
from kamsync.plugin import batches
from kamsync.rules.deciding import said_apart
from kamsync.rules.likeness import Likeness, between
from kamsync.store import decisions, linking, looking, reviews, verdicts
from kamsync.store.tables import Row

CHUNK = 500
WORTH = "revenue_12m"


@dataclass(frozen=True, slots=True)
class Question:
    """Two records that may be one customer. `score` and `evidence` as the rules asked; `worth`: what both customers
    bought in twelve months, in whole units of the base currency; None: unknown."""

    a: Row
    b: Row
    score: int
    evidence: Sequence[Mapping[str, Any]]
    names: tuple[str, str]
    worth: Decimal | None

    @property
    def ends(self) -> tuple[str, str]:
        return id_of(self.a), id_of(self.b)

    @property
    def accounts(self) -> tuple[str | None, str | None]:
        return self.a["account_id"], self.b["account_id"]

    @property
    def vetoes(self) -> list[str]:
        """What forbids the rules to join them: it weighs nothing, and was found all the same."""
        return [one["rule"] for one in self.evidence if one.get("weight") == 0]


def queue(workspace: Workspace) -> list[Question]:
    """Everything that waits, in the order in which it is worth a person's time."""
    with workspace.store.read() as tx:
        asked = reviews.waiting(tx)
        ends = sorted({end for row in asked for end in (row["a"], row["b"])})
        rows = {id_of(row): row for row in linking.these(tx, [member_called(end) for end in ends])}
        standing = said(decisions.standing(tx))
        best: dict[frozenset[str], Row] = {}
        for row in asked:
            accounts = frozenset(str(rows[end]["account_id"]) for end in (row["a"], row["b"]) if end in rows)
            told = said_apart([row["a"]], [row["b"]], standing)
            if len(accounts) == 2 and told is None and row["score"] > best.get(accounts, {"score": -1})["score"]:
                best[accounts] = row
        involved = sorted({account for pair in best for account in pair})
        names, worth = looking.account_names(tx, involved), _worth(tx, involved)
    return sorted(
        (_question(row, rows, names, worth) for row in best.values()),
        key=lambda one: (one.worth is None, -(one.worth or 0), -one.score, one.ends),
    )


def _question(row: Row, rows: Mapping[str, Row], names: Mapping[str, str], worth: Mapping[str, Decimal]) -> Question:
    a, b = rows[row["a"]], rows[row["b"]]
    accounts = [str(each["account_id"]) for each in (a, b)]
    known = [worth[account] for account in accounts if account in worth]
    called = tuple(names.get(account, "") for account in accounts)
    return Question(
        a, b, row["score"], row["evidence"] or (), (called[0], called[1]), sum(known, Decimal(0)) if known else None
    )


def _worth(tx: Connection, accounts: Sequence[str]) -> dict[str, Decimal]:
    """What each of these bought in the twelve months before it was last judged; who was not judged is left out."""
    found: dict[str, Decimal] = {}
    for some in batches(accounts, CHUNK):
        for account, row in verdicts.previous(tx, some, date.max).items():
            value = (row["metrics"] or {}).get(WORTH)
            if value is not None:
                found[account] = Decimal(value)
    return found


def likeness_of(workspace: Workspace, question: Question) -> Likeness:
    """What speaks for and against two accounts, as their records tell it today."""
    sides = [account or "" for account in question.accounts]
    with workspace.store.read() as tx:
        found = neighbours(tx, sides)
    if not all(found.get(account) for account in sides):
        return Likeness(question.score, (), None)
    return between(*(found[account] for account in sides))


def to_json(question: Question, language: str, likeness: Likeness | None = None) -> dict[str, Any]:
    """One question in the shape of `identity try --review`, with both records."""
    told = {
        "score": question.score,
        "evidence": [
            {"rule": one["rule"], "weight": one.get("weight"), "detail": one[language]} for one in question.evidence
        ],
    }
    if likeness is not None:
        told = likeness_json(likeness, language)
    return {
        "a": question.ends[0],
        "b": question.ends[1],
        "accounts": list(question.accounts),
        "names": list(question.names),
        "worth": None if question.worth is None else str(question.worth),
        "records": [{name: row[name] for name in FIELDS} for row in (question.a, question.b)],
    } | told


def above(questions: Collection[Question], score: int) -> list[Question]:
    """Those that may be answered "same" without a look at each: as alike as asked, and nothing forbids it."""
    return [one for one in questions if one.score >= score and not one.vetoes]
