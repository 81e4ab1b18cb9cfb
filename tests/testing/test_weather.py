"""Named faults come over a tenant as they were written: as strong, as late and as often."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kamsync.plugin import ConfigError, Connector, Refused
from kamsync.testing.suite import Bench
from kamsync.testing.suite_bench import ids, records
from kamsync.testing.tenant import Tenant
from kamsync.testing.weather import NAMED, scripted, strike
from kamsync.testing.weather_people import RIVAL
from kamsync_fxiaoke import connector as fxiaoke
from kamsync_fxiaoke.sim import FxiaokeTenant
from kamsync_zoho import connector as zoho
from kamsync_zoho.sim import ZohoTenant
from tests.connectors.acme import AcmeTenant
from tests.connectors.acme import connector as acme

CRMS: dict[str, tuple[Connector, Callable[[], Tenant]]] = {
    "zoho": (zoho, ZohoTenant), "fxiaoke": (fxiaoke, FxiaokeTenant), "acme": (acme, AcmeTenant),
}  # fmt: skip
LACKS = {("fxiaoke", "wall"), ("fxiaoke", "forbidden"), ("acme", "wall"), ("fxiaoke", "merged")}


@pytest.fixture(params=CRMS)
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    connector, make = CRMS[request.param]
    with make() as tenant, Bench(connector, tenant) as bench:
        bench.accounts(6)
        bench.stream()
        yield bench


@pytest.mark.parametrize("name", NAMED)
def test_every_fault_comes_over_every_simulated_crm_or_says_what_it_lacks(bench: Bench, name: str) -> None:
    written = f"{name}=10004" if name == "code" else name

    if (bench.connector.name, name) in LACKS:
        with pytest.raises(ConfigError, match="lacks"):
            strike(bench.tenant, written)
    else:
        strike(bench.tenant, written)


def test_another_program_takes_our_tags_away_call_by_call(bench: Bench) -> None:
    first, second, third, *_ = bench.tenant.ids("account")
    strike(bench.tenant, "rival=2+1*2")

    for _ in range(4):
        bench.session.check()

    assert (bench.tenant.tags(first), bench.tenant.tags(second)) == ((RIVAL,), (RIVAL,))
    assert bench.tenant.tags(third) == ()


@pytest.mark.parametrize("bench", ["zoho", "fxiaoke"], indirect=True)
def test_a_restored_backup_is_as_if_nothing_had_been_and_gives_no_id_twice(bench: Bench) -> None:
    before = sorted(bench.tenant.ids("account"))
    strike(bench.tenant, "backup")
    lost = bench.tenant.add("account", name="昨天的客户")

    bench.session.check()

    assert sorted(bench.tenant.ids("account")) == before
    assert bench.tenant.add("account", name="今天的客户") not in (*before, lost)
    assert len(ids(bench.pages())) == len(before) + 1


def test_ties_put_every_account_into_one_second(bench: Bench) -> None:
    strike(bench.tenant, "ties=60")

    stamps = {record.modified for record in records(bench.pages())}

    assert len(stamps) == 1


def test_locked_accounts_make_a_batch_fail_in_part(bench: Bench) -> None:
    strike(bench.tenant, "locked=3")

    lives = bench.writer().live([bench.target(id) for id in bench.tenant.ids("account")])

    assert [live.locked for live in lives].count(True) == 2


def test_the_crms_own_refusal_comes_in_its_own_envelope() -> None:
    with FxiaokeTenant() as tenant, Bench(fxiaoke, tenant) as bench:
        bench.accounts(1)
        bench.pages()
        strike(tenant, "code=20014@data/query*9")

        with pytest.raises(Refused):
            bench.pages()


def test_a_skip_lets_calls_pass_and_a_count_ends_it(bench: Bench) -> None:
    on = bench.listing()
    strike(bench.tenant, f"status=503@{on}+1*1")
    before = len(bench.tenant.traffic.log)

    for _ in range(3):
        bench.pages()

    bench.quiet()
    bad = [seen for seen in bench.tenant.traffic.log[before:] if seen.status == 503]
    assert len(bad) == 1


@pytest.mark.parametrize(
    ("written", "said"),
    [("rivale", 'did you mean "rival"'), ("lag=soon", "is no value for it"), ("drop@", ""), ("tim eout", "no fault")],
)
def test_a_fault_that_cannot_be_is_told_in_a_sentence(written: str, said: str) -> None:
    with ZohoTenant() as tenant:
        if not said:
            strike(tenant, written)
            return
        with pytest.raises(ConfigError) as refused:
            strike(tenant, written)

    assert said in refused.value.text.en


def test_a_script_is_a_fault_a_line(tmp_path: Path) -> None:
    (tmp_path / "night.faults").write_text("# a bad night\nlag=60\n\nbackup+200   # at call 201\n", "utf-8")

    assert scripted(tmp_path / "night.faults") == ["lag=60", "backup+200"]
