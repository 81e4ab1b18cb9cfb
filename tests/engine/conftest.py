"""Desks to try the engine at.

A test module may say in STREAMS what its desks read; what is left out is as if the CRM did not have it. With
STAYS_OPEN its desks sign in once, as the daemon would within one cycle.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import structlog

from kamsync.store import open_store
from kamsync_fxiaoke.sim import FxiaokeTenant
from kamsync_zoho.sim import ZohoTenant
from tests.engine.desk import MONDAY, Desk, DeskClock


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with its tables, to be copied: making them takes longer than most tests."""
    path = tmp_path_factory.mktemp("store") / "kamsync.db"
    open_store(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def sqlite_url(empty_store: Path, tmp_path: Path) -> str:
    return f"sqlite:///{shutil.copy(empty_store, tmp_path / 'kamsync.db')}"


@pytest.fixture
def desk(request: pytest.FixtureRequest, tmp_path: Path, sqlite_url: str) -> Iterator[Desk]:
    """Two tenants with nobody but their staff in them, and a workspace that was never used."""
    yield from _desk(request, tmp_path, sqlite_url, ("zoho", "fxiaoke"))


@pytest.fixture
def zoho_desk(request: pytest.FixtureRequest, tmp_path: Path, sqlite_url: str) -> Iterator[Desk]:
    """A desk for what needs no second CRM."""
    yield from _desk(request, tmp_path, sqlite_url, ("zoho",))


@pytest.fixture
def fxiaoke_desk(request: pytest.FixtureRequest, tmp_path: Path, sqlite_url: str) -> Iterator[Desk]:
    """A desk at Fxiaoke's alone."""
    yield from _desk(request, tmp_path, sqlite_url, ("fxiaoke",))


@pytest.fixture
def each_desk(request: pytest.FixtureRequest, tmp_path: Path, store_url: str) -> Iterator[Desk]:
    """A desk with one CRM on each database."""
    yield from _desk(request, tmp_path, store_url, ("zoho",))


@pytest.fixture(params=["zoho", "fxiaoke"])
def tag_desk(request: pytest.FixtureRequest, tmp_path: Path, sqlite_url: str) -> Iterator[Desk]:
    """A desk with one CRM of each kind of tags: single ones that the server keeps, and options of one field."""
    yield from _desk(request, tmp_path, sqlite_url, (request.param,))


@pytest.fixture(params=["E3", "E2", "fxiaoke"])
def task_desk(request: pytest.FixtureRequest, tmp_path: Path, sqlite_url: str) -> Iterator[Desk]:
    """A desk with one CRM of each guarantee: keys the CRM keeps unique, keys we look up, and lists that lag."""
    connections = ("fxiaoke",) if request.param == "fxiaoke" else ("zoho",)
    yield from _desk(request, tmp_path, sqlite_url, connections, task_key_field=request.param != "E2")


def _desk(
    request: pytest.FixtureRequest, folder: Path, url: str, connections: tuple[str, ...], **knobs: bool
) -> Iterator[Desk]:
    zoho, fxiaoke = ZohoTenant(**knobs), FxiaokeTenant(calls_per_20s=500)
    clock = DeskClock(zoho, fxiaoke)
    clock.set(MONDAY)
    fxiaoke.add("user", name="韩梅梅")  # whose hands add what people add there
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with ExitStack() as open_tenants:
        for name, tenant in (("zoho", zoho), ("fxiaoke", fxiaoke)):
            open_tenants.callback(tenant.stop)
            if name in connections:
                tenant.start()
        streams, stays = getattr(request.module, "STREAMS", None), getattr(request.module, "STAYS_OPEN", False)
        desk = Desk(folder, url, zoho, fxiaoke, clock, connections, streams, [] if stays else None)
        yield desk
        desk.close()
    structlog.reset_defaults()
