"""What a read is said to cost, beside what it then costs: pages, parts, jumps past the wall, void rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from kamsync.plugin import Stream, Window
from kamsync_fxiaoke.sim import FxiaokeTenant
from tests.connectors.fxiaoke.conftest import Desk

BEGAN = datetime.now(UTC).replace(microsecond=0) - timedelta(days=40)
SECOND = timedelta(seconds=1)
ROWS = 25_350


@pytest.fixture(scope="module")
def many() -> Iterator[FxiaokeTenant]:
    """An enterprise with so many accounts, one of them void, made once."""
    tenant = FxiaokeTenant(calls_per_20s=100_000)
    with tenant:
        ids = [
            tenant.add("account", name=f"示例公司 {number}", modified=BEGAN + number * SECOND) for number in range(ROWS)
        ]
        tenant.remove("account", ids[0])
        tenant.crm.settle()
        yield tenant


@pytest.fixture
def desk(many: FxiaokeTenant) -> Iterator[Desk]:
    handle = many.server.handle
    desk = Desk(many)
    yield desk
    desk.door.close()
    many.server.handle = handle


def read(desk: Desk, window: Window, parts: int, stream: Stream) -> int:
    before = desk.door.spent.requests
    windows = desk.session.slices(stream, window, parts) if parts > 1 else (window,)
    for one in windows:
        desk.read(stream, one)
    return int(desk.door.spent.requests - before)


@pytest.mark.parametrize(
    ("rows", "parts"), [(1, 1), (100, 1), (101, 1), (1_950, 6), (2_050, 6), (25_349, 1), (25_349, 2)]
)
def test_a_first_load_costs_what_was_said(desk: Desk, rows: int, parts: int) -> None:
    window = Window(None, BEGAN + (rows + 1) * SECOND)

    said = desk.session.forecast(desk.accounts, window, parts)

    assert (said.calls, said.credits) == (read(desk, window, parts, desk.accounts),) * 2


@pytest.mark.parametrize("learned", [True, False])
def test_a_window_costs_its_void_rows_too(desk: Desk, learned: bool) -> None:
    window = Window(BEGAN + SECOND, BEGAN + 351 * SECOND)
    if learned:
        desk.read(desk.accounts, window)

    said = desk.session.forecast(desk.accounts, window)

    assert abs(said.calls - read(desk, window, 1, desk.accounts)) <= (0 if learned else 1)


def test_the_staff_and_an_empty_list_are_a_call(desk: Desk) -> None:
    window = Window(None, BEGAN - SECOND)

    said = [desk.session.forecast(stream, window).calls for stream in (desk.users, desk.accounts)]

    assert said == [read(desk, window, 1, stream) for stream in (desk.users, desk.accounts)] == [1, 1]
