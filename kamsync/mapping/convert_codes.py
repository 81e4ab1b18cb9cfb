"""Turn a raw value into a code of a public list: registration code, telephone, region, industry, web domain.

Pure. What is not such a code is kept and noted, or left out: the text itself has a field of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from kamsync.mapping.convert import Odd, Unfit, text
from kamsync.rules import codes
from kamsync.rules.industries import industry_code
from kamsync.rules.names import simplified
from kamsync.rules.region_codes import region_code

Convert = Callable[[Any], str | None]
_HALF = {full: full - 0xFEE0 for full in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
NORMS: dict[str, Callable[[str], str]] = {
    "half": lambda word: word.translate(_HALF),
    "spaces": lambda word: " ".join(word.split()),
    "upper": str.upper,
    "lower": str.lower,
    "simplified": simplified,
}


def uscc(value: object) -> str | None:
    """The code as it is printed; one whose check digits are wrong is odd, and kept."""
    got = text(value)
    if got is None or codes.is_uscc(got):
        return got
    code = codes.clean_code(got)
    if not codes.is_uscc(code):
        raise Odd(value, code)
    return code


def phone(country: str, *, strict: bool = False) -> Convert:
    """The number as E.164. What has digits but is no whole number is kept as written, unless `strict`; else odd."""
    known = lru_cache(maxsize=4096)(lambda got: codes.e164(got, country))

    def read(value: object) -> str | None:
        got = text(value)
        if got is None:
            return None
        number = known(got)
        if number is None and (strict or not any(map(str.isdigit, got))):
            raise Odd(value)
        return number or got

    return read


def region(parts: list[Any]) -> str | None:
    """The code of the narrowest place that the parts, from the broad to the narrow, name."""
    named = [got for part in parts if (got := _said(part)) is not None]
    return region_code(*named) if named else None


def _said(value: object) -> str | None:
    try:
        got = text(value)
    except Unfit:
        return None
    return None if got is None else got[:120]


def industry(value: object) -> str | None:
    """The code that the text is or names."""
    got = _said(value)
    return None if got is None else industry_code(got)


def domain(value: object) -> str | None:
    """The registrable domain; None for hosts that many share."""
    got = _said(value)
    return None if got is None else _domain(got)


_domain = lru_cache(maxsize=4096)(codes.domain_key)


def evened(norm: tuple[str, ...]) -> Convert:
    """A text, evened as the mapping asks."""
    steps = [NORMS[name] for name in norm]

    def read(value: object) -> str | None:
        got = text(value)
        if got is not None:
            for step in steps:
                got = step(got)
        return got.strip() or None if got is not None else None

    return read
