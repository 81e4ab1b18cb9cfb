"""Compare a mapping with the fields a tenant really has.

Pure: the tenant's metadata is handed in. A field that is missing is a finding, never a failure of a pull.
"""

from __future__ import annotations

from collections.abc import Sequence

from kamsync.mapping.spec import FieldSpec, Mapping
from kamsync.plugin import Field, Text
from kamsync.plugin.document import Problem, nearest

# What a CRM derives from a field and sends beside it (Fxiaoke's labels and lists); metadata lists the field only.
DERIVED = ("__r", "__l", "__o", "__v", "__p", "__e")
COUNTED = ("money", "number", "integer")  # the kinds that a unit makes a difference to


def drift(mapping: Mapping, stream: str, fields: Sequence[Field]) -> list[Problem]:
    """Each mapped field none of whose sources this tenant has, with the one it probably means."""
    have = {field.name for field in fields}
    problems = []
    for name, specs in mapping.specs[stream].fields.items():
        sources = [path[0] for spec in specs for path in spec.paths]
        if not sources or any(_is_there(source, have) for source in sources):
            continue
        keys = (stream, "fields", name)
        object = mapping.object_of(stream)
        listed = ", ".join(sources)
        text = Text(f"{object} 里没有字段 {listed}", f"reads {listed}, which {object} does not have")
        problems.append(mapping.document.problem(keys, text, _meant(sources, fields)))
    return problems


def scales(mapping: Mapping, stream: str, fields: Sequence[Field]) -> list[Problem]:
    """Each mapped figure whose field says by its label that it counts in other units than the mapping does."""
    known = {field.name: field for field in fields}
    problems = []
    for name, specs in mapping.specs[stream].fields.items():
        for spec in specs:
            sources = [known[path[0]] for path in spec.paths if len(path) == 1 and path[0] in known]
            odd = next((field for field in sources if field.scale not in (1, spec.scale)), None)
            if odd is not None and spec.kind in COUNTED:
                problems.append(_miscounted(mapping, (stream, "fields", name), odd, spec))
    return problems


def _miscounted(mapping: Mapping, keys: tuple[str, ...], field: Field, spec: FieldSpec) -> Problem:
    text = Text(
        f"读取 {field.name}({field.label}),它以 {field.scale:,} 为单位,而映射的 scale 是 {spec.scale:,}",
        f"reads {field.name} ({field.label}), which counts in units of {field.scale:,}; the mapping's scale is "
        f"{spec.scale:,}",
    )
    return mapping.document.problem(keys, text, Text(f"写上 scale = {field.scale}", f"set scale = {field.scale}"))


def missing(mapping: Mapping, stream: str, fields: Sequence[Field]) -> frozenset[str]:
    """The CRM fields that the mapping looks at and this tenant does not have."""
    have = {field.name for field in fields}
    return frozenset(source for source in mapping.wanted_fields(stream) if not _is_there(source, have))


def _is_there(source: str, have: set[str]) -> bool:
    if source in have or source.startswith(("$", "_")) or source == "id":
        return True  # the CRM's own system values are not fields
    return any(source.endswith(mark) and source.removesuffix(mark) in have for mark in DERIVED)


def _meant(sources: Sequence[str], fields: Sequence[Field]) -> Text | None:
    """The field that a source resembles, by API name or by label."""
    names = [field.name for field in fields]
    labels = {field.label: field for field in fields}
    for source in sources:
        close = nearest(source, names)
        label = nearest(source, labels)
        found = next((field for field in fields if field.name == close), labels.get(label or ""))
        if found is not None:
            return Text(f'是不是 "{found.name}"（{found.label}）？', f'did you mean "{found.name}" ({found.label})?')
    return None
