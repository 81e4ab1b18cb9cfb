"""The keys of a connection to a Singer tap: which program it is and which files it is given.

Checks their form only; whether the tap runs, `kamsync doctor` finds out.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, ValidationInfo, field_validator, model_validator

from kamsync.plugin import Options, Text

TWO_CATALOGS = Text(
    "catalog 与 properties 是同一件事的两种写法,只写一个", "catalog and properties are two names of one thing: give one"
)


class SingerOptions(Options):
    """One Singer tap, run as a child process. What it reads and with which rights stands in its own config file."""

    command: tuple[str, ...] = Field(min_length=1)  # the tap and what it is always given, such as ["tap-jsonl"]
    config: Path | None = None
    catalog: Path | None = None  # instead of what the tap discovers: which fields and how each stream is replicated
    properties: Path | None = None  # the same for old taps, which take it as --properties
    discover: bool = True  # False: an old tap that cannot; its streams are then found by running it
    deletes: bool = False  # True: each run is one without state, and what two in a row leave out was deleted
    environment: tuple[str, ...] = ()  # names of variables that the tap needs; it sees few others of ours
    silence_seconds: float = Field(default=900.0, gt=0)  # a tap that says nothing for so long is ended

    @field_validator("command", mode="before")
    @classmethod
    def _one_word_is_a_command(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value

    @field_validator("command")
    @classmethod
    def _below_the_config(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        program = value[0]
        return (str(_below(Path(program), info)), *value[1:]) if "/" in program else value

    @field_validator("config", "catalog", "properties")
    @classmethod
    def _file_below_the_config(cls, value: Path | None, info: ValidationInfo) -> Path | None:
        return None if value is None else _below(value, info)

    @model_validator(mode="after")
    def _one_catalog(self) -> SingerOptions:
        if self.catalog is not None and self.properties is not None:
            raise ValueError(TWO_CATALOGS)
        return self

    @property
    def tap(self) -> str:
        """What people call this tap."""
        named = [Path(word).name for word in self.command if "tap" in word.lower()]
        return named[-1] if named else Path(self.command[0]).name


def _below(path: Path, info: ValidationInfo) -> Path:
    base = Path(info.context["folder"]) if info.context else Path()
    return (base / path.expanduser()).absolute()
