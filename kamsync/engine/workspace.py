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
from kamsync.config import Config, ConnectionConfig
from kamsync.config.toml_file import Problem, Problems, read_text
from kamsync.engine import connectors
from kamsync.engine.reading import Readers
from kamsync.engine.shipped import share
from kamsync.mapping import Mapping as FieldMapping
from kamsync.mapping import loops, read_mapping
from kamsync.net import Stopped, Transport
from kamsync.plugin import Clock, Connector
from kamsync.rules.calendar import WorkCalendar
from kamsync.rules.golden import Survivorship
from kamsync.rules.policy import Policy
from kamsync.rules.reminder_policy import ReminderPolicy
from kamsync.store import LeaseLost, Store, StoreUnusable, open_store

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
    def mappings(self) -> dict[str, FieldMapping]:
        """Each connection's mapping; raises Problems for all of them at once."""
        found: dict[str, FieldMapping] = {}
        problems: dict[Path, tuple[Problem, ...]] = {}
        for one in self.config.connections:
            try:
                found[one.name] = mapping_of(one, self.connectors)
            except Problems as wrong:
                problems[one.mapping] = wrong.problems
        if problems:
            raise Problems([problem for each in problems.values() for problem in each], next="kamsync doctor")
        return found

    @cached_property
    def policy(self) -> Policy:
        return configs.read_policy(self.config.policy.tiers)

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


def mapping_of(one: ConnectionConfig, connectors: Mapping[str, Connector]) -> FieldMapping:
    """The connection's mapping; raises Problems, too, where it reads what we ourselves write there."""
    mapping = mapping_at(one.mapping)
    found = []
    if one.writes != "off":
        found = loops(mapping, connectors[one.connector].hand(one.options), one.options.tag_prefix)
    if found:
        raise Problems(sorted(found, key=lambda problem: (problem.line or 0, problem.key)))
    return mapping


def mapping_at(path: Path) -> FieldMapping:
    """The mapping file at `path`; raises Problems with every mistake in it."""
    return read_mapping(read_text(path), str(path))


@contextmanager
def opened(path: Path, clock: Clock) -> Iterator[Workspace]:
    """The deployment whose config lies at `path`. Raises Problems (2), StoreUnusable (4), StoreNewer (5)."""
    config = configs.load(path, connectors.find().connectors, share())
    store = open_store(config.store.url)
    try:
        yield Workspace(config, store, clock)
    finally:
        store.close()
