"""Turn a stream's recipes into one function from record to entity, once, so that applying is fast.

The functions made here raise `Unfit` and `Odd` of `kamsync.mapping.convert`; `kamsync.mapping.apply` hears them.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as Dictionary
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from kamsync.mapping import convert, convert_codes
from kamsync.mapping.birthdays import LUNAR, birthday
from kamsync.mapping.compile_refs import ref, refs
from kamsync.mapping.compile_sources import Body, Read, getter, is_nothing, sources
from kamsync.mapping.convert import LARGEST, NUMBER, Odd, Unfit, keys
from kamsync.mapping.language import KINDS, policies
from kamsync.mapping.spec import FieldSpec, Mapping
from kamsync.model import Money, to_minor
from kamsync.plugin import Text

Turn = Callable[[Any], Any]
PLAIN: dict[str, Turn] = {
    "yesno": convert.yesno, "percent": convert.percent, "uscc": convert_codes.uscc,
    "industry": convert_codes.industry, "domain": convert_codes.domain,
}  # fmt: skip


def field_reader(
    mapping: Mapping, specs: tuple[FieldSpec, ...], zone: ZoneInfo, base_currency: str
) -> tuple[str | None, Callable[[Any], Any], Any]:
    """How one model field is read: (key, turn, default) where it is the turn of the record's own value at a key, and
    nothing there gives the default; (None, read, None) where the whole body is needed."""
    spec = specs[0]
    turn = _turn(spec, zone)
    if turn is None:
        return None, _whole(mapping, specs, zone, base_currency), None
    turn = _by_policy(spec, turn)
    if spec.formula is None and len(spec.paths) == 1 and len(spec.paths[0]) == 1:
        return spec.paths[0][0], turn, spec.default
    return None, _first(spec, turn, zone), None


def _whole(mapping: Mapping, specs: tuple[FieldSpec, ...], zone: ZoneInfo, base_currency: str) -> Read:
    spec = specs[0]
    if spec.kind == "constant":
        return _constant(spec.default)
    if spec.kind == "texts":
        return _gathered([_texts(one) for one in specs])
    if spec.kind == "refs":
        return _gathered([refs(mapping, one) for one in specs])
    if spec.kind == "choice":
        return _choice(spec, zone)
    reads: dict[str, Callable[[], Read]] = {
        "ref": lambda: ref(mapping, spec),
        "money": lambda: _money(spec, zone, base_currency),
        "region": lambda: _region(spec),
        "birthday": lambda: _birthday(spec, zone),
    }
    return _by_policy(spec, reads[spec.kind]())


def _turn(spec: FieldSpec, zone: ZoneInfo) -> Turn | None:
    """What the value alone becomes; None where the record has a say."""
    if spec.kind == "date":
        return lambda value: convert.day(value, zone)
    if spec.kind == "instant":
        return lambda value: convert.instant(value, zone)
    if spec.kind == "birthday" and not spec.lunar_from:
        return lambda value: birthday(value, zone, lunar=spec.lunar)
    if spec.kind in ("number", "integer"):
        return _scaled(spec)
    if spec.kind == "text":
        return convert_codes.evened(spec.norm) if spec.norm else convert.text
    if spec.kind == "phone":
        return convert_codes.phone(spec.country, strict=spec.unknown != "keep")
    return PLAIN.get(spec.kind)


def _by_policy(spec: FieldSpec, read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The reading, with what does not fit dealt with as `unknown` says where that is not the kind's own way."""
    default, unknown = spec.default, spec.unknown
    if unknown == policies(spec.kind, free=True)[0]:
        return read

    def careful(given: Any) -> Any:
        try:
            got = read(given)
        except (Unfit, Odd) as strange:
            return settled(strange.value)
        return settled(given) if got is None and spec.kind in ("industry", "domain") else got

    def settled(value: Any) -> Any:
        if unknown == "ignore":
            return default
        if unknown == "reject":
            raise Unfit(KINDS[spec.kind], value)
        raise Odd(value, default)

    return careful


def _scaled(spec: FieldSpec) -> Turn:
    read = convert.integer if spec.kind == "integer" else convert.number
    if spec.scale == 1:
        return read

    def scaled(value: Any) -> Any:
        got = convert.scaled(value, spec.scale)
        return None if got is None else read(got)

    return scaled


def _constant(value: Any) -> Read:
    return lambda body: value


def _first(spec: FieldSpec, read: Turn, zone: ZoneInfo) -> Read:
    """The first source whose value means something, else the default."""
    default, gets = spec.default, sources(spec, zone)

    def first(body: Body) -> Any:
        strange: Odd | None = None
        for get in gets:
            value = get(body)
            if not value and is_nothing(value):
                continue
            try:
                got = read(value)
            except Odd as odd:
                strange = strange or odd
                continue
            if got is not None:
                return got
        if strange is not None:
            raise Odd(strange.value, default if strange.instead is None else strange.instead)
        return default

    return first


