"""How safely each kind may be written at a tenant, what would raise it, and how late its lists show what is new."""

from __future__ import annotations

from collections.abc import Iterator

from kamsync.engine.guarantees import Guarantee
from kamsync.plugin import Finding, Text

WEAK = frozenset(["E1", "E0", "S0"])
USABLE = Text("可以用:结果不明的先核实再说", "usable: what is unknown is looked into before anything is sent again")


def look(one: Guarantee) -> Iterator[Finding]:
    """The level, and the lag where any was measured."""
    said = Text(f"{one.level}({one.means.zh}):{one.why.zh}", f"{one.level} ({one.means.en}): {one.why.en}")
    weak = one.level in WEAK
    yield Finding(f"writes.{one.kind}", "warn" if weak else "ok", said, one.better or (USABLE if weak else None))
    if one.learned.looks:
        yield _lag(one)


def _lag(one: Guarantee) -> Finding:
    longest, looks, wait = one.learned.longest.total_seconds(), one.learned.looks, one.wait
    said = Text(
        f"{looks} 次查看,列表最多落后 {longest:.0f} 秒;结果不明时等 {wait:.0f} 秒再看",
        f"{looks} looks, lists at most {longest:.0f} s behind; a doubt waits {wait:.0f} s for a look",
    )
    if not one.learned.behind:
        return Finding(f"writes.{one.kind}.lag", "ok", said)
    behind = Text(
        "此刻列表落后:等它追上,期间不重发", "the lists are behind: nothing is sent again before they catch up"
    )
    return Finding(f"writes.{one.kind}.lag", "warn", said, behind)
