"""The Zoho CRM connector: what the entry point loads.

Plain data and functions; nothing is read and nobody is called until a session is opened.
"""

from __future__ import annotations

from datetime import date
from importlib.resources import files
from typing import Any

from kamsync.plugin import Clock, Connector, Hand, Http, Session, Text
from kamsync_zoho.options import ZohoOptions
from kamsync_zoho.scopes import SETUP
from kamsync_zoho.wire import wire

__all__ = ["connector"]


def _mapping() -> str:
    return files(__name__).joinpath("mapping.toml").read_text("utf-8")


def _open(options: Any, http: Http, clock: Clock) -> Session:
    from kamsync_zoho.session import ZohoSession

    return ZohoSession(options, http, clock)


def _hand(options: Any) -> Hand:
    return Hand(tags=frozenset({"Tag"}), tasks=frozenset({"Tasks"}), marker=options.task_key_field)


def _tenant(*, seed: bool = False, today: date | None = None, **named: Any) -> Any:
    """The simulated CRM; `seed`: with the made-up world of a day in it, unless it has a state of its own already."""
    from kamsync_zoho.sim import ZohoTenant, plant

    tenant = ZohoTenant(**named)
    if seed and not (tenant.state and tenant.state.exists()):
        plant(tenant, today)
    return tenant


connector = Connector(
    name="zoho",
    title=Text("Zoho CRM", "Zoho CRM"),
    options=ZohoOptions,
    wire=wire,
    mapping=_mapping,
    open=_open,
    tenant=_tenant,
    hand=_hand,
    setup=SETUP,
)
