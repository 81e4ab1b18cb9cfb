"""Dead letters: each says what is the matter and what helps; taking one up again neither loses nor doubles it."""

from __future__ import annotations

import threading
from typing import Any, get_args

import pytest

from kamsync.engine import dead, standing, views_status, views_why
from kamsync.engine.dead import Letter, NoSuchLetter
from kamsync.plugin import Cause, Text
from kamsync.store import AlreadyWriting, outbox, writing
from kamsync.store.tables_outbox import IntentState
from kamsync.testing.faults import Fault
from tests.engine.desk import BASIC, WRITING, Desk

STREAMS = BASIC
STAYS_OPEN = True
LOW = "KAM·三级及以下"
MAKES_TASK = r"/Tasks$|data/create$"


def _locked(desk: Desk) -> str:
    """An approval locks the one customer; its tag was refused."""
    id = desk.tenant.add("account", name="安徽合力股份有限公司")
    desk.pull()
    desk.judge()
    desk.tenant.lock_record(id)
    desk.apply()
    return id


def _refuse(desk: Desk, code: str) -> None:
    """The tenant says no to whatever is written, in these words, for good."""
    answer = desk.tenant.says(code)
    body = answer.wire()[0]
    desk.tenant.fault(Fault("answer", on=WRITING, times=-1, status=answer.status, body=body))


def _only(desk: Desk) -> Letter:
    [letter] = dead.listed(desk.workspace)
    return letter


def _unlock(desk: Desk, id: str) -> None:
    """The approval is over."""
    if id in desk.zoho.ids("account"):
        desk.zoho.lock_record(id, locked=False)
    else:
        desk.fxiaoke.crm.row("AccountObj", id)["lock_status"] = "0"


# ---- what is told


def test_a_refused_write_is_a_dead_letter_with_the_crm_s_words_and_ours(tag_desk: Desk) -> None:
    _locked(tag_desk)

    letter = _only(tag_desk)

    shown = dead.letter_json(letter, {}, "en")
    assert (shown["class"], shown["attempts"], shown["state"]) == ("locked", 1, "refused")
    assert shown["code"]
    assert shown["message"]
    assert shown["cause"].startswith("the record is locked")
    assert shown["next"]["command"] == f"kamsync dead replay {letter.intent['id'][:8]}"
    assert shown["receipts"][0]["evidence"] == letter.intent["message"]
    assert views_status.status(tag_desk.workspace).next[-1:] == ["kamsync dead list"]


def test_what_nobody_wants_any_more_is_no_dead_letter(zoho_desk: Desk) -> None:
    id = _locked(zoho_desk)
    zoho_desk.wait(days=1)
    zoho_desk.tenant.change("account", id, strategic=90)
    zoho_desk.pull()
    zoho_desk.judge()

    assert dead.listed(zoho_desk.workspace) == []
    assert "kamsync dead list" not in views_status.status(zoho_desk.workspace).next


def test_what_is_unknown_or_unsent_is_one_only_after_a_while(fxiaoke_desk: Desk) -> None:
    fxiaoke_desk.overdue()
    fxiaoke_desk.options["fxiaoke"]["settle_seconds"] = 7200
    fxiaoke_desk.configure()
    fxiaoke_desk.pull()
    fxiaoke_desk.judge()
    fxiaoke_desk.tenant.fault(Fault("drop_after", on=MAKES_TASK))
    fxiaoke_desk.apply()

    early = dead.listed(fxiaoke_desk.workspace)
    fxiaoke_desk.wait(hours=1, minutes=1)

    assert early == []
    assert _only(fxiaoke_desk).standing.kind == "unknown"


def test_every_state_says_what_is_the_matter_and_what_helps() -> None:
    """The list of states is the store's own: a new one without words fails here."""
    for state in get_args(IntentState):
        for kind in ("task", "tags", "task_change"):
            told = standing.stand({"id": "abcdefgh", "state": state, "kind": kind, "cause": "", "attempt": 1}, ())
            assert all(text.zh and text.en for text in (told.said, told.cause, told.next))
            assert told.command.startswith("kamsync ")
    for cause in get_args(Cause):
        told = standing.stand({"id": "abcdefgh", "state": "refused", "kind": "task", "cause": cause}, ())
        assert told.kind == cause


