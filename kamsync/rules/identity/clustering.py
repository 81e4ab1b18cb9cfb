"""Join companies, the surest pair first, as long as nobody in one cluster is barred from anybody in the other.

In rounds: what was joined knows more names, numbers and sites, and may so be found again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kamsync.plugin import Text
from kamsync.rules.identity.company import Company, bar, joined
from kamsync.rules.identity.crowd import Crowd
from kamsync.rules.identity.known import LINK, REVIEW, Evidence, LinkDecision, Verdict
from kamsync.rules.identity.weigh import code, weigh

ROUNDS = 4
RENAMED = 50  # the score from which two registered names may be one company's, before and after
RIVAL = 8  # how much weaker another candidate may be and still leave it open which of the two is meant


@dataclass(frozen=True, slots=True)
class Match:
    """Two companies, `a` before `b`, and what speaks for their being one. `barred`: what forbids it."""

    a: Company
    b: Company
    score: int
    evidence: tuple[Evidence, ...]
    barred: Evidence | None = None

    @property
    def if_barred(self) -> Verdict:
        """One code on a parent and its branch, or two registered names on one telephone: a person can tell."""
        renamed = self.barred is not None and self.barred.rule == "legal_name" and self.score >= RENAMED
        return "review" if renamed or self.a.codes & self.b.codes else "apart"

    def decision(self, verdict: Verdict, why: Evidence | None = None) -> LinkDecision:
        first = tuple(one for one in (why, self.barred) if one is not None)
        return LinkDecision(self.a.id, self.b.id, verdict, self.score, first + self.evidence)


def _in_order(a: Company, b: Company) -> tuple[Company, Company]:
    return (a, b) if a.id <= b.id else (b, a)


def match(a: Company, b: Company, known: Crowd) -> Match:
    a, b = _in_order(a, b)
    same = code(a, b)
    evidence = ((same,) if same else ()) + tuple(weigh(a, b, known))
    score = 100 if same else max(0, min(100, sum(one.weight for one in evidence)))
    return Match(a, b, score, evidence, barred(a, b) if score >= REVIEW else None)


def barred(a: Company, b: Company) -> Evidence | None:
    found = bar(a, b)
    if found is None:
        return None
    rule, one, other = found
    zh, en = _BARS[rule]
    return Evidence(rule, 0, Text(f"{zh}：{one or '无'}、{other or '无'}", f"{en}: {one or 'none'}, {other or 'none'}"))


_BARS = {
    "code_differs": ("统一社会信用代码不同", "the codes differ"),
    "branch": ("一方是分支机构", "one of them is a unit of the company"),
    "number": ("名称中的序号不同", "the names are numbered differently"),
    "place_differs": ("名称中的地区不同", "the names tell different places"),
    "form_differs": ("法律形式属于不同国家", "the legal forms are of different countries"),
    "legal_name": ("注册名称不同", "the registered names differ"),
}


class Clusters:
    """Companies that are decided of together. `alike`: pairs of records worth a look; `apart`: pairs that a person has
    called different; `known`: what the whole book tells of them."""

    def __init__(
        self,
        companies: Sequence[Company],
        alike: Collection[tuple[str, str]],
        known: Crowd,
        apart: Mapping[str, Collection[str]],
    ) -> None:
        self.companies = list(companies)
        self._alike = alike
        self._known = known
        self._apart = apart
        self._found: dict[tuple[str, str], Match] = {}
        self.decisions: dict[tuple[str, str], LinkDecision] = {}

    def run(self) -> None:
        for _ in range(ROUNDS):
            if not self._join(self._matches()):
                return

    def _matches(self) -> list[Match]:
        """What is worth a decision; only of grown companies there is something new to find."""
        home = {face.id: company for company in self.companies for face in company.faces}
        pairs = {(a.id, b.id): (a, b) for one, other in self._alike for a, b in [_in_order(home[one], home[other])]}
        before, self._found = self._found, {}
        for ids, (a, b) in pairs.items():
            if a is not b:
                found = before.get(ids)
                known = found is not None and found.a is a and found.b is b
                self._found[ids] = found if found is not None and known else match(a, b, self._known)
        worth = (one for one in self._found.values() if one.score >= REVIEW)
        return sorted(worth, key=lambda one: (-one.score, one.a.id, one.b.id))

    def _join(self, matches: Sequence[Match]) -> bool:
        """Join what may be joined; has any company grown?"""
        groups = _Groups(self.companies)
        rivals = _Rivals(matches)
        for one in matches:
            verdict, why = self._verdict(one, groups, rivals)
            self.decisions[one.a.id, one.b.id] = one.decision(verdict, why)
            if verdict == "link":
                groups.join(one.a, one.b)
        self.companies = groups.now()
        return groups.have_grown

    def _verdict(self, one: Match, groups: _Groups, rivals: _Rivals) -> tuple[Verdict, Evidence | None]:
        a, b = groups.of(one.a), groups.of(one.b)
        if self._told_apart(a, b):
            return "apart", _TOLD_APART
        if one.barred is not None:
            return one.if_barred, None
        if one.score < LINK:
            return "review", None
        if a is b:
            return "link", None
        if bar(a, b) is not None or rivals.any(one, groups):
            return "review", _FITS_SEVERAL
        return "link", None

    def _told_apart(self, a: Company, b: Company) -> bool:
        theirs = {face.id for face in b.faces}
        return any(not theirs.isdisjoint(self._apart[face.id]) for face in a.faces if face.id in self._apart)


_TOLD_APART = Evidence(
    "told_apart", 0, Text("有人已确认这是两家公司", "a person has said that these are two companies")
)
_FITS_SEVERAL = Evidence(
    "fits_several", 0, Text("归并后会把不同的公司放在一起", "joining them would bring different companies together")
)


class _Groups:
    """Companies that were joined in this round, by the one they began as."""

    def __init__(self, companies: Sequence[Company]) -> None:
        self._now = {company.id: company for company in companies}
        self._into: dict[str, str] = {}

    def of(self, company: Company) -> Company:
        id = company.id
        while id in self._into:
            id = self._into[id]
        return self._now[id]

    def join(self, a: Company, b: Company) -> None:
        one, other = self.of(a), self.of(b)
        if one is other:
            return
        whole = joined((one, other))
        for part in (one, other):
            del self._now[part.id]
        for part in (one, other):
            if part.id != whole.id:
                self._into[part.id] = whole.id
        self._now[whole.id] = whole

    def now(self) -> list[Company]:
        return [self._now[id] for id in sorted(self._now)]

    @property
    def have_grown(self) -> bool:
        return bool(self._into)


class _Rivals:
    """Who else each company might be."""

    def __init__(self, matches: Sequence[Match]) -> None:
        self._of: Mapping[str, list[Match]] = defaultdict(list)
        for one in matches:
            if one.barred is None and one.score >= LINK - RIVAL:
                self._of[one.a.id].append(one)
                self._of[one.b.id].append(one)

    def any(self, one: Match, groups: _Groups) -> bool:
        """Is one of the two almost as well somebody who can't be the other?"""
        return any(
            groups.of(rival) is not groups.of(other) and bar(groups.of(rival), groups.of(other)) is not None
            for me, other in ((one.a, one.b), (one.b, one.a))
            for rival in self._almost(one, me)
        )

    def _almost(self, one: Match, me: Company) -> Iterator[Company]:
        for another in self._of[me.id]:
            if another is not one and another.score >= one.score - RIVAL:
                yield another.b if another.a.id == me.id else another.a
