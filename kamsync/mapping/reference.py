"""The reference of the mapping language as Markdown tables, from the tables that the reader goes by.

`docs/mapping.md` carries them between marks; a test keeps the two equal.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from kamsync.mapping.formula_functions import TAKES
from kamsync.mapping.language import KEYS, KINDS, STREAM_KEYS, policies
from kamsync.mapping.targets import targets
from kamsync.model import ENTITIES, about

_MARK = re.compile(r"<!-- (\w+) -->\n.*?<!-- end -->", re.DOTALL)


def filled(page: str) -> str:
    """The page with each table between its marks made anew."""
    made = {"stream": _stream(), "kinds": _kinds(), "keys": _keys(), "functions": _functions(), "entities": _entities()}
    return _MARK.sub(lambda found: f"<!-- {found[1]} -->\n{made[found[1]]}\n<!-- end -->", page)


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [list(heads), *map(list, rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _stream() -> str:
    return _table(("key", "what", "中文"), ((f"`{name}`", said.en, said.zh) for name, said in STREAM_KEYS.items()))


def _kinds() -> str:
    rows = []
    for name, said in KINDS.items():
        unknown = ", ".join(f"`{word}`" for word in policies(name, free=True)) or "–"
        rows.append((f"`{name}`", said.en, said.zh, unknown))
    return _table(("kind", "what", "中文", "`unknown`, the usual first"), rows)


def _keys() -> str:
    rows = []
    for name, key in KEYS.items():
        fits = len(KINDS) - len(key.kinds)
        kinds = (
            "all" if fits == 0 else "all but constant" if fits == 1 else ", ".join(k for k in KINDS if k in key.kinds)
        )
        rows.append((f"`{name}`", key.about.en, key.about.zh, kinds))
    return _table(("key", "what", "中文", "for kinds"), rows)


def _functions() -> str:
    listed = (f"`{name}`" + (f" ({least}–{most})" if least != most else f" ({least})")
              for name, (least, most) in TAKES.items())  # fmt: skip
    return ", ".join(listed)


def _entities() -> str:
    parts = []
    for entity in ENTITIES:
        said = about(entity)
        rows = (
            (f"`{name}`" + (" *" if target.required else ""), said[name].en, said[name].zh,
             " ".join(target.choices) or target.kinds[0], said[name].privacy, said[name].purpose)
            for name, target in targets(entity).items()
        )  # fmt: skip
        parts.append(f"#### {entity}\n\n" + _table(("field", "en", "中文", "usual kind", "class", "purpose"), rows))
    return "\n\n".join(parts)
