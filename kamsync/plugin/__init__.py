"""All that a connector's code imports: contract, values, errors, small helpers."""

from kamsync.plugin.connector import (
    CONTRACT,
    Connector,
    Describes,
    Forecasts,
    Gets,
    Gotten,
    Hints,
    ListsIds,
    Options,
    ReadsGone,
    ReadsSlices,
    Session,
    Writes,
)
from kamsync.plugin.errors import (
    AuthExpired,
    BadRecord,
    ConfigError,
    ConnectorError,
    CursorLost,
    KamsyncError,
    NotSent,
    QuotaSpent,
    Refused,
    Throttled,
    Truncated,
    Unavailable,
)
from kamsync.plugin.helpers import batches, halve, http_date, joined, scale_of, stamp
from kamsync.plugin.http import Clock, File, Http, Limit, Mint, Reply, Request, Token, Wire
from kamsync.plugin.secret import Secret
from kamsync.plugin.text import Text, same
from kamsync.plugin.values import (
    Choice,
    Facet,
    Field,
    Finding,
    Forecast,
    Found,
    Gone,
    Health,
    Intent,
    Live,
    Ours,
    Outcome,
    OutcomeState,
    Page,
    Position,
    Priority,
    Probe,
    Record,
    Stream,
    TagChange,
    Target,
    Task,
    Window,
    Write,
)

__all__ = [
    "CONTRACT", "AuthExpired", "BadRecord", "Choice", "Clock", "ConfigError", "Connector", "ConnectorError",
    "CursorLost", "Describes", "Facet", "Field", "File", "Finding", "Forecast", "Forecasts", "Found", "Gets",
    "Gone", "Gotten", "Health", "Hints", "Http", "Intent", "KamsyncError", "Limit", "ListsIds", "Live", "Mint",
    "NotSent", "Options", "Ours", "Outcome", "OutcomeState", "Page", "Position", "Priority", "Probe", "QuotaSpent",
    "ReadsGone", "ReadsSlices", "Record", "Refused", "Reply", "Request", "Secret", "Session", "Stream", "TagChange",
    "Target", "Task", "Text", "Throttled", "Token", "Truncated", "Unavailable", "Window", "Wire", "Write", "Writes",
    "batches", "halve", "http_date", "joined", "same", "scale_of", "stamp",
]  # fmt: skip
