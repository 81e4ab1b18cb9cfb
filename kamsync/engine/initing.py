"""Make a workspace: config, mappings and policies, all commented, and nothing that was there is touched.

Opens no store and calls no CRM.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel

from kamsync.config.faults import is_secret
from kamsync.engine import connectors
from kamsync.engine.shipped import share
from kamsync.mapping import schema
from kamsync.plugin import ConfigError, Connector, Text
from kamsync.plugin.document import did_you_mean

HEADER = re.compile(r"^\[(?P<name>[^\]\n]+)\]", re.MULTILINE)
DEFAULT = ("zoho", "fxiaoke")

GITIGNORE = """\
# 本地数据与密钥不进版本库 · local data and secrets stay out of version control
.env
*.db
*.db-shm
*.db-wal
*.db.lock
plan-*.json
"""
ENV_HEAD = """\
# 把本文件复制为 .env,填好后在 shell 里载入:set -a; . ./.env; set +a
# Copy this file to .env, fill it in, and load it in your shell: set -a; . ./.env; set +a
"""


@dataclass(frozen=True, slots=True)
class Made:
    """A workspace that was made: its files in the order of writing, and what to set up in each CRM."""

    folder: Path
    created: tuple[Path, ...]
    setup: tuple[tuple[Text, Text], ...]  # (the CRM's name, what its admin does first)


def make(folder: Path, crms: Sequence[str] | None = None) -> Made:
    """A workspace in `folder` for these connectors (default: Zoho and Fxiaoke). Raises ConfigError."""
    chosen = _chosen(crms)
    files = workspace_files(chosen)
    _refuse_to_overwrite(folder, files)
    created = []
    try:
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
            created.append(path)
    except OSError as broken:
        why = broken.strerror or type(broken).__name__
        raise ConfigError(Text(f"写不了 {folder}:{why}", f"{folder} cannot be written: {why}")) from broken
    setup = tuple((one.title, one.setup) for one in chosen if one.setup is not None)
    return Made(folder, tuple(created), setup)


def workspace_files(chosen: Sequence[Connector]) -> dict[str, str]:
    """Every file of a workspace by its path, as text."""
    files = {"config.toml": config_text(chosen)}
    files |= {f"mappings/{one.name}.toml": one.mapping() for one in chosen}
    files[f"mappings/{schema.NAME}"] = schema.schema_text()
    policies = sorted((share() / "policies").glob("*.toml"))
    files |= {f"policies/{path.name}": path.read_text("utf-8") for path in policies}
    files[".env.example"] = ENV_HEAD + "".join(f"{name}=\n" for name in _env_names(files["config.toml"]))
    files[".gitignore"] = GITIGNORE
    return files


def _chosen(crms: Sequence[str] | None) -> list[Connector]:
    installed = connectors.find().connectors
    names = list(dict.fromkeys(crms if crms is not None else DEFAULT))
    for name in names:
        if name not in installed:
            listed = ", ".join(sorted(installed))
            hint = did_you_mean(name, installed) or Text(f"已安装:{listed}", f"installed: {listed}")
            raise ConfigError(
                Text(f"没有安装连接器 {name};{hint.zh}", f"no connector {name} is installed; {hint.en}"),
                next=f"kamsync init DIR --crm {','.join(sorted(installed))}",
            )
    return [installed[name] for name in names]


def _refuse_to_overwrite(folder: Path, files: Mapping[str, str]) -> None:
    there = [name for name in files if (folder / name).exists()]
    if folder.exists() and not folder.is_dir():
        raise ConfigError(Text(f"{folder} 不是目录", f"{folder} is not a folder"), next="kamsync init DIR")
    if there:
        listed = ", ".join(there)
        raise ConfigError(
            Text(
                f"{folder} 里已有这些文件,没有改动任何内容:{listed}",
                f"{folder} holds these files already; nothing was changed: {listed}",
            ),
            next=f"kamsync doctor --config {folder / 'config.toml'}",
        )


# ---- the config's text


def config_text(chosen: Sequence[Connector]) -> str:
    """The example config with one block a chosen connector, in their order."""
    text = (share() / "config.example.toml").read_text("utf-8")
    parts = _sections(text)
    blocks: dict[str, str] = {}
    for name, part in parts:
        if name.startswith("connections."):  # a table below it belongs to its connection
            one = name.split(".")[1]
            blocks[one] = blocks.get(one, "") + part
    wanted = [blocks.get(one.name) or _block(one) for one in chosen]
    first = next(place for place, (name, _) in enumerate(parts) if name.startswith("connections."))
    before = "".join(part for _, part in parts[:first])
    after = "".join(part for name, part in parts[first:] if not name.startswith("connections."))
    prefer = ", ".join(f'"{one.name}"' for one in chosen if one.wire is not None)  # nobody writes into files
    after = re.sub(r"^prefer = .*$", f"prefer = [{prefer}]", after, flags=re.MULTILINE)
    after = re.sub(r"^# calendar = .*$", 'calendar = "policies/calendar-cn.toml"', after, flags=re.MULTILINE)
    return before + "".join(part.rstrip("\n") + "\n\n" for part in wanted) + "\n" + after


def _sections(text: str) -> list[tuple[str, str]]:
    """The text cut at its table headers; the first part has no name."""
    starts = [(match["name"], match.start()) for match in HEADER.finditer(text)]
    ends = [start for _, start in starts[1:]] + [len(text)]
    cut = [(name, text[start:end]) for (name, start), end in zip(starts, ends, strict=True)]
    return [("", text[: starts[0][1]] if starts else text), *cut]


def _block(connector: Connector) -> str:
    """A block for a connector that the example does not show: its required keys, to be filled in."""
    lines = [
        f"[connections.{connector.name}]",
        f'connector = "{connector.name}"',
        f'mapping = "mappings/{connector.name}.toml"',
        'writes = "plan"',
    ]
    options: type[BaseModel] = connector.options
    for key, field in options.model_fields.items():
        if field.is_required():
            secret = is_secret(field.annotation)
            lines.append(f'{key} = "env:{connector.name.upper()}_{key.upper()}"' if secret else f'{key} = "…"')
    return "\n".join(lines) + "\n"


def _env_names(config: str) -> list[str]:
    return list(dict.fromkeys(re.findall(r'^[^#\n]*"env:([A-Za-z0-9_]+)"', config, flags=re.MULTILINE)))
