"""Decide which account records, of whatever connection, are one company, and keep the evidence.

Pure. It rather leaves two records of one company apart than joins two companies: a telephone number or a web address
alone never links, and a cluster never holds two records that cannot be one company.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations, pairwise
from typing import Literal

from kamsync.plugin import Text
from kamsync.rules.codes import domain_key, phone_key, uscc_key
from kamsync.rules.names import NormalName, form_country, is_filler, normalize_name
from kamsync.rules.regions import compatible, place, town

LINK, REVIEW = 65, 40
COMMON = 3  # a number or address that more than so many differently named records share is nobody's own

RULES = "rules 1"  # to be raised with every change to what is decided here: then everything is looked at again
LONGEST_CLUE = 200  # no name is so long; what somebody pasted into its field may be
CROWD = 150  # records in one block beyond which not every pair is compared

Verdict = Literal["link", "review", "apart"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """One record that stands for a company. `fixed`: the account it belongs to already."""

    id: str
    name: str
    other_names: tuple[str, ...] = ()
    uscc: str | None = None
    phone: str | None = None
    website: str | None = None
    province: str | None = None
    city: str | None = None
    fixed: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that speaks for (weight above zero) or against. A bar weighs nothing: it decides."""

    rule: str
    weight: int
    detail: Text


@dataclass(frozen=True, slots=True)
class LinkDecision:
    """What was decided of two records, `a` before `b`, and why."""

    a: str
    b: str
    verdict: Verdict
    score: int
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class _Face:
    """A record as it is compared."""

    id: str
    names: tuple[NormalName, ...]
    uscc: str | None
    phone: str | None
    domain: str | None
    town: str
    fixed: str | None


def compare(a: Known, b: Known) -> LinkDecision:
    """Are these two records one company, as far as they tell themselves?"""
    first, second = sorted((a, b), key=lambda known: known.id)
    return _decide(_face(first), _face(second))


def clues(known: Known) -> frozenset[str]:
    """What a record can be known by. Who shares no clue with it, straight or through others, has no say in its links:
    records may be linked group by group."""
    return _clues(_face(known))


def link(
    records: Sequence[Known], *, apart: Collection[frozenset[str]] = ()
) -> tuple[list[frozenset[str]], list[LinkDecision]]:
    """Every record in one cluster; the decisions are those that link, ask for review, or hold alike names apart.

    `apart`: pairs that a person has called different; that is final. The order of the records changes nothing.
    """
    faces = {face.id: face for face in map(_face, sorted(records, key=lambda known: known.id))}
    faces = _without_common(faces)
    decisions = [_decide(faces[a], faces[b], apart) for a, b in sorted(_candidates(faces.values()))]
    return _cluster(faces, decisions, apart)


def _face(known: Known) -> _Face:
    names = [normalize_name(name) for name in (known.name, *known.other_names) if name and name.strip()]
    names = [name for name in names if not is_filler(name)]
    seat = place(known.city) or place(known.province)
    return _Face(
        id=known.id,
        names=tuple(dict.fromkeys(names)),
        uscc=uscc_key(known.uscc),
        phone=phone_key(known.phone),
        domain=domain_key(known.website),
        town=(town(names[0].region) if names else "") or town(seat),
        fixed=known.fixed,
    )


def _without_common(faces: Mapping[str, _Face]) -> dict[str, _Face]:
    """Numbers and addresses of an agent, a business park or a parent company are evidence of nothing: dropped."""
    phones: dict[str, set[str]] = defaultdict(set)
    domains: dict[str, set[str]] = defaultdict(set)
    for face in faces.values():
        for value, seen in ((face.phone, phones), (face.domain, domains)):
            if value and face.names:
                seen[value].add(face.names[0].core)
    common = {value for seen in (phones, domains) for value, cores in seen.items() if len(cores) > COMMON}
    return {
        key: replace(
            face,
            phone=None if face.phone in common else face.phone,
            domain=None if face.domain in common else face.domain,
        )
        if {face.phone, face.domain} & common
        else face
        for key, face in faces.items()
    }


def _candidates(faces: Iterable[_Face]) -> set[tuple[str, str]]:
    """Pairs worth comparing: those that share a clue."""
    blocks: dict[str, list[str]] = defaultdict(list)
    for face in faces:
        for clue in _clues(face):
            blocks[clue].append(face.id)
    return {pair for members in blocks.values() for pair in _pairs(sorted(members))}


def _clues(face: _Face) -> frozenset[str]:
    """Code, number, address and the core of each name."""
    said = (("uscc", face.uscc), ("phone", face.phone), ("domain", face.domain))
    cores = (("core", name.core) for name in face.names)
    return frozenset(f"{kind} {value}"[:LONGEST_CLUE] for kind, value in (*said, *cores) if value)


