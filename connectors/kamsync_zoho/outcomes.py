"""What one write call did, row by row, told as honestly as the answer allows.

Sends a call once. It never repeats one and never takes silence for a yes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kamsync.plugin import (
    AuthExpired,
    Cause,
    ConfigError,
    ConnectorError,
    Http,
    Intent,
    NotSent,
    Outcome,
    OutcomeState,
    Refused,
    Request,
    Throttled,
    stamp,
)
from kamsync_zoho.shapes import Row, body, ref, section

# Zoho may or may not have stored the row when it says so.
_DOUBTFUL = frozenset(
    {"SUCCESS", "INTERNAL_ERROR", "DEPENDENT_SERVICE_ERROR", "CANNOT_PROCESS", "INTERNAL_SERVER_ERROR"}
)
# One bad row may make Zoho refuse the whole call in these words; the halves are then sent by themselves.
_ROW_FAULTS = frozenset(
    {"INVALID_DATA", "MULTIPLE_OR_MULTI_ERRORS", "UNABLE_TO_PARSE_DATA_TYPE", "MANDATORY_NOT_FOUND", "RECORD_LOCKED"}
)
# Turned away at the door, before anything was done.
_BEFORE = (NotSent, Throttled, AuthExpired, ConfigError)
_CAUSES: Mapping[str, Cause] = {
    **dict.fromkeys(("RECORD_LOCKED", "NOT_APPROVED", "RECORD_IN_BLUEPRINT"), "locked"),
    **dict.fromkeys(("CONVERTED_RECORD", "ID_ALREADY_CONVERTED"), "gone"),
    **dict.fromkeys(("NO_PERMISSION", "NOT_ALLOWED", "CANNOT_PERFORM_ACTION", "OAUTH_SCOPE_MISMATCH"), "permission"),
    **dict.fromkeys(("LIMIT_EXCEEDED", "LIMIT_REACHED", "STORAGE_SPACE_EXCEEDED"), "limit"),
    **dict.fromkeys(("FEATURE_NOT_SUPPORTED", "NOT_SUPPORTED", "INVALID_MODULE"), "unsupported"),
    "FOREIGN_TAG": "foreign",
    "KEY_TOO_LONG": "setup",
    **dict.fromkeys(
        (
            "TAG_TOO_LONG", "INVALID_DATA", "MANDATORY_NOT_FOUND", "DUPLICATE_DATA", "DEPENDENT_FIELD_MISSING",
            "EXPECTED_FIELD_MISSING", "DEPENDENT_MISMATCH", "MAPPING_MISMATCH", "MULTIPLE_OR_MULTI_ERRORS",
            "UNABLE_TO_PARSE_DATA_TYPE",
        ),
        "invalid",
    ),
}  # fmt: skip
_NO = frozenset({"error", "failure"})
_ABSENT = frozenset({"id", "ids", "What_Id", "Who_Id"})  # the fields that name a record: one of them is wrong
_PLACE = re.compile(r"\$\.data\[(\d{1,4})\]")
CODE, WORDS = 80, 500  # characters kept of what Zoho, or whoever stands before it, says of a write


@dataclass(frozen=True, slots=True)
class Said:
    """Either the rows of an answer, or one state that holds for the whole call."""

    rows: Sequence[object] = ()
    state: OutcomeState | None = None
    code: str = ""
    message: str = ""
    error: ConnectorError | None = None


def send(http: Http, request: Request, key: str = "data") -> Said:
    """One write call; what came of it, never an exception."""
    try:
        listed = body(http.call(request)).get(key)
    except _BEFORE as early:
        return Said(state="not_sent", code=type(early).__name__, message=str(early), error=early)
    except Refused as no:
        state: OutcomeState = "unknown" if no.code == "DUPLICATE_DATA" else "refused"
        return Said(state=state, code=no.code[:CODE], message=str(no)[:WORDS], error=no)
    except ConnectorError as lost:
        return Said(state="unknown", message=str(lost), error=lost)
    if not isinstance(listed, list):
        return Said(state="unknown", message="the answer holds no results")
    return Said(rows=listed)


def ends_batch(said: Said) -> bool:
    """Nothing more should be sent now: the CRM turns calls away, or is not well."""
    return said.state in ("not_sent", "unknown")


def blames_a_row(said: Said) -> bool:
    """The whole call was refused, probably for the sake of one row."""
    return said.state == "refused" and said.code in _ROW_FAULTS


def judge(intent: str, row: object) -> Outcome:
    """The outcome one row tells."""
    if not isinstance(row, Mapping):
        return Outcome(intent, "unknown", message="the answer holds no result for this row")
    code, status = code_of(row), str(row.get("status") or "").lower()
    details = section(row, "details")
    modified = stamp(details.get("Modified_Time"))
    id = ref(details)
    if code in ("SUCCESS", "") and status in ("success", "") and (code or status):
        return Outcome(intent, "applied", id, "SUCCESS", modified=modified)
    said_no = status in _NO or (not status and code in _CAUSES)  # a word that nobody knows is no refusal by itself
    state: OutcomeState = "refused" if code and said_no and code not in _DOUBTFUL else "unknown"
    if code == "ALREADY_MODIFIED":
        state = "stale"
    cause = cause_of(code, details) if state == "refused" else None
    return Outcome(intent, state, id, code, message_of(row), modified, cause)


def cause_of(code: str, details: Row) -> Cause | None:
    """What a refusal means, where Zoho's code and the field it points at say so."""
    field = str(details.get("api_name") or str(details.get("json_path") or "").rpartition(".")[2])
    if code == "INVALID_DATA" and field == "Owner":
        return "owner"
    return "gone" if code == "INVALID_DATA" and field in _ABSENT else _CAUSES.get(code)


