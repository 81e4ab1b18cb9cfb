"""`kamsync identity review`: the pairs that may be one customer, answered by key, by score, or in a sheet."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kamsync.cli.common import Asked, both, command
from kamsync.cli.identifying_sheet import export_sheet, import_sheet, put_answered
from kamsync.cli.identifying_show import brief, one_line, put_evidence, put_not_yet
from kamsync.plugin.text import Text

if TYPE_CHECKING:
    from kamsync.cli.screen import Screen
    from kamsync.engine.deciding import Taken
    from kamsync.engine.views_review import Question
    from kamsync.engine.workspace import Workspace
    from kamsync.rules.likeness import Likeness

SHOWN = 20
LABELS = {
    "name": Text("名称", "name"),
    "other_names": Text("别名", "also"),
    "uscc": Text("信用代码", "code"),
    "phone": Text("电话", "phone"),
    "website": Text("网址", "site"),
    "province": Text("省份", "province"),
    "city": Text("城市", "city"),
}


def register(below: typer.Typer) -> None:
    command(
        below,
        "review",
        Text(
            "逐对判断可能是同一客户的记录:y 同 n 不同 s 跳过 b 返回 q 退出。不在终端上时列出。",
            "Answer the pairs that may be one customer: y same, n different, s skip, b back, q quit. A list elsewhere.",
        ),
        "kamsync identity review",
        "kamsync identity review --above 60",
        "kamsync identity review --export pairs.csv",
        "kamsync identity review --import pairs.csv",
    )(review)


Above = Annotated[
    int | None,
    typer.Option("--above", metavar="SCORE", min=1, max=100, show_default=False,
                 help=both("达到此分且规则不禁止的,全部归并", "join all of this score and more that nothing forbids")),
]  # fmt: skip
To = Annotated[
    Path | None,
    typer.Option("--export", metavar="FILE", show_default=False,
                 help=both("写成表格(.csv 或 .jsonl),填 decision 列", "as a sheet (.csv, .jsonl) to fill in")),
]  # fmt: skip
From = Annotated[
    Path | None,
    typer.Option(
        "--import", metavar="FILE", show_default=False, help=both("读回填好的表格", "read the answered sheet")
    ),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help=both("不再询问", "do not ask"))]


def review(asked: Asked, above: Above = None, to: To = None, source: From = None, yes: Yes = False) -> int:
    from kamsync.cli.screen import Screen

    if sum(one is not None for one in (above, to, source)) > 1:
        said = Text("--above、--export、--import 只写一个", "say one of --above, --export and --import")
        raise typer.BadParameter(said.say(asked.language))
    screen = Screen(asked)
    if to is not None:
        return export_sheet(asked, screen, to)
    if source is not None:
        return import_sheet(asked, screen, source)
    if above is not None:
        return _accept(asked, screen, above, yes=yes)
    if asked.json or not (sys.stdin.isatty() and sys.stdout.isatty()):
        return _list(asked, screen)
    return _ask(asked, screen)


# ---- a list


def _list(asked: Asked, screen: Screen) -> int:
    from kamsync.cli.opening import looking
    from kamsync.engine import views_review

    with looking(asked) as workspace:
        found = views_review.queue(workspace)
    if asked.json:
        screen.emit({"pairs": [views_review.to_json(one, asked.language) for one in found]})
        return 0
    if _none(screen, found):
        return 0
    for one in found[:SHOWN]:
        a, b = one.ends
        screen.line((f"{one.score:>4}  ", "bold"), f"{one.a['name']} – {one.b['name']}")
        screen.line((f"      {brief(a)} – {brief(b)}", "dim"))
        why = " · ".join(told[screen.language] for told in one.evidence[:3])
        one_line(screen, (f"      {why}", "dim"))
    if len(found) > SHOWN:
        screen.say(f"… 另有 {len(found) - SHOWN} 对", f"… and {len(found) - SHOWN} more", "dim")
    a, b = map(brief, found[0].ends)
    screen.next(f"kamsync identity same {a} {b} --reason …", f"kamsync identity different {a} {b} --reason …",
                "kamsync identity review --export pairs.csv")  # fmt: skip
    return 0


def _none(screen: Screen, found: Sequence[Question]) -> bool:
    if not found:
        screen.say("没有待确认的记录对。", "No pair waits for a person.", "green")
        screen.next("kamsync identity")
    return not found


# ---- by keyboard


@dataclass
class Sitting:
    """One person at the keyboard. `answered`: what was taken down for each pair, by its place."""

    screen: Screen
    workspace: Workspace
    questions: Sequence[Question]
    key: Callable[[], str]
    word: Callable[[str], str]
    at: int = 0
    answered: dict[int, Taken] = field(default_factory=dict)

    def run(self) -> None:
        """Ask until the end or `q`; each answer is taken down at once."""
        while self.at < len(self.questions):
            question = self.questions[self.at]
            self._show(question)
            pressed = self.key().lower()
            if pressed in ("q", "\x03", "\x04"):
                return
            if pressed == "b":
                self._back()
            elif pressed == "s":
                self.at += 1
            elif pressed in ("y", "n"):
                self._answer(question, "same" if pressed == "y" else "different")

    def _show(self, question: Question) -> None:
        from kamsync.engine.views_review import likeness_of

        show_question(self.screen, question, likeness_of(self.workspace, question), self.at + 1, len(self.questions))
        self.screen.say(
            "y 同一客户  n 不同客户  s 跳过  b 返回  q 退出", "y same  n different  s skip  b back  q quit", "bold"
        )

    def _answer(self, question: Question, word: Any) -> None:
        from kamsync.engine import deciding
        from kamsync.engine.heeding import member_called

        a, b = (member_called(end) for end in question.ends)
        reason = "人工复核" if self.screen.is_zh else "reviewed"
        wish = deciding.Wish(word, a, b, reason)
        try:
            taken = deciding.decide(self.workspace, [wish])
        except deciding.Forbidden as veto:
            self.screen.line(("✗ ", "red"), veto.text.say(self.screen.language))
            ask = (
                f"仍要归并,请输入 {veto.rule}" if self.screen.is_zh else f"to join them all the same, type {veto.rule}"
            )
            if self.word(ask).strip() != veto.rule:
                return
            taken = deciding.decide(self.workspace, [deciding.Wish(word, a, b, reason, (veto.rule,))])
        except deciding.CannotDecide as refused:
            self.screen.trouble("kamsync", refused.text)
            self.at += 1
            return
        self.answered[self.at] = taken
        self.at += 1

    def _back(self) -> None:
        """To the pair before; if it was answered, the answer is taken back."""
        from kamsync.engine import deciding

        self.at = max(0, self.at - 1)
        taken = self.answered.pop(self.at, None)
        if taken is not None:
            deciding.take_back(self.workspace, taken.batch, "back")


def _ask(asked: Asked, screen: Screen) -> int:
    from kamsync.cli.opening import looking, working
    from kamsync.engine import deciding, views_review

    with looking(asked) as workspace:
        found = views_review.queue(workspace)
    if _none(screen, found):
        return 0
    with working(asked, screen) as workspace:
        sitting = Sitting(
            screen,
            workspace,
            found,
            typer.getchar,
            lambda text: str(typer.prompt(text, default="", show_default=False)),
        )
        sitting.run()
        linked = deciding.carry_out(workspace, sitting.answered.values())
    _ending(screen, len(sitting.answered), len(found), linked=linked)
    return 0


def show_question(screen: Screen, question: Question, likeness: Likeness, at: int, of: int) -> None:
    """Two records side by side in 80 columns, and what speaks for and against."""
    from rich.table import Table

    from kamsync.engine.views_identity import FIELDS

    worth = "–" if question.worth is None else f"¥{question.worth:,.0f}"
    screen.say(
        f"\n{at}/{of}  得分 {question.score}  近 12 个月 {worth}",
        f"\n{at}/{of}  score {question.score}  12 months {worth}",
        "dim",
    )
    made = Table(box=None, show_header=True, pad_edge=False, padding=(0, 1, 0, 0), header_style="cyan", expand=True)
    made.add_column("", width=9, no_wrap=True)
    for end in question.ends:
        made.add_column(brief(end), ratio=1, overflow="fold")
    for name in FIELDS:
        values = [_said(row[name]) for row in (question.a, question.b)]
        if any(values):
            alike = values[0] == values[1] and values[0]
            made.add_row(LABELS[name].say(screen.language), *values, style="green" if alike else "")
    if question.names != (question.a["name"], question.b["name"]):
        made.add_row("客户" if screen.is_zh else "customer", *question.names, style="dim")
    screen.put(made)
    put_evidence(screen, likeness.for_it, likeness.against)


def _said(value: object) -> str:
    return " / ".join(map(str, value)) if isinstance(value, list) else str(value or "")


def _ending(screen: Screen, answered: int, of: int, *, linked: bool) -> None:
    screen.say(
        f"记下 {answered} 个决定,还有 {of - answered} 对",
        f"{answered} decisions taken down, {of - answered} pairs left",
    )
    if not linked:
        put_not_yet(screen)
    screen.next("kamsync plan" if answered else "kamsync identity")


# ---- many at once


def _accept(asked: Asked, screen: Screen, score: int, *, yes: bool) -> int:
    from kamsync.cli.opening import working
    from kamsync.cli.pulling_cost import agreed
    from kamsync.engine import deciding, views_review
    from kamsync.engine.deciding_files import Answered, answer
    from kamsync.engine.heeding import member_called

    with working(asked, screen) as workspace:
        found = views_review.above(views_review.queue(workspace), score)
        if not asked.json:
            screen.say(
                f"{len(found)} 对达到 {score} 分,规则不禁止",
                f"{len(found)} pairs of {score} and more that nothing forbids",
            )
        done = Answered()
        if found and agreed(screen, yes=yes or asked.json):
            ends = [tuple(member_called(end) for end in one.ends) for one in found]
            why = f"≥ {score}"
            done = answer(workspace, [deciding.Wish("same", a, b, why) for a, b in ends])
        linked = deciding.carry_out(workspace, done.taken) if done.count else True
    return put_answered(asked, screen, done, linked=linked)
