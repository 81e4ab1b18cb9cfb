"""`kamsync tier lint | simulate`: what is wrong with a policy file, and what it would do, before anything counts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kamsync.cli.common import Asked, both, command
from kamsync.plugin.text import Text

if TYPE_CHECKING:
    from kamsync.cli.screen import Screen
    from kamsync.engine.simulate import Course, Simulation

SHOWN = 8


def register(below: typer.Typer) -> None:
    command(
        below,
        "lint",
        Text(
            "检查策略文件:一次列出全部问题,带行号和改法。",
            "Check a policy file: every problem at once, with its line and a way out.",
        ),
        "kamsync tier lint policies/draft.toml",
        "kamsync tier lint abc_matrix",
    )(lint)
    command(
        below,
        "simulate",
        Text(
            "用存下来的历史逐月试算策略:谁会升降、为什么、涉及多少销售额、反复多少;两份草案可并排比较。",
            "Try policies on stored history, month by month: who moves and why, how much revenue, how much flapping; "
            "two drafts side by side.",
        ),
        "kamsync tier simulate policies/draft.toml",
        "kamsync tier simulate sabc vip_two_stage --months 6",
    )(simulate)


PolicyArg = Annotated[
    Path,
    typer.Argument(metavar="POLICY", help=both("策略文件,或自带策略的名字", "policy file, or a shipped one by name")),
]


def shipped(path: Path) -> Path:
    """The file that is meant: a shipped policy may be named without folder and ending."""
    from kamsync.engine.shipped import share

    ours = share() / "policies" / f"{path}.toml"
    return ours if not path.suffix and not path.exists() and ours.is_file() else path


def lint(asked: Asked, policy: PolicyArg) -> int:
    """A bad file ends as every config error does: all problems with file and line, exit code 2."""
    from kamsync.cli.screen import Screen
    from kamsync.config import read_policy

    screen = Screen(asked)
    path = shipped(policy)
    read = read_policy(path)
    names = [tier.name for tier in read.tiers]
    if asked.json:
        screen.emit({"ok": True, "file": str(path), "name": read.name, "version": read.version, "tiers": names})
        return 0
    what = f"{read.name} {read.version}: " + " / ".join(tier.label.say(asked.language) for tier in read.tiers)
    screen.say(f"没有问题。{what}", f"sound. {what}")
    screen.next(f"kamsync tier try rows.jsonl --policy {policy}")
    return 0


Drafts = Annotated[
    list[Path],
    typer.Argument(metavar="POLICY...", help=both("一份或两份策略(文件或自带的名字)", "one or two, by file or name")),
]
Months = Annotated[int, typer.Option("--months", min=1, max=60, help=both("往回看几个月", "how many months back"))]


def simulate(asked: Asked, policies: Drafts, months: Months = 12) -> int:
    from kamsync.cli.opening import ended, working
    from kamsync.cli.screen import Screen
    from kamsync.config import read_policy
    from kamsync.engine import publishing
    from kamsync.engine import simulate as trial

    screen = Screen(asked)
    drafts = [read_policy(shipped(path)) for path in policies]
    with working(asked, screen) as workspace:
        found = trial.simulate(workspace, drafts, months)
        publishing.keep_simulation(workspace, trial.to_json(found, asked.language)["policies"][1:])
        if asked.json:
            screen.emit(trial.to_json(found, asked.language))
        else:
            _show(screen, found)
            screen.next(f"kamsync tier draft {policies[0]}")
        return ended(workspace, 0)


def _show(screen: Screen, found: Simulation) -> None:
    first, last = found.dates[0], found.dates[-1]
    screen.line(
        ("试算 " if screen.is_zh else "simulated ", "bold"),
        f"{first} – {last} · {found.accounts} 个客户 · {len(found.dates)} 个月({len(found.measured)} 个月为补算)"
        if screen.is_zh
        else f"{first} – {last} · {found.accounts} accounts · {len(found.dates)} months "
        f"({len(found.measured)} measured just now)",
    )
    _table(screen, found)
    for course in found.drafts:
        _movers(screen, course)


def _table(screen: Screen, found: Simulation) -> None:
    from kamsync.cli.screen import lined_up
    from kamsync.rules.wording import money

    heads = ("策略", "各级客户数", "变动", "反复", "升/降", "涉及销售额") if screen.is_zh else (
        "policy", "accounts by tier", "changes", "flapped", "up/down", "revenue moved",
    )  # fmt: skip
    rows = []
    for course in (found.now, *found.drafts):
        ups = sum(mover.up for mover in course.movers)
        tiers = " / ".join(str(many) for many in course.tiers.values())
        moved = "–" if course is found.now else money(course.revenue_moved).say(screen.language)
        steps = "–" if course is found.now else f"{ups}/{len(course.movers) - ups}"
        rows.append((course.policy.name, tiers, str(course.changes), str(course.flapped), steps, moved))
    widths = (16, 20, 8, 8, 10, 0)
    screen.put(lined_up(*zip(heads, widths, strict=True), rows=rows))


def _movers(screen: Screen, course: Course) -> None:
    if not course.movers:
        screen.say(f"{course.policy.name}:没有客户换级", f"{course.policy.name}: nobody moves")
        return
    screen.line((course.policy.name, "bold"))
    for mover in course.movers[:SHOWN]:
        arrow = "↑" if mover.up else "↓"
        why = mover.reasons[0].say(screen.language) if mover.reasons else ""
        screen.line(f"  {arrow} {mover.name}  {mover.before} → {mover.after}  ", (why, "dim"))
    more = len(course.movers) - SHOWN
    if more > 0:
        screen.say(f"  … 另有 {more} 个(--json 列出全部)", f"  … and {more} more (--json lists all)")
