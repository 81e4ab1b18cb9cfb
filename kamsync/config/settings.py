"""Read config.toml into frozen, typed values, or list everything that is wrong with it.

It opens no connection and reveals no secret: secrets stay references until `kamsync.config.secrets` unseals them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from kamsync.config.blocks import (
    BudgetBlock,
    ConnectionBlock,
    DaemonBlock,
    GoldenBlock,
    GuardsBlock,
    PolicyBlock,
    ScheduleBlock,
    Sheet,
    StoreBlock,
    Writes,
)
from kamsync.config.faults import problems_of
from kamsync.config.secrets import reference_problems
from kamsync.config.toml_file import Document, Problem, Problems, did_you_mean, nearest, read
from kamsync.plugin import ConfigError, Connector, Options, Text

SHIPPED = {"tiers": "value4.toml", "reminders": "reminders.toml"}
OWN_KEYS = frozenset(ConnectionBlock.model_fields)


@dataclass(frozen=True, slots=True)
class ConnectionConfig:
    """One tenant. `options` is an instance of its connector's options class; secrets in it are references."""

    name: str
    connector: str
    mapping: Path
    writes: Writes
    options: Options
    reserve: float | None = None  # of a day's credits; None: as the budget of all says
    may_delete: bool = False  # tasks that an undo takes back are deleted, not only closed
    fallback_owner: str | None = None  # who gets the tasks of those who have left: a user id of the CRM's


@dataclass(frozen=True, slots=True)
class Config:
    """Everything a run needs to know from its owner. Paths are whole."""

    path: Path
    timezone: ZoneInfo
    language: str
    deployment: str
    base_currency: str
    allow_plain_secrets: bool
    mapping_publish: str  # auto: an edited mapping file comes into force by itself; manual: `kamsync map publish`
    store: StoreBlock
    connections: tuple[ConnectionConfig, ...]
    policy: PolicyBlock
    schedule: ScheduleBlock
    guards: GuardsBlock
    budget: BudgetBlock = field(default_factory=BudgetBlock)
    golden: GoldenBlock = field(default_factory=GoldenBlock)
    daemon: DaemonBlock = field(default_factory=DaemonBlock)

    @property
    def folder(self) -> Path:
        """Where relative paths begin."""
        return self.path.parent

    def connection(self, name: str) -> ConnectionConfig | None:
        """The connection of that name, if there is one."""
        return next((one for one in self.connections if one.name == name), None)


def load(path: Path, connectors: Mapping[str, Connector], shipped: Path | None = None) -> Config:
    """The config at `path`; raises `Problems` with every mistake at once.

    `shipped`: the folder whose policies hold where the config names none.
    """
    document = _with_policies(read(path), shipped)
    folder = path.resolve().parent
    blocks = document.data.get("connections", {})
    problems: list[Problem] = []
    sheet = _sheet(document, folder, problems)
    connections = [
        _connection(document, name, block, connectors, folder, problems)
        for name, block in (blocks.items() if isinstance(blocks, dict) else ())
    ]
    problems += _prefer_problems(document, [str(name) for name in blocks] if isinstance(blocks, dict) else [])
    if problems or sheet is None:
        one_a_key = {problem.key: problem for problem in reversed(problems)}
        raise Problems(sorted(one_a_key.values(), key=lambda problem: (problem.line or 0, problem.key)))
    return Config(
        path=path.resolve(),
        timezone=sheet.timezone,
        language=sheet.language,
        deployment=sheet.deployment,
        base_currency=sheet.base_currency,
        allow_plain_secrets=sheet.allow_plain_secrets,
        mapping_publish=sheet.mapping_publish,
        store=sheet.store,
        connections=tuple(one for one in connections if one is not None),
        policy=sheet.policy,
        schedule=sheet.schedule,
        guards=sheet.guards,
        budget=sheet.budget,
        golden=sheet.golden,
        daemon=sheet.daemon,
    )


def listening_at(config: Config, address: str) -> Config:
    """The config, but listening at this address (HOST:PORT). Raises ConfigError where it is none."""
    try:
        daemon = DaemonBlock.model_validate({"listen": address, "public_url": config.daemon.public_url})
    except ValidationError:
        text = Text(f"{address!r} 不是监听地址", f"{address!r} is not an address to listen at")
        raise ConfigError(text, next="kamsync run --listen 127.0.0.1:8091") from None
    return replace(config, daemon=daemon)


