"""The sections of config.toml as frozen models: what each key may hold and what it is when left out.

A section judges its own keys only; what a connector's keys mean is the connector's business.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo

from kamsync.config.faults import Wrong, is_placeholder
from kamsync.config.listening import Address, listening, public
from kamsync.config.surviving import USUAL, Criteria, known_fields
from kamsync.plugin import Text
from kamsync.plugin.document import did_you_mean

Writes = Literal["off", "plan", "on"]


@dataclass(frozen=True, slots=True)
class Every:
    """Again and again, this many seconds apart."""

    seconds: int


@dataclass(frozen=True, slots=True)
class Daily:
    """Once a day at a local time."""

    at: time


Timing = Every | Daily


SCHEDULES = Text(
    '写间隔（"10m"、"1h30m"）、每天的时刻（"07:30"）或 "off"',
    'write an interval ("10m", "1h30m"), a time of day ("07:30") or "off"',
)


def timing(value: object) -> object:
    """What "10m", "1h30m", "07:30" or "off" mean; None is never."""
    if value is None or isinstance(value, Every | Daily):
        return value
    text = value.strip() if isinstance(value, str) else ""
    clock = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", text)
    if text == "off":
        return None
    if clock:
        return Daily(time(int(clock[1]), int(clock[2])))
    seconds = _seconds(text)
    if not 0 < seconds <= 31 * 86400:
        raise Wrong(Text(f"看不懂的时间安排 {value!r}", f"{value!r} is not a schedule"), SCHEDULES)
    return Every(seconds)


def _seconds(text: str) -> int:
    span = re.fullmatch(r"(?:(\d{1,9})d)?(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9})s)?", text, re.ASCII)
    parts = span.groups() if span else ()
    return sum(int(part or 0) * unit for part, unit in zip(parts, (86400, 3600, 60, 1), strict=False))


def _zone(value: object) -> object:
    if not isinstance(value, str):
        return value
    if value in available_timezones():
        return ZoneInfo(value)
    hint = did_you_mean(value, available_timezones()) or Text(
        '例如 "Asia/Shanghai"', 'write an IANA name like "Asia/Shanghai"'
    )
    raise Wrong(Text(f'没有 "{value}" 这个时区', f'"{value}" is not a time zone'), hint)


def _file(value: object, info: ValidationInfo) -> object:
    if not isinstance(value, str) or is_placeholder(value):
        return value
    path = Path(_folder(info) / Path(value).expanduser())
    if not path.is_file():
        raise Wrong(
            Text(f"文件不存在：{path}", f"there is no file {path}"),
            Text(
                "默认文件可由此得到：kamsync init DIR；相对路径从配置文件所在目录算起",
                "get the default one with: kamsync init DIR (relative paths begin at this file's folder)",
            ),
        )
    return path


def _folder(info: ValidationInfo) -> Path:
    return Path(info.context["folder"]) if info.context else Path()


def _store_url(value: str, info: ValidationInfo) -> str:
    """A whole SQLAlchemy address: SQLite files are placed below the config's folder."""
    backend, rest = value.partition("://")[::2]
    backend = backend.partition("+")[0]
    if backend in ("postgresql", "postgres"):
        return _postgres_url(value, allow_plain=bool(info.context and info.context["allow_plain"]))
    if backend != "sqlite" or (rest and not rest.startswith("/")):
        raise Wrong(Text("不是可用的存储地址", "is not the address of a store"), STORE_URLS)
    file = rest.removeprefix("/")
    if file in ("", ":memory:"):
        return value
    return f"sqlite:///{_folder(info) / Path(file).expanduser()}"


STORE_URLS = Text(
    '写 "sqlite:///kamsync.db" 或 "postgresql+psycopg://user@host/db"',
    'write "sqlite:///kamsync.db" or "postgresql+psycopg://user@host/db"',
)
OTHER_WAYS = Text(
    "删掉它，改用 ~/.pgpass 或环境变量 PGPASSWORD；或设 allow_plain_secrets = true",
    "leave it out and use ~/.pgpass or PGPASSWORD; or set allow_plain_secrets = true",
)


def _postgres_url(value: str, *, allow_plain: bool) -> str:
    try:
        password = urlsplit(value).password
    except ValueError:
        raise Wrong(Text("不是可用的存储地址", "is not the address of a store"), STORE_URLS) from None
    if password and not allow_plain:
        raise Wrong(Text("地址里写了明文密码", "holds a password in plain text"), OTHER_WAYS)
    return re.sub(r"^[^:]*:", "postgresql+psycopg:", value)


def _currency(value: str) -> str:
    if re.fullmatch(r"[A-Z]{3}", value):
        return value
    raise Wrong(Text(f'"{value}" 不是货币代码', f'"{value}" is not a currency code'),
                Text("三个大写字母，如 CNY", "three capital letters, like CNY"))  # fmt: skip


def _filled(value: str) -> str:
    if value.strip():
        return value
    raise Wrong(Text("不能为空", "may not be empty"))


FilePath = Annotated[Path, BeforeValidator(_file)]


