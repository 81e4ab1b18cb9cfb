"""Turn one raw value of a CRM into one value of the model, or say why it cannot be.

Pure and suspicious: whatever JSON can hold may arrive here. None always means unknown, never zero.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from kamsync.plugin import Text

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LARGEST = 2**63  # what every database holds as an integer
BROKEN = re.compile("[\x00\ud800-\udfff]")
SEPARATORS = re.compile("[;\uff1b、|\n\r]+")
NAMES = ("name", "label", "display_value", "id")
EMPTY = ("", "-None-", "--None--")


class Unfit(Exception):
    """The value is not what the field needs; the record is set aside."""

    def __init__(self, wanted: Text, value: object) -> None:
        super().__init__(wanted.en)
        self.wanted = wanted
        self.value = value


class Odd(Exception):
    """The value is strange enough to be reported; the record goes on with `instead`."""

    def __init__(self, value: object, instead: Any = None) -> None:
        super().__init__("odd value")
        self.value = value
        self.instead = instead


def clean(text: str) -> str:
    """The text without what databases refuse (NUL, half of a character), trimmed."""
    if text.isprintable():  # what is broken never is; nearly every text is printable
        return text.strip()
    return BROKEN.sub("\ufffd", text).strip()


def shown(value: object) -> str:
    """A value as a message may show it: safe and short."""
    if isinstance(value, str):
        return f'"{clean(value[:80])}"'
    if isinstance(value, Mapping | list):
        return f"{type(value).__name__}({len(value)})"
    if isinstance(value, int) and value.bit_length() > 200:
        return "a very large number"
    return str(value)[:80]


# ---- words


def text(value: object) -> str | None:
    """A text; of a reference or picklist object its name, of a list all of them."""
    if type(value) is str:
        out = clean(value)
        return out if out and out not in EMPTY else None
    if isinstance(value, list):
        words = [word for item in value if (word := _word(item)) is not None]
        return "、".join(words) or None
    return _word(value)


def texts(value: object) -> tuple[str, ...]:
    """Each text of a list, or the parts of one text that ; 、 | or line ends divide."""
    if isinstance(value, str):
        parts = SEPARATORS.split(clean(value))
        return tuple(part.strip() for part in parts if part.strip() and part.strip() not in EMPTY)
    items = value if isinstance(value, list) else [value]
    return tuple(word for item in items if (word := _word(item)) is not None)


def _word(value: object) -> str | None:
    if isinstance(value, dict):
        value = next((value[name] for name in NAMES if value.get(name) is not None), None)
    if value is None:
        return None
    if isinstance(value, str):
        out = clean(value)
        return out if out and out not in EMPTY else None
    if isinstance(value, int | Decimal | float) and not isinstance(value, bool):
        return _plain_number(value)
    raise Unfit(Text("文字", "text"), value)


def _plain_number(value: int | Decimal | float) -> str:
    number = _finite(Decimal(repr(value)) if isinstance(value, float) else Decimal(value), value)
    return str(int(number)) if number == number.to_integral_value() else format(number, "f")[:80]


def keys(value: object) -> Iterator[str]:
    """The words of a picklist value, folded for comparing: one, or those of a list."""
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, bool):
            yield "true" if item else "false"
        elif (word := _word(item)) is not None:
            yield word


YES = frozenset({"true", "yes", "y", "1", "是", "有", "on"})
NO = frozenset({"false", "no", "n", "0", "否", "无", "off"})


def yesno(value: object) -> bool | None:
    """Yes or no, as CRMs write it."""
    if value is True or value is False:
        return value
    word = (text(value) or "").casefold()
    if word in YES:
        return True
    if word in NO:
        return False
    if not word:
        return None
    raise Unfit(Text("是或否", "yes or no"), value)


# ---- numbers


NUMBER = Text("数字", "a number")


def number(value: object) -> Decimal | None:
    """An exact number; amounts may be texts with commas and a currency sign."""
    if type(value) is int or type(value) is Decimal:
        return _finite(Decimal(value), value)
    if isinstance(value, float):
        return _finite(Decimal(repr(value)), value)
    if isinstance(value, str):
        digits = value.replace(",", "").replace("\uff0c", "").strip().lstrip("¥\uffe5$€ ").strip()
        if not digits or digits in EMPTY:
            return None
        try:
            return _finite(Decimal(digits), value)
        except (InvalidOperation, ValueError):
            return _finite(_spoken(value), value)
    raise Unfit(NUMBER, value)


UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "十万": 10**5, "百万": 10**6, "千万": 10**7, "亿": 10**8}
UNITS |= {"百亿": 10**10, "千亿": 10**11, "万亿": 10**12}
SPOKEN = re.compile(
    r"(?:约|大约|近|超过?|≈|人民币|RMB|CNY|[¥$€])?([+-]?\d[\d,]*(?:\.\d+)?)([十百千]?[万亿]|万亿|[十百千])?"
    r"(?:元|块|人民币|RMB|CNY|美元|USD)?(?:整|左右|以上|以内|余|多)?",
    re.IGNORECASE,
)


def _spoken(value: str) -> Decimal:
    """An amount as people say it: 约1.2亿元, 350万, １２００."""
    plain = "".join(unicodedata.normalize("NFKC", value[:80]).split())
    found = SPOKEN.fullmatch(plain)
    if found is None or len(value) > 80:
        raise Unfit(NUMBER, value)
    return Decimal(found[1].replace(",", "")) * UNITS.get(found[2], 1)


def scaled(value: object, scale: Decimal) -> Decimal | None:
    """The number in units of `scale`; one that says its unit itself (350万) is taken at its word."""
    got = number(value)
    if got is None or (isinstance(value, str) and any(unit in value for unit in "万亿")):
        return got
    return got * scale


def _finite(number: Decimal, value: object) -> Decimal:
    if not number.is_finite() or (number and number.adjusted() > 17):
        raise Unfit(NUMBER, value)
    return number


def integer(value: object) -> int | None:
    """A whole number; fractions (a rating of 82.5) are rounded half up."""
    if type(value) is int and -(10**18) < value < 10**18:
        return value
    got = number(value)
    return None if got is None else int(got.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def percent(value: object) -> Decimal | None:
    """0 to 100 (with or without %) as 0 to 1."""
    got = number(value.strip().rstrip("%\uff05") if isinstance(value, str) else value)
    if got is None:
        return None
    if not 0 <= got <= 100:
        raise Unfit(Text("0 到 100 的百分数", "a percentage from 0 to 100"), value)
    return got / 100


CURRENCIES = {"RMB": "CNY", "人民币": "CNY", "美元": "USD", "港币": "HKD", "港元": "HKD", "欧元": "EUR", "日元": "JPY"}
USUAL = frozenset({"CNY", "USD", "EUR", "HKD", "JPY"})
CODE = re.compile(r"(?<![A-Z])[A-Z]{3}(?![A-Z])")


def currency(value: object) -> str | None:
    """The ISO 4217 code in a currency field."""
    if isinstance(value, str) and value in USUAL:
        return value  # the short way for what nearly every record says
    word = text(value)
    if word is None:
        return None
    code = CODE.search(CURRENCIES.get(word.upper(), word).upper())
    if code is None:
        raise Odd(value)
    return code[0]


# ---- time

SPELLED = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
DAY = Text("日期", "a date")
MOMENT = Text("时刻", "a point in time")


def day(value: object, zone: ZoneInfo) -> date | None:
    """A local date: an ISO text, or the instant of a stamp or of milliseconds, seen in the zone."""
    if type(value) is date:
        return value
    read = _read_time(value, DAY)
    if read is None:
        return None
    return read.date() if read.tzinfo is None else _shifted(read, zone, value, DAY).date()


def instant(value: object, zone: ZoneInfo) -> datetime | None:
    """A point in time (UTC): an ISO text, in the zone where it has no offset, or milliseconds."""
    usual = _usual(value)
    if usual is not None:
        return usual
    read = _read_time(value, MOMENT)
    if read is None:
        return None
    return _shifted(read if read.tzinfo else read.replace(tzinfo=zone), UTC, value, MOMENT)


def _usual(value: object) -> datetime | None:
    """The short way for what nearly every record says: a whole stamp with its offset, of this age."""
    if type(value) is not str or len(value) < 20 or value[:2] != "20":
        return None
    try:
        read = datetime.fromisoformat(value)
    except ValueError:
        return None
    return None if read.tzinfo is None else read.astimezone(UTC)


def _shifted(moment: datetime, zone: tzinfo, value: object, wanted: Text) -> datetime:
    try:
        return moment.astimezone(zone)
    except OverflowError:
        raise Unfit(wanted, value) from None


def _read_time(value: object, wanted: Text) -> datetime | None:
    if not isinstance(value, str):
        return _moment(value, value, wanted)
    word = value.strip()
    if not word:
        return None
    if word.startswith("000"):
        raise Odd(value)  # 0000-00-00 or 0001-01-01: how some databases write "no date"
    if word.isdecimal() and len(word) != 8:
        return _moment(int(word[:20]), value, wanted)
    return _iso(word, value, wanted)


def _iso(word: str, value: object, wanted: Text) -> datetime:
    """The text as a date and time; days of other spellings (2026/1/5, 2026年1月5日) begin at midnight."""
    try:
        return datetime.fromisoformat(word)
    except ValueError:
        spelled = SPELLED.fullmatch(word)
    usual = "{}-{:0>2}-{:0>2}".format(*spelled.groups()) if spelled else word
    if usual == word:
        raise Unfit(wanted, value)
    return _iso(usual, value, wanted)


def _moment(stamp: object, value: object, wanted: Text) -> datetime:
    """Milliseconds since 1970; zero is how some CRMs write "none"."""
    if isinstance(stamp, Decimal) and stamp.is_finite() and stamp.adjusted() < 18:
        stamp = int(stamp)
    if type(stamp) is not int:
        raise Unfit(wanted, value)
    if stamp == 0:
        raise Odd(value)
    try:
        moment = EPOCH + timedelta(milliseconds=stamp)
    except OverflowError:
        raise Unfit(wanted, value) from None
    if not 1 < moment.year < 9999:
        raise Unfit(wanted, value)
    return moment


# ---- references


def remote_id(value: object) -> str | None:
    """The id in a reference of any shape: bare, {id, name}, {id}, or a list of one."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = value["id"] if "id" in value else value.get("_id")
    if isinstance(value, str):
        return clean(value) or None
    if value is None:
        return None
    if type(value) is int and value.bit_length() <= 64:
        return str(value)
    raise Unfit(Text("对一条记录的引用", "a reference to a record"), value)
