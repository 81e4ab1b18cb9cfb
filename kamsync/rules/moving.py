"""Move an account between tiers by its score, steadily: margins, dwell, two low runs, grace.

It decides the scored tier only; floors, caps and overrides come after and never feed back into it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from kamsync.plugin import Text
from kamsync.rules.earning import Earning
from kamsync.rules.policy import Tier
from kamsync.rules.wording import short


@dataclass(frozen=True, slots=True, kw_only=True)
class Previous:
    """Where the account stood at its latest evaluation on an earlier date. `since`: in this scored tier since."""

    scored_tier: str
    since: date | None = None
    pending_down: int = 0
    tier: str | None = None
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """The scored tier after this run; `flag` and `text` say what moved or held it (None: the plain band)."""

    tier: Tier
    since: date
    pending_down: int = 0
    flag: str | None = None
    text: Text | None = None


def move(earning: Earning, previous: Previous | None, as_of: date, first_order: date | None) -> Move:
    """One run of the tier rules."""
    policy = earning.policy
    now = policy.tier(previous.scored_tier) if previous else None
    if previous is None or now is None:
        return _first(earning, as_of)
    stay = Move(now, previous.since or as_of, previous.pending_down)
    if not earning.is_known:
        return _told(stay, "kept", _thin(earning, Text("维持原等级", "the tier stays as it was")))
    if max(previous.as_of or date.min, previous.since or date.min) >= as_of:
        return stay  # a second run on the same date, or one that looks back: nothing moves twice
    return _Step(earning, stay, as_of, first_order).move()


def _first(earning: Earning, as_of: date) -> Move:
    if not earning.is_known:
        text = _thin(earning, Text("暂列最低等级", "placed in the lowest tier for now"))
        return Move(earning.policy.lowest, as_of, 0, "unjudged", text)
    return Move(earning.best(), as_of)


def _thin(earning: Earning, then: Text) -> Text:
    """Why it cannot be judged: too little weight is known, or the one figure that decides is not."""
    score, bar = earning.score, earning.policy.coverage.judge
    if score.total is None or score.known < bar:
        known, asked = short(score.coverage * 100), short(bar * 100)
        why = Text(
            f"只掌握 {known}% 的权重，不足 {asked}%", f"only {known}% of the weight is known, less than {asked}%"
        )
    else:
        why = Text("起决定作用的指标未知", "the figure that decides is unknown")
    if earning.cell is not None:
        why = Text("毛利未知", "the margin is unknown")
    return Text(f"{why.zh}：{then.zh}", f"{why.en}: {then.en}")


def _told(move: Move, flag: str, text: Text, *, pending: int | None = None) -> Move:
    return Move(move.tier, move.since, move.pending_down if pending is None else pending, flag, text)


class _Step:
    """A later run: what the figures earn, against the present tier."""

    def __init__(self, earning: Earning, stay: Move, as_of: date, first_order: date | None) -> None:
        self.earning, self.policy, self.steady = earning, earning.policy, earning.policy.steadiness
        self.stay, self.now, self.as_of = stay, stay.tier, as_of
        self.first_order = first_order
        self.has_bars = earning.policy.kind != "matrix"
        self.said = earning.said()

    def move(self) -> Move:
        better = self.policy.tiers[: self.now.rank - 1]
        reach = [tier for tier in better if self.earning.reaches(tier, self.steady.up_margin)]
        if reach:
            return self._up(reach[0])
        if self.earning.falls_short(self.now, self.steady.down_margin):
            return self._down()
        return self._hold()

    def _up(self, target: Tier) -> Move:
        said = self.said
        ready = self.stay.since + timedelta(days=self.steady.up_days)
        if self.as_of < ready:
            text = Text(
                f"{said.zh}已够{target.label.zh}，但现等级未满 {self.steady.up_days} 天，最早 {ready} 升级",
                f"{said.en} would earn {target.label.en}, but it has not been {self.steady.up_days} days "
                f"in its tier: not before {ready}",
            )
            return _told(self.stay, "up_waits", text, pending=0)
        text = Text(f"{said.zh}，升入{target.label.zh}", f"{said.en} earns {target.label.en}")
        if self.has_bars and target.floor:
            bar = short(target.floor + self.steady.up_margin)
            text = Text(
                f"{said.zh}，达到升入{target.label.zh}的 {bar} 分",
                f"{said.en} reaches the {bar} that {target.label.en} asks for",
            )
        return Move(target, self.as_of, 0, "moved_up", text)

    def _low(self) -> Text:
        """How it falls short of its tier."""
        if self.has_bars and self.earning.large is not False:
            low = f"{self.earning.score.total} < {short(self.now.floor - self.steady.down_margin)}"
            return Text(low, low)
        label = self.now.label
        return Text(f"{self.said.zh}，够不上{label.zh}", f"{self.said.en} does not earn {label.en}")

    def _down(self) -> Move:
        low = self._low()
        if self.first_order and self.as_of < self.first_order + timedelta(days=self.steady.grace_days):
            days = self.steady.grace_days
            text = Text(
                f"{low.zh}，但首单未满 {days} 天，不降级", f"{low.en}, but within {days} days of the first order"
            )
            return _told(self.stay, "grace", text, pending=0)
        runs, need = self.stay.pending_down + 1, self.steady.down_runs
        if runs < need:
            text = Text(
                f"{low.zh}：第 {runs} 次偏低，连续 {need} 次才降级", f"{low.en}: low run {runs} of the {need} it takes"
            )
            return _told(self.stay, "low", text, pending=runs)
        ready = self.stay.since + timedelta(days=self.steady.down_days)
        if self.as_of < ready:
            days = self.steady.down_days
            text = Text(
                f"{low.zh}：已连续 {runs} 次偏低，但现等级未满 {days} 天，最早 {ready} 降级",
                f"{low.en}: {runs} low runs in a row, but not {days} days in its tier: not before {ready}",
            )
            return _told(self.stay, "down_waits", text, pending=runs)
        text = Text(f"{low.zh}，连续 {runs} 次偏低：降一级", f"{low.en}, {runs} low runs in a row: one tier down")
        return Move(self.policy.ranked(self.now.rank + 1), self.as_of, 0, "moved_down", text)

    def _hold(self) -> Move:
        still = Move(self.now, self.stay.since)
        above, total = self.policy.ranked(self.now.rank - 1), self.earning.score.total
        if above is not self.now and self.earning.reaches(above):
            bar = short(above.floor + self.steady.up_margin)
            text = Text(
                f"{total} 分已过{above.label.zh}的 {short(above.floor)} 分，升级要 {bar} 分",
                f"{total} is past the {short(above.floor)} of {above.label.en}, but moving up takes {bar}",
            )
            return _told(still, "up_margin", text)
        if self.earning.falls_short(self.now):
            bar = short(self.now.floor - self.steady.down_margin)
            text = Text(
                f"{total} 分低于{self.now.label.zh}的 {short(self.now.floor)} 分，未低过 {bar} 分",
                f"{total} is under the {short(self.now.floor)} of {self.now.label.en}, but not under {bar}",
            )
            return _told(still, "down_margin", text)
        return still
