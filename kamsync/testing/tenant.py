"""The base of simulated tenants: a CRM with state, a clock and a door, whose truth tests may read.

A simulator keeps its own state and speaks its CRM's wire format; it never answers from a script.
"""

from __future__ import annotations

import json
import threading
import unittest
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from kamsync.testing.faults import Fault
from kamsync.testing.posting import Post, Postman
from kamsync.testing.server import Answer, Call, Server, Traffic, dumps


@dataclass(frozen=True, slots=True)
class TrueTask:
    """A task as it really is in the simulated CRM. `by_us`: created through the API by the integration user."""

    id: str
    subject: str
    body: str
    marker: str | None
    target: str | None  # the record it hangs on
    owner: str | None
    due: str | None  # YYYY-MM-DD, local
    done: bool
    by_us: bool


class Lacks(unittest.SkipTest):
    """This simulated CRM has no such thing; a check that needs it is skipped, and says so."""


class Tenant(ABC):
    """A simulated CRM. `with tenant:` or start/stop; `offset` moves its clock.

    The hooks below speak of entities ("account", "contact", "deal" …) so that one suite can drive any CRM; ids are
    the CRM's own. `neutral` fields use the names of kamsync's model (name, phone, uscc …); what a simulator does not
    know it ignores. `door`: how calls come in.
    """

    door: type[Server] = Server

    def __init__(self, *, port: int = 0, latency: float = 0.0, state: Path | None = None) -> None:
        self.offset = timedelta(0)
        self.lock = threading.RLock()
        self.state = state
        self.postman = Postman()
        self.server = self.door(self._serve, self.now, port=port, latency=latency)

    # ---- life

    def start(self) -> Tenant:
        if self.state is not None and self.state.exists():
            self.load(json.loads(self.state.read_text("utf-8")))
        self.server.start()
        return self

    def stop(self) -> None:
        self.server.stop()
        self.postman.stop()
        self.save()

    def save(self) -> None:
        """Write the whole state to `state`, if one was given: all of it or, when killed meanwhile, nothing."""
        if self.state is not None:
            with self.lock:
                text = dumps(self.dump())
            fresh = self.state.with_name(f"{self.state.name}.new")
            fresh.write_bytes(text)
            fresh.replace(self.state)

    def __enter__(self) -> Tenant:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        return self.server.url

    @property
    def traffic(self) -> Traffic:
        return self.server.traffic

    def now(self) -> datetime:
        """The tenant's clock, UTC."""
        return datetime.now(UTC) + self.offset

    def fault(self, fault: Fault) -> None:
        self.server.faults.add(fault)

    def _serve(self, call: Call) -> Answer:
        if call.path == "/truth":
            with self.lock:
                return Answer(200, self.truth())
        return self.handle(call)

    # ---- the CRM

    @abstractmethod
    def handle(self, call: Call) -> Answer:
        """Answer one call as the CRM would. Holds `self.lock` while it touches state."""

    @abstractmethod
    def options(self) -> Mapping[str, Any]:
        """The config block (without connector, mapping, writes) that connects to this tenant; secrets in plain."""

    @abstractmethod
    def dump(self) -> Any:
        """All state, as JSON."""

    @abstractmethod
    def load(self, state: Any) -> None:
        """Take over a state that `dump` gave."""

    # ---- the truth, and people's hands

    @abstractmethod
    def add(self, entity: str, *, modified: datetime | None = None, **neutral: Any) -> str:
        """A person adds a record; its id. `modified` sets both stamps (default: now)."""

    @abstractmethod
    def change(self, entity: str, id: str, *, modified: datetime | None = None, **neutral: Any) -> None:
        """A person edits a record."""

    @abstractmethod
    def remove(self, entity: str, id: str) -> None:
        """A person deletes a record (for CRMs with two stages: really deletes)."""

    @abstractmethod
    def ids(self, entity: str) -> Sequence[str]:
        """Every id that is live."""

    @abstractmethod
    def tags(self, id: str) -> tuple[str, ...]:
        """The tags an account carries, as people read them."""

    @abstractmethod
    def set_tags(self, id: str, tags: Sequence[str]) -> None:
        """A person replaces an account's tags."""

    @abstractmethod
    def tasks(self) -> Sequence[TrueTask]:
        """Every live task, a person's too."""

    @abstractmethod
    def close_task(self, id: str) -> None:
        """A person ticks a task off."""

    @abstractmethod
    def remove_task(self, id: str) -> None:
        """A person deletes a task."""

    @abstractmethod
    def expire_token(self) -> None:
        """Every access token issued so far is dead from now on."""

    # ---- what the conformance suite asks beside; a default fits many a CRM

    most_rows = 200  # that one answer of a list holds

    @property
    def mapping(self) -> str | None:
        """The mapping file's text that fits it; None: the connector's own does."""
        return None

    @property
    def secrets(self) -> Sequence[str]:
        """What may never be shown, beside the secrets among its options."""
        return ()

    @property
    def token_calls(self) -> int:
        """How often the token call was made."""
        return sum(count for name, count in self.traffic.calls.items() if "token" in name.lower())

    @property
    def workflows_fired(self) -> int | None:
        """What our writes set off in the CRM (approvals, notices); None: not counted here."""
        return None

    def discard(self, entity: str, id: str) -> None:
        """A person throws a record away as people do: into the bin, where the CRM has one."""
        self.remove(entity, id)

    def reword_task(self, id: str, subject: str) -> None:
        """A person edits a task's subject and leaves the rest of it."""
        self.change("activity", id, subject=subject)

    def copy_task(self, id: str) -> str:
        """A person copies a task, marker and all where the CRM copies that; the copy's id."""
        raise Lacks("tasks that people can copy")

    def forget_places(self) -> None:
        """Whatever the CRM keeps to go on with a list (page tokens) is forgotten: by itself, in two days."""
        self.offset += timedelta(days=2)

    def too_fast(self) -> Answer:
        """What it answers to one who calls too often for the moment."""
        return Answer(429, {"error": "too many requests"}, {"Retry-After": "3"})

    def spent(self) -> Answer | None:
        """What it answers when the day's calls are used up; None: there is no such limit."""
        return None

    def says(self, code: str) -> Answer:
        """Its own refusal with this code, in its own envelope."""
        return Answer(400, {"code": code, "message": code})

    def roll_back(self, state: Any) -> None:
        """An admin restores a backup: a state that `dump` gave. A simulator that counts ids goes on counting."""
        self.load(state)

    # ---- what not every CRM has: a simulator that has it overrides it

    def restore(self, id: str) -> None:
        """A person takes back a record that was thrown away (`discard`)."""
        raise Lacks("a bin to take records back from")

    def merge(self, winner: str, loser: str) -> None:
        """A person merges two accounts into one."""
        raise Lacks("merging")

    def lock_record(self, id: str) -> None:
        """An approval locks an account: nobody may change it."""
        raise Lacks("locked records")

    def delay(self, seconds: float) -> None:
        """From now on what is written through the API shows in lists only so much later."""
        raise Lacks("lists that lag")

    def wall(self, rows: int) -> None:
        """From now on no list goes further than so many rows by its usual way."""
        raise Lacks("a wall at the end of lists")

    def forbid(self, entity: str) -> None:
        """An admin takes from the integration user the right to see these records."""
        raise Lacks("rights that can be taken away")

    def drop_field(self, entity: str, name: str) -> None:
        """An admin hides a field, by the CRM's own name for it, from the integration user."""
        raise Lacks("fields that can be hidden")

    def break_down(self) -> None:
        """From now on it fails, and quotes its secrets in what it says last."""
        raise Lacks("a program that is run beside")

    @property
    def listening(self) -> Mapping[str, Any]:
        """The options, beside its own, of a connection that takes notices from it."""
        return {}

    def notice(self, entity: str, id: str) -> tuple[Mapping[str, str], bytes]:
        """The headers (names in lower case) and body of what the CRM posts when this record changes."""
        raise Lacks("notices")

    def posts(self, entity: str, id: str) -> Sequence[Post]:
        """What the CRM would post, and to whom, now that this record changed: to those whom it was asked to call."""
        raise Lacks("calls to those who watch")

    def truth(self) -> Any:
        """What `/truth` answers: tags by account and every task."""
        return {
            "tags": {id: list(self.tags(id)) for id in self.ids("account")},
            "tasks": [{name: getattr(task, name) for name in TrueTask.__slots__} for task in self.tasks()],
        }
