"""The two usual ways to make tasks in a CRM, for comparison: send, then mark as done; and mark, then send.

Plain and honest: a file database, one call a task, three tries where the first way may try again. Killed and struck as
kamsync is, on the same invented CRM.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import requests

from tests.reliability import stores
from tests.reliability.clock import SharedClock
from tests.reliability.crms import Crms, crms
from tests.reliability.faults import Odds
from tests.reliability.part import Say

TRIES = 3
MOST_CALLS = 12  # until the kill


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of so many tasks wanted: how many are not there, and how many are there too often."""

    wanted: int
    kills: int
    lost: int
    doubled: int


def run(say: Say, way: str, kills: int, seed: int) -> Outcome:
    """Tasks are made one by one, by children that are killed, until so many kills were needed."""
    clock, rng = SharedClock(), Random(f"strawmen {seed}")
    with tempfile.TemporaryDirectory(prefix="kamsync-rig-", dir=stores.SHM) as name:
        folder = Path(name)
        with crms(["plain"], clock, seed) as office:
            places = [where["plain"] for where in office.ask("fill", 20, 0).values()]
            _book(folder, [(place, number) for number in range(kills // 2) for place in places][: kills * 7])
            office.ask("odds", Odds())
            done = 0
            while done < kills and _left(folder):
                done += _child(folder, way, office, rng)
                clock.sleep(90)  # a token a child: ten in ten minutes are allowed
                say(f"{done} of {kills} kills")
            _child(folder, way, office, rng, live=True)
            clock.sleep(1000)
            return _outcome(folder, office, done)


def _child(folder: Path, way: str, office: Crms, rng: Random, *, live: bool = False) -> bool:
    """One process at work; was it killed?"""
    calls = 0 if live else rng.randint(1, MOST_CALLS)
    after = rng.expovariate(250)
    child = os.fork()
    if child == 0:
        try:
            {"send, then mark": _send_then_mark, "mark, then send": _mark_then_send}[way](
                _Sender(office.options["plain"], calls, after), folder
            )
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


class _Sender:
    """Calls the CRM; dies a moment after its n-th call has begun. 0: never."""

    def __init__(self, options: dict[str, Any], calls: int, after: float) -> None:
        self.calls, self.after = calls, after
        form = {name: options[name] for name in ("client_id", "client_secret", "refresh_token")}
        url = options["accounts_url"]
        told = requests.post(f"{url}/oauth/v2/token", data={**form, "grant_type": "refresh_token"}, timeout=10).json()
        self.url, self.token = f"{url}/crm/v8/Tasks", told["access_token"]

    def create(self, place: str, name: str) -> bool:
        """Make a task. True: the CRM said yes."""
        self.calls -= 1
        if self.calls == 0:
            signal.signal(signal.SIGALRM, lambda *_: os.kill(os.getpid(), signal.SIGKILL))
            signal.setitimer(signal.ITIMER_REAL, max(1e-4, self.after))
        row = {"Subject": name, "What_Id": {"id": place}, "$se_module": "Accounts"}
        try:
            reply = requests.post(
                self.url, json={"data": [row]}, headers={"Authorization": f"Zoho-oauthtoken {self.token}"}, timeout=10
            )
            return bool(reply.ok and reply.json()["data"][0]["code"] == "SUCCESS")
        except (requests.RequestException, ValueError):
            return False


def _send_then_mark(sender: _Sender, folder: Path) -> None:
    for id, place, name in _open(folder):
        if any(sender.create(place, name) for _ in range(TRIES)):
            _mark(folder, id)


def _mark_then_send(sender: _Sender, folder: Path) -> None:
    for id, place, name in _open(folder):
        _mark(folder, id)
        sender.create(place, name)


def _book(folder: Path, wanted: list[tuple[str, int]]) -> None:
    with sqlite3.connect(folder / "straw.db") as db:
        db.execute("CREATE TABLE task (id INTEGER PRIMARY KEY, place TEXT, name TEXT, done INTEGER DEFAULT 0)")
        rows = [(place, f"回访 {place} {number}") for place, number in wanted]
        db.executemany("INSERT INTO task (place, name) VALUES (?, ?)", rows)


def _open(folder: Path) -> list[tuple[int, str, str]]:
    with sqlite3.connect(folder / "straw.db") as db:
        return list(db.execute("SELECT id, place, name FROM task WHERE NOT done ORDER BY id"))


def _left(folder: Path) -> int:
    return len(_open(folder))


def _mark(folder: Path, id: int) -> None:
    with sqlite3.connect(folder / "straw.db") as db:
        db.execute("UPDATE task SET done = 1 WHERE id = ?", (id,))


def _outcome(folder: Path, office: Crms, kills: int) -> Outcome:
    """By the CRM's own table: what was marked as done or is there counts as wanted."""
    there = Counter(task["subject"] for task in office.ask("truth")["plain"]["tasks"])
    with sqlite3.connect(folder / "straw.db") as db:
        wanted = [name for name, done in db.execute("SELECT name, done FROM task") if done or there[name]]
    lost = sum(not there[name] for name in wanted)
    return Outcome(len(wanted), kills, lost, sum(there[name] - 1 for name in wanted if there[name]))
