"""Bring registration codes, telephone numbers and web addresses into one comparable form.

Pure. What is no evidence of anything (placeholders, mail hosts, shop platforms) comes out as None;
nothing is looked up.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from operator import mul
from typing import Any

_GAPS = re.compile(r"[\s\-–—]")
_SCHEME, _AFTER_HOST = re.compile(r"^[a-z][a-z0-9+.\-]*://"), re.compile(r"[/?#:\s,;，；]")
_NUMBERS = re.compile(r"[0-9.]+")
_USCC = re.compile(r"[0-9ANY][0-9]{7}[0-9A-HJ-NP-RTUWXY]{10}")
_WEIGHTS_11714 = (3, 7, 9, 10, 5, 8, 4, 2)
_VALUES_11714 = bytes(int(chr(byte), 36) if chr(byte).isalnum() and byte < 128 else 0 for byte in range(256))
_LETTERS_32100 = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_VALUES_32100 = bytes(max(_LETTERS_32100.find(chr(byte)), 0) for byte in range(256))
_WEIGHTS_32100 = tuple(pow(3, place, 31) for place in range(17))
# A line or a mobile as nearly everybody types it. 179… is left to the library: it was a prefix for cheap calls.
_TYPED = re.compile(r"(?:\+86|0)([1-9]\d{1,2}[- ]?[2-8]\d{6,7})|(?:\+86)?(1(?:[3-689]\d|7[0-8])\d{8})")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Hosts under which many companies have a page or a mailbox: sharing one says nothing.
SHARED_HOSTS = _words(
    """
    1688.com alibaba.com taobao.com tmall.com jd.com qq.com 163.com 126.com
    sina.com sina.cn sohu.com weibo.com weixin.com foxmail.com yeah.net aliyun.com
    139.com 189.cn 21cn.com gmail.com google.com outlook.com hotmail.com live.com
    yahoo.com icloud.com facebook.com linkedin.com twitter.com x.com instagram.com youtube.com
    github.io wixsite.com wordpress.com blogspot.com made-in-china.com globalsources.com hc360.com baidu.com
    amazon.com shopify.com myshopify.com example.com example.net example.org
    """
)


def clean_code(text: str | None) -> str:
    """A code as it is printed: half-width capitals with no blanks or dashes."""
    return _GAPS.sub("", unicodedata.normalize("NFKC", text or "")).upper()


def uscc_valid(text: str | None) -> bool:
    """Do both check digits of a unified social credit code hold: GB 32100 over all, GB 11714 over the organisation?"""
    return is_uscc(clean_code(text))


def is_uscc(code: str) -> bool:
    """As `uscc_valid`, of a code that stands as it is printed."""
    if not _USCC.fullmatch(code) or len(set(code)) < 3:
        return False
    return whole_digit(code[:17]) == code[17] and organisation_digit(code[8:16]) == code[16]


def uscc_key(text: str | None) -> str | None:
    """The code if it is valid, else None: a mistyped code is no evidence for or against."""
    return clean_code(text) if uscc_valid(text) else None


def whole_digit(body: str) -> str:
    """The check digit of GB 32100 for seventeen characters."""
    total = sum(map(mul, body.encode().translate(_VALUES_32100), _WEIGHTS_32100))
    return _LETTERS_32100[-total % 31]


def organisation_digit(body: str) -> str:
    """The check digit of GB 11714 for eight characters; ten is written X."""
    total = sum(map(mul, body.encode().translate(_VALUES_11714), _WEIGHTS_11714))
    return "0123456789X0"[11 - total % 11]


def phone_key(text: str | None, region: str = "CN") -> str | None:
    """The first valid number in `text` with country code, without extension; None for placeholders and local lines."""
    if not text:
        return None
    usual = _TYPED.fullmatch(text) if region == "CN" and text.isascii() else None
    if usual is not None and (national := (usual[1] or usual[2]).translate(_NO_GAP)) and _is_chinese(national):
        return None if _is_placeholder(national) else f"+86{national}"
    return _parsed(text, region)


def _parsed(text: str, region: str) -> str | None:
    for number in _numbers(text, region):
        if not _is_placeholder(str(number.national_number)):
            return f"+{number.country_code}{number.national_number}"
    return None


def _numbers(text: str, region: str) -> Iterator[Any]:
    """The valid numbers in a text, in order."""
    import phonenumbers

    plain = _EXTENSION.sub(";ext=", unicodedata.normalize("NFKC", text[:MOST_TYPED]))
    for part in re.split(r"[/、,，|]|;(?!ext=)|\s{2,}", plain):
        try:
            number = phonenumbers.parse(part.strip(), region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            yield number


def e164(text: str, region: str = "CN") -> str | None:
    """The first valid number in `text` as E.164 has it, `;ext=` and the extension behind it; None where there is none.

    `region`: the country (ISO 3166, two letters) whose numbers are written without a country code.
    """
    usual = _TYPED.fullmatch(text) if region == "CN" and text.isascii() else None
    if usual is not None and (national := (usual[1] or usual[2]).translate(_NO_GAP)) and _is_chinese(national):
        return f"+86{national}"
    number = next(_numbers(text, region), None)
    if number is None:
        return None
    extension = f";ext={number.extension}" if number.extension else ""
    zeros = "0" * (number.number_of_leading_zeros or 1) if number.italian_leading_zero else ""
    return f"+{number.country_code}{zeros}{number.national_number}{extension}"


_EXTENSION = re.compile(r"\s*(?:转|分机)\s*(?=\d)")
MOST_TYPED = 250  # characters of a telephone field that are looked at


_NO_GAP = {ord("-"): None, ord(" "): None}


@cache
def _chinese_numbers() -> tuple[re.Pattern[str], ...]:
    """What a Chinese number is, in the library's own words: any, and then a line or a mobile."""
    import phonenumbers

    known: Any = phonenumbers.PhoneMetadata.metadata_for_region("CN")
    kinds = (known.general_desc, known.fixed_line, known.mobile)
    return tuple(re.compile(kind.national_number_pattern) for kind in kinds)


