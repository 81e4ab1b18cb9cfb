"""Where secrets come from: references in the config, turned into values at the last moment.

Keeps nothing and prints nothing: a missing secret is named by its key and its source, never by its text.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from kamsync.config.faults import PLACEHOLDER, is_placeholder, is_secret
from kamsync.config.toml_file import Document, Problem
from kamsync.plugin import KamsyncError, Options, Secret, Text

if TYPE_CHECKING:
    from kamsync.config.settings import ConnectionConfig


class SecretMissing(KamsyncError):
    """A secret that the config refers to is not there."""

    exit_code = 6


def unseal(connection: ConnectionConfig, environ: Mapping[str, str], base_folder: Path) -> Options:
    """The connection's options with every reference replaced by its secret; raises `SecretMissing` for all at once."""
    found: dict[str, Secret] = {}
    missing: list[Text] = []
    for key, field in type(connection.options).model_fields.items():
        reference = getattr(connection.options, key)
        if not is_secret(field.annotation) or not isinstance(reference, Secret):
            continue
        got = _resolve(reference.reveal(), environ, base_folder)
        if isinstance(got, Secret):
            found[key] = got
        else:
            where = f"connections.{connection.name}.{key}"
            missing.append(Text(f"{where}:{got.zh}", f"{where}: {got.en}"))
    if missing:
        raise SecretMissing(Text("\n".join(one.zh for one in missing), "\n".join(one.en for one in missing)))
    return connection.options.model_copy(update=found)


def _resolve(reference: str, environ: Mapping[str, str], folder: Path) -> Secret | Text:
    kind, _, name = reference.partition(":")
    if kind == "env":
        text = environ.get(name, "").strip()
        return Secret(text) if text else Text(
            f"环境变量 {name} 没有设置。请先运行：export {name}=…",
            f"the environment variable {name} is not set. Run first: export {name}=…",
        )  # fmt: skip
    if kind == "file":
        return _from_file(folder / Path(name).expanduser())
    return Secret(reference)  # plain text, which the config allowed


def _from_file(path: Path) -> Secret | Text:
    try:
        text = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as broken:
        why = type(broken).__name__ if isinstance(broken, UnicodeDecodeError) else broken.strerror
        return Text(
            f"读不了密钥文件 {path}({why})。请把密钥写进去，权限设为 0600",
            f"the secret file {path} cannot be read ({why}). Put the secret into it, mode 0600",
        )
    return Secret(text) if text else Text(
        f"密钥文件 {path} 是空的。请把密钥写进去", f"the secret file {path} is empty. Put the secret into it"
    )  # fmt: skip


def reference_problems(
    options: type[Options], block: Mapping[str, Any], document: Document, where: tuple[str, ...], *, allow_plain: bool
) -> list[Problem]:
    """What is wrong with the secret references, placeholders and addresses of one connection's block."""
    problems = []
    for key, field in options.model_fields.items():
        value = block.get(key)
        fault: tuple[Text, Text | None] | None = None
        if is_placeholder(value):
            fault = PLACEHOLDER
        elif isinstance(value, str) and value and is_secret(field.annotation):
            fault = _reference_fault(value, key, allow_plain)
        elif isinstance(value, str) and key.endswith("_url"):
            fault = _address_fault(value)
        if fault:
            problems.append(document.problem((*where, key), *fault))
    return problems


def _reference_fault(value: str, key: str, allow_plain: bool) -> tuple[Text, Text | None] | None:
    kind, colon, name = value.partition(":")
    if colon and kind in ("env", "file"):
        return None if name.strip() else (Text(f"{kind}: 后面缺少名字", f"{kind}: needs a name after it"), None)
    if colon and kind == "sealed":
        return (
            Text("这个版本还不支持 sealed:", "sealed: secrets are not supported by this version yet"),
            Text("请先用 env:NAME 或 file:PATH", "use env:NAME or file:PATH for now"),
        )
    if allow_plain:
        return None
    return (
        Text("写的是明文密钥", "is a secret in plain text"),
        Text(
            f'写成 "env:{key.upper()}" 或 "file:PATH"；或设 allow_plain_secrets = true',
            f'write "env:{key.upper()}" or "file:PATH"; or set allow_plain_secrets = true',
        ),
    )


def _address_fault(value: str) -> tuple[Text, Text | None] | None:
    try:
        parts = urlsplit(value)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port is not False
    except ValueError:
        sound = False
    if sound:
        return None
    text = Text(f'"{value[:80]}" 不是网址', f'"{value[:80]}" is not a web address')
    return text, Text('例如 "https://crm.example.com"', 'write it like "https://crm.example.com"')
