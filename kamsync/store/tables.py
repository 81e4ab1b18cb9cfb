"""The tables that are not entities: what came in, what was decided, what goes out, who ran.

Definitions only. Keys that point into a CRM are (connection, stream, remote_id).
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Index, LargeBinary, MetaData, Table, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from kamsync.store.types import DecimalText, Json, UtcTime

metadata: MetaData = SQLModel.metadata
Row = dict[str, Any]


def table(model: type[SQLModel]) -> Table:
    """The Core table behind a definition: queries speak Core, never ORM rows."""
    found: Table = model.__table__  # type: ignore[attr-defined]  # set by SQLModel's metaclass
    return found


class RunRow(SQLModel, table=True):
    """One execution of a verb."""

    __tablename__ = "run"
    id: int | None = Field(default=None, primary_key=True)
    kind: str
    started_at: datetime = Field(sa_type=UtcTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcTime)
    verdict: str | None = None
    epoch: int = Field(sa_type=BigInteger)
    as_of: date | None = None
    figures: Any = Field(default=None, sa_type=Json, nullable=True)
    trouble: Any = Field(default=None, sa_type=Json, nullable=True)


class FireRow(SQLModel, table=True):
    """A scheduled job that fired: the unique key lets each business time fire once, whatever the clock does."""

    __tablename__ = "fire"
    job: str = Field(primary_key=True)
    fire_key: str = Field(primary_key=True)
    fired_at: datetime = Field(sa_type=UtcTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcTime)
    verdict: str | None = None


class LeaseRow(SQLModel, table=True):
    """Who may write. `epoch` rises with every take-over; a row of an older epoch cannot be settled by it."""

    __tablename__ = "lease"
    resource: str = Field(primary_key=True)
    owner: str
    epoch: int = Field(sa_type=BigInteger)
    taken_at: datetime = Field(sa_type=UtcTime)
    expires_at: datetime = Field(sa_type=UtcTime)


class TokenRow(SQLModel, table=True):
    """An access token, sealed with a key that is not in this database."""

    __tablename__ = "token"
    connection: str = Field(primary_key=True)
    sealed: bytes = Field(sa_type=LargeBinary)
    minted_at: datetime = Field(sa_type=UtcTime)
    refresh_at: datetime = Field(sa_type=UtcTime)
    expires_at: datetime = Field(sa_type=UtcTime)


class TenantRow(SQLModel, table=True):
    """The tenant behind a connection as it was first met: another one under the same name is refused."""

    __tablename__ = "tenant"
    connection: str = Field(primary_key=True)
    org: str
    user: str
    facts: Any = Field(default=None, sa_type=Json, nullable=True)


class CursorRow(SQLModel, table=True):
    """Where a stream is to be read on from. While `hi` is set a window is being read."""

    __tablename__ = "cursor"
    connection: str = Field(primary_key=True)
    stream: str = Field(primary_key=True)
    lane: str = Field(primary_key=True)
    position: datetime | None = Field(default=None, sa_type=UtcTime)
    lo: datetime | None = Field(default=None, sa_type=UtcTime)
    hi: datetime | None = Field(default=None, sa_type=UtcTime)
    cursor: str | None = None
    through_at: datetime | None = Field(default=None, sa_type=UtcTime)
    through_id: str | None = None
    completed: int = 0  # windows read to the end: 0 means the stream was never read whole
    object: str = ""
    slice: str | None = None  # which part of a window that was cut, in the connector's own words
    began_at: datetime | None = Field(default=None, sa_type=UtcTime)  # of a whole list: when it was begun, by our clock


class RawRow(SQLModel, table=True):
    """A record exactly as the CRM sent it, in its newest version. `life`: live or gone."""

    __tablename__ = "raw"
    connection: str = Field(primary_key=True)
    stream: str = Field(primary_key=True)
    remote_id: str = Field(primary_key=True)
    modified_at: datetime | None = Field(default=None, sa_type=UtcTime)
    hash: str
    body: str = Field(sa_type=Text)
    life: str = "live"
    gone_into: str | None = None
    landed_at: datetime = Field(sa_type=UtcTime)
    run: int


class QuarantineRow(SQLModel, table=True):
    """A record that could not be read, with the reason; it leaves when a newer version can."""

    __tablename__ = "quarantine"
    connection: str = Field(primary_key=True)
    stream: str = Field(primary_key=True)
    remote_id: str = Field(primary_key=True)
    field: str
    zh: str
    en: str
    body: str = Field(sa_type=Text)
    run: int
    seen_at: datetime = Field(sa_type=UtcTime)


class NoticeRow(SQLModel, table=True):
    """Something odd that did not stop a record: an unknown choice, a value that could not be kept."""

    __tablename__ = "notice"
    connection: str = Field(primary_key=True)
    stream: str = Field(primary_key=True)
    field: str = Field(primary_key=True)
    value: str = Field(primary_key=True)
    count: int
    run: int


class AliasRow(SQLModel, table=True):
    """A record that was merged into another. `final`: where the chain of winners ends; None while only proposed."""

    __tablename__ = "alias"
    connection: str = Field(primary_key=True)
    stream: str = Field(primary_key=True)
    loser: str = Field(primary_key=True)
    winner: str
    final: str | None = None
    source: str = "said"  # said by the CRM | inferred from children that moved | proposed: too little to follow
    evidence: Any = Field(default=None, sa_type=Json, nullable=True)
    joined: bool = False  # the accounts of both were looked at
    seen_at: datetime = Field(sa_type=UtcTime)


class OursRow(SQLModel, table=True):
    """A task in a CRM that carries our marker, as it was last seen there. `role`: see `kamsync.rules.doubles`."""

    __tablename__ = "ours"
    connection: str = Field(primary_key=True)
    marker: str = Field(primary_key=True)
    remote_id: str = Field(primary_key=True)
    stream: str
    done: bool = False
    gone: bool = False
    role: str = ""
    modified_at: datetime | None = Field(default=None, sa_type=UtcTime)
    seen_at: datetime = Field(sa_type=UtcTime)


class AccountRow(SQLModel, table=True):
    """The customer, over all connections. `into` is set when it was joined to an older account."""

    __tablename__ = "account"
    id: str = Field(primary_key=True)
    seq: int = Field(index=True)
    name: str
    into: str | None = None
    dirty: bool = Field(default=True, index=True)


class LinkRow(SQLModel, table=True):
    """This CRM record stands for that account, because …"""

    __tablename__ = "link"
    connection: str = Field(primary_key=True)
    stream: str = Field(primary_key=True)
    remote_id: str = Field(primary_key=True)
    account: str = Field(index=True)
    evidence: Any = Field(default=None, sa_type=Json, nullable=True)
    decided_at: datetime = Field(sa_type=UtcTime)


class FaceRow(SQLModel, table=True):
    """An account record as linking knows it: by a number. `told`: what its kin tell of it.

    The row with number 0 says by which rules all of this was made.
    """

    __tablename__ = "face"
    __table_args__ = (UniqueConstraint("connection", "stream", "remote_id"),)
    no: int = Field(primary_key=True)
    connection: str
    stream: str
    remote_id: str
    told: Any = Field(default=None, sa_type=Json, nullable=True)
    gone: bool = Field(default=False, index=True)


class ClueRow(SQLModel, table=True):
    """What an account record is looked up by (`rules.identity.keys`). `side`: whom it meets there."""

    __tablename__ = "clue"
    __table_args__ = {"sqlite_with_rowid": False}
    clue: str = Field(primary_key=True)
    no: int = Field(primary_key=True, index=True)
    side: int


class KinRow(SQLModel, table=True):
    """Two account records that have something to compare, either way round. `alike`: they are decided of together."""

    __tablename__ = "kin"
    __table_args__ = {"sqlite_with_rowid": False}
    one: int = Field(primary_key=True)
    other: int = Field(primary_key=True)
    alike: bool


class ReviewRow(SQLModel, table=True):
    """Two records that may be one customer: a person decides."""

    __tablename__ = "review"
    a: str = Field(primary_key=True)
    b: str = Field(primary_key=True)
    score: int
    evidence: Any = Field(default=None, sa_type=Json, nullable=True)
    verdict: str = "review"
    decided_at: datetime = Field(sa_type=UtcTime)


class PolicyRow(SQLModel, table=True):
    """The text of a policy that judged, by its version."""

    __tablename__ = "policy"
    version: str = Field(primary_key=True)
    name: str
    text: str = Field(sa_type=Text)
    first_used: date


class EvaluationRow(SQLModel, table=True):
    """One account judged on one date: figures kept so that the verdict can be replayed."""

    __tablename__ = "evaluation"
    account: str = Field(primary_key=True)
    as_of: date = Field(primary_key=True, index=True)
    policy: str
    tier: str
    rank: int
    scored_tier: str
    score: Decimal | None = Field(default=None, sa_type=DecimalText)
    coverage: Decimal = Field(sa_type=DecimalText)
    since: date
    pending_down: int = 0
    changed_from: str | None = None  # the final tier before the latest change, and the day of that change
    changed_on: date | None = None
    metrics: Any = Field(default=None, sa_type=Json, nullable=True)
    standing: Any = Field(default=None, sa_type=Json, nullable=True)  # what counted besides the metrics
    verdict: Any = Field(default=None, sa_type=Json, nullable=True)
    run: int


class DutyRow(SQLModel, table=True):
    """A reminder that is owed: due date, owner and text are frozen when it is first offered."""

    __tablename__ = "duty"
    id: str = Field(primary_key=True)  # rule|account|suffix
    account: str = Field(index=True)
    rule: str
    suffix: str
    marker: str
    connection: str
    stream: str
    object: str
    remote_id: str
    owner: str | None = None
    due: date
    priority: str
    subject: str = Field(sa_type=Text)
    body: str = Field(sa_type=Text)
    zh: str = Field(sa_type=Text)
    en: str = Field(sa_type=Text)
    owed_on: date
    offered_on: date
    state: str = Field(default="wanted", index=True)  # wanted | listed | later (not its turn yet) | over
    said: str = ""
    series: str = ""  # of a rule and account: the one of a higher stage closes the others
    stage: int = 0
    shared: bool = False  # by all customers of its owner
    given_on: date | None = None  # the day on which it had its turn
    ended: str = ""  # why it is over: gone (its cause), later (another took its place), left (its task stays as it is)


class StateRow(SQLModel, table=True):
    """What should be true of one facet of one record: a new mind is a new revision."""

    __tablename__ = "state"
    connection: str = Field(primary_key=True)
    stream: str = Field(primary_key=True)
    remote_id: str = Field(primary_key=True)
    facet: str = Field(primary_key=True)
    object: str
    account: str = Field(index=True)
    wanted: str | None = None
    revision: int = 1
    zh: str = Field(default="", sa_type=Text)
    en: str = Field(default="", sa_type=Text)
    seen_at: datetime | None = Field(default=None, sa_type=UtcTime)  # when the CRM was last seen to be so


class OwnedRow(SQLModel, table=True):
    """What we last wrote there, and with which revision: nothing else may be touched."""

    __tablename__ = "owned"
    connection: str = Field(primary_key=True)
    stream: str = Field(primary_key=True)
    remote_id: str = Field(primary_key=True)
    facet: str = Field(primary_key=True)
    value: str | None = None
    revision: int
    intent: str
    written_at: datetime = Field(sa_type=UtcTime)


_RAW = table(RawRow).c
Index("raw_life", _RAW.life, _RAW.connection, _RAW.stream, _RAW.modified_at)
