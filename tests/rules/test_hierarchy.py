"""Who belongs to whom: the surest tie of several, groups to their top, and circles that are named and cut."""

from __future__ import annotations

from kamsync.model import Member
from kamsync.rules.hierarchy import Source, Tie, grown


def tie(child: str, parent: str, source: Source = "crm", connection: str = "zoho") -> Tie:
    return Tie(child, parent, source, Member(connection, "accounts", child))


def test_a_group_is_all_below_its_top() -> None:
    tree = grown([tie("b", "a"), tie("c", "b"), tie("d", "a"), tie("x", "y")])

    assert tree.top("c") == tree.top("a") == "a"
    assert tree.group("d") == ["a", "b", "d", "c"]
    assert tree.group("alone") == ["alone"]
    assert tree.children["a"] == ["b", "d"]


def test_a_crms_field_holds_above_a_name_and_the_preferred_connection_above_another() -> None:
    told = [tie("b", "named", "name"), tie("b", "theirs", connection="fxiaoke"), tie("b", "ours", connection="zoho")]

    tree = grown(told, prefer=("zoho", "fxiaoke"))

    assert tree.parents["b"].parent == "ours"
    assert [other.parent for other in tree.others["b"]] == ["theirs", "named"]


def test_a_circle_is_named_and_cut_at_the_same_place_whatever_the_order() -> None:
    told = [tie("c", "a"), tie("a", "b"), tie("b", "c"), tie("d", "c")]

    one, other = grown(told), grown(told[::-1])

    assert one == other
    assert [circle.accounts for circle in one.circles] == [("a", "b", "c")]
    assert one.top("d") == one.top("b") == "a"


def test_what_a_name_told_is_cut_before_what_a_crm_told() -> None:
    tree = grown([tie("a", "b"), tie("b", "a", "name")])

    assert tree.circles[0].cut.source == "name"
    assert tree.top("a") == "b"


def test_an_account_is_not_its_own_parent() -> None:
    """Two records of one account, one the other's parent."""
    tree = grown([tie("a", "a")])

    assert tree.parents == {}
    assert tree.circles == ()
