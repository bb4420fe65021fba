"""The database: SQLite in a file (WAL) or PostgreSQL by URL, behind one `Store`.

Transactions are short and explicit: `store.write()` or `store.read()`, never open during a call to a CRM. On SQLite a
write transaction takes its lock at once (BEGIN IMMEDIATE) and waits for others up to 30 s; a deferred one that turns
into a writer later fails without waiting (SQLite documentation, "Transactions").
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_S = 30
CONNECT_WITHIN_S = 10
REFUSED = ("42501", "25006")  # no right; read-only (PostgreSQL, "Error Codes")
MIGRATION_LOCK = 7310518  # a number of our own choosing, so that two processes do not migrate at once
SQLITE_SETTINGS = (
    "PRAGMA page_size=8192",  # of a new file; a record has about 1 kB
    "PRAGMA journal_mode=WAL",
    # In WAL mode a power cut may lose the last transactions but never damage the file; every verb can be repeated.
    "PRAGMA synchronous=NORMAL",
    f"PRAGMA busy_timeout={BUSY_S * 1000}",
    "PRAGMA cache_size=-16000",
    "PRAGMA wal_autocheckpoint=4000",
    # What is deleted is overwritten, so that no free page keeps a person's data; it costs no time that can be measured.
    "PRAGMA secure_delete=ON",
)
_WRITES = "truegrade_writes"
# What a database says of itself, and what to do. The first that fits; a damaged store holds nothing that the CRM lacks
# but the history of runs.
DAMAGED = "Restore it from a backup, or move it away: the next sync builds it anew from the CRM."
REMEDIES = (
    ("malformed", DAMAGED),
    ("not a database", DAMAGED),
    ("no such table", DAMAGED),
    ("already exists", DAMAGED),
    ("full", "Make room on its disk; nothing is lost."),
    ("disk i/o error", "Make room on its disk, or mend the disk; nothing is lost."),
    ("readonly", "Let this user write to it and to its folder."),
    ("unable to open", "Let this user write to it and to its folder."),
    ("permission denied", "Let its user read and write these tables."),
    ("read-only", "It is a copy that takes no writes: name the one that does."),
    ("locked", f"Another program has held it for more than {BUSY_S} s; end that one."),
    ("", "Start it, or correct its URL."),
)
FORMS = "It must be sqlite:///PATH or postgresql://USER:PASSWORD@HOST/DATABASE."


class StoreUnreachable(Exception):
    """The database cannot be used; the message says why and what to set. It holds no password."""


@dataclass(frozen=True, slots=True)
class Store:
    """An open database. Safe to share between threads; open it after a fork, never before."""

    engine: Engine

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Run the block as one transaction: all of it is kept, or with an error none.

        Raises StoreUnreachable when the database cannot go on: damaged, full, locked, gone.
        """
        with self._transaction(**{_WRITES: True}) as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Run the block on one snapshot of the database."""
        options: dict[str, Any] = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        with self._transaction(**options) as connection:
            yield connection

    @contextmanager
    def _transaction(self, **options: Any) -> Iterator[Connection]:
        driver: Any = self.engine.dialect.loaded_dbapi
        try:
            connected = self.engine.connect()
        except DBAPIError as error:  # also a URL with options that the driver does not know
            raise _unreachable(error.orig) from error
        try:
            with connected.execution_options(**options) as connection, connection.begin():
                yield connection
        except (DBAPIError, driver.Error) as error:  # `bulk` calls the driver itself
            told = error.orig if isinstance(error, DBAPIError) else error
            lost = isinstance(told, driver.OperationalError | driver.InterfaceError)
            if lost or type(told) is driver.DatabaseError or getattr(told, "sqlstate", None) in REFUSED:
                raise _unreachable(told) from error
            raise  # a statement of ours that is wrong

    def migrate(self) -> None:
        """Bring the schema to today's. Does nothing when it is; many processes may call it at once.

        Raises StoreUnreachable when there is no such database, or a newer Truegrade has made it.
        """
        applied = self._applied()
        newest = _newest()
        if applied is not None and applied > newest:
            raise StoreUnreachable(
                f"The database is of a newer Truegrade (schema {applied}, here {newest}). Update this one."
            )
        if applied == newest:
            return
        from alembic import command  # noqa: PLC0415  20 MB that only a new or an old database needs
        from alembic.config import Config  # noqa: PLC0415

        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        with self.write() as connection:
            if not self.is_sqlite:
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def is_current(self) -> bool:
        """Tell whether the schema is today's. Raises StoreUnreachable; changes nothing."""
        return self._applied() == _newest()

    def _applied(self) -> str | None:
        with self.read() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()

    def close(self) -> None:
        """Give files and sockets back."""
        self.engine.dispose()


def open_store(url: str) -> Store:
    """Open the database of that URL, `sqlite:///PATH` or `postgresql://...`; its schema may have to be migrated.

    Nothing is asked of it yet. Raises StoreUnreachable when the URL is none, or is of another kind of database.
    """
    try:
        address = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise StoreUnreachable(f"The database's URL cannot be read. {FORMS}") from error
    match address.get_backend_name():
        case "sqlite" if not address.database or address.database == ":memory:":
            raise StoreUnreachable(f"A database in memory would forget everything. {FORMS}")
        case "sqlite":
            return Store(_sqlite(address))
        case "postgresql" | "postgres":
            return Store(_postgresql(address))
        case other:
            raise StoreUnreachable(f"There is no store on {other}. {FORMS}")


def _newest() -> str:
    return max(path.stem for path in (MIGRATIONS / "versions").glob("[0-9]*.py")).partition("_")[0]


def _unreachable(error: object) -> StoreUnreachable:
    reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
    fix = next(fix for said, fix in REMEDIES if said in reason.lower())
    return StoreUnreachable(f"The database cannot be used: {reason}. {fix}")


def _postgresql(address: URL) -> Engine:
    within = {} if "connect_timeout" in address.query else {"connect_timeout": CONNECT_WITHIN_S}
    return create_engine(
        address.set(drivername="postgresql+psycopg"),
        connect_args=within,
        pool_pre_ping=True,
        hide_parameters=True,  # an error's text goes into logs, and what was bound is about people
    )


def _make_private(path: Path) -> None:
    """Make the file for its owner alone, for it holds leads; what SQLite puts beside it takes its rights over."""
    if path.exists():
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
    except OSError as error:
        raise StoreUnreachable(f"The database {path} cannot be made: {error.strerror}. Name another.") from error


def _sqlite(address: URL) -> Engine:
    if address.database:
        _make_private(Path(address.database))
    engine = create_engine(address, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, below
        for setting in SQLITE_SETTINGS:
            connection.execute(setting)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
