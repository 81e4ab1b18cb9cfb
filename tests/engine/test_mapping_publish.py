"""When an edited mapping comes into force: by itself, by a person, or not at all."""

from __future__ import annotations

import pytest

from kamsync.engine.mapping_force import draft_of
from kamsync.engine.mapping_verbs import publish_verb, roll_back_verb
from kamsync.engine.verbs import pull_verb
from kamsync.plugin import ConfigError
from kamsync.plugin.document import Problems
from tests.engine.desk import Desk
from tests.engine.paper import Paper


def sizes(desk: Desk) -> set[str | None]:
    return {row["size"] for row in desk.rows("member")}


def state(desk: Desk) -> str:
    with desk.workspace.store.read() as tx:
        return draft_of(tx, desk.workspace.config.connections[0], desk.workspace.connectors).state


def manual(desk: Desk) -> None:
    """A person publishes; nothing comes into force by itself."""
    desk.path.write_text('mapping_publish = "manual"\n' + desk.path.read_text("utf-8"), "utf-8")
    desk.close()


@pytest.fixture
def paper(zoho_desk: Desk) -> Paper:
    """Eight large customers, pulled once."""
    paper = Paper(zoho_desk, "accounts")
    for number in range(8):
        zoho_desk.zoho.add("account", name=f"太原重工第{number}分公司", size="大", city="太原")
    pull_verb(zoho_desk.workspace)
    return paper


def test_the_first_pull_publishes_the_file_so_that_a_beginner_notices_nothing(zoho_desk: Desk, paper: Paper) -> None:
    versions = zoho_desk.rows("mapping")

    assert [(row["version"], row["text"], row["why"]) for row in versions] == [(1, paper.text, "first")]
    assert state(zoho_desk) == "same"
    assert [row["deed"] for row in zoho_desk.rows("audit")] == ["mapping.published"]


def test_an_edited_file_comes_into_force_with_the_next_verb_that_writes(zoho_desk: Desk, paper: Paper) -> None:
    paper.edit('"大型" = "大"', '"大型" = "中"')
    before = state(zoho_desk)

    pull_verb(zoho_desk.workspace)

    assert (before, state(zoho_desk)) == ("edited", "same")
    assert sizes(zoho_desk) == {"中"}
    assert [row["version"] for row in zoho_desk.rows("mapping")] == [1, 2]


def test_a_file_that_was_half_saved_changes_nothing_until_it_is_whole(zoho_desk: Desk, paper: Paper) -> None:
    whole = paper.text.replace('"大型" = "大"', '"大型" = "中"')
    paper.path.write_text(whole[: len(whole) // 2], "utf-8")

    report = pull_verb(zoho_desk.workspace)
    half = sizes(zoho_desk), state(zoho_desk)
    paper.path.write_text(whole, "utf-8")
    pull_verb(zoho_desk.workspace)

    assert report.verdict == "ok"
    assert half == ({"大"}, "broken")
    assert sizes(zoho_desk) == {"中"}


def test_a_first_file_with_mistakes_is_refused_with_its_lines(zoho_desk: Desk) -> None:
    paper = Paper(zoho_desk, "accounts")
    paper.edit('industry = "Industry"', 'industri = "Industry"')

    with pytest.raises(Problems) as refused:
        pull_verb(zoho_desk.workspace)

    assert "accounts.fields.industri" in str(refused.value)
    assert zoho_desk.rows("mapping") == []


def test_where_a_person_publishes_an_edited_file_waits(zoho_desk: Desk, paper: Paper) -> None:
    manual(zoho_desk)
    paper.edit('"大型" = "大"', '"大型" = "中"')

    pull_verb(zoho_desk.workspace)
    waiting = sizes(zoho_desk), state(zoho_desk)
    done = publish_verb(zoho_desk.workspace, "zoho", "大型 is medium")

    assert waiting == ({"大"}, "edited")
    assert done.versions == {"zoho": 2}
    assert sizes(zoho_desk) == {"中"}
    assert zoho_desk.rows("audit")[-1]["facts"]["why"] == "大型 is medium"


def test_an_edit_that_would_empty_the_files_waits_for_a_person(zoho_desk: Desk, paper: Paper) -> None:
    paper.edit('name = "Account_Name"', 'name = "Account_Nam"')

    pull_verb(zoho_desk.workspace)
    waiting = len(zoho_desk.rows("member")), state(zoho_desk)
    aside = zoho_desk.rows("mapping_aside")
    publish_verb(zoho_desk.workspace, None, "I mean it")

    assert waiting == (8, "aside")
    assert aside[0]["en"] == "it would take out of the files: 8 of 8 accounts"
    assert (zoho_desk.rows("member"), state(zoho_desk)) == ([], "same")


def test_a_rollback_holds_until_the_file_is_edited_again(zoho_desk: Desk, paper: Paper) -> None:
    paper.edit('"大型" = "大"', '"大型" = "中"')
    pull_verb(zoho_desk.workspace)

    roll_back_verb(zoho_desk.workspace, "zoho", 1)
    pull_verb(zoho_desk.workspace)
    back = sizes(zoho_desk), state(zoho_desk)
    paper.edit('"大型" = "中"', '"大型" = "小"')
    pull_verb(zoho_desk.workspace)

    assert back == ({"大"}, "aside")
    assert sizes(zoho_desk) == {"小"}
    assert [row["why"] for row in zoho_desk.rows("mapping")] == ["first", "edited", "back to version 1", "edited"]


def test_a_version_that_never_was_is_refused_with_those_there_are(zoho_desk: Desk, paper: Paper) -> None:
    with pytest.raises(ConfigError) as refused:
        roll_back_verb(zoho_desk.workspace, "zoho", 7)

    assert "zoho has no version 7; there are: 1" in refused.value.text.en
