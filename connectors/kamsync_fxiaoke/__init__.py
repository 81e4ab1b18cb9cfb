"""The Fxiaoke (纷享销客) connector: what the entry point loads.

Plain data and functions; nothing is read and nobody is called until a session is opened.
"""

from __future__ import annotations

from datetime import date
from importlib.resources import files
from typing import Any

from kamsync.plugin import Clock, Connector, Hand, Http, Session, Text
from kamsync_fxiaoke.options import FxiaokeOptions
from kamsync_fxiaoke.wire import wire

__all__ = ["connector"]

SETUP = Text(
    "在开放平台建立自建应用,记下 appId、appSecret 与 permanentCode;由管理员开启开发者模式、登记服务器 IP 白名单,"
    "并给应用开通客户、联系人、商机、订单、回款、工单、日程等对象的权限;"
    "在客户对象上新建多选字段 kam_tags__c,选项与等级标签同名;acting_user 填一位 CRM 管理员的员工编号。",
    "Create an app on the open platform and note its appId, appSecret and permanentCode; have the admin switch on "
    "developer mode, list this server's IP address and grant the app the account, contact, deal, order, payment, "
    "case and schedule objects; add a select-many field kam_tags__c to the account object, its options named like "
    "the tier tags; acting_user is the employee id of a CRM admin.",
)


def _mapping() -> str:
    return files(__name__).joinpath("mapping.toml").read_text("utf-8")


def _open(options: Any, http: Http, clock: Clock) -> Session:
    from kamsync_fxiaoke.session import FxiaokeSession

    return FxiaokeSession(options, http, clock)


def _hand(options: Any) -> Hand:
    return Hand(tags=frozenset({options.tag_field}), tasks=frozenset({"ScheduleObj"}))


def _tenant(*, seed: bool = False, today: date | None = None, **named: Any) -> Any:
    """The simulated CRM; `seed`: with the made-up world of a day in it, unless it has a state of its own already."""
    from kamsync_fxiaoke.sim import FxiaokeTenant, plant

    tenant = FxiaokeTenant(**named)
    if seed and not (tenant.state and tenant.state.exists()):
        plant(tenant, today)
    return tenant


connector = Connector(
    name="fxiaoke",
    title=Text("纷享销客", "Fxiaoke"),
    options=FxiaokeOptions,
    wire=wire,
    mapping=_mapping,
    open=_open,
    tenant=_tenant,
    hand=_hand,
    setup=SETUP,
)