@pytest.mark.parametrize("kind", ["tags", "task_change"])
def test_an_undo_that_was_refused_is_not_said_to_be_tried_again(kind: str) -> None:
    refused = {"id": "abcdefgh", "state": "refused", "kind": kind, "cause": "locked"}

    own, back = (standing.stand(refused | {"payload": payload}, ()) for payload in ({}, {"undoes": "ijklmnop"}))

    assert "tried again once a day" in own.next.en
    assert back.next == Text(
        "在 CRM 里解锁或等审批结束;撤销不会自动再试,请再撤销一次",
        "unlock it in the CRM, or wait for the approval; an undo is not tried again by itself: undo again",
    )
    assert back.command == "kamsync undo"


def test_why_and_show_walk_through_all_states_with_cause_evidence_and_help(zoho_desk: Desk) -> None:
    zoho_desk.overdue()
    zoho_desk.cycle()
    [key] = [key for key in zoho_desk.intents if key.startswith("task")]
    intents, evidence = outbox.INTENT, "by hand"
    for state in get_args(IntentState):
        with zoho_desk.workspace.store.write() as tx:
            tx.execute(intents.update().where(intents.c.key == key).values(state=state))
            tx.execute(outbox.RECEIPT.update().values(evidence=evidence))

        shape = views_why.to_json(views_why.why(zoho_desk.workspace, key), {}, "en")
        letter = dead.letter_json(dead.shown(zoho_desk.workspace, key), {}, "en")

        [step] = [step for step in shape["chains"][0]["steps"] if step["step"] == "write"]
        assert (step["state"], step["class"]) == (state, letter["class"])
        assert step["cause"] == letter["cause"] != ""
        assert step["next"]["command"] == letter["next"]["command"]
        assert evidence in " ".join(step["more"])


def test_a_held_row_of_a_plan_says_who_may_let_it_go(zoho_desk: Desk) -> None:
    zoho_desk.guards["max_writes"] = 0
    zoho_desk.writes["zoho"] = "on"
    id = zoho_desk.overdue()
    zoho_desk.pull()
    zoho_desk.judge()
    zoho_desk.apply(by_person=False)

    shape = views_why.to_json(views_why.why(zoho_desk.workspace, f"tag:zoho/{id}"), {}, "en")

    assert shape["chains"][0]["steps"][0]["next"]["command"] == f"kamsync hold approve {zoho_desk.holds[0]['id']}"


def test_a_name_that_fits_nothing_or_several_is_said(zoho_desk: Desk) -> None:
    zoho_desk.overdue()
    zoho_desk.cycle()

    with pytest.raises(NoSuchLetter) as nothing:
        dead.shown(zoho_desk.workspace, "zzzzzz")
    with pytest.raises(NoSuchLetter):
        dead.shown(zoho_desk.workspace, "")

    assert (nothing.value.exit_code, nothing.value.next) == (2, "kamsync dead list")


# ---- what asks again by itself


def test_what_asking_again_cannot_mend_waits_for_a_person(zoho_desk: Desk) -> None:
    """A lasting no is not asked for every day; a passing one is."""
    zoho_desk.tenant.add("account", name="安徽合力股份有限公司")
    zoho_desk.pull()
    zoho_desk.judge()
    _refuse(zoho_desk, "NOT_SUPPORTED")
    zoho_desk.apply()
    sent = zoho_desk.calls(WRITING)

    zoho_desk.wait(days=2)
    zoho_desk.apply()

    assert _only(zoho_desk).standing.kind == "unsupported"
    assert zoho_desk.calls(WRITING) == sent


