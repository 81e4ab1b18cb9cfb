"""Turn the recipe of a reference into the function that reads it: the id, and the stream that it points to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kamsync.mapping import convert
from kamsync.mapping.compile_sources import Body, Read, getter
from kamsync.mapping.spec import FieldSpec, Mapping
from kamsync.model import Ref


def ref(mapping: Mapping, spec: FieldSpec) -> Read:
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


def refs(mapping: Mapping, spec: FieldSpec) -> Read:
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
