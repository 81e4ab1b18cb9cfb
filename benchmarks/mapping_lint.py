"""How well `kamsync map lint` finds planted mistakes: each named with file and line, and the first suggestion right?

The shipped mappings are edited at random, one mistake at a time, of kinds that people make: a letter wrong in a key, a
kind, a model field, a CRM field, an object, a picklist value, a stream; a label for a name; a wrong type; a thing
twice; a thing missing; a quote lost; a loop. What the CRM has is known as after a pull, from the simulated tenants'
metadata.

Run: python benchmarks/mapping_lint.py [COUNT [SEED]]
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from kamsync.mapping import loops, read_mapping
from kamsync.mapping.language import KEYS
from kamsync.mapping.linting import Known, slips
from kamsync.mapping.reading import look_over
from kamsync.model import about
from kamsync.plugin import Choice, Field, Hand
from kamsync.plugin.document import Problem
from kamsync_fxiaoke.sim.fields import objects
from kamsync_zoho.sim.fields import modules

ROOT = Path(__file__).parent.parent
HANDS = {
    "zoho": Hand(tags=frozenset({"Tag"}), tasks=frozenset({"Tasks"}), marker="Kamsync_Key"),
    "fxiaoke": Hand(tags=frozenset({"kam_tags__c"}), tasks=frozenset({"ScheduleObj"}), marker="content"),
}


@dataclass(frozen=True, slots=True)
class Planted:
    """One mistake. `meant`: a word that a right suggestion holds; empty where naming the place is all there is."""

    kind: str
    file: str
    line: int
    text: str
    meant: str


def slip(word: str, rng: Random) -> str:
    """The word with one letter left out, doubled, swapped with the next or replaced."""
    while True:
        at = rng.randrange(len(word))
        letters = list(word)
        how = rng.choice(("out", "twice", "swap", "other"))
        if how == "out" and len(word) > 3:
            del letters[at]
        elif how == "twice":
            letters.insert(at, letters[at])
        elif how == "swap" and at + 1 < len(word):
            letters[at], letters[at + 1] = letters[at + 1], letters[at]
        elif how == "other":
            letters[at] = rng.choice("aeiorstn")
        if "".join(letters).casefold() != word.casefold():
            return "".join(letters)


# ---- one kind of mistake each: where in a line it can be made, what it becomes, what was meant

Edit = Callable[[str, Random], tuple[str, str] | None]


def word_of(pattern: str) -> Edit:
    """A slip in the word that the pattern's group finds."""

    def edit(line: str, rng: Random) -> tuple[str, str] | None:
        found = re.search(pattern, line)
        if found is None or len(found[1]) < 3:
            return None
        return line[: found.start(1)] + slip(found[1], rng) + line[found.end(1) :], found[1]

    return edit


def field_line(line: str, rng: Random) -> tuple[str, str] | None:
    """A plain line; what becomes of it depends on the table around it."""
    found = re.match(r'(\w+) = "(\w+)"$', line)
    return (line, found[2]) if found else None


def labelled(known: Known, lines: list[str], at: int) -> tuple[str, str] | None:
    """The label that people see in place of the CRM's name of a field."""
    found = re.match(r'(\w+) = "(\w+)"$', lines[at])
    object = above(lines, at, "object")
    told = next(
        (each.label for each in known.fields.get(object.casefold(), ()) if found and each.name == found[2]), None
    )
    return (f'{found[1]} = "{told}"', found[2]) if found and told else None


def in_chinese(known: Known, lines: list[str], at: int) -> tuple[str, str] | None:
    """The Chinese label of a model field in place of its name."""
    found = re.match(r"(\w+) = (.*)$", lines[at])
    entity = above(lines, at, "entity")
    told = about(entity).get(found[1]) if entity and found and '"' in found[2] else None
    return (f'"{told.zh}" = {found[2]}', found[1]) if found and told else None


