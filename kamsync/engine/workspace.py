"""An opened deployment: its config, store, clock, mappings and policies, as the engine's steps need them.

Opens and reads; decides nothing. Files are read when first asked for, so that each command needs only its own.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from kamsync import config as configs
from kamsync.config import Config
from kamsync.config.policies import policy_of
from kamsync.config.toml_file import parse, read
from kamsync.engine import connectors
from kamsync.engine.mapping_force import Force, in_force
from kamsync.engine.reading import Readers
from kamsync.engine.shipped import share
from kamsync.mapping import Mapping as FieldMapping
from kamsync.net import Stopped, Transport
from kamsync.plugin import Clock, Connector
from kamsync.rules.calendar import WorkCalendar
from kamsync.rules.golden import Survivorship
from kamsync.rules.policy import Policy
from kamsync.rules.reminder_policy import ReminderPolicy
from kamsync.store import LeaseLost, Store, StoreUnusable, open_store, publications

if TYPE_CHECKING:
    from collections.abc import Callable

ENDS_ALL = (Stopped, StoreUnusable, LeaseLost)  # no connection's trouble: whatever is under way ends with it


@dataclass
class Workspace:
    """One deployment. `say` takes progress as (event, facts); nobody need listen. `deadline`: a call's, in seconds.

    `transport`, `readers` and `random` are ports: how calls leave, how errands are read beside each other, and chance.
    """

    config: Config
    store: Store
    clock: Clock
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    stop: threading.Event = field(default_factory=threading.Event)
    say: Callable[..., None] = lambda event, **facts: None
    deadline: float = 60.0
    who: str = "kamsync"  # in whose name decisions are written down
    transport: type[Transport] = Transport
    readers: type[Readers] = Readers
    random: Random = field(default_factory=Random)

    @property
    def connectors(self) -> Mapping[str, Connector]:
        return connectors.find().connectors

    @cached_property
    def force(self) -> dict[str, Force]:
        """Each connection's mapping that is in force; raises Problems for all of them at once."""
        with self.store.read() as tx:
            return in_force(tx, self.config.connections, self.connectors)

    @cached_property
    def mappings(self) -> dict[str, FieldMapping]:
        """The same, without their versions."""
        return {name: one.mapping for name, one in self.force.items()}

    def look_again(self) -> None:
        """See which mappings are in force by now: somebody may have published one."""
        before: dict[str, Force] | None = self.__dict__.pop("force", None)
        if before is None or any(self.force[name].mapping is not one.mapping for name, one in before.items()):
            self.__dict__.pop("mappings", None)

    @cached_property
    def policy_text(self) -> str:
        """The text of the tier policy in force: the one published, else the file's."""
        with self.store.read() as tx:
            row = publications.in_force(tx, self.today)
        return read(self.config.policy.tiers).text if row is None else str(row["text"])

    @cached_property
    def policy(self) -> Policy:
        return policy_of(parse(self.policy_text, self.config.policy.tiers))

    @cached_property
    def reminders(self) -> ReminderPolicy:
        return configs.read_reminders(self.config.policy.reminders)

    @cached_property
    def calendar(self) -> WorkCalendar:
        return configs.read_calendar(self.config.policy.calendar or share() / "policies" / "calendar-cn.toml")

    @property
    def today(self) -> date:
        """The local date: what `--as-of` replaces."""
        return self.clock.now().astimezone(self.config.timezone).date()

    @property
    def prefer(self) -> tuple[str, ...]:
        """Connections in the order in which they win: as `prefer` says, then as the config lists them."""
        listed = self.config.policy.prefer
        return listed + tuple(one.name for one in self.config.connections if one.name not in listed)

    @property
    def golden(self) -> Survivorship:
        """Whose value of a field a customer's file shows."""
        asked = self.config.golden
        return Survivorship(asked.order, asked.fields, self.prefer)


@contextmanager
def opened(path: Path, clock: Clock) -> Iterator[Workspace]:
    """The deployment whose config lies at `path`. Raises Problems (2), StoreUnusable (4), StoreNewer (5)."""
    config = configs.load(path, connectors.find().connectors, share())
    store = open_store(config.store.url)
    try:
        yield Workspace(config, store, clock)
    finally:
        store.close()
