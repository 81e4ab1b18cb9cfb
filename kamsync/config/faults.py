"""Say what pydantic found wrong in words a person can act on, at the line where it stands.

Translation only: nothing is judged here, and no value of a secret is ever repeated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

from kamsync.config.toml_file import Document, Problem, did_you_mean
from kamsync.plugin import Secret, Text

Keys = tuple[str | int, ...]

TYPES: Mapping[str, Text] = {
    "string_type": Text("文字（加引号）", "text in quotes"),
    "bool_type": Text("true 或 false", "true or false"),
    "bool_parsing": Text("true 或 false", "true or false"),
    "int_type": Text("整数", "a whole number"),
    "int_parsing": Text("整数", "a whole number"),
    "int_from_float": Text("整数", "a whole number"),
    "float_type": Text("数字", "a number"),
    "float_parsing": Text("数字", "a number"),
    "date_type": Text("日期，不加引号，如 2026-12-01", "a date without quotes, like 2026-12-01"),
    "date_from_datetime_inexact": Text("日期，不带时间", "a date without a time"),
    "list_type": Text("列表 […]", "a list […]"),
    "tuple_type": Text("列表 […]", "a list […]"),
    "dict_type": Text("一个表", "a table"),
    "model_type": Text("一个表", "a table"),
    "is_instance_of": Text("文字（加引号）", "text in quotes"),
    "path_type": Text("文字（加引号）", "text in quotes"),
    "zoneinfo_str": Text("文字（加引号）", "text in quotes"),
}


class Wrong(ValueError):
    """A value is of the right type and still not usable."""

    def __init__(self, text: Text, hint: Text | None = None) -> None:
        super().__init__(text.en)
        self.text = text
        self.hint = hint


def is_placeholder(value: object) -> bool:
    """Is this still the … that the example config shows?"""
    return isinstance(value, str) and value.strip() in ("…", "...", "……")


def is_secret(annotation: object) -> bool:
    """Does a field of this type hold a secret (perhaps an optional one)?"""
    return annotation is Secret or any(is_secret(part) for part in get_args(annotation))


def problems_of(
    wrong: ValidationError, document: Document, prefix: Keys, model: type[BaseModel], also: Iterable[str] = ()
) -> list[Problem]:
    """Every error of a model as a problem of the document; `also`: keys that are known beside the model's."""
    problems: dict[Keys, Problem] = {}
    for error in wrong.errors(include_url=False):
        place = _place(error["loc"], document.data, prefix)
        text, hint = _say(error, model, also, _value(document.data, prefix + place))
        problems.setdefault(place, document.problem(prefix + place, text, hint))
    return list(problems.values())


def _place(loc: Keys, data: object, prefix: Keys) -> Keys:
    """The error's place as far as the file has it: pydantic adds names of union branches."""
    value = _value(data, prefix)
    out: Keys = ()
    for key in loc:
        if isinstance(value, dict):
            out, value = (*out, key), value.get(str(key))
        elif isinstance(value, list) and isinstance(key, int):
            out, value = (*out, key), value[key] if key < len(value) else None
        else:
            break
    return out


def _value(data: object, keys: Keys) -> object:
    for key in keys:
        if isinstance(data, dict):
            data = data.get(key)
        elif isinstance(data, list) and isinstance(key, int) and key < len(data):
            data = data[key]
        else:
            return None
    return data


def _say(error: Any, model: type[BaseModel], also: Iterable[str], value: object) -> tuple[Text, Text | None]:
    kind, loc, context = error["type"], error["loc"], error.get("ctx", {})
    inner = _model_at(model, loc)
    if kind == "missing":
        return Text("缺少这一项", "is missing"), None
    if kind == "extra_forbidden":
        return _unknown(str(loc[-1]), inner, also if len(loc) == 1 else ())
    if is_placeholder(value):
        return PLACEHOLDER
    cause = context.get("error")
    if isinstance(cause, Wrong):
        return cause.text, cause.hint
    if cause is not None and cause.args and isinstance(cause.args[0], Text):
        return cause.args[0], None
    shown = "" if _holds_secret(inner, loc) else _shown(value)
    if kind == "literal_error":
        return _not_one_of(shown, str(value), re.findall(r"'([^']*)'", context["expected"]))
    if kind in TYPES:
        wanted = TYPES[kind]
        got = Text(f"，现在是 {shown}" if shown else "", f", not {shown}" if shown else "")
        return Text(f"应为{wanted.zh}{got.zh}", f"should be {wanted.en}{got.en}"), None
    return Text(f"值不对：{error['msg']}", f"is not right: {error['msg']}"), None


PLACEHOLDER = (
    Text("还是示例里的 …，请填上真实的值", "is still the example's …: fill in your own value"),
    Text("到哪里去找，见文件里这一项的注释", "the comment beside this key tells where to find it"),
)


def _unknown(word: str, model: type[BaseModel], also: Iterable[str]) -> tuple[Text, Text | None]:
    known = sorted({*model.model_fields, *also})
    listed = ", ".join(known)
    hint = did_you_mean(word, known) or Text(f"可用的配置项：{listed}", f"settings here: {listed}")
    return Text("不是这里的配置项", "is not a setting here"), hint


def _not_one_of(shown: str, value: str, choices: list[str]) -> tuple[Text, Text | None]:
    listed = ", ".join(choices)
    hint = did_you_mean(value, choices) or Text(f"可选：{listed}", f"choices: {listed}")
    return Text(f"{shown} 不是可选的值", f"{shown} is not one of its choices"), hint


def _model_at(model: type[BaseModel], loc: Keys) -> type[BaseModel]:
    """The model whose field the last part of `loc` names."""
    kind: object = model
    for key in loc[:-1]:
        if get_origin(kind) is dict:  # a table of tables, whose names are the owner's own
            kind = get_args(kind)[1]
        elif isinstance(kind, type) and issubclass(kind, BaseModel):
            field = kind.model_fields.get(str(key))
            kind = field.annotation if field is not None else None
        model = kind if isinstance(kind, type) and issubclass(kind, BaseModel) else model
    return model


def _holds_secret(model: type[BaseModel], loc: Keys) -> bool:
    names = [key for key in loc if key in model.model_fields]
    return any(is_secret(model.model_fields[str(key)].annotation) for key in names)


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value[:60]}"'
    return str(value)[:60]
