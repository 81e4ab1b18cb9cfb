"""The run ledger as the daemon asks it: which business times are done, and who takes one up.

Decides nothing about time. A business time that began and never ended is taken up again: its work is safe to repeat.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from kamsync.engine.workspace import Workspace
from kamsync.store import AlreadyWriting, StoreDamaged, runs, serving

__all__ = ["AlreadyWriting", "Ledger", "StoreDamaged", "begin", "end", "look", "on_duty"]

Business = tuple[str, str]  # (verb, key)


@dataclass(frozen=True, slots=True)
class Ledger:
    """What is known of some business times. `known`: verbs that ran here at least once."""

    ended: frozenset[Business] = field(default=frozenset())
    known: frozenset[str] = field(default=frozenset())


@contextmanager
def on_duty(workspace: Workspace) -> Iterator[None]:
    """Be the one daemon of this store, or raise AlreadyWriting (exit 3) naming who is. Others may still write."""
    with serving(workspace.store):
        yield


def look(workspace: Workspace, times: Sequence[Business]) -> Ledger:
    """What the ledger says of these business times."""
    with workspace.store.read() as tx:
        ended = frozenset(pair for pair in times if runs.has_ended(tx, *pair))
        known = frozenset(verb for verb, _ in times if runs.last_fire(tx, verb) is not None)
    return Ledger(ended, known)


def begin(workspace: Workspace, times: Sequence[Business]) -> bool:
    """Take these business times up; False when the first of them is done already."""
    now = workspace.clock.now()
    with workspace.store.write() as tx:
        taken = [runs.fire(tx, *pair, now, again=True) for pair in times]
    return taken[0]


def end(workspace: Workspace, times: Sequence[Business], verdict: str) -> None:
    """These business times are over for good."""
    now = workspace.clock.now()
    with workspace.store.write() as tx:
        for pair in times:
            runs.fired(tx, *pair, now, verdict)