def test_what_may_pass_is_tried_again_the_next_day(zoho_desk: Desk) -> None:
    zoho_desk.tenant.add("account", name="安徽合力股份有限公司")
    zoho_desk.pull()
    zoho_desk.judge()
    _refuse(zoho_desk, "NO_PERMISSION")
    zoho_desk.apply()
    before = _only(zoho_desk).standing.kind
    zoho_desk.heal()

    zoho_desk.wait(days=1)
    zoho_desk.cycle()

    assert before == "permission"
    assert set(zoho_desk.intents.values()) == {"done"}


# ---- a person's word


def test_a_replay_looks_afresh_and_writes_once(tag_desk: Desk) -> None:
    id = _locked(tag_desk)
    letter = _only(tag_desk)
    tag_desk.tenant.set_tags(id, ["展会"])
    _unlock(tag_desk, id)

    done = dead.replay(tag_desk.workspace, [letter.intent["id"][:6]])

    assert done.applied is not None
    assert done.applied.push.counts == {"applied": 1}
    assert set(tag_desk.tenant.tags(id)) == {"展会", LOW}
    assert dead.listed(tag_desk.workspace) == []
    assert tag_desk.receipts(letter.intent["key"]) == ["refused", "replayed", "applied"]


def test_a_replay_leaves_a_hold_of_the_same_connection_alone(zoho_desk: Desk) -> None:
    """Its plan speaks of few rows: what waits for a person goes on waiting."""
    _locked(zoho_desk)
    letter = _only(zoho_desk)
    zoho_desk.guards["max_writes"] = 0
    zoho_desk.configure()
    zoho_desk.overdue()
    zoho_desk.pull()
    zoho_desk.judge()
    zoho_desk.apply(by_person=False)

    dead.replay(zoho_desk.workspace, [letter.intent["id"]])

    assert [hold["guard"] for hold in zoho_desk.holds] == ["writes"]


def test_a_replay_of_what_is_unknown_never_sends_it_without_evidence(fxiaoke_desk: Desk) -> None:
    fxiaoke_desk.overdue()
    fxiaoke_desk.options["fxiaoke"]["settle_seconds"] = 3600
    fxiaoke_desk.configure()
    fxiaoke_desk.pull()
    fxiaoke_desk.judge()
    fxiaoke_desk.tenant.fault(Fault("drop_before", on=MAKES_TASK))
    fxiaoke_desk.apply()
    [key] = [key for key, state in fxiaoke_desk.intents.items() if state == "unknown"]

    dead.replay(fxiaoke_desk.workspace, [key])
    dead.drop(fxiaoke_desk.workspace, [key])
    dead.replay(fxiaoke_desk.workspace, [key], not_there=True)
    early = (fxiaoke_desk.intents[key], len(fxiaoke_desk.our_tasks()))
    for _ in ("a first look", "a second"):
        fxiaoke_desk.wait(hours=1)
        dead.replay(fxiaoke_desk.workspace, [key])

    assert (early, fxiaoke_desk.intents[key]) == (("unknown", 0), "done")
    assert len(fxiaoke_desk.our_tasks()) == 1


def test_what_a_crm_can_never_tell_a_person_can(fxiaoke_desk: Desk) -> None:
    """A message leaves no trace: it is sent again on a person's word alone, and that word is kept."""
    fxiaoke_desk.overdue()
    fxiaoke_desk.options["fxiaoke"]["task_channel"] = "message"
    fxiaoke_desk.configure()
    fxiaoke_desk.workspace.who = "wangfang"
    fxiaoke_desk.pull()
    fxiaoke_desk.judge()
    fxiaoke_desk.tenant.fault(Fault("drop_before", on="message/send"))
    fxiaoke_desk.apply()
    fxiaoke_desk.wait(minutes=1)
    fxiaoke_desk.apply()
    letter = _only(fxiaoke_desk)
    asked = fxiaoke_desk.calls("message/send")
    fxiaoke_desk.wait(minutes=1)
    dead.replay(fxiaoke_desk.workspace, [letter.intent["id"]])
    plain = fxiaoke_desk.calls("message/send")

    fxiaoke_desk.wait(minutes=1)
    dead.replay(fxiaoke_desk.workspace, [letter.intent["id"]], not_there=True)

    assert (letter.standing.kind, plain) == ("unsure", asked)
    assert fxiaoke_desk.intents[letter.intent["key"]] == "done"
    assert fxiaoke_desk.calls("message/send") == asked + 1
    assert any("wangfang" in row["evidence"] for row in fxiaoke_desk.rows("receipt"))