def _pairs(members: list[str]) -> Iterator[tuple[str, str]]:
    """Each with each; in a block as large as only filler names make it, each with the next."""
    return pairwise(members) if len(members) > CROWD else combinations(members, 2)


def _decide(a: _Face, b: _Face, apart: Collection[frozenset[str]] = ()) -> LinkDecision:
    evidence = tuple(_weigh(a, b))
    score = max(0, min(100, sum(item.weight for item in evidence)))
    bars = tuple(_bars(a, b, apart))
    verdict: Verdict = "link" if score >= LINK else "review" if score >= REVIEW else "apart"
    if bars:
        # One code on a parent and its branch, or in two towns: one of the two is mistaken, a person can tell.
        same_code = a.uscc is not None and a.uscc == b.uscc and frozenset((a.id, b.id)) not in apart
        verdict = "review" if same_code else "apart"
    return LinkDecision(a.id, b.id, verdict, score, bars + evidence)


def _bars(a: _Face, b: _Face, apart: Collection[frozenset[str]] = ()) -> Iterator[Evidence]:
    """Whatever makes it impossible, or too dangerous, that these two are one company."""
    if frozenset((a.id, b.id)) in apart:
        yield _bar("told_apart", "有人已确认这是两家公司", "a person has said that these are two companies")
    if a.uscc and b.uscc and a.uscc != b.uscc:
        yield _bar("code_differs", f"统一社会信用代码不同：{a.uscc}、{b.uscc}", f"the codes differ: {a.uscc}, {b.uscc}")
    if not a.names or not b.names:
        return
    one, other = a.names[0], b.names[0]
    if one.branch != other.branch:
        named = "、".join(filter(None, (one.branch, other.branch)))
        yield _bar("branch", f"一方是分支机构：{named}", f"one of them is a unit of the company: {named}")
    if not compatible(one.region, other.region):
        yield _bar(
            "place_differs",
            f"名称中的地区不同：{one.region}、{other.region}",
            f"the names tell different places: {one.region}, {other.region}",
        )
    homes = {form_country(one.form), form_country(other.form)} - {None}
    if len(homes) > 1 and one.is_chinese == other.is_chinese:
        yield _bar(
            "form_differs",
            f"法律形式属于不同国家：{one.form}、{other.form}",
            f"the legal forms are of different countries: {one.form}, {other.form}",
        )


def _bar(rule: str, zh: str, en: str) -> Evidence:
    return Evidence(rule, 0, Text(zh, en))


def _weigh(a: _Face, b: _Face) -> Iterator[Evidence]:
    if a.uscc and a.uscc == b.uscc:
        yield Evidence("code", 100, Text(f"统一社会信用代码相同：{a.uscc}", f"same registration code: {a.uscc}"))
    yield from _weigh_names(a, b)
    if a.phone and a.phone == b.phone:
        yield Evidence("phone", 25, Text(f"电话相同：{a.phone}", f"same telephone: {a.phone}"))
    if a.domain and a.domain == b.domain:
        yield Evidence("domain", 25, Text(f"网址相同：{a.domain}", f"same web address: {a.domain}"))


def _weigh_names(a: _Face, b: _Face) -> Iterator[Evidence]:
    """The best that can be said of any name of one and any name of the other, and of where they sit."""
    pairs = [(one, other) for one in a.names for other in b.names]
    full = next((one for one, other in pairs if one.full == other.full and one.is_registered), None)
    same = next(((one, other) for one, other in pairs if one.core == other.core), None)
    near = next(((one, other) for one, other in pairs if alike(one, other)), None)
    place_weight = 10
    if full is not None:
        yield Evidence("full_name", 80, Text(f"全称相同：{full.full}", f"same full name: {full.full}"))
    elif same is not None:
        place_weight = 25 if any(name.is_registered or name.region or len(name.core) > 3 for name in same) else 10
        yield Evidence("core", 40, Text(f"名称主体相同：{same[0].core}", f"same core of the name: {same[0].core}"))
        if same[0].is_group != same[1].is_group:
            yield Evidence("group", -30, Text("一方名称为集团", "one of them is named a group"))
    elif near is not None:
        pair = f"{near[0].core} ~ {near[1].core}"
        yield Evidence("similar", 25, Text(f"名称主体相近：{pair}", f"similar cores of the names: {pair}"))
    yield from _weigh_place(a, b, full or (same and same[0]), place_weight)


def _weigh_place(a: _Face, b: _Face, name: NormalName | None, weight: int) -> Iterator[Evidence]:
    said = {one.region for one in a.names[:1]} & {other.region for other in b.names[:1]} - {""}
    if said or (a.town and a.town == b.town):
        where = next(iter(said), a.town)
        yield Evidence("place", weight, Text(f"同一地区：{where}", f"same place: {where}"))
    elif a.town and b.town and (name is None or not name.region):
        where = f"{a.town}、{b.town}"
        yield Evidence("place", -30, Text(f"所在地区不同：{where}", f"in different places: {where}"))


