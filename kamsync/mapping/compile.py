"""Turn a stream's recipes into one function from record to entity, once, so that applying is fast.

The functions made here raise `Unfit` and `Odd` of `kamsync.mapping.convert`; `kamsync.mapping.apply` hears them.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as Dictionary
from decimal import Decimal
from operator import methodcaller
from typing import Any
from zoneinfo import ZoneInfo

from kamsync.mapping import convert
from kamsync.mapping.birthdays import birthday
from kamsync.mapping.convert import LARGEST, NUMBER, Odd, Unfit, keys
from kamsync.mapping.spec import FieldSpec, Mapping, Path
from kamsync.model import Money, Ref, to_minor
from kamsync.plugin import Text

Body = Dictionary[str, Any]
Read = Callable[[Body], Any]

WORDS: dict[str, Callable[[Any], Any]] = {
    "text": convert.text, "phone": convert.phone, "yesno": convert.yesno, "percent": convert.percent,
}  # fmt: skip


def field_reader(mapping: Mapping, specs: tuple[FieldSpec, ...], zone: ZoneInfo, base_currency: str) -> Read:
    """The function that reads one model field out of a record's body."""
    spec = specs[0]
    if spec.kind == "constant":
        return _constant(spec.default)
    if spec.kind == "texts":
        return _gathered([_texts(one) for one in specs])
    if spec.kind == "refs":
        return _gathered([_refs(mapping, one) for one in specs])
    if spec.kind == "ref":
        return _ref(mapping, spec)
    if spec.kind == "choice":
        return _choice(spec)
    if spec.kind == "money":
        return _money(spec, base_currency)
    return _first(spec, _plain(spec, zone))


def getter(path: Path) -> Read:
    """The function that finds the value at a path; None where there is none."""
    first, rest = path[0], path[1:]
    if not rest:
        return methodcaller("get", first)

    def nested(body: Body) -> Any:
        value = body.get(first)
        for key in rest:
            if isinstance(value, list) and len(value) == 1:
                value = value[0]
            if not isinstance(value, dict):  # as JSON brings it; asking for any Mapping costs ten times as much
                return None
            value = value.get(key)
        return value

    return nested


def _plain(spec: FieldSpec, zone: ZoneInfo) -> Callable[[Any], Any]:
    if spec.kind == "date":
        return lambda value: convert.day(value, zone)
    if spec.kind == "birthday":
        return lambda value: birthday(value, zone)
    if spec.kind == "instant":
        return lambda value: convert.instant(value, zone)
    if spec.kind in ("number", "integer"):
        return _scaled(spec)
    return WORDS[spec.kind]


def _scaled(spec: FieldSpec) -> Callable[[Any], Any]:
    read = convert.integer if spec.kind == "integer" else convert.number
    if spec.scale == 1:
        return read

    def scaled(value: Any) -> Any:
        got = convert.number(value)
        return None if got is None else read(got * spec.scale)

    return scaled


def _constant(value: Any) -> Read:
    return lambda body: value


def _first(spec: FieldSpec, read: Callable[[Any], Any]) -> Read:
    """The first path whose value means something, else the default."""
    default, gets = spec.default, [getter(path) for path in spec.paths]
    if len(gets) == 1:
        get = gets[0]

        def only(body: Body) -> Any:
            value = get(body)
            if not value and (value is None or value == "" or value == []):
                return default
            got = read(value)
            return default if got is None else got

        return only

    def first(body: Body) -> Any:
        strange: Odd | None = None
        for get in gets:
            value = get(body)
            if not value and (value is None or value == "" or value == []):
                continue
            try:
                got = read(value)
            except Odd as odd:
                strange = odd
                continue
            if got is not None:
                return got
        if strange is not None:
            raise Odd(strange.value, default)
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


# ---- choices


def _choice(spec: FieldSpec) -> Read:
    """The first word that the table knows; a word that it does not know is dealt with as `unknown` says."""
    table, default, unknown = dict(spec.values), spec.default, spec.unknown
    gets = [getter(path) for path in spec.paths]
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


def _money(spec: FieldSpec, base_currency: str) -> Read:
    amount = _first(spec, convert.number)
    code = _currency(spec, base_currency)
    rate = _first(FieldSpec("number", spec.rate_from), convert.number) if spec.rate_from else None
    scale = spec.scale

    def read(body: Body) -> Money | None:
        got = amount(body)
        if got is None:
            return None
        if scale != 1:
            got *= scale
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


def _currency(spec: FieldSpec, base_currency: str) -> Callable[[Body], str]:
    if not spec.currency_from:
        return _constant(spec.currency or base_currency)
    return _first(FieldSpec("text", spec.currency_from, default=spec.currency or base_currency), convert.currency)


# ---- references


def _ref(mapping: Mapping, spec: FieldSpec) -> Read:
    typed = _stream_of(mapping, spec)
    gets = [getter(path) for path in spec.paths]

    def read(body: Body) -> Ref | None:
        for get in gets:
            value = get(body)
            if value is None or value == "":
                continue
            id = convert.remote_id(value)
            if id is not None:
                return Ref(typed(body, value), id)
        return None

    return read


def _refs(mapping: Mapping, spec: FieldSpec) -> Read:
    typed = _stream_of(mapping, spec)
    gets = [getter(path) for path in spec.paths]

    def read(body: Body) -> tuple[Ref, ...]:
        found = []
        for get in gets:
            value = get(body)
            if value is None:
                continue
            for item in value if isinstance(value, list) else (value,):
                id = None if item is None else convert.remote_id(item)
                if id is not None:
                    found.append(Ref(typed(body, item), id))
        return tuple(found) if len(found) < 2 else tuple(dict.fromkeys(found))

    return read


def _stream_of(mapping: Mapping, spec: FieldSpec) -> Callable[[Body, Any], str | None]:
    """Which stream a reference points to: by the object that the record names, else by `to`."""
    streams = {object.casefold(): name for name, object in mapping.objects.items()}
    fallback, inside = spec.to, spec.type_in
    if not spec.type_from and inside is None:
        return lambda body, item: fallback
    gets = [getter(path) for path in spec.type_from]
    within = getter(tuple(inside.split("."))) if inside else None

    def typed(body: Body, item: Any) -> str | None:
        if within is not None and isinstance(item, dict):
            object = within(item)
            if isinstance(object, str) and object:
                return streams.get(object.casefold())
        for get in gets:
            object = get(body)
            if isinstance(object, str) and object:
                return streams.get(object.casefold())
        return fallback

    return typed
