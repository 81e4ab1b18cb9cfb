"""Codes, numbers and addresses read alike however they are typed, and fillers read as nothing."""

from __future__ import annotations

from random import Random

import phonenumbers
import pytest
import tldextract
from stdnum.cn import uscc

from kamsync.rules.codes import domain_key, phone_key, uscc_key, uscc_valid, whole_digit


def test_a_registration_code_needs_both_check_digits():
    verdicts = {code: uscc_valid(code) for code in ("91440606123456788U", "91310115MA1K3ABC0D")}

    assert verdicts == {"91440606123456788U": True, "91310115MA1K3ABC0D": False}


def test_the_check_digit_of_the_whole_code_is_what_the_library_makes_of_it():
    chance = Random(20260702)
    bodies = ["".join(chance.choices("0123456789ABCDEFGHJKLMNPQRTUWXY", k=17)) for _ in range(2_000)]

    assert [whole_digit(body) for body in bodies] == [uscc.calc_check_digit(body) for body in bodies]


@pytest.mark.parametrize(
    "typed", ["", None, "无", "91440606123456788V", "9144060612345678", "91440606I23456788U", "0" * 18]
)
def test_what_is_no_code_is_not_valid(typed):
    assert not uscc_valid(typed)


@pytest.mark.parametrize(
    "typed",
    ["91440606123456788u", " 9144 0606 1234 5678 8U ", "９１４４０６０６１２３４５６７８８Ｕ", "91440606-123456788-U"],
)
def test_a_code_is_the_same_however_it_is_typed(typed):
    assert uscc_key(typed) == "91440606123456788U"


@pytest.mark.parametrize(
    "typed",
    [
        "0512-55501234",
        "+86 512 5550 1234",
        "(0512)5550-1234转801",
        "0086-512-55501234",
        "０５１２－５５５０１２３４",
        "0512-55501234/17055501234",
    ],
)
def test_a_telephone_number_is_the_same_however_it_is_typed(typed):
    assert phone_key(typed) == "+8651255501234"


def test_a_plainly_typed_number_is_what_the_library_makes_of_it():
    chance = Random(20260701)
    lines = [f"0{chance.randint(10, 999)}{chance.choice(('', '-', ' '))}{chance.randint(2_000_000, 89_999_999)}"
             for _ in range(3_000)]  # fmt: skip
    mobiles = [f"1{chance.randint(3, 9)}{chance.randint(0, 999_999_999):09}" for _ in range(3_000)]

    keys = [phone_key(typed) for typed in (*lines, *mobiles)]

    assert keys == [_by_library(typed) for typed in (*lines, *mobiles)]
    assert sum(key is not None for key in keys) > 2_000


def _by_library(typed: str) -> str | None:
    number = phonenumbers.parse(typed, "CN")
    tail = str(number.national_number)[-8:]
    filler = len(set(tail)) == 1 or tail in "0123456789012345678" or tail in "98765432109"
    if not phonenumbers.is_valid_number(number) or filler:
        return None
    return f"+{number.country_code}{number.national_number}"


@pytest.mark.parametrize(
    "typed", [None, "", "无", "13800138000", "55501234", "0512-88888888", "12345678", "13012345678", "abc"]
)
def test_a_placeholder_is_no_telephone_number(typed):
    assert phone_key(typed) is None


@pytest.mark.parametrize(
    "typed",
    ["www.yanlan.example", "http://yanlan.example/", "HTTPS://www.Yanlan.example:8443/a?b=1", "sales@yanlan.example"],
)
def test_a_web_address_comes_down_to_its_domain(typed):
    assert domain_key(typed) == "yanlan.example"


def test_a_public_suffix_is_not_mistaken_for_the_domain():
    assert domain_key("shop.yanlan.com.cn") == "yanlan.com.cn"


def test_a_domain_is_what_the_library_makes_of_it_under_every_suffix():
    library = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
    rules = [rule.lstrip("!*.") for rule in library.tlds]
    hosts = [f"{head}{rule}" for rule in rules for head in ("", "砚澜.", "shop.yanlan.", "a.b.yanlan.")]
    hosts += ["xn--55qx5d.cn", "shop.yanlan.xn--55qx5d.cn", "yanlan.xn--fiqs8s", "www.yanlan.nosuch"]
    lower = [host.lower() for host in hosts if "." in host]

    keys = {host: domain_key(host) for host in lower}

    expected = {host: library(host) for host in lower}
    assert keys == {
        host: f"{one.domain}.{one.suffix}" if one.suffix and one.domain
        else None if one.suffix else ".".join(host.split(".")[-2:])
        for host, one in expected.items()
    }  # fmt: skip
    assert len(set(keys.values())) > 10_000


@pytest.mark.parametrize(
    "typed", [None, "", "无", "localhost", "10.0.0.1", "yanlan@163.com", "https://yanlan.1688.com/", "com.cn"]
)
def test_what_many_share_is_no_domain_of_anybody(typed):
    assert domain_key(typed) is None