def above(lines: list[str], at: int, key: str) -> str:
    """What the stream around a line says for a key."""
    said = (re.match(rf'{key} = "(\w+)"', row) for row in reversed(lines[:at]))
    return next((found[1] for found in said if found), "")


def twice(line: str, rng: Random) -> tuple[str, str] | None:
    return (f"{line}\n{line}", "has it already") if re.match(r'\w+ = "\w+"$', line) else None


def unquoted(line: str, rng: Random) -> tuple[str, str] | None:
    found = re.match(r'(\w+) = "(\w+)"$', line)
    return (f'{found[1]} = "{found[2]}', "quote") if found else None


def bare(line: str, rng: Random) -> tuple[str, str] | None:
    found = re.match(r'(\w+) = "(\w+)"$', line)
    return (f"{found[1]} = {found[2]}", f'"{found[2]}"') if found else None


def replaced(old: str, new: str, meant: str) -> Edit:
    def edit(line: str, rng: Random) -> tuple[str, str] | None:
        return (line.replace(old, new, 1), meant) if old in line and "#" not in line else None

    return edit


def gone(pattern: str, meant: str) -> Edit:
    """The line is left out; the mistake is named where it is missed."""

    def edit(line: str, rng: Random) -> tuple[str, str] | None:
        return ("", meant) if re.match(pattern, line) else None

    return edit


EDITS: dict[str, Edit] = {
    "a stream's key": word_of(r"^(object|entity|gone_when|marker_from) ="),
    "an entity": word_of(r'^entity = "(\w+)"'),
    "an object": word_of(r'^object = "(\w+)"'),
    "a model field": word_of(r"^(\w{4,}) = [\"{\[]"),
    "a field's key": word_of(r"[{,] (currency_from|rate_from|unknown|default|from|type_from|scale|rate_divides) ="),
    "a kind": word_of(r'as = "(\w+)"'),
    "a policy": word_of(r'unknown = "(\w+)"'),
    "a stream": word_of(r', to = "(\w+)"'),
    "a CRM field": word_of(r'^\w+ = "(\w{5,})"$'),
    "a CRM field in a recipe": word_of(r'[{,] from = "(\w{5,})"'),
    "a currency field": word_of(r'(?:currency|rate)_from = "(\w{5,})"'),
    "a word of ours": word_of(r'^".+" = "(\w{4,})"$'),
    "a picklist value": word_of(r'^"([A-Za-z][\w /]{4,})" = '),
    "a label for a name": field_line,
    "a Chinese model field": field_line,
    "twice": twice,
    "a quote lost": unquoted,
    "no quotes": bare,
    "a number in quotes": replaced("scale = 10000", 'scale = "10000"', "scale = 10000"),
    "yes in quotes": replaced("rate_divides = true", 'rate_divides = "true"', "true"),
    "a field that is no text": replaced('name = "', 'name = 5 # "', "write it like"),
    "a kind that does not fit": replaced('as = "phone"', 'as = "money"', "fit: "),
    "an empty list": replaced('website = "Website"', "website = []", "write it like"),
    "no object": gone(r"^object =", "object"),
    "no entity": gone(r"^entity =", "entity"),
    "no name": gone(r"^name =", "name"),
    "our own tags": replaced('rating = "Rating"', 'rating = "Tag"', "another field"),
    "our own tasks": gone(r"^marker_from = \[", "marker_from"),
}


AROUND = {"a label for a name": labelled, "a Chinese model field": in_chinese}