def _gathered(parts: list[Read]) -> Read:
    """What all recipes find, each thing once, in order."""
    if len(parts) == 1:
        return parts[0]

    def gathered(body: Body) -> Any:
        found: Any = ()
        for part in parts:
            got = part(body)
            if got:
                found = (*found, *got) if found else got
        return found if len(found) < 2 else tuple(dict.fromkeys(found))

    return gathered


def _texts(spec: FieldSpec) -> Read:
    gets = [getter(path) for path in spec.paths]

    def read(body: Body) -> tuple[str, ...]:
        found = [word for get in gets if (value := get(body)) is not None for word in convert.texts(value)]
        return tuple(dict.fromkeys(found))

    return read


def _region(spec: FieldSpec) -> Read:
    """All paths together name the place, from the broad to the narrow."""
    gets = [getter(path) for path in spec.paths]

    def read(body: Body) -> str | None:
        parts = [value for get in gets if (value := get(body)) is not None and value != ""]
        code = convert_codes.region(parts)
        if code is None and parts and spec.unknown != "ignore":
            raise Odd("、".join(str(part)[:40] for part in parts), spec.default)
        return code or spec.default

    return read


def _birthday(spec: FieldSpec, zone: ZoneInfo) -> Read:
    """A birthday whose calendar stands in a field of its own."""
    solar = _first(spec, lambda value: birthday(value, zone), zone)
    lunar = _first(spec, lambda value: birthday(value, zone, lunar=True), zone)
    gets = [getter(path) for path in spec.lunar_from]

    def is_lunar(value: Any) -> bool:
        return value is True or (isinstance(value, str) and bool(LUNAR.search(value)))

    return lambda body: (lunar if any(is_lunar(get(body)) for get in gets) else solar)(body)


# ---- choices


def _choice(spec: FieldSpec, zone: ZoneInfo) -> Read:
    """The first word that the table knows; a word that it does not know is dealt with as `unknown` says."""
    table, default, unknown = dict(spec.values), spec.default, spec.unknown
    gets = sources(spec, zone)
    wanted = Text(f"以下之一：{_some(table)}", f"one of: {_some(table)}")

    def read(body: Body) -> Any:
        stranger: str | None = None
        for get in gets:
            value = get(body)
            if value is None:
                continue
            if type(value) is str:
                known = table.get(value.casefold(), table)  # the table itself: not there
                if known is not table:
                    return known
            for key in keys(value):
                known = table.get(key.casefold(), table)
                if known is not table:
                    return known
                stranger = stranger or key
        if stranger is None or unknown == "ignore":
            return default
        if unknown == "reject":
            raise Unfit(wanted, stranger)
        raise Odd(stranger, stranger if unknown == "keep" else default)

    return read


def _some(table: Dictionary[str, Any]) -> str:
    words = list(table)
    return ", ".join(words[:8]) + (" …" if len(words) > 8 else "")


# ---- money


def _money(spec: FieldSpec, zone: ZoneInfo, base_currency: str) -> Read:
    scale = spec.scale
    amount = _first(spec, convert.number if scale == 1 else lambda value: convert.scaled(value, scale), zone)
    code = _currency(spec, zone, base_currency)
    rate = _first(FieldSpec("number", spec.rate_from), convert.number, zone) if spec.rate_from else None

    def read(body: Body) -> Money | None:
        got = amount(body)
        if got is None:
            return None
        currency = code(body)
        minor = _minor(got, currency)
        if currency == base_currency:
            return Money(minor, currency, minor)
        factor = rate(body) if rate else None
        if not factor or factor < 0:
            return Money(minor, currency, None)
        return Money(minor, currency, _minor(got / factor if spec.rate_divides else got * factor, base_currency))

    return read


def _minor(amount: Decimal, currency: str) -> int:
    if amount and amount.adjusted() > 17:
        raise Unfit(NUMBER, amount)
    minor = to_minor(amount, currency)
    if abs(minor) >= LARGEST:
        raise Unfit(NUMBER, amount)
    return minor


def _currency(spec: FieldSpec, zone: ZoneInfo, base_currency: str) -> Callable[[Body], str]:
    if not spec.currency_from:
        return _constant(spec.currency or base_currency)
    usual = FieldSpec("text", spec.currency_from, default=spec.currency or base_currency)
    named = _first(usual, convert.currency, zone)

    def code(body: Body) -> str:
        try:
            return str(named(body))
        except Odd as odd:  # an amount in nobody knows which currency is no amount
            raise Odd(odd.value) from None

    return code
