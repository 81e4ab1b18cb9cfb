"""The codes of China's administrative divisions (GB/T 2260), by name: 昆山市, 江苏省 → 320583.

The table is python-stdnum's; only what is in force today counts. A name that fits two places is no place.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files

from kamsync.rules import regions

_LINE = re.compile(r'(?:(\d\d)|  (\d{4})) \w+="([^"]*)"')
_AGE = re.compile(r"\[\d*-(\d*)\]")
_PEOPLES = (
    "藏|回|彝|苗|土家|侗|布依|壮|傣|景颇|傈僳|白|哈尼|羌|朝鲜|蒙古|哈萨克|柯尔克孜|满|瑶|黎|土|撒拉|东乡|保安|裕固|畲|仡佬|水"
    "|毛南|仫佬|佤|拉祜|纳西|怒|独龙|普米|布朗|锡伯|塔吉克|鄂伦春|鄂温克|达斡尔|各"
)
_KINDS = re.compile(
    rf"(?:特别行政区|(?:壮族|回族|维吾尔)?自治区|(?:(?:{_PEOPLES})族?)+自治[州县旗]|自治[州县旗]|地区|新区|[省市盟区县旗])$"
)
_NO_PLACE = ("市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划", "市区")


@dataclass(slots=True)
class _Table:
    names: dict[str, str] = field(default_factory=dict)  # code → name
    codes: dict[str, list[str]] = field(default_factory=dict)  # name, whole or short → codes


@cache
def _table() -> _Table:
    table, province = _Table(), ""
    for line in (files("stdnum") / "cn" / "loc.dat").read_text("utf-8").splitlines():
        if (found := _LINE.match(line)) is None:
            continue
        province = found[1] or province
        name = _in_force(found[3])
        if found[2] and name and name not in _NO_PLACE:
            code = province + found[2]
            table.names[code] = name
            for word in {name, _short(name)}:
                table.codes.setdefault(word, []).append(code)
    return table


def _in_force(told: str) -> str | None:
    """The name that holds today: [1983-2014]新市区,[2015-]竞秀区 → 竞秀区."""
    for one in told.split(","):
        age = _AGE.match(one)
        if age is None or not age[1]:
            return _AGE.sub("", one)
    return None


def _short(name: str) -> str:
    short = _KINDS.sub("", name)
    return short if len(short) > 1 else name


def name_of(code: str) -> str | None:
    """What a six-digit code stands for today."""
    return _table().names.get(code)


@lru_cache(maxsize=8192)  # a book of customers names few places, and each often
def region_code(*parts: str) -> str | None:
    """The code of the narrowest place that the parts name, from the broad to the narrow: codes or names.

    Each part may name several at once (江苏省苏州市昆山市); a part that is no place is passed over. None where no part
    is one, or where a name fits several places and nothing before it tells which.
    """
    here = None
    for part in parts:
        here = _within(unicodedata.normalize("NFKC", part).strip(), here) or here
    return here


def _within(text: str, here: str | None) -> str | None:
    table = _table()
    if text in table.names:
        return text
    if text in table.codes:
        return _inside(table.codes[text], here)
    found = None
    for name in regions.path(regions.place(text)) or _path(text):
        here = _inside(table.codes.get(name, ()), here) or here
        found = here
    return found


def _path(text: str) -> tuple[str, ...]:
    """The places at the head of an address."""
    led = regions.leading_place(text)
    return regions.path(led[0]) if led else ()


def _inside(codes: list[str] | tuple[str, ...], here: str | None) -> str | None:
    """The one of these codes that lies in `here`, the broadest where one lies in another; None if that leaves two."""
    scope = "" if here is None else here[: 2 * (_narrowness(here) + 1)]
    fit = sorted((code for code in codes if code.startswith(scope)), key=_narrowness)
    if not fit:
        return None
    widest = [code for code in fit if _narrowness(code) == _narrowness(fit[0])]
    return widest[0] if len(widest) == 1 else None


def _narrowness(code: str) -> int:
    return 0 if code[2:] == "0000" else 1 if code[4:] == "00" else 2
