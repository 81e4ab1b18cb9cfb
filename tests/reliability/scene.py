"""A deployment in the rig's world, day by day: people act, cycles run or die, and the checker looks.

What is done between is up to whoever holds the scene.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from tests.reliability import world
from tests.reliability.checker import Case, Found, check
from tests.reliability.clock import SharedClock
from tests.reliability.crms import Crms, crms
from tests.reliability.faults import NONE, Odds
from tests.reliability.points import Hook
from tests.reliability.stores import Kept, let_lease_end
from tests.reliability.victim import Blow, Ended, Victim

SHANGHAI = ZoneInfo("Asia/Shanghai")
MOST = 20  # clean cycles until all must have come to rest
TTL = 15.0


@dataclass
class Scene:
    """`quiet_writes`: calls that wrote although nothing had changed. `restless`: how often no rest was found."""

    folder: Path
    store: str
    clock: SharedClock
    rng: Random
    office: Crms
    victim: Victim
    case: Case
    children: int = 0
    quiet_writes: int = 0
    restless: int = 0
    note: Callable[..., None] = field(default=lambda **facts: None)

    def day(self, share: float = 0.6) -> None:
        """The next morning: people rate such a share of the companies anew, and potter about beside."""
        ratings = {
            company: self.rng.choice(world.RATINGS) if self.rng.random() < share else rating
            for company, rating in self.case.ratings[-1].items()
        }
        self.begin(ratings)

    def begin(self, ratings: Mapping[str, int], *, hour: int = 9) -> None:
        """The next morning, with these ratings."""
        tomorrow = (self.clock.now() + timedelta(days=1)).astimezone(SHANGHAI).date()
        self.clock.go_to(datetime.combine(tomorrow, time(hour), SHANGHAI))
        self.office.ask("rate", ratings)
        self.office.ask("potter")
        self.clock.sleep(300)
        self.case.days.append(str(tomorrow))
        self.case.ratings.append(dict(ratings))
        self.case.before = self.office.ask("truth")

    def cycle(self, blow: Blow | None = None, hook: Hook | None = None) -> Ended:
        """One cycle; when it died, its lease is over."""
        ended = self.victim.run(blow, hook)
        self.children += 1
        self.note(day=self.case.days[-1], blow=asdict(blow) if blow else None, **asdict(ended))
        if ended.killed:
            self.clock.sleep(TTL)
            let_lease_end(self.store)
        return ended

    def rest(self) -> bool:
        """Clean cycles, fair weather after the first, until one has nothing to do: it and the next write nothing."""
        for _ in range(MOST):
            writes = self.writes
            ended = self.cycle()
            self.office.ask("odds", NONE)
            if ended.quiet:
                self.cycle()
                self.quiet_writes += self.writes - writes
                return True
            self.clock.sleep(world.SETTLE)
        self.restless += 1
        self.note(restless=ended.said)
        return False

    def settle(self) -> bool:
        """Clean cycles until one leaves nothing to write and nothing in doubt."""
        for _ in range(MOST):
            ended = self.cycle()
            if ended.settled:
                return True
            self.clock.sleep(world.SETTLE)
        self.note(restless=ended.said)
        return False

    def look(self) -> Found:
        """What the checker says of the CRMs now; the case is left in the folder when anything is wrong."""
        self.case.after = self.office.ask("truth")
        found = check(self.case)
        if found.wrong:
            self.note(wrong=asdict(found))
            kept = self.folder / f"case-{self.children}.json"
            kept.write_text(json.dumps(asdict(self.case), ensure_ascii=False), "utf-8")
        return found

    def weather(self, odds: Odds) -> None:
        self.office.ask("odds", odds)

    @property
    def writes(self) -> int:
        """Calls that wrote, so far."""
        return int(self.office.ask("traffic")["writes"])


@dataclass
class Moment:
    """A scene as it was, to go back to."""

    scene: Scene
    now: datetime
    crms: Any
    store: Kept
    before: Any
    days: int

    @classmethod
    def of(cls, scene: Scene) -> Moment:
        states, store = scene.office.ask("dump"), Kept(scene.store)
        return cls(scene, scene.clock.now(), states, store, scene.case.before, len(scene.case.days))

    def come_back(self) -> None:
        scene = self.scene
        self.store.put_back()
        scene.clock.go_back(self.now)
        scene.office.ask("load", self.crms)
        scene.case.before = self.before
        del scene.case.days[self.days :], scene.case.ratings[self.days :]


@contextmanager
def scene(folder: Path, store: str, seed: int, *, each: int = 10, shared: int = 3) -> Iterator[Scene]:
    """A deployment that has read everything and set its first tags, at rest. Leaves `history.jsonl` in the folder."""
    clock = SharedClock()
    with crms(list(world.CONNECTORS), clock, seed) as office, (folder / "history.jsonl").open("w") as history:

        def note(**facts: Any) -> None:
            history.write(json.dumps(facts, ensure_ascii=False, default=str) + "\n")
            history.flush()

        places = office.ask("fill", each, shared)
        victim = Victim(world.deploy(folder, store, office.options), store, clock)
        case = Case([], [], places, world.SWAP, {}, {})
        made = Scene(folder, store, clock, Random(f"scene {seed}"), office, victim, case, note=note)
        made.begin(dict.fromkeys(places, 10), hour=8)  # more than a day before the next: what is due daily surely is
        made.rest()
        _warm(made, places)
        yield made


def _warm(made: Scene, companies: Iterable[str]) -> None:
    """A day on which tasks and tags are written, lived in this process and then taken back."""
    moment = Moment.of(made)
    made.begin(dict.fromkeys(companies, 90))
    made.victim.warm()
    moment.come_back()
    moment.store.drop()
