"""All that a connector's code imports: contract, values, errors, small helpers."""

from kamsync.plugin.changing import as_asked, without_a_call
from kamsync.plugin.connector import (
    CONTRACT,
    Connector,
    Describes,
    Forecasts,
    Gets,
    Gotten,
    Hand,
    Hint,
    Hints,
    ListsIds,
    Options,
    ReadsGone,
    ReadsSlices,
    ReadsTasks,
    Session,
    Watches,
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
    TooLarge,
    Truncated,
    Unavailable,
)
from kamsync.plugin.helpers import batches, halve, http_date, joined, scale_of, stamp
from kamsync.plugin.http import Clock, File, Http, Limit, Mint, Reply, Request, Token, Wire
from kamsync.plugin.secret import Secret
from kamsync.plugin.text import Text, same
from kamsync.plugin.values import (
    Choice,
    Field,
    Finding,
    Forecast,
    Gone,
    Health,
    Page,
    Position,
    Record,
    Stream,
    Window,
)
from kamsync.plugin.writing import (
    Cause,
    Change,
    Facet,
    Found,
    Intent,
    Live,
    LiveTask,
    Ours,
    Outcome,
    OutcomeState,
    Priority,
    Probe,
    TagChange,
    Target,
    Task,
    TaskChange,
    TaskRef,
    Write,
)

__all__ = [
    "CONTRACT", "AuthExpired", "BadRecord", "Cause", "Change", "Choice", "Clock", "ConfigError", "Connector",
    "ConnectorError", "CursorLost", "Describes", "Facet", "Field", "File", "Finding", "Forecast", "Forecasts",
    "Found", "Gets", "Gone", "Gotten",
    "Hand", "Health", "Hint", "Hints", "Http", "Intent", "KamsyncError", "Limit",
    "ListsIds", "Live", "LiveTask", "Mint", "NotSent", "Options", "Ours", "Outcome", "OutcomeState", "Page",
    "Position", "Priority", "Probe", "QuotaSpent", "ReadsGone", "ReadsSlices", "ReadsTasks", "Record", "Refused",
    "Reply", "Request", "Secret", "Session", "Stream", "TagChange", "Target", "Task", "TaskChange", "TaskRef",
    "Text", "Throttled", "Token", "TooLarge", "Truncated", "Unavailable", "Watches", "Window", "Wire", "Write",
    "Writes", "as_asked", "batches", "halve", "http_date", "joined", "same", "scale_of", "stamp", "without_a_call",
]  # fmt: skip