def _with_policies(document: Document, shipped: Path | None) -> Document:
    """The document with the shipped policy files where it names none of its own."""
    named = document.data.get("policy", {})
    if shipped is None or not isinstance(named, dict):
        return document
    default = {name: str(shipped / "policies" / file) for name, file in SHIPPED.items()}
    return replace(document, data=document.data | {"policy": default | named})


def _sheet(document: Document, folder: Path, problems: list[Problem]) -> Sheet | None:
    try:
        whole = {"store": {}, **document.data}  # so that the default store, too, lies in the config's folder
        return Sheet.model_validate(whole, context=_context(document, folder))
    except ValidationError as wrong:
        problems += problems_of(wrong, document, (), Sheet)
        return None


def _context(document: Document, folder: Path) -> dict[str, Any]:
    return {"folder": folder, "allow_plain": document.data.get("allow_plain_secrets") is True}


def _connection(
    document: Document,
    name: str,
    block: object,
    connectors: Mapping[str, Connector],
    folder: Path,
    problems: list[Problem],
) -> ConnectionConfig | None:
    where = ("connections", name)
    if not isinstance(block, dict):
        text = Text(f"应为一个表:[connections.{name}]", f"should be a table: [connections.{name}]")
        problems.append(document.problem(where, text))
        return None
    found = _name_problems(document, name)
    own = _validated(
        ConnectionBlock, {key: block[key] for key in block if key in OWN_KEYS}, document, name, found, folder
    )
    connector = connectors.get(str(block.get("connector", "")))
    options: Options | None = None
    if connector is not None:
        rest = {key: value for key, value in block.items() if key not in OWN_KEYS}
        allowed = document.data.get("allow_plain_secrets") is True
        found += reference_problems(connector.options, rest, document, where, allow_plain=allowed)
        options = _validated(connector.options, rest, document, name, found, folder)
    elif own is not None:
        found.append(_unknown_connector(document, name, own.connector, connectors))
    problems += found
    if found or own is None or options is None:
        return None
    return ConnectionConfig(name, options=options, **{key: getattr(own, key) for key in ConnectionBlock.model_fields})


def _validated(
    model: type[Any], data: Mapping[str, object], document: Document, name: str, found: list[Problem], folder: Path
) -> Any:
    """The block as its model, or None with its problems added to `found`."""
    try:
        return model.model_validate(data, context=_context(document, folder))
    except ValidationError as wrong:
        found += problems_of(wrong, document, ("connections", name), model, also=OWN_KEYS)
        return None


def _name_problems(document: Document, name: str) -> list[Problem]:
    if name and not any(char.isspace() or char in "/:" for char in name):
        return []
    text = Text("连接名不能为空，也不能含空格、/ 或 :", "a connection's name may not be empty or hold spaces, / or :")
    return [document.problem(("connections", name), text)]


def _unknown_connector(document: Document, name: str, asked: str, connectors: Mapping[str, Connector]) -> Problem:
    installed = ", ".join(sorted(connectors)) or "-"
    hint = did_you_mean(asked, connectors) or Text(f"已安装：{installed}", f"installed: {installed}")
    text = Text(f'没有安装名为 "{asked}" 的连接器', f'"{asked}" is not an installed connector')
    return document.problem(("connections", name, "connector"), text, hint)


def _prefer_problems(document: Document, names: list[str]) -> list[Problem]:
    """Names in `prefer` that look like a slip; one that resembles no connection may belong to a block left out."""
    policy = document.data.get("policy")
    listed = policy.get("prefer") if isinstance(policy, dict) else None
    if not isinstance(listed, list):
        return []
    problems = []
    for index, name in enumerate(listed):
        free = [one for one in names if one not in listed]
        if isinstance(name, str) and name not in names and nearest(name, free):
            text = Text(f'没有名为 "{name}" 的连接', f'"{name}" is not a connection of this config')
            problems.append(document.problem(("policy", "prefer", index), text, did_you_mean(name, free)))
    return problems
