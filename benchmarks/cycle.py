"""One whole cycle over the demo's data, 400 companies in a Zoho and a Fxiaoke tenant, and a second, quiet one.

The Fxiaoke tenant bought 500 calls in 20 seconds. Each cycle runs in a process of its own, a new store for each repeat.

Run: python benchmarks/cycle.py
"""

from __future__ import annotations

from _rig import TODAY, Cycled, apart, deployment, folder, run_cycle, show, simulated
from _tenants import demo_fxiaoke, demo_zoho

REPEATS = 3


def once() -> tuple[Cycled, Cycled]:
    """A full cycle and a quiet one, against fresh tenants."""
    with folder() as here, simulated(demo_zoho, TODAY) as zoho, simulated(demo_fxiaoke, TODAY) as fxiaoke:
        config = deployment(here, {"zoho": zoho, "fxiaoke": fxiaoke})
        return apart(run_cycle, config), apart(run_cycle, config)


def row(name: str, one: Cycled) -> tuple[str, ...]:
    crms = [f"{calls} / {credits}" for calls, credits in one.spent.values()]
    used = one.used
    return (name, f"{used.wall:.1f}", *crms, str(one.changed), str(one.written), f"{used.cpu:.1f}", f"{used.peak:.0f}")


def main() -> None:
    runs = [once() for _ in range(REPEATS)]
    full, quiet = (min(each, key=lambda one: one.used.wall) for each in zip(*runs, strict=True))
    print(f"the demo's data; best of {REPEATS}; per CRM: requests / credits")
    show(
        ("cycle", "wall s", "zoho", "fxiaoke", "records new", "written", "CPU s", "peak MB"),
        [row("full", full), row("second", quiet)],
    )


if __name__ == "__main__":
    main()
