"""How a connector is spoilt: one broken promise each, and the checks of the suite that must notice.

A spoilt connector is the template's, Acme, with one fault; it keeps all other promises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from kamsync.plugin import Connector, Page, Record
from tests.connectors.acme import AcmeTenant, AcmeWriter, connector

Read = Iterator[Page]
Check = Callable[..., None]


@dataclass(frozen=True)
class Broken:
    """A spoilt connector, the check that must notice, and what that check is given beside the bench."""

    name: str
    check: Check
    connector: Connector
    tenant: Callable[[], Any] = AcmeTenant
    given: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.name}-{self.check.__name__.removeprefix('test_')}"


BROKEN: list[Broken] = []

# A check with no spoilt connector of its own, and why there can be none.
EXCUSED: dict[str, str] = {}


def enter(name: str, spoilt: Connector, *checks: Check, tenant: Callable[[], Any] = AcmeTenant, **given: Any) -> None:
    """This connector must fail each of these checks."""
    for check in checks:
        BROKEN.append(Broken(name, check, spoilt, tenant, {**_usual(check), **given}))


def _usual(check: Check) -> dict[str, Any]:
    """The first of the values that a check is tried with."""
    found: dict[str, Any] = {}
    for mark in getattr(check, "pytestmark", ()):
        if mark.name == "parametrize":
            found[mark.args[0]] = next(iter(mark.args[1]))
    return found


def fails(*checks: Check, **given: Any) -> Callable[[type], type]:
    """This session must fail these checks."""

    def spoil(session: type) -> type:
        enter(session.__name__, replace(connector, open=lambda *opened: session(*opened[:2])), *checks, **given)
        return session

    return spoil


def spoils(method: str, *checks: Check, **given: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """This function stands in for a method; it is handed the sound one first."""

    def spoil(change: Callable[..., Any]) -> Callable[..., Any]:
        def changed(self: Any, *args: Any) -> Any:
            return change(partial(getattr(AcmeWriter, method), self), *args)

        fails(*checks, **given)(type(change.__name__, (AcmeWriter,), {method: changed}))
        return change

    return spoil


def wired(name: str, *checks: Check, given: Mapping[str, Any] | None = None, **parts: Any) -> None:
    """Acme with other parts in its wire must fail these checks."""
    assert connector.wire is not None
    enter(name, replace(connector, wire=replace(connector.wire, **parts)), *checks, **(given or {}))


class Through:
    """The door with every call changed on its way out."""

    def __init__(self, http: Any, change: Callable[[Any], Any]) -> None:
        self._http, self._change = http, change

    def __getattr__(self, name: str) -> Any:
        return getattr(self._http, name)

    def call(self, request: Any) -> Any:
        return self._http.call(self._change(request))


def sends(*checks: Check, **given: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """This function changes every call on its way out; it is handed the options, too."""

    def spoil(change: Callable[..., Any]) -> Callable[..., Any]:
        def begun(self: Any, options: Any, http: Any) -> None:
            AcmeWriter.__init__(self, options, Through(http, partial(change, options)))

        fails(*checks, **given)(type(change.__name__, (AcmeWriter,), {"__init__": begun}))
        return change

    return spoil


def each_record(pages: Read, spoil: Callable[[Record], Record | None]) -> Read:
    """The pages with every record spoilt, or left out."""
    for page in pages:
        yield replace(page, records=tuple(one for one in map(spoil, page.records) if one is not None))
