"""Hide what belongs to a person when a screen shows samples: numbers, mail addresses, names of contacts.

Pure. What is hidden keeps its shape, so that an admin still sees what kind of value stands there.
"""

from __future__ import annotations

import re

OPEN = frozenset({"boolean", "true_or_false", "yesno"})  # yes or no gives nobody away
TYPES = frozenset({"phone", "email", "phone_number", "mobile"})
WORDS = re.compile(
    r"phone|mobile|\btel\b|fax|e-?mail|wechat|\bqq\b|birth|passport|bank|id_?card|id_?number|password|secret|token|"
    r"电话|手机|传真|邮箱|邮件|微信|生日|身份证|护照|银行|账号|密码",
    re.IGNORECASE,
)
MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
NUMBER = re.compile(r"(?<![\w.])\+?\d[\d\-() ]{8,18}\d[\dXx]?(?![\w.])")
PERSON = frozenset({"contact", "user"})
NAMES = frozenset({"name", "full_name", "last_name", "first_name", "姓名", "nickname"})


def is_private(name: str, label: str, type: str, entity: str | None) -> bool:
    """Does this field hold what belongs to a person?"""
    if type.casefold() in OPEN:
        return False
    if type.casefold() in TYPES or WORDS.search(name) or WORDS.search(label):
        return True
    return entity in PERSON and bool({name.casefold(), label.casefold()} & NAMES)


def masked(text: str) -> str:
    """A private value with its middle hidden: 138******88, z***@example.cn, 王**."""
    if "@" in text:
        return MAIL.sub(lambda found: _mail(found[0]), text)
    if sum(char.isdigit() for char in text) >= 6:
        return text[:3] + "*" * max(len(text) - 5, 1) + text[-2:]
    return text[:1] + "*" * max(len(text) - 1, 0)


def scrubbed(text: str) -> str:
    """Any text, its mail addresses and telephone numbers hidden."""
    text = MAIL.sub(lambda found: _mail(found[0]), text)
    return NUMBER.sub(lambda found: masked(found[0]) if _is_telephone(found[0]) else found[0], text)


def _mail(address: str) -> str:
    name, _, domain = address.partition("@")
    return f"{name[:1]}***@{domain}"


def _is_telephone(text: str) -> bool:
    digits = re.sub(r"\D", "", text)
    return (len(digits) == 11 and digits.startswith("1")) or (len(digits) == 18 and text[-1] in "0123456789Xx")
