"""What may be promised at a tenant follows what it offers now, and every screen says it in words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kamsync.engine import doctor_tenant, guarantees, shapes, views_status
from kamsync.engine.connections import connected
from kamsync.engine.guarantees import MEANS, Guarantee
from tests.engine.desk import BASIC, Desk

STREAMS = BASIC
LEVELS = ("E3", "E2", "E1", "E0", "S2", "S1", "S0")


def _probed(desk: Desk) -> dict[str, Guarantee]:
    """As a new session sees it, by kind."""
    with connected(desk.workspace) as (ready, troubles):
        assert troubles == {}
        return {one.kind: one for one in guarantees.probe(desk.workspace, next(iter(ready.values())))}


def _key_field(desk: Desk, **more: Any) -> None:
    """An admin edits the key field on Tasks."""
    fields = desk.zoho.org.modules["Tasks"].fields
    fields["Kamsync_Key"] = replace(fields["Kamsync_Key"], **more)


@pytest.mark.parametrize("named", [None, "Kamsync_Key"])
def test_zoho_promises_one_task_only_as_long_as_its_key_is_unique(zoho_desk: Desk, named: str | None) -> None:
    """Whether the field is found by its name or named in the config."""
    zoho_desk.options["zoho"]["task_key_field"] = named
    zoho_desk.configure()
    unique = _probed(zoho_desk)["task"]
    _key_field(zoho_desk, unique=False)
    doubled = _probed(zoho_desk)["task"]
    _key_field(zoho_desk, unique=True)
    again = _probed(zoho_desk)["task"]
    zoho_desk.options["zoho"]["task_key_field"] = None
    zoho_desk.configure()
    del zoho_desk.zoho.org.modules["Tasks"].fields["Kamsync_Key"]
    missing = _probed(zoho_desk)["task"]

    assert [one.level for one in (unique, doubled, again, missing)] == ["E3", "E2", "E3", "E2"]
    assert unique.better is None
    assert missing.better is not None
    assert "Kamsync_Key" in missing.better.en


@pytest.mark.parametrize(
    ("options", "levels", "better"),
    [
        ({}, {"task": "E1", "tags": "S1"}, set()),
        ({"task_channel": "function"}, {"task": "E0", "tags": "S1"}, {"task"}),
        ({"task_channel": "message"}, {"task": "E0", "tags": "S1"}, {"task"}),
        ({"tag_channel": "function"}, {"task": "E1", "tags": "S0"}, {"tags"}),
    ],
)
def test_fxiaoke_promises_what_the_chosen_way_can_keep(
    fxiaoke_desk: Desk, options: dict[str, str], levels: dict[str, str], better: set[str]
) -> None:
    fxiaoke_desk.options["fxiaoke"] |= options
    fxiaoke_desk.configure()

    probed = _probed(fxiaoke_desk)

    assert {kind: one.level for kind, one in probed.items()} == levels
    assert {kind for kind, one in probed.items() if one.better} == better


def test_plan_status_and_doctor_say_the_level_its_meaning_and_what_would_raise_it(desk: Desk) -> None:
    del desk.zoho.org.modules["Tasks"].fields["Kamsync_Key"]
    desk.pull()
    desk.judge()

    plan = shapes.plan(desk.plan(), {}, "en")["guarantees"]
    status = views_status.to_json(views_status.status(desk.workspace), "zh")["guarantees"]
    doctor = {one.check: one for one, _ in doctor_tenant.look(desk.workspace, "zoho")}

    told = [(one["connection"], one["kind"], one["level"]) for one in plan]
    assert sorted(told) == [
        ("fxiaoke", "tags", "S1"), ("fxiaoke", "task", "E1"), ("zoho", "tags", "S2"), ("zoho", "task", "E2"),
    ]  # fmt: skip
    assert sorted(told) == sorted((one["connection"], one["kind"], one["level"]) for one in status)
    [task] = [one for one in plan if (one["connection"], one["kind"]) == ("zoho", "task")]
    assert (task["means"], "Kamsync_Key" in task["raise"]) == (MEANS["E2"].en, True)
    assert MEANS["E2"].en in doctor["zoho.writes.task"].detail.en
    assert doctor["zoho.writes.task"].fix is not None


def test_what_fell_since_is_what_the_next_plan_and_status_say(zoho_desk: Desk) -> None:
    zoho_desk.plan()
    before = [one.level for one in guarantees.kept(zoho_desk.workspace) if one.kind == "task"]
    _key_field(zoho_desk, unique=False)
    zoho_desk.plan()

    assert (before, [one.level for one in guarantees.kept(zoho_desk.workspace) if one.kind == "task"]) == (
        ["E3"], ["E2"],
    )  # fmt: skip


def test_every_level_there_is_means_something_in_both_languages() -> None:
    assert all(MEANS[level].zh and MEANS[level].en for level in LEVELS)
    assert set(MEANS) == set(LEVELS)
