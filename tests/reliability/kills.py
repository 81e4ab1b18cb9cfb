"""Kill kamsync again and again, in rounds: people act, cycles die at random, clean ones end the round, all is checked.

Everything is drawn from the seed; what happened is written down line by line beside the case for the checker.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import create_engine, text

from tests.reliability import world
from tests.reliability.checker import Case, Found, check
from tests.reliability.clock import SharedClock
from tests.reliability.crms import Crms, crms
from tests.reliability.faults import NONE, Odds
from tests.reliability.part import Say
from tests.reliability.victim import Blow, Ended, Victim

SHANGHAI = ZoneInfo("Asia/Shanghai")
A_ROUND = 8  # kills
MOST = 20  # clean cycles until a round must have come to rest
PAUSES = (1.0, 20.0, 200.0)  # seconds between a kill and the next start
TTL = 15.0


@dataclass
class Tally:
    """What a run of kills found."""

    kills: int = 0
    children: int = 0
    rounds: int = 0
    found: Found = field(default_factory=Found)
    written: int = 0  # writes that the CRMs applied
    quiet_writes: int = 0  # calls that wrote although nothing had changed
    restless: int = 0  # rounds that did not come to rest
    struck: Counter[str] = field(default_factory=Counter)
    places: Counter[str] = field(default_factory=Counter)

    def add(self, found: Found) -> None:
        """What is wrong adds up over the rounds; what was needed is told anew by each."""
        for name in ("lost", "doubled", "foreign", "unasked"):
            setattr(self.found, name, getattr(self.found, name) + getattr(found, name))
        self.found.samples += found.samples[:3]
        self.found.needed = found.needed


def run(folder: Path, store: str, kills: int, seed: int, say: Say, odds: Odds | None = None) -> Tally:
    """So many kills on an empty store. Leaves `history.jsonl` and the last round's case in `folder`."""
    clock, rng = SharedClock(), Random(f"kills {seed}")
    with crms(list(world.CONNECTORS), clock, seed) as office, (folder / "history.jsonl").open("w") as history:
        return Harness(folder, store, clock, rng, office, history, Odds() if odds is None else odds).run(kills, say)


@dataclass
class Harness:
    folder: Path
    store: str
    clock: SharedClock
    rng: Random
    office: Crms
    history: Any
    odds: Odds
    tally: Tally = field(default_factory=Tally)

    def run(self, kills: int, say: Say) -> Tally:
        places = self.office.ask("fill", 10, 3)
        self.case = Case([], [], places, world.SWAP, {}, {})
        self.victim = Victim(world.deploy(self.folder, self.store, self.office.options), self.store, self.clock)
        self.typical = (200, 60)  # sides of places in a cycle, and in the writing part of it
        self._day(dict.fromkeys(places, 10))
        self._rest()
        while self.tally.kills < kills:
            self._round(min(A_ROUND, kills - self.tally.kills))
            say(f"{self.tally.kills} of {kills}, {self.tally.found.wrong} wrong")
        self.tally.struck.update(self.office.ask("traffic")["struck"])
        self.tally.written = self.office.ask("traffic")["applied"]
        (self.folder / "case.json").write_text(json.dumps(asdict(self.case), ensure_ascii=False), "utf-8")
        return self.tally

    # ---- a round

    def _round(self, kills: int) -> None:
        """A day: people rate some companies anew; cycles are killed; at last one is let live, and all is looked at."""
        self.tally.rounds += 1
        ratings = dict(self.case.ratings[-1])
        for company in ratings:
            if self.rng.random() < 0.6:
                ratings[company] = self.rng.choice(world.RATINGS)
        self._day(ratings)
        self.office.ask("odds", self.odds)
        for _ in range(kills):
            self._kill()
        self._rest()
        self.case.after = self.office.ask("truth")
        found = check(self.case)
        self.tally.add(found)
        if found.wrong:
            self._note(round=self.tally.rounds, wrong=asdict(found))
            kept = self.folder / f"case-{self.tally.rounds}.json"
            kept.write_text(json.dumps(asdict(self.case), ensure_ascii=False), "utf-8")

    def _day(self, ratings: dict[str, int]) -> None:
        """The next morning: what people do before kamsync looks."""
        tomorrow = (self.clock.now() + timedelta(days=1)).astimezone(SHANGHAI).date()
        self.clock.go_to(datetime.combine(tomorrow, time(9), SHANGHAI))
        self.office.ask("rate", ratings)
        self.office.ask("potter")
        self.clock.sleep(300)
        self.case.days.append(str(tomorrow))
        self.case.ratings.append(ratings)
        self.case.before = self.office.ask("truth")

    def _kill(self) -> None:
        """Children until one was killed: each time at another place, half of the times in the writing part."""
        for _ in range(MOST):
            while_writing = self.rng.random() < 0.6
            nth = self.rng.randint(1, self.typical[while_writing])
            after = self.rng.choice([0.0, 0.0, self.rng.expovariate(1 / 0.004)])
            ended = self._child(Blow(nth, while_writing, after))
            if ended.killed:
                self.tally.kills += 1
                self.tally.places[_kind(ended.place)] += 1
                return

    def _child(self, blow: Blow | None = None) -> Ended:
        ended = self.victim.run(blow)
        self.tally.children += 1
        self._note(day=self.case.days[-1], blow=asdict(blow) if blow else None, **asdict(ended))
        if ended.killed:
            self._let_lease_end()
        self.clock.sleep(self.rng.choice(PAUSES))
        return ended

    def _rest(self) -> None:
        """Clean cycles in fair weather until one has nothing to do; that one and the next may write nothing."""
        for _ in range(MOST):
            writes = self._writes()
            self.typical = (200, 60)
            ended = self._child()
            self.office.ask("odds", NONE)
            if ended.quiet:
                self._child()
                self.tally.quiet_writes += self._writes() - writes
                return
            self.clock.sleep(world.SETTLE)
        self.tally.restless += 1
        self._note(restless=ended.trouble)

    def _writes(self) -> int:
        return int(self.office.ask("traffic")["writes"])

    def _let_lease_end(self) -> None:
        """On PostgreSQL a killed writer's lease runs out by the database's clock: let that time have passed."""
        self.clock.sleep(TTL)
        if self.store.startswith("postgresql"):
            engine = create_engine(self.store)
            with engine.begin() as tx:
                tx.execute(text("UPDATE lease SET expires_at = now() - interval '1 second'"))
            engine.dispose()

    def _note(self, **facts: Any) -> None:
        self.history.write(json.dumps(facts, ensure_ascii=False, default=str) + "\n")
        self.history.flush()


def _kind(place: str) -> str:
    """Where a kill hit, in one word: a verb of the engine, or whether the call wrote."""
    _, kind, name = place.split(" ", 2)
    return (
        name.split(".")[1]
        if kind == "commit" and name.startswith("engine.")
        else "store"
        if kind == "commit"
        else "call"
    )