def refusal(intent: str, code: str, message: str, details: Row | None = None) -> Outcome:
    """A no, with what it means."""
    return Outcome(intent, "refused", code=code, message=message, cause=cause_of(code, details or {}))


def of_call(intent: str, said: Said) -> Outcome:
    """The outcome of a row whose whole call has one."""
    if said.state == "refused":
        return refusal(intent, said.code, said.message, getattr(said.error, "details", None))
    return Outcome(intent, said.state or "unknown", code=said.code, message=said.message)


def by_id(rows: Sequence[object], asked: Sequence[str]) -> dict[str, object]:
    """Each record's row: by the id it names, else by the place it points to, or stands at where the lengths agree."""
    named: dict[str, object] = {}
    unnamed: dict[str, object] = {}
    for place, row in enumerate(rows):
        details = section(row, "details") if isinstance(row, Mapping) else {}
        id = ref(details)
        if id is not None:
            named.setdefault(id, row)
            continue
        told = _PLACE.match(str(details.get("json_path") or ""))
        at = int(told[1]) if told else place if len(rows) == len(asked) else len(asked)
        if at < len(asked):
            unnamed.setdefault(asked[at], row)
    return unnamed | named


def are_in_order(rows: Sequence[object]) -> bool:
    """Does no row point at another place than the one it stands at?"""
    for place, row in enumerate(rows):
        details = section(row, "details") if isinstance(row, Mapping) else {}
        told = _PLACE.match(str(details.get("json_path") or ""))
        if told and int(told[1]) != place:
            return False
    return True


def code_of(row: Row) -> str:
    code = row.get("code")
    return code.strip().upper()[:CODE] if isinstance(code, str) else ""


def message_of(row: Row) -> str:
    """Zoho's own words, with the place it points to; it may hold no value of the record."""
    details = section(row, "details")
    where = details.get("json_path") or details.get("api_name")
    words = str(row.get("message") or "")[:200]
    inner = details.get("errors") or row.get("errors")
    nested = [code_of(part) for part in inner if isinstance(part, Mapping)] if isinstance(inner, list) else []
    return " ".join(str(part) for part in (words, f"({where})" if where else "", *nested) if part)


def report(intents: Sequence[Intent], outcomes: Mapping[str, Outcome], error: ConnectorError | None) -> list[Outcome]:
    """One outcome an intent, in order; where nothing was sent at all, the error that kept it back leaves instead."""
    told = [outcomes[intent.id] for intent in intents]
    if error is not None and told and all(outcome.state == "not_sent" for outcome in told):
        if isinstance(error, NotSent):
            raise error
        raise NotSent(error.text, after=getattr(error, "after", None), next=error.next) from error
    return told
