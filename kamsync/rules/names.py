"""Take a company's name apart: place, core, legal form, branch.

Pure and by rule: it knows forms, places and words for units, not a single company. What it
cannot read stays in the core.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Any

from kamsync.rules.regions import leading_place, place


@dataclass(frozen=True, slots=True)
class NormalName:
    """`full` is the whole name in one spelling. Empty parts are those that the name does not tell."""

    core: str
    region: str
    form: str
    branch: str
    full: str

    @property
    def is_registered(self) -> bool:
        """Does it carry a legal form, as the name on a licence does?"""
        return self.form not in ("", "集团")

    @property
    def is_group(self) -> bool:
        return self.form.startswith("集团")

    @property
    def is_chinese(self) -> bool:
        return has_chinese(self.core)


_CHINESE = re.compile(r"[\u3400-\u9fff]")
_BRACKETS = re.compile(r"[(\[{<《【〔「『]([^()\[\]{}<>《》【】〔〕「」『』]*)[)\]}>》】〕」』]")
_SPOKEN_BRACKETS = re.compile(r"(?:集团|控股|有限合伙|普通合伙|特殊普通合伙)")

_FORM = re.compile(
    r"(?P<group>集团)?(?P<share>股份)?有限(?:责任)?公司"
    r"|(?P<group2>集团)?(?P<share2>股份)公司|(?P<group3>集团)(?:总公司|公司)|(?P<partners>(?:特殊)?(?:有限|普通)合伙(?:企业)?|合伙企业)"
    r"|(?P<japan>株式会社)|(?P<works>总厂|总公司)"
)
_UNIT = re.compile(
    r"(?:分公司|子公司|办事处|代表处|联络处|分行|支行|分社|分部|分厂|分院|分校|分店|门店|专卖店|营业部|经营部|事业部|销售部|项目部"
    r"|服务部|研发中心|技术中心|分中心|营销中心|(?<![化加军])工厂|车间|仓库|基地|工会)$"
)
_WIDE_AREA = ("华东", "华南", "华北", "华中", "西南", "西北", "东北")

# Words that say what is done, not who does it: a core of nothing else keeps its place, or it would fit hundreds.
GENERAL = re.compile(
    r"(?:科技|技术|贸易|商贸|实业|工业|工程|建设|建筑|机械|机电|电子|电气|电器|电力|能源|化工|化学|医药|医疗|器械|生物|食品|饮料"
    r"|物流|运输|投资|发展|控股|管理|咨询|服务|信息|网络|软件|数码|智能|自动化|设备|装备|材料|新材料|环保|环境|汽车|零部件|配件"
    r"|纺织|服装|服饰|包装|印刷|家具|建材|装饰|房地产|地产|置业|农业|进出口|国际|文化|传媒|广告|教育|旅游|酒店|制造|制品"
    r"|精密|光学|仪器|通信|系统|产业|集团|石油|天然气|银行|保险|证券|钢铁|水务|燃气|公交|地铁|机场|港口)+"
)


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_LATIN_FORMS: tuple[tuple[str, str], ...] = (
    ("private limited", "pvt ltd"),
    ("pvt ltd", "pvt ltd"),
    ("pte ltd", "pte ltd"),
    ("pty ltd", "pty ltd"),
    ("sdn bhd", "sdn bhd"),
    ("company limited", "co ltd"),
    ("co limited", "co ltd"),
    ("company ltd", "co ltd"),
    ("co ltd", "co ltd"),
    ("coltd", "co ltd"),
    ("kabushiki kaisha", "kk"),
    ("gmbh co kg", "gmbh"),
    ("incorporated", "inc"),
    ("corporation", "corp"),
    ("limited", "ltd"),
    ("company", "co"),
    *(
        (word, word)
        for word in _words("ltd inc corp llc lp plc gmbh ag kg sa sas sarl srl spa bv nv ab oy oyj asa kk co")
    ),
)
_COUNTRIES = {
    "inc": "us",
    "llc": "us",
    "gmbh": "de",
    "ag": "de",
    "kg": "de",
    "plc": "gb",
    "sas": "fr",
    "sarl": "fr",
    "spa": "it",
    "srl": "it",
    "bv": "nl",
    "nv": "nl",
    "ab": "se",
    "oy": "fi",
    "oyj": "fi",
    "asa": "no",
    "kk": "jp",
    "株式会社": "jp",
    "pte ltd": "sg",
    "sdn bhd": "my",
    "pvt ltd": "in",
    "pty ltd": "au",
    "有限": "cn",
    "股份": "cn",
    "合伙": "cn",
}

_FILLERS = re.compile(
    r"(?:测试|试用|演示|个人|散客|零售|临时|匿名|未知|未命名|其他|客户|公司|企业|单位|有限|暂无|无|新建|默认|test|demo|sample|unknown|none"
    r"|n ?a|nil|customer|account|company|[0-9x\s])+"
)


def is_filler(name: NormalName) -> bool:
    """Is it no name of anybody: typed to get past a required field, or only what is done, with no place?"""
    return len(name.core) < 2 or bool(
        _FILLERS.fullmatch(name.core) or (not name.region and GENERAL.fullmatch(name.core))
    )


def form_country(form: str) -> str | None:
    """Where a legal form is at home; None for those that several countries use (Ltd., Corp., S.A.)."""
    return _COUNTRIES.get(form.removeprefix("集团"))


def has_chinese(text: str) -> bool:
    return bool(_CHINESE.search(text))


def normalize_name(name: str) -> NormalName:
    """Width, traditional characters, notes, emoji and quotes away; then place, core, form and branch apart."""
    plain = _ARTICLE.sub("", _NOTE.sub("", unicodedata.normalize("NFKC", name).lower().strip()))
    outside = _BRACKETS.sub(" ", plain)  # (停用) behind an English name makes it no Chinese one
    if has_chinese(outside if _letters(outside) else plain):
        return _chinese(simplified(plain))
    return _latin(plain)


# What people write behind a name for themselves, and an article that comes and goes.
_NOTE = re.compile(r"[\s\-—_·]*[-—_]\s*(?:vip|ka|old|new|test|dup|重复|旧|停用|重点|勿删)\s*$")
_ARTICLE = re.compile(r"^the\s+|\s*\(the\)\s*$|,\s*the\s*$")


@cache
def _converter() -> Any:
    import opencc

    return opencc.OpenCC("t2s")


def simplified(text: str) -> str:
    """The text in simplified characters."""
    return str(_converter().convert(text))


def _out_of_brackets(text: str) -> tuple[str, str]:
    """`text` with each bracket resolved, and the place that one of them names: (苏州) is a place, (老客户) a note."""
    region = ""

    def resolve(match: re.Match[str]) -> str:
        nonlocal region
        inner = match[1].strip()
        if _SPOKEN_BRACKETS.fullmatch(inner):
            return inner
        # 「晨曜」 is how some people quote a brand; it is only a note if it stands at the end.
        if match[0][0] in "《「『" and match.end() < len(text.rstrip()):
            return inner
        region = region or place(inner)
        return " "

    outside = _BRACKETS.sub(resolve, text)
    return (outside, region) if _letters(outside) else (text, "")


def _letters(text: str) -> str:
    if text.isalnum():
        return text
    return "".join(char for char in text if char.isalnum())


def _chinese(text: str) -> NormalName:
    outside, bracketed = _out_of_brackets(text)
    compact = _form_mended(_letters(outside))
    head, form, tail = _split_form(compact)
    branch = _branch(tail) if form else ""
    if not branch and not form and (unit := _UNIT.search(head)):
        head, branch = _unit_of(head, unit)
    region, core = _split_region(head, bracketed)
    if not form and len(core) > 3:
        # Said in short: 晨曜股份, 晨曜集团. The former tells no more than 晨曜 does.
        core = core.removesuffix("股份")
        core, form = (core.removesuffix("集团"), "集团") if core.endswith("集团") else (core, "")
    return NormalName(core, region, form, branch, f"{region}{core.removeprefix(region)}{form}{branch}")


def _form_mended(compact: str) -> str:
    """A legal form at the end with one character mistyped or left out: 有限公可, 限公司, 集困有限公司."""
    if not _FORM.search(compact):
        compact = _NEARLY_FORM.sub("有限公司", compact)
    return _NEARLY_GROUP.sub(r"集团\1", compact)


# By the characters that an input method offers for the right one, and by one that is missing.
_NEARLY_FORM = re.compile(
    r"(?:有限.司|有限公.|有[现线县先显险献贤闲仙][公工]司|[友右又由油游尤优幼佑]限公司|限公司|(?<![国所])有公司|有限司|有限公)$"
)
_NEARLY_GROUP = re.compile(r"(?:集[湍抟困]|[级极际即急及机吉辑籍]团)((?:股份)?有限(?:责任)?公司)$")


def _split_form(compact: str) -> tuple[str, str, str]:
    match = next((m for m in _FORM.finditer(compact) if m.start() > 1), None)
    if match is None:
        return compact, "", ""
    parts = match.groupdict()
    kind = "有限"
    if parts["share"] or parts["share2"]:
        kind = "股份"
    elif parts["group3"]:
        kind = ""
    elif parts["partners"]:
        kind = "合伙"
    elif parts["japan"] or parts["works"]:
        kind = match[0]
    head = compact[: match.start()]
    grouped = bool(parts["group"] or parts["group2"] or parts["group3"])
    return head, ("集团" if grouped else "") + kind, compact[match.end() :]


def _branch(tail: str) -> str:
    """What follows the legal form: a unit of the company, or only a note."""
    if _UNIT.search(tail) or tail.startswith(_WIDE_AREA) or leading_place(tail):
        return tail
    return ""


def _unit_of(head: str, unit: re.Match[str]) -> tuple[str, str]:
    """A unit without the company's legal form before it: its own place is where its part of the name begins."""
    for start in range(2, unit.start()):
        if leading_place(head[start:]):
            return head[:start], head[start:]
    return head[: unit.start()], head[unit.start() :]


