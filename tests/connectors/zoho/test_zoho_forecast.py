"""What a read is said to cost, beside what it then costs: every way of reading, at the sizes where its price turns."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from kamsync.plugin import Stream, Window
from kamsync_zoho.sim import ZohoTenant
from tests.connectors.zoho.conftest import ACCOUNTS, SECOND, START, Org

NOTES = Stream("notes", "Notes", "activity")
USERS = Stream("users", "users", "user", incremental=False)


def read(org: Org, window: Window, parts: int, stream: Stream = ACCOUNTS) -> tuple[int, int]:
    """(calls, credits) that reading takes as the engine does it."""
    before = org.door.spent
    windows = org.session.slices(stream, window, parts) if parts > 1 else (window,)
    for one in windows:
        org.pages(stream, one)
    after = org.door.spent
    return after.requests - before.requests, after.credits - before.credits


def told(org: Org, window: Window, parts: int, stream: Stream = ACCOUNTS) -> tuple[int, int]:
    forecast = org.session.forecast(stream, window, parts)
    assert forecast is not None
    return forecast.calls, forecast.credits


@pytest.fixture(scope="module")
def large() -> Iterator[Callable[..., Org]]:
    """An organisation with 33,001 accounts, made once; each test opens its own session on it."""
    tenant = ZohoTenant(credits=1_000_000, mint_limit=1_000, active_tokens=1_000)
    with tenant:
        Org(tenant).accounts(33_001)
        opened: list[Org] = []

        def open(**options: object) -> Org:
            org = Org(tenant, **options)
            org.session.streams()
            opened.append(org)
            return org

        yield open
        for org in opened:
            org.door.close()


def first(org: Org, rows: int) -> Window:
    """The oldest so many."""
    return Window(None, START + rows * SECOND)


@pytest.mark.parametrize(
    ("rows", "parts"),
    [
        (0, 1),
        (200, 1),
        (201, 1),
        (2_201, 1),
        (10_200, 1),
        (10_201, 1),
        (0, 8),
        (200, 8),
        (201, 8),
        (20_000, 8),
        (20_001, 8),
    ],
)
def test_a_first_load_costs_what_was_said(large: Callable[..., Org], rows: int, parts: int) -> None:
    org = large()
    window = first(org, rows)

    said = told(org, window, parts)

    assert said == read(org, window, parts)


@pytest.mark.parametrize(("rows", "parts"), [(1_200, 1), (1_201, 1), (11_201, 1), (1_200, 2), (20_001, 2), (20_500, 8)])
def test_a_window_costs_what_was_said(large: Callable[..., Org], rows: int, parts: int) -> None:
    org = large()
    window = Window(START + 1_000 * SECOND, START + (1_000 + rows) * SECOND)

    said = told(org, window, parts)

    assert said == read(org, window, parts)


@pytest.mark.parametrize("parts", [1, 8])
def test_a_bulk_job_costs_what_was_said(large: Callable[..., Org], parts: int) -> None:
    org = large(bulk_above=20_000)
    window = first(org, 33_000)

    said = told(org, window, parts)

    calls, credits = read(org, window, parts)
    assert abs(said[0] - calls) <= 1
    assert abs(said[1] - credits) <= 1
    assert credits >= 50


def test_columns_that_need_a_second_query_are_paid_for(open_org: Callable[..., Org]) -> None:
    org = open_org(extra_fields=60)
    org.accounts(500)
    org.session.streams()
    want = frozenset(f"Extra_{number}" for number in range(1, 60))

    said = told(org, org.window(want=want), 1)

    assert said == read(org, org.window(want=want), 1)


def test_what_cannot_be_queried_is_reckoned_by_lists(open_org: Callable[..., Org]) -> None:
    org = open_org(scopes=("ZohoCRM.modules.ALL", "ZohoCRM.settings.ALL", "ZohoSearch.securesearch.READ"))
    org.accounts(601)
    org.session.fields(ACCOUNTS)

    said = told(org, org.window(), 1)

    assert said == read(org, org.window(), 1) == (4, 4)


def test_where_zoho_does_not_count_nothing_is_said(open_org: Callable[..., Org]) -> None:
    org = open_org(scopes=("ZohoCRM.modules.ALL", "ZohoCRM.settings.ALL"))
    org.accounts(10)

    said = org.session.forecast(ACCOUNTS, org.window(), 1), org.session.forecast(NOTES, org.window(START), 1)

    assert said == (None, None)


def test_the_users_are_reckoned_without_a_count(open_org: Callable[..., Org]) -> None:
    org = open_org()
    org.session.check()
    before = org.door.spent.requests

    said = told(org, org.window(), 1, USERS)

    assert org.door.spent.requests == before
    assert said == read(org, org.window(), 1, USERS)
