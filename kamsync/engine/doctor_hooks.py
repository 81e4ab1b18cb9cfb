"""Look the listening over: can the CRMs reach us, is there what proves their calls, is the door not too wide open.

Asks nobody, least of all our own public address: from inside it may look otherwise than from outside.
"""

from __future__ import annotations

from collections.abc import Iterator

from kamsync.config.listening import Address, is_reachable
from kamsync.engine.lines import Lines
from kamsync.engine.watching import address
from kamsync.engine.workspace import Workspace
from kamsync.plugin import ConfigError, Finding, Hints, KamsyncError, Text

HOW = Text("见 docs/listening.md", "see docs/listening.md")
ALONE = ("127.", "::1", "localhost")


def look(workspace: Workspace) -> Iterator[Finding]:
    """Findings about listening; none where nothing is listened to."""
    daemon = workspace.config.daemon
    if daemon.listen is None:
        return
    yield _door(daemon.listen)
    yield _public(daemon.public_url)
    lines = Lines(workspace)
    try:
        for name, connection in lines.open.items():
            session = connection.session
            if isinstance(session, Hints):
                yield _proof(name, session, daemon.public_url)
    finally:
        lines.close()


def _door(listen: Address) -> Finding:
    said = Text(f"监听 {listen}", f"listening at {listen}")
    if listen.host.startswith(ALONE):
        return Finding("listen", "ok", said)
    more = Text(f"{said.zh}:以明文 HTTP 对外开放", f"{said.en}: plain HTTP that other machines reach")
    fix = Text('改为 listen = "127.0.0.1:8091",前面放 TLS 反向代理', 'set listen = "127.0.0.1:8091" behind a TLS proxy')
    return Finding("listen", "warn", more, fix)


def _public(url: str | None) -> Finding:
    if url is None:
        detail = Text("没有 public_url:不知道请 CRM 通知到哪里", "no public_url: CRMs cannot be told where to call")
        fix = Text('写上 [daemon] public_url = "https://…"', 'set [daemon] public_url = "https://…"')
        return Finding("listen.public_url", "warn", detail, fix)
    if is_reachable(url):
        return Finding("listen.public_url", "ok", Text(f"CRM 通知到 {url}/hooks/…", f"CRMs call {url}/hooks/…"))
    detail = Text(
        f"{url} 从互联网到不了(须是 https 与公网域名)",
        f"{url} is not reached from the internet (https and a public name)",
    )
    return Finding("listen.public_url", "warn", detail, HOW)


def _proof(name: str, session: Hints, public_url: str | None) -> Finding:
    """A call that proves nothing: whoever has something to prove it by refuses it."""
    check = f"{name}.hooks"
    try:
        session.hint({}, b"")
    except ConfigError as unset:
        fix = Text(f"在 [connections.{name}] 设置它", f"set it in [connections.{name}]")
        return Finding(check, "warn", unset.text, fix)
    except KamsyncError:
        pass
    where = address(public_url, name) if public_url else f"/hooks/{name}"
    return Finding(check, "ok", Text(f"能核实通知;地址 {where}", f"calls can be proven; its address is {where}"))
