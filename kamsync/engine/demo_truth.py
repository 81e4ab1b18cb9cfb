"""What really stands in the demo's CRMs, read behind their gateways: ours counted, people's compared.

Proof for the demo's last lines; the commands of a real deployment have no such view.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from kamsync.engine.demo import Crm
from kamsync.plugin import Text
from kamsync.rules.reminder_rules import RULES


@dataclass(frozen=True, slots=True)
class Theirs:
    """What people made in one CRM: their own tags by account, and their tasks as they are."""

    tags: frozenset[tuple[str, str]]
    tasks: frozenset[object]


@dataclass(slots=True)
class Ours:
    """What kamsync made in one CRM. `doubled`: tasks that there are more than one of."""

    crm: Crm
    tags: Counter[str] = field(default_factory=Counter)
    tasks: Counter[str] = field(default_factory=Counter)  # by rule
    doubled: int = 0


def theirs(crms: Sequence[Crm], prefix: str) -> dict[str, Theirs]:
    """What people made, by CRM."""
    return {crm.name: _theirs(crm, prefix) for crm in crms}


def _theirs(crm: Crm, prefix: str) -> Theirs:
    tags = {(id, tag) for id in crm.tenant.ids("account") for tag in crm.tenant.tags(id) if not tag.startswith(prefix)}
    return Theirs(frozenset(tags), frozenset(task for task in crm.tenant.tasks() if not task.by_us))


def ours(crm: Crm, prefix: str) -> Ours:
    """What kamsync made in this CRM."""
    found = Ours(crm)
    for id in crm.tenant.ids("account"):
        found.tags.update(tag for tag in crm.tenant.tags(id) if tag.startswith(prefix))
    markers = Counter(task.marker for task in crm.tenant.tasks() if task.by_us)
    for marker, times in markers.items():
        found.tasks[_rule(marker)] += times
        found.doubled += times - 1
    return found


def _rule(marker: str | None) -> str:
    """`kam:R01:…` is of R01."""
    parts = (marker or "").split(":")
    return parts[1] if len(parts) > 2 else "?"


def rule_title(rule: str) -> Text:
    """What people call a rule."""
    return RULES[rule].title if rule in RULES else Text(rule, rule)