class Block(BaseModel):
    """What every section shares: no key that nobody knows, no guessing of types."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)


class StoreBlock(Block):
    url: Annotated[str, AfterValidator(_store_url)] = Field("sqlite:///kamsync.db", repr=False, validate_default=True)


class PolicyBlock(Block):
    tiers: FilePath
    reminders: FilePath
    calendar: FilePath | None = None
    go_live: date | None = None
    close_ended: bool = False  # tasks of ours whose cause is gone, or that a later one replaced, are closed
    two_people: bool = False  # a tier policy is published only when another person than its author approved it
    prefer: Annotated[
        tuple[str, ...], BeforeValidator(lambda value: tuple(value) if isinstance(value, list) else value)
    ] = ()


class GoldenBlock(Block):
    """Which CRM's value a file shows; `fields`: for single fields, where the general order does not do."""

    order: Criteria = USUAL
    fields: Annotated[dict[str, Criteria], AfterValidator(known_fields)] = Field(default_factory=dict)


class ScheduleBlock(Block):
    """`None`: never by itself."""

    pull: Annotated[Timing | None, BeforeValidator(timing)] = Every(600)
    cycle: Annotated[Timing | None, BeforeValidator(timing)] = Daily(time(7, 30))


def _number(value: object) -> object:
    """Fractions come as Decimal from the file."""
    return float(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else value


def _part(value: object) -> float:
    """A part as people write it: "40%", or a fraction."""
    percent = re.fullmatch(r"(\d{1,3}(?:\.\d+)?)\s*%", value.strip()) if isinstance(value, str) else None
    part = float(percent[1]) / 100 if percent else value
    if isinstance(part, bool) or not isinstance(part, int | float | Decimal) or not 0 <= part <= 1:
        raise Wrong(Text(f"{value!r} 不是份额", f"{value!r} is not a share"), Text('写 "40%"', 'write "40%"'))
    return float(part)


def _share(value: object) -> float:
    """A part that leaves something over."""
    part = _part(value)
    if part == 1:
        raise Wrong(Text(f"{value!r} 什么也不留下", f"{value!r} leaves nothing over"),
                    Text('写 "40%",小于 100%', 'write "40%", less than 100%'))  # fmt: skip
    return part


Part = Annotated[float, BeforeValidator(_part)]
Share = Annotated[float, BeforeValidator(_share)]


class GuardsBlock(Block):
    """What is too much to happen without a person.

    One unattended run on a connection may write max_writes rows and touch max(customers_from, max_customers of the
    book there) customers; move max(moved_from, max_moved of those who carry a tag of ours) into or out of it; give an
    owner max_per_owner new tasks a day, and a rule max(surge_from, max_surge times its usual day). A stream may lose
    max(max_gone, max_share of it) in one run.
    """

    max_writes: int = Field(500, ge=0)
    max_customers: Part = 0.25
    customers_from: int = Field(100, ge=0)
    max_moved: Part = 0.3
    moved_from: int = Field(10, ge=0)
    max_per_owner: int = Field(15, ge=0)
    max_surge: Annotated[float, BeforeValidator(_number)] = Field(3.0, ge=1)
    surge_from: int = Field(50, ge=0)
    max_gone: int = Field(3, ge=0)
    max_share: Part = 0.05


class BudgetBlock(Block):
    """`reserve`: the share of a day's credits that pulling leaves to people and to what is written."""

    reserve: Share = 0.4


class DaemonBlock(Block):
    """`listen`: where the CRMs' calls come in; None: nowhere. `public_url`: where the world sees that."""

    listen: Annotated[Address | None, BeforeValidator(listening)] = None
    public_url: Annotated[str | None, BeforeValidator(public)] = None


class ConnectionBlock(Block):
    """The keys of a connection that are kamsync's own, not its connector's."""

    connector: str
    mapping: FilePath
    writes: Writes = "plan"
    may_delete: bool = False  # an undo deletes the tasks that it takes back, instead of closing them
    reserve: Annotated[float | None, BeforeValidator(lambda value: value if value is None else _share(value))] = None
    fallback_owner: str | None = Field(None, min_length=1)


class Sheet(Block):
    """The file as a whole; connections are read one by one, each with its connector's options."""

    timezone: Annotated[ZoneInfo, BeforeValidator(_zone)] = ZoneInfo("Asia/Shanghai")
    language: Literal["zh", "en"] = "zh"
    deployment: Annotated[str, AfterValidator(_filled)] = "main"
    base_currency: Annotated[str, AfterValidator(_currency)] = "CNY"
    allow_plain_secrets: bool = False
    mapping_publish: Literal["auto", "manual"] = "auto"
    store: StoreBlock = Field(default_factory=lambda: StoreBlock.model_validate({}))
    connections: dict[str, Any] = Field(default_factory=dict)
    policy: PolicyBlock
    schedule: ScheduleBlock = ScheduleBlock()
    daemon: DaemonBlock = DaemonBlock()
    guards: GuardsBlock = GuardsBlock()
    budget: BudgetBlock = BudgetBlock()
    golden: GoldenBlock = GoldenBlock()
