"""A cycle in which nothing changed, on 20,000 accounts with a task, a call and a visit each: what it costs to look.

A whole cycle tags them all first; then come the quiet ones, each in a process of its own, as the schedule would run
them. On SQLite and, where KAMSYNC_TEST_POSTGRES names a server or the dev extra brings one, on PostgreSQL.

Run: python benchmarks/quiet.py [--accounts N]
"""

from __future__ import annotations

from pathlib import Path

from _rig import (
    Cycled,
    Simulated,
    accounts_asked,
    apart,
    big_zoho,
    deployment,
    folder,
    postgres,
    run_cycle,
    show,
    simulated,
)

ACCOUNTS = 20_000
REPEATS = 3


def measure(store: str, zoho: Simulated, here: Path, url: str | None) -> list[tuple[str, ...]]:
    """The rows of one kind of store."""
    config = deployment(here, {"zoho": zoho}, url)
    first = apart(run_cycle, config)
    quiet = [apart(run_cycle, config) for _ in range(REPEATS)]
    if any(one.written or one.changed for one in quiet):
        raise SystemExit(f"{store}: a quiet cycle was not quiet: {quiet}")
    best = min(quiet, key=lambda one: one.used.cpu)
    return [row(f"{store}, first", first), row(f"{store}, quiet", best)]


def row(name: str, one: Cycled) -> tuple[str, ...]:
    used = one.used
    calls, credits = one.spent["zoho"]
    return (name, f"{used.wall:.1f}", str(calls), str(credits), str(one.written), f"{used.cpu:.1f}", f"{used.peak:.0f}")


def main() -> None:
    accounts = accounts_asked(ACCOUNTS, __doc__)
    rows = []
    with folder() as here, simulated(big_zoho, accounts, accounts, 0.0) as zoho:
        rows += measure("SQLite", zoho, here, None)
    with folder() as here, postgres(here) as url:
        if url is not None:
            with simulated(big_zoho, accounts, accounts, 0.0) as zoho:
                rows += measure("PostgreSQL", zoho, here, url)
    print(f"{accounts:,} accounts, {4 * accounts:,} records, one Zoho tenant; quiet: best of {REPEATS}")
    show(("cycle", "wall s", "requests", "credits", "written", "CPU s", "peak MB"), rows)


if __name__ == "__main__":
    main()
