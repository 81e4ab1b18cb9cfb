"""Everything that is said while something is tried: log lines of both kinds, and errors with what led to them.

Listens only; what may not be said is for the checks of redaction.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import structlog


@dataclass(slots=True)
class Heard:
    """Everything that was said: log lines of both kinds, and errors with all that led to them."""

    lines: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


class _Ear(logging.Handler):
    def __init__(self, heard: Heard) -> None:
        super().__init__(logging.DEBUG)
        self.heard = heard

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.lines.append(self.format(record))


@contextmanager
def listening() -> Iterator[Heard]:
    """What structlog and the standard library's logging say meanwhile, at their most talkative."""
    heard = Heard()
    ear, root = _Ear(heard), logging.getLogger()
    level = root.level
    root.addHandler(ear)
    root.setLevel(logging.DEBUG)
    try:
        with structlog.testing.capture_logs() as events:
            yield heard
        heard.lines += [repr(event) for event in events]
    finally:
        root.setLevel(level)
        root.removeHandler(ear)
