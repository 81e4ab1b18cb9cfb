"""Say a figure as people write it, in Chinese and in English.

Wording only: it rounds for the eye and decides nothing.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from kamsync.plugin import Text, same

_WAN = Decimal(10_000)
_YI = Decimal(100_000_000)


def say(value: Decimal, unit: str) -> Text:
    """A metric's value with its unit."""
    match unit:
        case "yuan":
            return money(value)
        case "ratio":
            return same(f"{short(value * 100, 2)}%")
        case "days":
            return Text(f"{short(value)} 天", f"{short(value)} {_plural(value, 'day')}")
        case "months":
            return Text(f"{short(value)} 个月", f"{short(value)} {_plural(value, 'month')}")
        case "number":
            return same(short(value))
        case "fifth":
            return Text(f"{short(value)} 分（1–5）", f"{short(value)} of 5")
        case _:
            return Text(f"{short(value)} 分", f"{short(value)} of 100")


def money(yuan: Decimal) -> Text:
    """Yuan in 万元 and 亿元 for Chinese readers, with thousands separated for English ones."""
    size = abs(yuan)
    if size >= _YI:
        zh = f"{short(yuan / _YI)} 亿元"
    elif size >= _WAN:
        zh = f"{short(yuan / _WAN)} 万元"
    else:
        zh = f"{short(yuan)} 元"
    sign = "-" if yuan < 0 else ""
    return Text(zh, f"{sign}¥{size.quantize(Decimal(1), rounding=ROUND_HALF_UP):,}")


def short(value: Decimal, places: int = 2) -> str:
    """A number without trailing zeros, at most `places` decimals."""
    rounded = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return f"{rounded.normalize():f}" if rounded else "0"


def join(texts: list[Text]) -> Text:
    return Text("、".join(text.zh for text in texts), ", ".join(text.en for text in texts))


def _plural(value: Decimal, word: str) -> str:
    return word if value == 1 else word + "s"
