"""What it costs to look at 20,000 accounts with a task, a call and a visit each: nothing changed, or 200 records.

A whole cycle tags them all first; then come the quiet ones, each in a process of its own, as the schedule would run
them; then people change 50 accounts and 150 activities, and a pull brings them. "By hand" is a person's pull, who asks
what it will take; it looks for deletions, too. On SQLite and, where KAMSYNC_TEST_POSTGRES names a server or the dev
extra brings one, on PostgreSQL. Last the demo's two CRMs in one store, where nothing changed: a pull in a process of
its own, and a cycle of a daemon's, which has loaded everything long ago.

Run: python benchmarks/quiet.py [--accounts N]
"""

from __future__ import annotations

from pathlib import Path

from _rig import (
    TODAY,
    Cycled,
    Looked,
    Simulated,
    accounts_asked,
    apart,
    deployment,
    folder,
    postgres,
    run_cycle,
    run_cycles,
    run_pull,
    show,
    simulated,
)
from _tenants import big_zoho, demo_fxiaoke, demo_zoho, edit

ACCOUNTS = 20_000
CHANGED_ACCOUNTS, CHANGED_ACTIVITIES = 50, 150
REPEATS, CYCLES = 3, 5


def measure(store: str, zoho: Simulated, here: Path, url: str | None) -> list[tuple[str, ...]]:
    """The rows of one kind of store."""
    config = deployment(here, {"zoho": zoho}, url)
    first = apart(run_cycle, config)
    quiet = [apart(run_cycle, config) for _ in range(REPEATS)]
    if any(one.written or one.changed for one in quiet):
        raise SystemExit(f"{store}: a quiet cycle was not quiet: {quiet}")
    looks = [apart(run_pull, config) for _ in range(REPEATS)]
    by_hand = apart(run_pull, config, True)
    zoho.act(edit, CHANGED_ACCOUNTS, CHANGED_ACTIVITIES)
    brought = apart(run_pull, config)
    if brought.changed != CHANGED_ACCOUNTS + CHANGED_ACTIVITIES:
        raise SystemExit(f"{store}: {brought.changed} changes came, of {CHANGED_ACCOUNTS + CHANGED_ACTIVITIES}")
    return [
        cycled(f"{store}, first cycle", first),
        cycled(f"{store}, quiet cycle", min(quiet, key=lambda one: one.used.cpu)),
        looked(f"{store}, quiet pull", min(looks, key=lambda one: one.used.cpu)),
        looked(f"{store}, quiet pull by hand", by_hand),
        looked(f"{store}, {brought.changed} changes", brought),
    ]


def both() -> list[tuple[str, ...]]:
    """Two CRMs, nothing changed."""
    with folder() as here, simulated(demo_zoho, TODAY) as zoho, simulated(demo_fxiaoke, TODAY) as fxiaoke:
        config = deployment(here, {"zoho": zoho, "fxiaoke": fxiaoke})
        apart(run_pull, config)
        looks = [apart(run_pull, config) for _ in range(REPEATS)]
        day = apart(run_cycles, config, CYCLES)
    least = min(looks, key=lambda one: one.used.cpu)
    return [looked("the demo, quiet pull", least), cycled("the demo, a daemon's quiet cycle", day)]


def cycled(name: str, one: Cycled) -> tuple[str, ...]:
    used = one.used
    calls, credits = (sum(spent) for spent in zip(*one.spent.values(), strict=True))
    figures = (f"{used.wall:.1f}", str(calls), str(credits), "", "", "", str(one.changed), str(one.written))
    return (name, *figures, f"{used.cpu:.2f}", f"{used.peak:.0f}")


def looked(name: str, one: Looked) -> tuple[str, ...]:
    used = one.used
    figures = (f"{used.wall:.1f}", str(one.requests), str(one.credits), one.said, str(one.streams), str(one.most))
    return (name, *figures, str(one.changed), "", f"{used.cpu:.2f}", f"{used.peak:.0f}")


def main() -> None:
    accounts = accounts_asked(ACCOUNTS, __doc__)
    rows = []
    with folder() as here, simulated(big_zoho, accounts, accounts, 0.0) as zoho:
        rows += measure("SQLite", zoho, here, None)
    with folder() as here, postgres(here) as url:
        if url is not None:
            with simulated(big_zoho, accounts, accounts, 0.0) as zoho:
                rows += measure("PostgreSQL", zoho, here, url)
    rows += both()
    print(f"{accounts:,} accounts, {4 * accounts:,} records, one Zoho tenant; quiet: best of {REPEATS} by CPU")
    heads = (
        "wall s",
        "requests",
        "credits",
        "said before",
        "streams",
        "most of one",
        "changed",
        "written",
        "CPU s",
        "peak MB",
    )
    show(("", *heads), rows)


if __name__ == "__main__":
    main()
