"""Change, delete, merge, take back and break everything for a while; then every record must be as the CRMs have it.

Two simulated CRMs are loaded, then pulled from in rounds while people edit, add, delete, restore, merge, un-merge,
void, hand over and re-use records, rows show hours late, answers are lost, cut, refused or wrong, tokens die, and the
pull itself is killed (-9) at random calls. When it is quiet again the store is held beside the CRMs' own truth.

Run: python benchmarks/drill.py [--records N] [--seed S] [--crm zoho|fxiaoke|both] [--rounds R]
Ends with 1 when anything differs. With the same figures the same things happen, but for the order of threads.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

from _drill_check import KINDS, Differences, total
from _drill_crm import serve
from _drill_pull import Ahead, Crm, Drill
from _rig import ALONE, ROOT, folder, show

from kamsync.engine import holds
from kamsync.engine.workspace import opened
from kamsync.store import runs

WAITS = (180.0, 1500.0, 2 * 3600.0, 8 * 3600.0, 26 * 3600.0)
DAY = 86_400.0
MOST_SWEEPS = 12


# ---- the rounds


def run(drill: Drill, rounds: int, steps: int, *, quiet: bool) -> list[Differences]:
    """Load, rounds, quiet, verdict."""
    found: list[Differences] = []
    _load(drill)
    for number in range(rounds):
        drill.wait(drill.rng.choice(WAITS))
        drill.all("act", steps)
        drill.all("faults", drill.rng.randint(3, 14))
        drill.all("meanwhile", drill.rng.choice([0, 2, 5, 11]))
        for _ in range(drill.rng.randint(0, 2)):
            drill.pull(kill_within=30 + steps // 20)
        told = drill.pull()
        drill.all("meanwhile", 0)
        drill.all("clear")
        late = drill.all("passed", str(drill.store))
        found += [one for one in late if one.counts]
        if drill.rng.random() < 0.5:
            _approve(drill)
        if not quiet:
            _say(
                drill,
                f"round {number + 1}: {told['verdict'] if told else 'killed'}, {sum(total(late).values())} passed over",
            )
    _settle(drill, quiet=quiet)
    if not quiet:
        _say(drill, "comparing")
    return found + drill.all("compare", str(drill.store))


def _load(drill: Drill) -> None:
    """The first whole read, killed on its way more than once."""
    drill.all("faults", 6)
    for within in (40, 400):
        drill.pull(kill_within=within)
    for _ in range(10):
        told = drill.pull()
        if told and told["verdict"] == "ok":
            return
        drill.all("clear")
        drill.wait(60)
    raise SystemExit(f"the load does not end: {told}")


def _settle(drill: Drill, *, quiet: bool) -> None:
    """Nobody acts any more: pulls and sweeps of the next days until a sweep changes nothing twice."""
    still = 0
    drill.wait(1800)
    drill.pull()
    for number in range(MOST_SWEEPS):
        _approve(drill)
        drill.wait(DAY + 3600)
        told = drill.pull(sweep=True)
        still = still + 1 if told and not told["changed"] and told["verdict"] == "ok" else 0
        if not quiet:
            _say(
                drill,
                f"sweep {number + 1}: {told and (told['verdict'], told['changed'], told['trouble'], told['concerns'])}",
            )
        if still == 2:
            return


def _approve(drill: Drill) -> None:
    """A person looks at what is held, and lets it pass."""
    with opened(drill.config, Ahead(drill.ahead)) as workspace:
        with workspace.store.read() as tx:
            waiting = [row["id"] for row in runs.holds(tx)]
        for id in waiting:
            holds.approve_verb(workspace, id)
            drill.ended["approved"] += 1


def _say(drill: Drill, what: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {what}", flush=True)


# ---- a deployment


@contextmanager
def drilled(names: list[str], records: int, seed: int) -> Iterator[Drill]:
    with folder() as here:
        crms, processes = [], []
        for number, name in enumerate(names):
            ours, theirs = ALONE.Pipe()
            process = ALONE.Process(target=serve, args=(theirs, name, seed, records // len(names), 0.8 * number))
            process.start()
            processes.append(process)
            crms.append(Crm(name, ours, {}))
        for crm in crms:
            crm.options = crm.pipe.recv()
        store = here / "kamsync.db"
        drill = Drill(crms, _config(here, crms), store, Random(seed))
        try:
            yield drill
        finally:
            drill.all("stop")
            for process in processes:
                process.join()


def _config(here: Path, crms: list[Crm]) -> Path:
    lines = ["allow_plain_secrets = true", "[store]", f'url = "sqlite:///{here}/kamsync.db"']
    for crm in crms:
        lines += [f"[connections.{crm.name}]", f'connector = "{crm.name}"', 'writes = "off"']
        lines += ["daily_credits = 10000000"] if crm.name == "zoho" else []
        lines += [f'mapping = "{ROOT}/mappings/{crm.name}.toml"']
        lines += [f"{key} = {json.dumps(value)}" for key, value in crm.options.items()]
    lines += ["[policy]", f'tiers = "{ROOT}/policies/value4.toml"', f'reminders = "{ROOT}/policies/reminders.toml"']
    path = here / "config.toml"
    path.write_text("\n".join(lines), "utf-8")
    return path


ONE = "(SELECT rowid FROM raw WHERE stream = 'contacts' AND life = 'live' LIMIT 1)"
FIRST = "(SELECT rowid FROM contact WHERE account_ref IS NOT NULL LIMIT 1)"
SPOILT = {
    "missing": f"DELETE FROM raw WHERE rowid = {ONE}",
    "ghosts": "INSERT INTO raw SELECT connection, stream, 'nobody', modified_at, hash, body, 'live', NULL, landed_at,"
    f" run FROM raw WHERE rowid = {ONE}",
    "stale": "UPDATE raw SET body = replace(body, '员工', '李雷') WHERE stream = 'users'",
    "unfiled": f"DELETE FROM contact WHERE rowid = {FIRST}",
    "wrong home": f"UPDATE contact SET account_id = 'A0' WHERE rowid = {FIRST}",
    "wrong alias": "INSERT INTO alias (connection, stream, loser, winner, final, source, joined, seen_at)"
    " SELECT connection, stream, remote_id, 'x', 'x', 'said', 1, landed_at FROM raw"
    " WHERE stream = 'accounts' AND life = 'live' LIMIT 1",
    "passed over": f"UPDATE raw SET modified_at = '2001-01-01 00:00:00.000000' WHERE rowid = {ONE}",
}


def toothless(drill: Drill) -> list[str]:
    """The kinds of difference that the comparison does not find in a store where there surely is one."""
    blunt = []
    for kind, spoil in SPOILT.items():
        copy = drill.store.with_name("spoilt.db")
        copy.unlink(missing_ok=True)
        with sqlite3.connect(drill.store) as db:
            db.execute("VACUUM INTO ?", (str(copy),))
        with sqlite3.connect(copy) as db:
            db.execute(spoil)
        if not total(drill.all("compare", str(copy)))[kind]:
            blunt.append(kind)
    return blunt


def main() -> int:
    asked = _asked()
    names = ["zoho", "fxiaoke"] if asked.crm == "both" else [asked.crm]
    steps = max(30, asked.records // 200 // len(names))
    began = time.monotonic()
    with drilled(names, asked.records, asked.seed) as drill:
        if not asked.quiet:
            _say(drill, f"{asked.records:,} records are there")
        loaded = time.monotonic()
        found = run(drill, asked.rounds, steps, quiet=asked.quiet)
        blunt = toothless(drill) if asked.bite else []
        figures = drill.all("figures")
        if asked.keep:
            shutil.copyfile(drill.store, asked.keep)
        _report(asked, drill, found, figures, loaded - began, time.monotonic() - loaded)
    for kind in blunt:
        print(f"a spoilt store was not found out: {kind}")
    return 1 if blunt or sum(total(found).values()) else 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=300_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--crm", choices=["zoho", "fxiaoke", "both"], default="both")
    parser.add_argument("--quiet", action="store_true", help="only the figures at the end")
    parser.add_argument("--keep", type=Path, metavar="FILE", help="leave a copy of the store there")
    parser.add_argument("--bite", action="store_true", help="spoil copies of the store too: each must be found out")
    return parser.parse_args()


def _report(
    asked: argparse.Namespace,
    drill: Drill,
    found: list[Differences],
    figures: list[dict[str, Any]],
    fill: float,
    took: float,
) -> None:
    counts = total(found)
    show(("what", "figure"), [
        ("records asked for, seed", f"{asked.records:,}, {asked.seed}"),
        ("records at the end", f"{sum(one.records for one in found):,}"),
        ("rounds; pulls", f"{asked.rounds}; {drill.pulls}"),
        ("kills (-9)", str(drill.kills)),
        ("faults that struck", str(sum(one["faults"] for one in figures))),
        ("calls", f"{sum(one['calls'] for one in figures):,}"),
        ("credits (Zoho)", f"{sum(one['credits'] for one in figures):,}"),
        ("merges; aliases found", f"{sum(one.merges for one in found)}; {sum(one.aliases for one in found)}"),
        ("seconds: filling; all; pulling", f"{fill:.0f}; {took:.0f}; {drill.seconds:.0f}"),
        ("most memory of a pull, MB", f"{drill.peak:.0f}"),
        *((f"differences: {kind}", str(counts[kind])) for kind in KINDS),
    ])  # fmt: skip
    for one, crm in zip(figures, drill.crms, strict=True):
        print(f"{crm.name}: {one['done']} {one['knobs'] or ''}")
    print(f"ended: {dict(drill.ended)}")
    for sample in (text for one in found for text in one.samples):
        print(f"  {sample}")


if __name__ == "__main__":
    raise SystemExit(main())