def _is_chinese(national: str) -> bool:
    """Surely valid, found out without taking the text apart: parsing costs ten times as much as all else here."""
    whole, line, mobile = _chinese_numbers()
    return bool(whole.fullmatch(national) and (mobile.fullmatch(national) or line.fullmatch(national)))


def _is_placeholder(national: str) -> bool:
    """A number that is typed to get past a required field: 13800138000, or a tail of one digit or of counting."""
    tail = national[-8:]
    return national == "13800138000" or len(set(tail)) == 1 or tail in "0123456789012345678" or tail in "98765432109"


def domain_key(text: str | None) -> str | None:
    """The registrable domain of a web address or a mailbox, None where many share it."""
    plain = unicodedata.normalize("NFKC", text or "").strip().lower()
    host = _SCHEME.sub("", plain).rpartition("@")[2]
    host = _AFTER_HOST.split(host, maxsplit=1)[0].strip(".")
    if "." not in host or _NUMBERS.fullmatch(host):
        return None
    domain = _registrable(host.replace("。", "."))
    return None if domain in SHARED_HOSTS else domain


def _registrable(host: str) -> str | None:
    """A public suffix and the label before it; the last two labels where none is known. None: it is a suffix itself."""
    labels, suffixes = host.split("."), _suffixes()
    plain = [_decoded(label) for label in labels]
    for start in range(len(labels)):
        name, above = ".".join(plain[start:]), ".".join(plain[start + 1 :])
        if f"!{name}" in suffixes:
            return ".".join(labels[start:])
        if name in suffixes or f"*.{above}" in suffixes:
            return ".".join(labels[start - 1 :]) if start and labels[start - 1] else None
    return ".".join(labels[-2:]) if labels[-1] else None


def _decoded(label: str) -> str:
    """A label as the list of suffixes writes it."""
    if not label.startswith("xn--"):
        return label
    try:
        return label.encode("ascii").decode("idna")
    except UnicodeError:
        return label


@cache
def _suffixes() -> frozenset[str]:
    """The registries' part of the public suffix list that came with the package; the network stays out of it.

    Looked up by name: the package itself keeps each label in an object of its own, 24 MB in all.
    """
    import tldextract

    listed = (files(tldextract) / ".tld_set_snapshot").read_text("utf-8").partition("===BEGIN PRIVATE")[0]
    return frozenset(line.split()[0] for line in listed.splitlines() if line.strip() and not line.startswith("//"))
