"""Finding the account a person means, and the text of a config for connectors the example does not show."""

from __future__ import annotations

import pytest

from kamsync.engine.connectors import find
from kamsync.engine.initing import config_text
from kamsync.engine.views_find import NoSuchAccount, find_account, fold
from tests.engine.desk import Desk


def account_of(desk: Desk, id: str) -> str:
    return next(str(row["account"]) for row in desk.rows("link") if row["remote_id"] == id)


@pytest.mark.parametrize(
    "typed", ["华东精密机械有限公司", "华东精密机械 有限公司", "华东精密机械", "zoho/{id}", "{account}"]
)
def test_an_account_is_found_by_name_part_record_or_id(desk: Desk, typed: str) -> None:
    id = desk.zoho.add("account", name="华东精密机械有限公司")
    desk.zoho.add("account", name="苏州小河五金店")
    desk.pull()
    account = account_of(desk, id)

    found = find_account(desk.workspace, typed.format(id=id, account=account))

    assert found == account


def test_an_exact_name_wins_over_names_that_hold_it(desk: Desk) -> None:
    id = desk.zoho.add("account", name="华东")
    desk.zoho.add("account", name="华东精密机械有限公司")
    desk.pull()

    found = find_account(desk.workspace, "华东")

    assert found == account_of(desk, id)


@pytest.mark.parametrize("typed", ["", "  ", "没有这家", "zoho/404", "A"])
def test_what_fits_nobody_or_several_is_refused(desk: Desk, typed: str) -> None:
    desk.zoho.add("account", name="A 甲有限公司")
    desk.zoho.add("account", name="A 乙有限公司")
    desk.pull()

    with pytest.raises(NoSuchAccount):
        find_account(desk.workspace, typed)


def test_names_are_compared_without_width_case_and_blanks() -> None:
    assert fold("ＡＢＣ　Ltd ") == fold("abc ltd")


def test_the_config_of_a_new_workspace_has_one_block_a_connector_in_the_order_asked() -> None:
    installed = find().connectors

    text = config_text([installed["fxiaoke"], installed["zoho"]])

    blocks = [line for line in text.splitlines() if line.startswith("[connections.")]
    assert blocks == ["[connections.fxiaoke]", "[connections.zoho]"]
    assert 'prefer = ["fxiaoke", "zoho"]' in text