def test_what_a_person_dropped_is_not_written_until_somebody_replays_it(tag_desk: Desk) -> None:
    id = _locked(tag_desk)
    letter = _only(tag_desk)
    _unlock(tag_desk, id)
    dead.drop(tag_desk.workspace, [letter.intent["key"]])
    tag_desk.wait(days=2)
    plan = tag_desk.plan()
    tag_desk.apply(plan.id)
    dropped = tag_desk.tenant.tags(id)

    dead.replay(tag_desk.workspace, [letter.intent["key"]])

    assert [row["key"] for row in plan.skipped] == [letter.intent["key"]]
    assert (dropped, tag_desk.tenant.tags(id)) == ((), (LOW,))


def test_what_is_done_can_be_neither_dropped_nor_replayed(zoho_desk: Desk) -> None:
    zoho_desk.overdue()
    zoho_desk.cycle()
    keys = list(zoho_desk.intents)
    written = zoho_desk.calls(WRITING)

    dropped, replayed = dead.drop(zoho_desk.workspace, keys), dead.replay(zoho_desk.workspace, keys)

    assert len(dropped.left) == len(replayed.left) == len(keys)
    assert set(zoho_desk.intents.values()) == {"done"}
    assert zoho_desk.calls(WRITING) == written


# ---- beside a running kamsync


def test_a_replay_beside_a_kamsync_at_work_is_kept_for_its_next_plan(zoho_desk: Desk) -> None:
    id = _locked(zoho_desk)
    letter = _only(zoho_desk)
    _unlock(zoho_desk, id)
    with writing(zoho_desk.workspace.store):
        done = dead.replay(zoho_desk.workspace, [letter.intent["id"]])
    between = zoho_desk.intents[letter.intent["key"]]

    zoho_desk.cycle()

    assert (done.applied, between) == (None, "stale")
    assert zoho_desk.tenant.tags(id) == (LOW,)


def test_replays_and_drops_while_cycles_run_neither_lose_nor_double(zoho_desk: Desk) -> None:
    """One thread works as the daemon does; another replays, drops and replays whatever it finds, all the time."""
    ids = [zoho_desk.overdue(name=f"{name}有限公司") for name in ("安徽合力", "福耀玻璃")]
    zoho_desk.pull()
    zoho_desk.judge()
    for id in ids:
        zoho_desk.tenant.lock_record(id)
    zoho_desk.tenant.fault(Fault("drop_after", on=MAKES_TASK, times=2))
    zoho_desk.apply()
    keys, over, troubles = list(zoho_desk.intents), threading.Event(), list[Exception]()
    workspace = zoho_desk.workspace

    def person() -> None:
        turn = 0
        while not over.is_set():
            turn += 1
            word: Any = dead.drop if turn % 3 == 0 else dead.replay
            try:
                word(workspace, keys)
            except AlreadyWriting:
                pass
            except Exception as wrong:  # noqa: BLE001  told by the test
                troubles.append(wrong)
                return

    beside = threading.Thread(target=person)
    beside.start()
    for id in ids:
        _unlock(zoho_desk, id)
        for _ in range(3):
            try:
                zoho_desk.cycle()
            except AlreadyWriting:  # the daemon, too, comes again later
                continue
    over.set()
    beside.join()
    zoho_desk.wait(minutes=5)
    dead.replay(workspace, keys)
    zoho_desk.cycle()

    assert troubles == []
    assert sorted(task.target or "" for task in zoho_desk.our_tasks()) == sorted(ids)
    assert {zoho_desk.tenant.tags(id) for id in ids} == {(LOW,)}
    assert set(zoho_desk.intents.values()) == {"done"}