def _split_region(head: str, bracketed: str) -> tuple[str, str]:
    found = leading_place(head)
    if bracketed and (found is None or found[0] != bracketed or len(found[1]) < 2):
        return bracketed, head
    if found is None:
        return "", head
    region, core = found
    # 安康生物: without the place nothing is left that tells this company from others.
    if len(core) < 2 or GENERAL.fullmatch(core):
        return region, head
    return region, core


def _latin(text: str) -> NormalName:
    outside, region = _out_of_brackets(text)
    words = re.findall(r"[^\W_]+", re.sub(r"['’`.]", "", outside.replace("&", " and ")))
    words, branch = _latin_branch(words)
    words, form = _latin_form(words)
    spelled = _SPELLED_FORM.search(" ".join(words))
    if spelled is not None:
        words, region = _spelled(words, spelled.start(), region)
        form, branch = "有限", f"{spelled[1].replace(' ', '')} branch" if spelled[1] else branch
    if len(words) > 2 and not region and " ".join(words[:2]) == "hong kong":
        region, words = "香港", words[2:]
    elif len(words) > 1 and not region and (region := place(words[0])):
        words = words[1:]
    elif len(words) > 3 and not region and (region := place("".join(words[:2]))):  # hai nan hai yao
        words = words[2:]
    core = " ".join(words)
    return NormalName(core, region, form, branch, " ".join(filter(None, (region, core, form, branch))))


