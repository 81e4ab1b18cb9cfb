"""Find where a mapping reads what kamsync itself writes: its own tags or tasks would become what it judges by.

Pure: what is written is handed in. The way out is in each problem.
"""

from __future__ import annotations

from collections.abc import Iterator

from kamsync.mapping.drift import DERIVED
from kamsync.mapping.spec import FieldSpec, Mapping, StreamSpec
from kamsync.plugin import Hand, Text
from kamsync.plugin.document import Problem

PEOPLES = Text(
    '换一个字段;只要别人的标签时,用 as = "choice",在 values 里逐个写出,并加 unknown = "ignore"',
    'take another field; for tags of people\'s only, use as = "choice", list them in values and set unknown = "ignore"',
)
OTHER_VALUE = Text("删去这个取值,或换一个字段", "leave this value out, or take another field")


def loops(mapping: Mapping, hand: Hand, prefix: str) -> list[Problem]:
    """Each place where this mapping takes our own hand for the customer's. `prefix`: how our tags begin."""
    looker = _Looker(mapping, hand, prefix.casefold())
    return [problem for spec in mapping.specs.values() for problem in looker.of(spec)]


class _Looker:
    def __init__(self, mapping: Mapping, hand: Hand, prefix: str) -> None:
        self.problem = mapping.document.problem
        self.hand = hand
        self.prefix = prefix
        self.tasks = {object.casefold() for object in hand.tasks}

    def of(self, spec: StreamSpec) -> Iterator[Problem]:
        for name, recipes in spec.fields.items():
            yield from self._field(spec, name, recipes)
        for key, conditions in (("gone_when", spec.gone_when), ("skip_when", spec.skip_when)):
            for condition in conditions:
                if any(map(self._is_ours, condition.values)):
                    field = ".".join(condition.path)
                    text = Text(
                        "以 kamsync 自己写的标签为条件:写一次,记录就消失一次",
                        "depends on a tag that kamsync itself writes: each write would make records vanish",
                    )
                    yield self.problem((spec.name, key, field), text, OTHER_VALUE)
        if spec.object.casefold() in self.tasks:
            yield from self._tasks(spec)

    def _field(self, spec: StreamSpec, name: str, recipes: tuple[FieldSpec, ...]) -> Iterator[Problem]:
        keys = (spec.name, "fields", name)
        for recipe in recipes:
            if any(map(self._is_ours, recipe.values)):
                text = Text(
                    "把 kamsync 自己写的标签当作取值:评级会以自己的结果为依据",
                    "takes a tag that kamsync itself writes for a value: it would judge by its own verdicts",
                )
                yield self.problem(keys, text, OTHER_VALUE)
            elif (field := self._takes_tags(recipe)) is not None:
                text = Text(
                    f"读取 {field},其中有 kamsync 自己写的标签:评级会以自己的结果为依据",
                    f"reads {field}, which carries the tags that kamsync itself writes: it would judge by its own "
                    "verdicts",
                )
                yield self.problem(keys, text, PEOPLES)

    def _takes_tags(self, recipe: FieldSpec) -> str | None:
        """The field whose tags end up in the model, ours among them; a closed list of people's lets none of ours in."""
        if recipe.kind == "choice" and recipe.unknown != "keep":
            return None
        return next((key for key in recipe.reads() if self._carries_tags(key)), None)

    def _tasks(self, spec: StreamSpec) -> Iterator[Problem]:
        """Our own tasks are records of this object: they must be told from the customer's activities."""
        marker = self.hand.marker
        if spec.entity != "activity":
            text = Text(
                f"kamsync 自己的任务也在 {spec.object} 里,会被当作 {spec.entity}",
                f"kamsync's own tasks are {spec.object}, too, and would be taken for a {spec.entity}",
            )
            yield self.problem((spec.name, "entity"), text, Text('entity = "activity"', 'entity = "activity"'))
        elif not spec.marker_from:
            text = Text(
                f"kamsync 自己的任务也在 {spec.object} 里,会被当作与客户的联系",
                f"kamsync's own tasks are {spec.object}, too, and would be taken for contacts with the customer",
            )
            way = Text("加上 marker_from:标识写在哪个字段", "add marker_from: the field that carries our marker")
            yield self.problem((spec.name,), text, way)
        elif marker is not None and marker not in {path[0] for path in spec.marker_from}:
            text = Text(
                f"不看 {marker},而标识写在那里:自己的任务会被当作与客户的联系",
                f"does not look at {marker}, where the marker is written: our own tasks would be taken for contacts",
            )
            way = Text(f'marker_from = ["{marker}", …]', f'marker_from = ["{marker}", …]')
            yield self.problem((spec.name, "marker_from"), text, way)

    def _is_ours(self, value: str) -> bool:
        return bool(self.prefix) and value.casefold().startswith(self.prefix)

    def _carries_tags(self, key: str) -> bool:
        return any(key == field or key in {field + mark for mark in DERIVED} for field in self.hand.tags)
