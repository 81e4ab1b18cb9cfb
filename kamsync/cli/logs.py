"""The daemon's log: one line a fact, its stable event first. JSON, except on a terminal, where people read it.

Takes over the lines of libraries too, so that whoever parses the log meets nothing else.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, MutableMapping
from datetime import UTC, datetime
from typing import Any

import structlog
from structlog.typing import Processor

from kamsync.plugin.text import Text

Event = MutableMapping[str, Any]


def log_lines(*, as_json: bool, least: int = logging.INFO) -> Callable[..., None]:
    """`log(event, level="info", **facts)` onto stdout; set up for this process. `least`: as logging counts levels."""
    show: list[Processor] = [_for_programs, structlog.processors.JSONRenderer(ensure_ascii=False)]
    if not as_json:
        show = [structlog.dev.ConsoleRenderer(colors=True, pad_event_to=16)]
    structlog.configure(
        processors=[structlog.processors.add_log_level, _stamped, structlog.processors.format_exc_info, *show],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.PrintLoggerFactory(sys.stdout),
    )
    lines = structlog.get_logger()

    def log(event: str, level: str = "info", **facts: Any) -> None:
        told = {name: fact.en if isinstance(fact, Text) else fact for name, fact in facts.items()}
        getattr(lines, level)(event, **told)

    root = logging.getLogger()
    root.handlers = [_Libraries(log)]
    root.setLevel(logging.WARNING if least == logging.INFO else least)
    return log


class _Libraries(logging.Handler):
    """What a library says goes into the log as a line of its own."""

    def __init__(self, log: Callable[..., None]) -> None:
        super().__init__()
        self.log = log

    def emit(self, record: logging.LogRecord) -> None:
        level = next(name for least, name in _LEVELS if record.levelno >= least)
        self.log("library", level=level, library=record.name, says=record.getMessage())


_LEVELS = ((logging.ERROR, "error"), (logging.WARNING, "warning"), (logging.INFO, "info"), (0, "debug"))


def _stamped(_: Any, __: str, event: Event) -> Event:
    event["timestamp"] = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return event


def _for_programs(_: Any, __: str, event: Event) -> Event:
    """Event, time and level first, in every line the same."""
    first = {name: event.pop(name) for name in ("event", "timestamp", "level")}
    return {**first, **event}