def _spelled(words: list[str], end: int, region: str) -> tuple[list[str], str]:
    """chang sha … before you xian gong si: a Chinese name spelled syllable by syllable."""
    words = " ".join(words)[:end].split()
    for count in (3, 2):
        if not region and len(words) > count + 1 and (region := place("".join(words[:count]))):
            words = words[count + (words[count] == "shi") :]
    return words, region


_SPELLED_FORM = re.compile(
    r"(?<=\w)(?: ji tuan| kong gu)?(?: gu fen)? you xian(?: ze ren)? gong si(?:((?: \w+){1,4}) fen gong si)?$"
)


def _latin_branch(words: list[str]) -> tuple[list[str], str]:
    if len(words) > 2 and words[-1] in ("branch", "office", "division", "factory", "plant"):
        start = (
            len(words) - 2 if place(words[-2]) or words[-2] in ("representative", "rep", "liaison") else len(words) - 1
        )
        return words[:start], " ".join(words[start:])
    return words, ""


def _latin_form(words: list[str]) -> tuple[list[str], str]:
    text, form = " ".join(words), ""
    while True:
        found = next(((spelled, kind) for spelled, kind in _LATIN_FORMS if text.endswith(" " + spelled)), None)
        if found is None:
            break
        text, form = text[: -len(found[0]) - 1], form or found[1]
    if text.endswith(" group") and text.count(" ") >= 1:
        text, form = text.removesuffix(" group"), "集团" + form
    return text.split(), form
