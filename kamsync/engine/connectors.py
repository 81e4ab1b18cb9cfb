"""Find the installed connectors by their entry points; one that is broken never stops the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from kamsync.plugin import CONTRACT, Connector, Text

GROUP = "kamsync.connectors"


@dataclass(frozen=True, slots=True)
class Broken:
    """A connector that is installed but cannot be used, and why."""

    name: str
    provider: str
    why: Text


@dataclass(frozen=True, slots=True)
class Origin:
    """Who brought a connector: the distribution, its version, and the package that the code lies in."""

    provider: str
    version: str
    package: str


@dataclass(frozen=True, slots=True)
class Found:
    """What is installed: usable connectors by name, where they come from, and the others."""

    connectors: Mapping[str, Connector]
    broken: tuple[Broken, ...]
    origins: Mapping[str, Origin] = field(default_factory=dict)


@cache
def find() -> Found:
    """Every connector installed here. A name that two packages claim goes to kamsync's own, else to none."""
    usable: dict[str, Connector] = {}
    broken: list[Broken] = []
    origins: dict[str, Origin] = {}
    for point in sorted(entry_points(group=GROUP), key=_own_first):
        provider = point.dist.name if point.dist else "?"
        loaded = _load(point)
        if isinstance(loaded, Text):
            broken.append(Broken(point.name, provider, loaded))
        elif loaded.name in usable:
            why = Text(f"名称 {loaded.name} 已被占用", f"the name {loaded.name} is taken already")
            broken.append(Broken(point.name, provider, why))
        else:
            usable[loaded.name] = loaded
            version = point.dist.version if point.dist else "?"
            origins[loaded.name] = Origin(provider, version, point.module.partition(".")[0])
    return Found(usable, tuple(broken), origins)


def _own_first(point: EntryPoint) -> tuple[bool, str]:
    return (point.dist is None or point.dist.name != "kamsync", point.name)


def _load(point: EntryPoint) -> Connector | Text:
    try:
        loaded = point.load()
    except Exception as broken:  # noqa: BLE001  a stranger's code may fail in any way; it is named, the others go on
        return Text(f"无法载入:{broken!r}", f"cannot be loaded: {broken!r}")
    if not isinstance(loaded, Connector):
        return Text("入口点不是 Connector", "its entry point is not a Connector")
    if loaded.contract != CONTRACT:
        return Text(
            f"它按契约第 {loaded.contract} 版写成,本版 kamsync 使用第 {CONTRACT} 版",
            f"it was written for contract version {loaded.contract}, this kamsync speaks {CONTRACT}",
        )
    return loaded