def alike(one: NormalName, other: NormalName) -> bool:
    """Is one core short for the other, or a slip of the pen away? Two registered names are never short forms."""
    short, long = sorted((one.core, other.core), key=lambda core: (len(core), core))
    if short == long or one.is_chinese != other.is_chinese or one.is_group != other.is_group:
        return False
    if one.is_registered and other.is_registered:
        return _slip(short, long, one.is_chinese)
    return _slip(short, long, one.is_chinese) or _is_short_for(short, long, one.is_chinese)


def _is_short_for(short: str, long: str, chinese: bool) -> bool:
    if len(short) < (2 if chinese else 4) or not long.startswith(short[: 2 if chinese else 4]):
        return False
    letters = iter(long)
    return all(letter in letters for letter in short)


# 第一建筑 and 第二建筑, 东 and 西: one character that makes another company.
_TELLING = frozenset("0123456789一二三四五六七八九十百甲乙丙丁东南西北中上下新老大小")


def _slip(short: str, long: str, chinese: bool) -> bool:
    from rapidfuzz.distance import Levenshtein

    if len(short) < (4 if chinese else 8) or Levenshtein.distance(short, long, score_cutoff=1) > 1:
        return False
    edits = Levenshtein.editops(short, long)
    changed = {short[e.src_pos] for e in edits if e.tag != "insert"} | {
        long[e.dest_pos] for e in edits if e.tag != "delete"
    }
    return not changed & _TELLING


@dataclass(slots=True)
class _Groups:
    """Which records stand together; union by the smaller id, so that order does not matter."""

    parent: dict[str, str] = field(default_factory=dict)

    def root(self, key: str) -> str:
        while (above := self.parent.get(key, key)) != key:
            self.parent[key] = self.parent.get(above, above)
            key = above
        return key

    def join(self, a: str, b: str) -> None:
        low, high = sorted((self.root(a), self.root(b)))
        self.parent[high] = low

    def members(self, keys: Iterable[str]) -> dict[str, list[str]]:
        groups: dict[str, list[str]] = defaultdict(list)
        for key in keys:
            groups[self.root(key)].append(key)
        return groups


def _cluster(
    faces: Mapping[str, _Face], decisions: Sequence[LinkDecision], apart: Collection[frozenset[str]]
) -> tuple[list[frozenset[str]], list[LinkDecision]]:
    """Join what links, unless that would bring together two records that cannot be one company."""
    links = [decision for decision in decisions if decision.verdict == "link"]
    safe = _safe(faces, links, apart)
    settled = [_to_review(d) if d.verdict == "link" and d not in safe else d for d in decisions]
    kept = [d for d in settled if d.verdict != "apart" or d.score >= REVIEW]
    groups = _joined(faces, safe)
    return [frozenset(members) for members in groups.values()], kept


def _joined(faces: Mapping[str, _Face], links: Iterable[LinkDecision]) -> dict[str, list[str]]:
    """Records by group: what an account holds already, and what these links add."""
    groups, accounts = _Groups(), dict[str, str]()
    for face in faces.values():
        if face.fixed is not None:
            groups.join(face.id, accounts.setdefault(face.fixed, face.id))
    for decision in links:
        groups.join(decision.a, decision.b)
    return groups.members(faces)


def _safe(
    faces: Mapping[str, _Face], links: Sequence[LinkDecision], apart: Collection[frozenset[str]]
) -> frozenset[LinkDecision]:
    """The links that may stand: from each group that holds an impossible pair, the weakest go until it holds none.

    A short name that fits two companies equally well so joins neither.
    """
    safe = frozenset(links)
    while True:
        torn = [set(m) for m in _joined(faces, safe).values() if len(m) > 1 and _is_torn(faces, m, apart)]
        weakest: set[LinkDecision] = set()
        for members in torn:
            within = [decision for decision in safe if decision.a in members]
            low = min((decision.score for decision in within), default=0)
            weakest |= {decision for decision in within if decision.score == low}
        if not weakest:
            return safe
        safe -= weakest


def _is_torn(faces: Mapping[str, _Face], members: Sequence[str], apart: Collection[frozenset[str]]) -> bool:
    """Does the group hold a pair that cannot be one company, and that no account holds already?"""
    held = frozenset(members)
    if any(pair <= held for pair in apart):
        return True
    kinds = {(face.uscc, face.names[:1], face.fixed): face for face in (faces[key] for key in members)}
    for one, other in combinations(kinds.values(), 2):
        settled = one.fixed is not None and one.fixed == other.fixed
        if not settled and any(_bars(one, other)):
            return True
    return False


def _to_review(decision: LinkDecision) -> LinkDecision:
    why = Text("归并后会把不同的公司放在一起", "joining them would bring different companies together")
    return replace(decision, verdict="review", evidence=(Evidence("fits_several", 0, why), *decision.evidence))
