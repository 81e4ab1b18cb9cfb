"""Open connections: a connector's session behind its own network door, with the token shared through the store.

A connection that cannot be opened is told with its trouble; the others go on.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace

from kamsync import config as configs
from kamsync.config import ConnectionConfig
from kamsync.engine.budgeting import StoredLedger, at_once, reserve, total
from kamsync.engine.counting import Calls, doing
from kamsync.engine.offline import Offline
from kamsync.engine.sealing import seal, unseal
from kamsync.engine.workspace import ENDS_ALL, Workspace
from kamsync.mapping import Mapping
from kamsync.net import Door, Kept
from kamsync.plugin import (
    ConfigError,
    Connector,
    Health,
    KamsyncError,
    Options,
    Secret,
    Session,
    Stream,
    Text,
    Token,
    Writes,
)
from kamsync.store import Store, runs


@dataclass
class Connection:
    """One tenant, open."""

    config: ConnectionConfig
    connector: Connector
    options: Options
    door: Door | Offline
    session: Session
    mapping: Mapping
    ledger: StoredLedger
    version: int = 0  # of its mapping
    calls: Calls = field(default_factory=Calls)
    health: Health | None = None
    offered: tuple[Stream, ...] = field(default=())

    @property
    def name(self) -> str:
        return self.config.name

    @property
    def writer(self) -> Writes | None:
        """The session's writing half, where the connector claims one."""
        return self.session if isinstance(self.session, Writes) else None

    @property
    def streams(self) -> list[Stream]:
        """What the mapping names and the tenant offers, under the mapping's names."""
        by_object = self._by_object()
        found = []
        for name, object in self.mapping.objects.items():
            stream = by_object.get(object.casefold())
            if stream is not None:
                found.append(replace(stream, name=name, entity=self.mapping.entities[name]))
        return found

    @property
    def missing(self) -> list[tuple[str, str]]:
        """(stream, object) that the mapping names and the tenant does not offer."""
        offered = self._by_object()
        return [(name, object) for name, object in self.mapping.objects.items() if object.casefold() not in offered]

    def _by_object(self) -> dict[str, Stream]:
        """What is offered by the names that a mapping may use: its own, or one in whose place it serves."""
        stood_for = {other.casefold(): stream for stream in self.offered for other in stream.stands_for}
        return stood_for | {stream.object.casefold(): stream for stream in self.offered}


@contextmanager
def connected(
    workspace: Workspace, names: Iterable[str] | None = None, purpose: str = "urgent"
) -> Iterator[tuple[dict[str, Connection], dict[str, KamsyncError]]]:
    """The named connections (default: all), opened and checked; those that failed with their trouble.

    `purpose`: whose share of the budget pays for opening them.
    """
    chosen = [one for one in workspace.config.connections if names is None or one.name in set(names)]
    ready: dict[str, Connection] = {}
    trouble: dict[str, KamsyncError] = {}
    with ExitStack() as opened:
        for one in chosen:
            try:
                connection = open_one(workspace, one)
                opened.callback(connection.door.close)
                opened.callback(connection.ledger.write)
                with doing("", purpose):
                    meet(workspace, connection)
                ready[one.name] = connection
            except (configs.SecretMissing, *ENDS_ALL):
                raise
            except KamsyncError as failed:
                trouble[one.name] = failed
        yield ready, trouble


def open_one(workspace: Workspace, one: ConnectionConfig) -> Connection:
    """Its session behind its door; nobody is asked anything yet. Whoever opens it closes its door."""
    connector = workspace.connectors[one.connector]
    options = configs.unseal(one, workspace.environ, workspace.config.folder)
    calls = Calls()
    ledger = StoredLedger(workspace.store, workspace.clock, one.name, reserve(one, workspace.config.budget.reserve))
    ledger.total = total(connector.wire, options, None)  # until the tenant says what it allows
    door = _door(workspace, one.name, connector, options, calls, ledger)
    session = connector.open(options, door, workspace.clock)
    mapping, version = workspace.mappings[one.name], workspace.force[one.name].version
    return Connection(one, connector, options, door, session, mapping, ledger, version, calls)


def _door(
    workspace: Workspace, name: str, connector: Connector, options: Options, calls: Calls, ledger: StoredLedger
) -> Door | Offline:
    if connector.wire is None:
        return Offline(name, options, workspace.clock)
    box = StoredTokens(workspace.store, _key(options))
    return Door(
        name, connector.wire, options, workspace.clock,
        tokens=box, stop=workspace.stop, deadline=workspace.deadline, on_call=calls.note, ledger=ledger,
        transport=workspace.transport, random=workspace.random,
    )  # fmt: skip


def meet(workspace: Workspace, connection: Connection) -> None:
    """Ask the tenant who it is; another tenant under a known name would mix two customers' books."""
    connection.health = health = connection.session.check()
    connection.ledger.total = total(connection.connector.wire, connection.options, health)
    most = at_once(connection.options, health)
    if most is not None:
        connection.door.allow(most)
    connection.offered = tuple(connection.session.streams())
    with workspace.store.read() as tx:
        known = runs.tenant(tx, connection.name)
    if known is not None and known["org"] != health.org:
        raise ConfigError(
            Text(
                f"连接 {connection.name} 现在指向组织 {health.org},此前是 {known['org']};为免混淆已停止",
                f"connection {connection.name} now leads to org {health.org}, it was {known['org']} before; "
                "stopped so that two tenants do not mix",
            ),
            next="kamsync doctor",
        )


def remember(workspace: Workspace, connection: Connection) -> None:
    """Keep who this tenant is (needs the writer's lock)."""
    if connection.health is not None:
        server = connection.door.now().isoformat()
        facts = {"missing": [stream for stream, _ in connection.missing], "clock": server}
        with workspace.store.write() as tx:
            runs.put_tenant(tx, connection.name, connection.health.org, connection.health.user, facts)


def _key(options: Options) -> bytes:
    """The key that seals this connection's tokens: made of its secrets, which are never in the store, and of where
    they lead, so that a token of another address is not taken for ours."""
    own = ((name, value) for name, value in sorted(options) if name not in Options.model_fields)
    parts = [f"{name}={value.reveal() if isinstance(value, Secret) else value}" for name, value in own]
    return hashlib.sha256("\x00".join(["kamsync token", *parts]).encode()).digest()


class StoredTokens:
    """Access tokens shared by every process on this store, sealed with a key that is not in it."""

    def __init__(self, store: Store, key: bytes) -> None:
        self.store = store
        self.key = key

    def get(self, name: str) -> Kept | None:
        with self.store.read() as tx:
            row = runs.token(tx, name)
        if row is None:
            return None
        plain = unseal(self.key, row["sealed"], name)
        if plain is None:  # sealed with other secrets: they were changed in the config
            return None
        told = json.loads(plain)
        token = Token(Secret(told["secret"]), told["expires_in"], told["refresh_after"], told["base"], told["facts"])
        return Kept(token, row["minted_at"], row["refresh_at"], row["expires_at"])

    def put(self, name: str, kept: Kept | None) -> None:
        with self.store.write() as tx:
            if kept is None:
                runs.drop_token(tx, name)
                return
            token = kept.token
            told = {
                "secret": token.secret.reveal(),
                "expires_in": token.expires_in,
                "refresh_after": token.refresh_after,
                "base": token.base,
                "facts": dict(token.facts),
            }
            row = {
                "connection": name,
                "sealed": seal(self.key, json.dumps(told), name),
                "minted_at": kept.minted_at,
                "refresh_at": kept.refresh_at,
                "expires_at": kept.expires_at,
            }
            runs.put_token(tx, row)