def plant(rng: Random, kind: str, texts: dict[str, str], known: dict[str, Known]) -> Planted | None:
    """One mistake of a kind somewhere in the shipped mappings."""
    places = [(file, at) for file, text in texts.items() for at, row in enumerate(text.split("\n")) if "#" not in row]
    for file, at in rng.sample(places, len(places)):
        lines = texts[file].split("\n")
        made = EDITS[kind](lines[at], rng)
        if made is None:
            continue
        line, meant = made
        if kind in AROUND:
            told = AROUND[kind](known[file], lines, at)
            if told is None:
                continue
            line, meant = told
        if kind == "no name" and above(lines, at, "entity") not in ("account", "contact", "user"):
            continue
        lines[at] = line
        where = at + 1 + line.count("\n")
        return Planted(kind, file, _missed_at(lines, at) if not line else where, "\n".join(lines), meant)
    return None


def _missed_at(lines: list[str], at: int) -> int:
    """The heading of the table in which something is missing."""
    return next(row + 1 for row in range(at, -1, -1) if lines[row].startswith("["))


def judged(planted: Planted, known: Known) -> tuple[bool, bool, list[Problem]]:
    """(named with file and line, first suggestion right, what was said)."""
    said = found(planted, known)
    here = [one for one in said if one.line == planted.line and planted.file in one.file]
    told = [f"{one.text.en} {one.hint.en if one.hint else ''}" for one in here[:1]]
    return bool(here), any(planted.meant.casefold() in words.casefold() for words in told), said


def found(planted: Planted, known: Known) -> list[Problem]:
    read = look_over(planted.text, f"mappings/{planted.file}.toml")
    said = list(read.problems)
    if read.mapping is not None:
        said += slips(read.mapping, known) + loops(read.mapping, HANDS[planted.file], "KAM·")
    return said


def tenants() -> dict[str, Known]:
    """What is known of each CRM after a pull: the shipped words, and the simulated tenant's fields and choices."""
    zoho, fxiaoke = Known(), Known()
    for module in modules().values():
        zoho.fields[module.name.casefold()] = [
            Field(each.name, each.label, each.type, choices=tuple(Choice(word, word) for word in each.choices))
            for each in module.fields.values()
        ]
    for object in objects().values():
        fxiaoke.fields[object.name.casefold()] = [
            Field(each.name, each.label, each.type,
                  choices=tuple(Choice(value, word) for value, word in each.options.items()))
            for each in object.fields.values()
        ]  # fmt: skip
    known = {"zoho": zoho, "fxiaoke": fxiaoke}
    for name, one in known.items():
        one.learn(read_mapping((ROOT / "mappings" / f"{name}.toml").read_text("utf-8"), name))
    return known


def mistakes(count: int, rng: Random, known: dict[str, Known]) -> Iterator[Planted]:
    """So many mistakes, every kind as often as the next."""
    texts = {name: (ROOT / "mappings" / f"{name}.toml").read_text("utf-8") for name in known}
    kinds = list(EDITS)
    for number in range(count):
        planted = plant(rng, kinds[number % len(kinds)], texts, known)
        if planted is None:
            raise SystemExit(f"no place for {kinds[number % len(kinds)]}")
        yield planted


def main(count: int = 100, seed: int = 7) -> int:
    known = tenants()
    named = right = 0
    missed: Counter[str] = Counter()
    for planted in mistakes(count, Random(f"mistakes {seed}"), known):
        is_named, is_right, said = judged(planted, known[planted.file])
        named, right = named + is_named, right + is_right
        if not is_named or not is_right:
            missed[planted.kind] += 1
            line = planted.text.split("\n")[planted.line - 1].strip()
            first = f"{said[0].line}: {said[0].text.en}; {said[0].hint.en if said[0].hint else '–'}" if said else "–"
            print(f"  {planted.kind:24} {planted.file}:{planted.line}  {line[:60]}\n    meant {planted.meant}; {first}")
    print(f"{count} planted, {len(EDITS)} kinds, {len(KEYS)} keys: {named} named with file and line, "
          f"{right} with the right first suggestion")  # fmt: skip
    return 0 if named == count and right >= 0.9 * count else 1


if __name__ == "__main__":
    raise SystemExit(main(*(int(word) for word in sys.argv[1:3])))
