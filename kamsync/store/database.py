"""Open the store, bring its schema up to date, and hand out transactions.

SQLite by default, PostgreSQL by the same code. Reading never waits for a writer; every write unit is immediate.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    create_engine,
    event,
    inspect,
    text,
)
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, IntegrityError, ProgrammingError, SQLAlchemyError

from kamsync.plugin import KamsyncError, Text
from kamsync.store import (
    entities,
    soundness,
    tables_audit,
    tables_decisions,
    tables_hooks,
    tables_mapping,
    tables_outbox,
    tables_policies,
    tables_watch,
)
from kamsync.store.soundness import StoreDamaged, damaged, unusable
from kamsync.store.tables import metadata

HEAD = "0001"
MIGRATIONS = Path(__file__).parent / "migrations"
STANDING_STILL = 300.0  # seconds that a unit may do nothing before PostgreSQL ends it
METADATA = metadata
ENTITY_TABLES = entities.TABLES  # named here so that every table is known wherever the store is opened
WATCH_TABLES, AUDIT_TABLES, HOOK_TABLES, OUTBOX_TABLES = tables_watch, tables_audit, tables_hooks, tables_outbox
DECISION_TABLES, MAPPING_TABLES, POLICY_TABLES = tables_decisions, tables_mapping, tables_policies


class StoreNewer(KamsyncError):
    """The store was written by a newer kamsync; nothing was changed."""

    exit_code = 5


class Store:
    """The database of one deployment. Use `open_store`."""

    def __init__(self, engine: Engine, where: str) -> None:
        self.engine = engine
        self.where = where
        self._file = _identity(self.path)
        self._is_sound = False  # this process has looked the file over

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent look; writes nothing."""
        with self._told(), self.engine.connect() as connection:
            connection.exec_driver_sql(
                "BEGIN" if self.is_sqlite else "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
            )
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One unit: everything in it becomes true together, or nothing does."""
        with self._told(), self.engine.connect() as connection:
            if self.is_sqlite:
                self._must_be_there()
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection
            connection.commit()

    def _must_be_there(self) -> None:
        """A file that was deleted or replaced meanwhile is still open here: what we write to it, nobody will read."""
        if _identity(self.path) != self._file:
            raise StoreDamaged(
                Text(
                    f"数据库 {self.where} 在运行中被删除或替换;为免写进已不存在的文件,已停止,请重新启动",
                    f"the store {self.where} was deleted or replaced while it was open here; stopped, start again",
                ),
                self.where,
            )

    def look_over(self, *, always: bool = False) -> None:
        """Raise StoreDamaged unless the file hangs together. Once a process; a large file once a day; or `always`."""
        if self.path is None or (self._is_sound and not always):
            return
        with self.read() as tx:
            flaw = soundness.flaw(tx) if always or soundness.is_due(tx, self.path) else None
        if flaw is not None:
            raise damaged(self.where, flaw)
        self._is_sound = True
        if soundness.is_large(self.path) and not always:
            with self.write() as tx:
                soundness.was_sound(tx)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (IntegrityError, ProgrammingError):
            raise  # a fault of ours, not the store's
        except DatabaseError as broken:
            raise unusable(self.where, broken) from broken

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @property
    def path(self) -> Path | None:
        """The database file, for SQLite."""
        name = self.engine.url.database
        return Path(name) if self.is_sqlite and name else None

    def close(self) -> None:
        self.engine.dispose()


def _identity(path: Path | None) -> tuple[int, int] | None:
    """Which file this is, whatever its name; None: no file, or none any more."""
    try:
        found = path.stat() if path is not None else None
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if found else None


def _manners(address: URL) -> dict[str, Any]:
    """PostgreSQL: a process that was stopped in the middle of a unit keeps nobody waiting for ever."""
    if address.get_backend_name() == "sqlite":
        return {}
    idle = f"-c idle_in_transaction_session_timeout={round(STANDING_STILL * 1000)}"
    return {"pool_pre_ping": True, "connect_args": {} if "options" in address.query else {"options": idle}}


def open_store(url: str) -> Store:
    """The store at `url`, its schema brought to this version. Raises StoreUnusable (4) or StoreNewer (5)."""
    try:
        address = make_url(url)
    except ArgumentError as wrong:
        raise unusable(url.split("@")[-1], wrong) from wrong
    where = address.render_as_string(hide_password=True)
    if address.get_backend_name() == "sqlite" and address.database:
        where = address.database
        if not Path(where).parent.is_dir():
            raise unusable(where, OSError(f"no folder {Path(where).parent}"))
    try:
        engine = create_engine(address, **_manners(address))
    except (SQLAlchemyError, ImportError) as broken:
        raise unusable(where, broken) from broken
    try:
        if engine.dialect.name == "sqlite":
            _prepare_sqlite(engine)
        _bring_up_to_date(engine, where)
    except SQLAlchemyError as broken:
        engine.dispose()
        raise unusable(where, broken) from broken
    except StoreNewer:
        engine.dispose()
        raise
    return Store(engine, where)


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def settings(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, and say it IMMEDIATE
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=60000", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("PRAGMA cache_size=-8192")
        connection.execute("PRAGMA temp_store=MEMORY")


def _bring_up_to_date(engine: Engine, where: str) -> None:
    found = revision(engine)
    if found == HEAD:
        return
    known = {path.stem.split("_")[0] for path in (MIGRATIONS / "versions").glob("0*.py")}
    if found is not None and found not in known:
        raise StoreNewer(
            Text(
                f"数据库 {where} 由更新版本的 kamsync 写成(结构 {found},本版本只认识到 {HEAD});没有改动任何内容",
                f"the store {where} was written by a newer kamsync (schema {found}, this one knows {HEAD}); "
                "nothing was changed",
            ),
            next="pip install --upgrade kamsync",
        )
    if found is None:
        make(engine)
    else:
        migrate(engine)


def revision(engine: Engine) -> str | None:
    """The schema's revision, None for an empty database."""
    with engine.connect() as connection:
        return _revision(connection)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def make(engine: Engine) -> None:
    """Every table at once in an empty database, one transaction: what the migrations make one after the other, without
    the 14 MB and the third of a second that they take."""
    version = _version_table()
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        if _revision(connection) is None:  # nobody else has made them meanwhile
            METADATA.create_all(connection, checkfirst=False)
            version.create(connection)
            connection.execute(version.insert().values(version_num=HEAD))
        connection.commit()


def _version_table() -> Table:
    """Where Alembic looks, as Alembic makes it."""
    column = Column("version_num", String(32), nullable=False)
    return Table("alembic_version", MetaData(), column, PrimaryKeyConstraint("version_num", name="alembic_version_pkc"))


def migrate(engine: Engine) -> None:
    """Run what is missing up to HEAD, one transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()
