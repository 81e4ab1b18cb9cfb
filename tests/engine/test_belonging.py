"""Parents and branches over the book: linked by what the CRM says and by names, never merged."""

from __future__ import annotations

from kamsync.engine import belonging, views_export, views_identity
from kamsync.rules.hierarchy import Tree
from tests.engine.desk import BASIC, Desk

STREAMS = BASIC
STAYS_OPEN = True

COMPANY, BRANCH, OTHER = "华新水泥股份有限公司", "华新水泥股份有限公司武汉分公司", "福耀玻璃工业集团股份有限公司"


def tree(desk: Desk) -> Tree:
    with desk.workspace.store.read() as tx:
        return belonging.tree(desk.workspace, tx)


def test_a_branch_belongs_to_the_company_of_its_name_and_is_no_part_of_it(each_desk: Desk) -> None:
    company, branch, other = (each_desk.zoho.add("account", name=name) for name in (COMPANY, BRANCH, OTHER))

    each_desk.pull()

    ties = tree(each_desk).parents
    assert {child: (tie.parent, tie.source, tie.relation) for child, tie in ties.items()} == {
        each_desk.account_of(branch): (each_desk.account_of(company), "name", "branch")
    }
    assert each_desk.account_of(other) not in ties


def test_the_crms_own_parent_counts_and_follows_a_merge(each_desk: Desk) -> None:
    group, winner = (each_desk.zoho.add("account", name=name) for name in (OTHER, COMPANY))
    child = each_desk.zoho.add("account", name="砚澜机械", parent=group)
    for _ in range(3):
        each_desk.zoho.add("contact", name="李雷", account=group)
    each_desk.pull()
    before = tree(each_desk).parents[each_desk.account_of(child) or ""].parent
    top = each_desk.account_of(group)
    each_desk.wait(minutes=1)
    each_desk.zoho.merge(winner, group)

    each_desk.pull()

    assert before == top
    assert tree(each_desk).parents[each_desk.account_of(child) or ""].parent == each_desk.account_of(winner)


def test_a_circle_is_told_and_everything_still_answers(zoho_desk: Desk) -> None:
    one = zoho_desk.zoho.add("account", name=COMPANY)
    other = zoho_desk.zoho.add("account", name=OTHER, parent=one)
    zoho_desk.zoho.change("account", one, parent=other)
    zoho_desk.pull()

    shown = views_identity.show(zoho_desk.workspace, zoho_desk.account_of(one) or "")

    assert shown.family is not None
    assert {name for _, name in shown.family.circle} == {COMPANY, OTHER}
    assert shown.family.size == 2


def test_the_export_tells_parent_and_group(zoho_desk: Desk) -> None:
    company, branch, other = (zoho_desk.zoho.add("account", name=name) for name in (COMPANY, BRANCH, OTHER))
    zoho_desk.pull()
    top = zoho_desk.account_of(company)

    lines = {
        line["id"]: (line["parent_account"], line["group"])
        for line in views_export.export(zoho_desk.workspace, "accounts")
    }

    assert lines == {
        top: (None, top), zoho_desk.account_of(branch): (top, top), zoho_desk.account_of(other): (None, None)
    }  # fmt: skip
