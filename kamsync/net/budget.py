"""The port to a connection's ledger of credits: who may still spend, and what was spent.

Where the ledger is kept is the caller's business; without one, only the CRM's own limits hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol


class Ledger(Protocol):
    """A day's budget, shared by everyone who spends from it."""

    def turn(self, credits: int) -> AbstractContextManager[None]:
        """Put these credits aside while a call is under way; `QuotaSpent` when they are not there to spend."""

    def note(self, credits: int) -> None:
        """A call was made and cost so much, however it ended."""

    def left(self, credits: int) -> None:
        """The CRM told how many credits the whole organisation has left, whoever spent the others."""

    def park(self, seconds: float | None) -> None:
        """The CRM said that the day's quota is gone: for how long, if it knows."""


class Unlimited:
    """No budget."""

    @contextmanager
    def turn(self, credits: int) -> Iterator[None]:
        yield

    def note(self, credits: int) -> None:
        pass

    def left(self, credits: int) -> None:
        pass

    def park(self, seconds: float | None) -> None:
        pass
