"""`kamsync undo` as it is typed: shown first, done, held, and had again."""

from __future__ import annotations

from tests.cli.office import AS_OF, Office, width

LOW, HIGH = "KAM·三级及以下", "KAM·二级"

SHOWN = """\
undo of run RUN: plan 2
3 tags to remove, 0 to put back (ours), 1 tasks
account                 CRM       change                because
华东精密机械有限公司    fxiaoke   −KAM·二级             undoes what run RUN wrote
华东精密机械有限公司    zoho      −KAM·二级             undoes what run RUN wrote
苏州小河五金店          zoho      −KAM·三级及以下       undoes what run RUN wrote
华东精密机械有限公司    zoho      close 催收 华东精密…  undoes what run RUN wrote
credits 3.04
next: kamsync apply 2
"""


def _written(office: Office) -> tuple[dict[str, str], str]:
    """The customers, and the run that wrote for them."""
    ids = office.fill()
    done = office.type("cycle", "--as-of", AS_OF, "--apply", "--json")
    assert done.code == 0
    return ids, str(done.json["apply"]["run"])


def _tags(office: Office, ids: dict[str, str]) -> list[tuple[str, ...]]:
    return [office.zoho.tags(ids["big"]), office.zoho.tags(ids["small"]), office.fxiaoke.tags(ids["twin"])]


def _open(office: Office) -> int:
    return sum(not task.done for task in office.zoho.tasks() if task.marker)


def test_everything_back_and_forward_again_leaves_every_step_told(office: Office) -> None:
    ids, run = _written(office)

    looked = office.type("undo", "--last", "--plan")
    before = _tags(office, ids), _open(office)
    undone = office.type("undo", "--last")
    back = _tags(office, ids), _open(office)
    planned = office.type("plan", "--as-of", AS_OF, "--json")
    again = office.type("apply", "1", "--json")
    quiet = office.type("plan", "--as-of", AS_OF, "--json")

    assert "\n".join(line.rstrip() for line in looked.out.splitlines()) + "\n" == SHOWN.replace("RUN", run)
    assert before == ([(HIGH,), (LOW,), (HIGH,)], 1)
    assert (undone.code, back) == (0, ([(), (), ()], 0))
    assert f"run {run} undone · applied 4" in undone.out
    assert undone.out.endswith("next: kamsync hold list\n")
    assert (planned.json["changes"], len(planned.json["held"])) == ([], 4)
    assert (again.json["applied"], _tags(office, ids), _open(office)) == (4, *before)
    assert (quiet.json["changes"], quiet.json["held"]) == ([], [])


def test_an_undo_answers_programs_like_an_apply(office: Office) -> None:
    ids, run = _written(office)
    office.zoho.set_tags(ids["small"], [HIGH])

    done = office.type("undo", "--run", run, "--only", "tags", "--json")

    told = {name: done.json[name] for name in ("applied", "refused", "unknown", "not_sent", "skipped", "undoes")}
    assert told == {"applied": 2, "refused": 0, "unknown": 0, "not_sent": 0, "skipped": 1, "undoes": int(run)}
    skipped = [row["message"] for row in done.json["results"] if row["outcome"] == "skipped"]
    assert (done.code, skipped) == (0, ["someone changed its tags since"])
    assert (office.zoho.tags(ids["small"]), _open(office)) == ((HIGH,), 1)


def test_while_writes_are_paused_an_undo_waits_and_says_how_to_go_on(office: Office) -> None:
    ids, _ = _written(office)
    office.type("pause", "push")

    paused = office.type("undo", "--last")
    office.type("resume", "push")
    done = office.type("apply", "2")

    assert (paused.code, _tags(office, ids)) == (7, [(), (), ()])
    assert paused.out.endswith("next: kamsync resume push\n      kamsync apply 2\n")
    assert done.code == 0


def test_what_cannot_be_undone_is_refused_with_the_next_command(office: Office) -> None:
    nothing = office.type("undo", "--last")
    _, run = _written(office)
    both = office.type("undo", "--last", "--run", run)
    other = office.type("undo", "--run", "1")
    office.configure(**{'writes = "plan"': 'writes = "off"'})
    off = office.type("undo", "--last")

    assert [one.code for one in (nothing, both, other, off)] == [2, 2, 2, 2]
    assert nothing.err == "nothing was ever applied\nnext: kamsync plan\n"
    assert other.err == f"run 1 wrote nothing; the latest that did: {run}\nnext: kamsync undo --last\n"
    assert off.err.splitlines()[-1] == f"next: kamsync undo --run {run}"


def test_every_screen_of_an_undo_fits(office: Office) -> None:
    _written(office)
    commands = (("undo", "--last", "--plan"), ("undo", "--last"), ("hold", "list"), ("status",))

    screens = [office.type(*words, lang=lang).out for lang in ("zh", "en") for words in commands]

    assert max(map(width, screens)) <= 80
