"""Pull 20,000 accounts, tasks, calls and events each from a simulated Zoho, 40 ms away, that allows 10 calls at once.

The floor is a program that does nothing but fetch: the same records by four bare walks at once through Zoho's lists of
200, decoded, and written by one executemany. kamsync reads by query, 2,000 rows a call, maps, hashes, keeps its place
and links. Then the same from an organisation that allows neither queries nor bulk files, where only lists are left.

`--peer FOLDER` also runs Zoho's own SDK, installed in a virtual environment of its own, over the same records; see
`_peer_zoho.py`. Airbyte's source stops at row 2,000 of each stream.

Run: python benchmarks/pull_zoho.py [--accounts N] [--touches N] [--repeats N] [--peer FOLDER]
     300,000 records: --accounts 30000 --touches 90000 --repeats 1
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from _rig import Simulated, Used, apart, deployment, folder, highest, measured, parser, reckoned, show, simulated

from kamsync.engine.connections import connected
from kamsync.engine.pull import pull
from kamsync.engine.workspace import opened
from kamsync.net import SystemClock
from kamsync.plugin import Window
from kamsync.store import writing

ACCOUNTS = 20_000
LATENCY, AT_ONCE = 0.040, 10
MODULES = ("Accounts", "Tasks", "Calls", "Events")
REPEATS = 3


@dataclass(slots=True)
class Pulled:
    """One pull. `read`: seconds until the last page was stored, `reading`: the memory at its highest until then; the
    rest is linking."""

    used: Used
    records: int
    requests: int
    credits: int
    read: float
    reading: float
    said: str


def pull_all(config: Path) -> Pulled:
    """Everything there is, into an empty store."""
    clock, last = SystemClock(), (0.0, 0.0)
    with opened(config, clock) as workspace, writing(workspace.store) as writer, connected(workspace) as (ready, bad):

        def heard(event: str, **_: object) -> None:
            nonlocal last
            last = (clock.monotonic(), highest()) if event == "pull.page" else last

        workspace.say = heard
        said = reckoned(workspace, ready)
        began = clock.monotonic()
        with measured() as used:
            report = pull(workspace, writer, ready, bad)
        if report.verdict != "ok":
            raise SystemExit(f"the pull ended {report.verdict}: {[str(one.trouble) for one in report.streams]}")
        spent = ready["zoho"].door.spent
        records = sum(one.tally.records for one in report.streams)
        calls, credits = spent.requests - said.counted[0], spent.credits - said.counted[1]
        return Pulled(used, records, calls, credits, last[0] - began, last[1], said.beside(report))


def fields_asked(config: Path) -> dict[str, str]:
    """The fields that kamsync asks of each module, so that the floor reads the same."""
    with opened(config, SystemClock()) as workspace, connected(workspace) as (ready, _):
        connection = ready["zoho"]
        asked = {}
        for stream in connection.streams:
            if stream.object in MODULES:
                want = connection.mapping.wanted_fields(stream.name)
                page = next(connection.session.read(stream, Window(None, connection.door.now(), want), None))
                asked[stream.object] = ",".join(sorted((page.fields or frozenset()) - {"id"}))
        return asked


def bare(options: Mapping[str, Any], asked: Mapping[str, str], database: Path) -> Used:
    """The floor: four walks at once, each page decoded, all rows written by one executemany."""
    form = {"grant_type": "refresh_token"}
    form |= {name: options[name] for name in ("client_id", "client_secret", "refresh_token")}
    said = requests.post(f"{options['accounts_url']}/oauth/v2/token", data=form, timeout=60).json()
    headers = {"Authorization": f"Zoho-oauthtoken {said['access_token']}"}

    def walk(module: str) -> list[tuple[str, str, str, str]]:
        session, rows, token = requests.Session(), [], None
        session.trust_env = False
        query = {"fields": asked[module], "per_page": "200", "sort_by": "Modified_Time", "sort_order": "asc"}
        while True:
            page = query | ({"page_token": token} if token else {})
            url = f"{options['accounts_url']}/crm/v8/{module}"
            said = session.get(url, params=page, headers=headers, timeout=60).json()
            rows += [(module, row["id"], row["Modified_Time"], json.dumps(row)) for row in said["data"]]
            token = said["info"]["next_page_token"]
            if not token:
                return rows

    with measured() as used, ThreadPoolExecutor(len(MODULES)) as pool, sqlite3.connect(database) as store:
        rows = [row for rows in pool.map(walk, MODULES) for row in rows]
        store.execute("CREATE TABLE raw (module, id, modified, body, PRIMARY KEY (module, id))")
        store.executemany("INSERT INTO raw VALUES (?, ?, ?, ?)", rows)
        store.commit()
    return used


def main() -> None:
    from _tenants import big_zoho  # not where memory is measured

    asking = parser(ACCOUNTS, __doc__)
    asking.add_argument("--touches", type=int, metavar="N", help="tasks, calls and events each (default: as accounts)")
    asking.add_argument(
        "--repeats", type=int, default=REPEATS, metavar="N", help=f"of which the best (default {REPEATS})"
    )
    asking.add_argument("--peer", type=Path, metavar="FOLDER", help="a virtual environment with zohocrmsdk8-0 in it")
    asked = asking.parse_args()
    accounts, repeats, pulls, floors, rows = max(1, asked.accounts), max(1, asked.repeats), [], [], []
    touches = asked.touches or accounts
    asked_of: dict[str, str] = {}  # asked for once: no organisation hands out more than ten tokens in ten minutes
    with simulated(big_zoho, accounts, touches, LATENCY, AT_ONCE) as zoho:
        for _ in range(repeats):
            with folder() as here:
                pulls.append(apart(pull_all, deployment(here, {"zoho": zoho}, concurrency=AT_ONCE)))
            with folder() as here:
                asked_of = asked_of or apart(fields_asked, deployment(here, {"zoho": zoho}, concurrency=AT_ONCE))
                floors.append(apart(bare, zoho.options, asked_of, here / "bare.db"))
        _, most = zoho.traffic()
        if asked.peer:
            rows.append(peer(asked.peer, zoho, asked_of))
    with simulated(big_zoho, accounts, touches, LATENCY, AT_ONCE, True) as zoho, folder() as here:
        listed = apart(pull_all, deployment(here, {"zoho": zoho}, concurrency=AT_ONCE))
    best, least = min(pulls, key=lambda one: one.used.wall), min(floors, key=lambda one: one.wall)
    print(f"{best.records:,} records, {LATENCY * 1000:g} ms away; best of {repeats}; at most {most} calls at once")
    pages = -(-accounts // 200) + 3 * -(-touches // 200)
    show(
        ("", "wall s", "read s", "records/s", "requests", "credits", "CPU s", "reading MB", "peak MB"),
        [
            pulled("kamsync pull", best),
            pulled("kamsync pull, lists only", listed),
            row("floor", least, accounts + 3 * touches, least.wall, pages, pages),
            *rows,
        ],
    )
    print(f"said before it began: {best.said}; lists only: {listed.said}")
    print(
        f"kamsync's wall is {best.used.wall / least.wall:.2f} of the floor's; its CPU {best.used.cpu / least.cpu:.2f}"
    )


def pulled(name: str, one: Pulled) -> list[str]:
    return row(name, one.used, one.records, one.read, one.requests, one.credits, one.reading)


def row(
    name: str, used: Used, records: int, read: float, requests: int, credits: int, reading: float | None = None
) -> list[str]:
    figures = (f"{used.wall:.1f}", f"{read:.1f}", f"{records / used.wall:,.0f}", str(requests), str(credits))
    return [name, *figures, f"{used.cpu:.1f}", f"{used.peak if reading is None else reading:.0f}", f"{used.peak:.0f}"]


def peer(environment: Path, zoho: Simulated, asked: Mapping[str, str]) -> list[str]:
    """Zoho's own SDK over the same records and fields; nothing is stored."""
    before, _ = zoho.traffic()
    command = [str(environment / "bin" / "python"), str(Path(__file__).with_name("_peer_zoho.py"))]
    given = json.dumps({**zoho.options, "asked": asked})
    told = json.loads(subprocess.run(command, input=given, stdout=subprocess.PIPE, text=True, check=True).stdout)
    calls = zoho.traffic()[0] - before
    used = Used(told["wall"], told["cpu"], told["peak"])
    return row("Zoho's SDK, not stored", used, told["records"], used.wall, calls, calls)


if __name__ == "__main__":
    main()
