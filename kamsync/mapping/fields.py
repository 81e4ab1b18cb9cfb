"""Read one field's recipe from a mapping file and check it against the model field it fills.

Problems are handed to the caller; what cannot be understood is left out of the result.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from phonenumbers.phonenumberutil import SUPPORTED_REGIONS

from kamsync.mapping.formula import Formula, FormulaError, read_formula
from kamsync.mapping.language import GATHERED, KEYS, KINDS, keys_of, policies
from kamsync.mapping.spec import FieldSpec, Path
from kamsync.mapping.targets import Target
from kamsync.model.about import PRIVACIES
from kamsync.plugin import Text
from kamsync.plugin.document import Key, did_you_mean

Add = Callable[[tuple[Key, ...], Text, Text | None], None]
Keys = tuple[Key, ...]


class FieldReader:
    """Reads the recipe (or recipes) of one model field. `values`: its table under [stream.values]."""

    def __init__(self, add: Add, references: list[tuple[Keys, str]], target: Target, values: object) -> None:
        self.add = add
        self.references = references
        self.target = target
        self.values = values

    def read(self, keys: Keys, raw: object) -> tuple[FieldSpec, ...]:
        """The field's recipes: one, or several where the results are gathered."""
        if isinstance(raw, list) and raw and all(isinstance(part, dict) for part in raw):
            if self.target.kinds[0] in GATHERED:
                return tuple(spec for at, part in enumerate(raw) for spec in self._one((*keys, at), part))
            self.add(keys, Text("只能有一个来源", "takes one recipe only"), FALLBACK)
            return ()
        if isinstance(raw, str | list):
            raw = {"from": raw}
        if not isinstance(raw, dict):
            self.add(keys, Text("应为字段名或一个表", "should be a field's name or a table"), EXAMPLE)
            return ()
        return tuple(self._one(keys, raw))

    def _one(self, keys: Keys, raw: dict[str, Any]) -> list[FieldSpec]:
        kind = self._kind(keys, raw)
        if kind is None:
            return []
        self._check_keys(keys, raw, kind)
        if kind == "constant":
            return self._constant(keys, raw)
        formula = self._formula(keys, raw)
        spec = FieldSpec(
            kind=kind,
            paths=self._paths(keys, raw, "from", needed="formula" not in raw),
            default=self._default(keys, raw),
            scale=self._scale(keys, raw),
            currency=self._currency(keys, raw),
            currency_from=self._paths(keys, raw, "currency_from"),
            rate_from=self._paths(keys, raw, "rate_from"),
            rate_divides=raw.get("rate_divides") is True,
            to=self._to(keys, raw, kind),
            type_from=self._paths(keys, raw, "type_from"),
            type_in=raw["type_in"] if isinstance(raw.get("type_in"), str) else None,
            values=self._value_map(keys, raw, kind),
            unknown=self._unknown(keys, raw, kind),
            norm=self._norm(keys, raw),
            country=self._country(keys, raw),
            lunar=raw.get("lunar") is True,
            lunar_from=self._paths(keys, raw, "lunar_from"),
            formula=formula,
            privacy=self._privacy(keys, raw),
            purpose=self._word(keys, raw, "purpose"),
        )
        return [spec]

    def _kind(self, keys: Keys, raw: dict[str, Any]) -> str | None:
        usual = "choice" if self.values is not None or "values" in raw else self.target.kinds[0]
        kind = raw.get("as", "constant" if "constant" in raw else usual)
        if kind not in KINDS:
            listed = ", ".join(self.target.kinds)
            meant = did_you_mean(str(kind), self.target.kinds) or did_you_mean(str(kind), KINDS)
            hint = meant or Text(f"可选：{listed}", f"kinds that fit: {listed}")
            self.add((*keys, "as"), Text(f'"{kind}" 不是一种类型', f'"{kind}" is not a kind'), hint)
            return None
        if kind not in self.target.kinds:
            fits = ", ".join(self.target.kinds)
            text = Text(
                f'"{kind}" 不合适：{self.target.name} 是{self.target.is_a.zh}',
                f'"{kind}" does not fit: {self.target.name} is {self.target.is_a.en}',
            )
            self.add((*keys, "as"), text, Text(f"可选：{fits}", f"kinds that fit: {fits}"))
            return None
        return str(kind)

    def _check_keys(self, keys: Keys, raw: dict[str, Any], kind: str) -> None:
        own = keys_of(kind)
        for key, value in raw.items():
            if key not in own:
                self._stranger(keys, key, kind, own)
            elif KEYS[key].takes == "yes" and not isinstance(value, bool):
                self.add((*keys, key), BOOL, None)
            elif KEYS[key].takes in ("text", "path") and not isinstance(value, str):
                self.add((*keys, key), TEXT, None)
        if "from" in raw and "formula" in raw:
            self.add((*keys, "formula"), Text("和 from 只能写一个", "goes without from"), None)

    def _stranger(self, keys: Keys, key: str, kind: str, own: tuple[str, ...]) -> None:
        if key in KEYS:
            text = Text(f"对类型 {kind} 没有意义", f"means nothing for the kind {kind}")
        else:
            text = Text("不是字段映射的键", "is not a key of a field")
        listed = ", ".join(own)
        meant = None if key in KEYS else did_you_mean(key, own) or did_you_mean(key, KEYS)
        self.add((*keys, key), text, meant or Text(f"可用的键：{listed}", f"keys: {listed}"))

    def _formula(self, keys: Keys, raw: dict[str, Any]) -> Formula | None:
        text = raw.get("formula")
        if text is None:
            return None
        if not isinstance(text, str):
            self.add((*keys, "formula"), TEXT, None)
            return None
        try:
            return read_formula(text)
        except FormulaError as wrong:
            self.add((*keys, "formula"), wrong.text, wrong.hint)
            return None

    def _word(self, keys: Keys, raw: dict[str, Any], key: str) -> Any:
        """One of the words that the key takes; None where it is not there, or wrong."""
        if key not in raw:
            return None
        return self._among((*keys, key), raw[key], KEYS[key].words)

    def _among(self, place: Keys, word: object, words: tuple[str, ...]) -> str | None:
        if isinstance(word, str) and word in words:
            return word
        listed = ", ".join(words)
        shown = f'"{word}"' if isinstance(word, str) else str(word).lower()
        text = Text(f"{shown} 在这里不可用", f"{shown} cannot be used here")
        self.add(place, text, did_you_mean(str(word), words) or Text(f"可选：{listed}", f"choices: {listed}"))
        return None

    def _privacy(self, keys: Keys, raw: dict[str, Any]) -> Any:
        said = self._word(keys, raw, "class")
        ours = self.target.privacy
        if said is not None and PRIVACIES.index(said) < PRIVACIES.index(ours):
            text = Text(f"{self.target.name} 本来就是 {ours}", f"{self.target.name} is {ours} as it stands")
            self.add((*keys, "class"), text, Text("只能更严", "it can only be made stricter"))
        return said

    def _norm(self, keys: Keys, raw: dict[str, Any]) -> tuple[str, ...]:
        said = raw.get("norm", [])
        words = said if isinstance(said, list) else [said]
        named = (self._among((*keys, "norm"), word, KEYS["norm"].words) for word in words)
        return tuple(word for word in named if word is not None)

    def _country(self, keys: Keys, raw: dict[str, Any]) -> str:
        country = raw.get("country", "CN")
        if isinstance(country, str) and country not in SUPPORTED_REGIONS:
            text = Text(f'"{country}" 不是国家代码', f'"{country}" is not a country')
            near = did_you_mean(country.upper(), SUPPORTED_REGIONS)
            self.add((*keys, "country"), text, near or Text('例如 "CN"、"HK"', 'write it like "CN" or "HK"'))
        return country if isinstance(country, str) and country in SUPPORTED_REGIONS else "CN"

    def _currency(self, keys: Keys, raw: dict[str, Any]) -> str | None:
        currency = raw.get("currency")
        if isinstance(currency, str) and not (len(currency) == 3 and currency.isascii() and currency.isupper()):
            text = Text(f'"{currency}" 不是币种代码', f'"{currency}" is not a currency code')
            self.add((*keys, "currency"), text, Text('例如 "CNY"、"USD"', 'write it like "CNY" or "USD"'))
        return currency if isinstance(currency, str) else None

    def _constant(self, keys: Keys, raw: dict[str, Any]) -> list[FieldSpec]:
        value = self.target.take(raw.get("constant"))
        if value is None:
            self.add((*keys, "constant"), self._unfit(raw.get("constant")), self._choices(raw.get("constant")))
        privacy, purpose = self._privacy(keys, raw), self._word(keys, raw, "purpose")
        return [FieldSpec(kind="constant", default=value, privacy=privacy, purpose=purpose)]

    def _paths(self, keys: Keys, raw: dict[str, Any], key: str, *, needed: bool = False) -> tuple[Path, ...]:
        if key not in raw:
            if needed:
                self.add(keys, Text("缺少 from:取自 CRM 的哪个字段", "needs from: which CRM field it comes from"), None)
            return ()
        paths = paths_of(raw[key])
        if not paths:
            place = (*keys, key) if isinstance(raw[key], str | list) and key != "from" else keys
            self.add(
                place, Text("应为 CRM 字段名或它们的列表", "should be a CRM field's name or a list of them"), EXAMPLE
            )
        return paths

    def _default(self, keys: Keys, raw: dict[str, Any]) -> Any:
        if "default" not in raw:
            return None
        value = self.target.take(raw["default"])
        if value is None:
            self.add((*keys, "default"), self._unfit(raw["default"]), self._choices(raw["default"]))
        return value

    def _scale(self, keys: Keys, raw: dict[str, Any]) -> Decimal:
        scale = raw.get("scale", 1)
        if isinstance(scale, int | Decimal) and not isinstance(scale, bool) and 0 < scale < 10**12:
            return Decimal(scale)
        hint = Text("例如 scale = 10000(万元)", "write it like scale = 10000 (for 万元)")
        self.add((*keys, "scale"), Text("应为正数", "should be a positive number"), hint)
        return Decimal(1)

    def _to(self, keys: Keys, raw: dict[str, Any], kind: str) -> str | None:
        to = raw.get("to")
        if isinstance(to, str):
            self.references.append(((*keys, "to"), to))
            return to
        if to is not None:
            self.add((*keys, "to"), TEXT, None)
        elif kind in ("ref", "refs") and "type_from" not in raw and "type_in" not in raw:
            text = Text("没有说明指向哪个数据流", "does not say which stream it points to")
            self.add(
                keys, text, Text('加上 to = "accounts"，或 type_from = "…"', 'add to = "accounts", or type_from = "…"')
            )
        return None

    def _value_map(self, keys: Keys, raw: dict[str, Any], kind: str) -> dict[str, Any]:
        if kind != "choice":
            return {}
        inline = "values" in raw
        place = (*keys, "values") if inline else (keys[0], "values", self.target.name)
        values = raw["values"] if inline else self.values
        if values is None and self.target.choices:
            return {choice: choice for choice in self.target.choices}
        if not isinstance(values, dict) or not values:
            text = Text("缺少取值对照表 values", "needs values: what each CRM value means")
            self.add(
                place if values is not None else keys,
                text,
                Text('例如 values = { "大型" = "大" }', 'write it like values = { "大型" = "大" }'),
            )
            return {}
        table = {}
        for theirs, ours in values.items():
            value = self.target.take(ours)
            if value is None:
                self.add((*place, theirs), self._unfit(ours), self._choices(ours))
            table[theirs.strip().casefold()] = value
        return table

    def _unknown(self, keys: Keys, raw: dict[str, Any], kind: str) -> Any:
        allowed = policies(kind, free=self.target.type is str and not self.target.choices)
        usual = allowed[0] if allowed else "keep"
        if "unknown" not in raw or not allowed:
            return usual
        return self._among((*keys, "unknown"), raw["unknown"], allowed) or usual

    def _unfit(self, value: object) -> Text:
        shown = f'"{value}"' if isinstance(value, str) else str(value).lower()
        return Text(f"{shown} 不是{self.target.is_a.zh}", f"{shown} is not {self.target.is_a.en}")

    def _choices(self, meant: object) -> Text | None:
        if not self.target.choices:
            return None
        listed = ", ".join(self.target.choices)
        return did_you_mean(str(meant), self.target.choices) or Text(f"可选：{listed}", f"choices: {listed}")


TEXT = Text("应为文字（加引号）", "should be text in quotes")
BOOL = Text("应为 true 或 false(不加引号)", "should be true or false, without quotes")
EXAMPLE = Text('例如 "Account_Name" 或 { from = ["A", "B"] }', 'write it like "Account_Name" or { from = ["A", "B"] }')
FALLBACK = Text('备选字段写成 from = ["A", "B"]', 'write alternatives as from = ["A", "B"]')


def paths_of(raw: object) -> tuple[Path, ...]:
    """The CRM fields that a text or a list of texts names; a dot goes into a nested value."""
    words = [raw] if isinstance(raw, str) else raw
    if not isinstance(words, list) or not words:
        return ()
    paths = [tuple(word.strip().split(".")) for word in words if isinstance(word, str)]
    return tuple(paths) if len(paths) == len(words) and all(all(path) for path in paths) else ()
