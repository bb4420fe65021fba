"""The portal's tables: one per object type with one text column per property, in SQLite.

Each object type `contacts` has

- "contacts"          the records; hs_object_id is the key, ".archived_at" set for those in the recycle bin
- "contacts.stale"    what the search index still shows of records written moments ago (see search.py)
- "contacts.history"  what each write replaced, newest last
- "contacts.merged"   ids that now mean another record

Values are the text that the API shows; instants have milliseconds, so that they sort as text. Names with a dot are
ours: no property can have one.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from connector.simulator.hubspot.objecttypes import LINKS, OBJECT_TYPES, ObjectType
from connector.simulator.hubspot.properties import Registry

ARCHIVED = '".archived_at"'
_PRAGMAS = (
    "journal_mode=OFF",
    "synchronous=OFF",
    "cache_size=-262144",
    "temp_store=MEMORY",
    "mmap_size=4294967296",
)
_CHUNK = 20_000  # below SQLite's 32,766 variables of one statement


def connect(path: str) -> sqlite3.Connection:
    """Open a new database. Its losses in a crash do not matter: a portal lives as long as its process."""
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=512)
    for pragma in (
        "journal_mode=OFF",
        "synchronous=OFF",
        "cache_size=-262144",
        "temp_store=MEMORY",
        "mmap_size=4294967296",
    ):
        db.execute(f"PRAGMA {pragma}").fetchall()
    return db


def create(db: sqlite3.Connection, registries: dict[str, Registry]) -> None:
    """Make the tables of all object types and links. Indices come later, after the load."""
    for kind in OBJECT_TYPES:
        columns = ", ".join(
            f"{quoted(name)} TEXT" for name in registries[kind.name].properties if name != "hs_object_id"
        )
        db.execute(f'CREATE TABLE "{kind.name}" (hs_object_id INTEGER PRIMARY KEY, {ARCHIVED} TEXT, {columns})')
        db.execute(
            f'CREATE TABLE "{kind.name}.stale" (".due" REAL, ".absent" INTEGER, hs_object_id INTEGER, '
            f"{ARCHIVED} TEXT, {columns})"
        )
        db.execute(f'CREATE TABLE "{kind.name}.history" (id INTEGER, at TEXT, source TEXT, replaced TEXT)')
        db.execute(f'CREATE TABLE "{kind.name}.merged" (id INTEGER PRIMARY KEY, survivor INTEGER)')
    for link in LINKS:
        db.execute(
            f'CREATE TABLE "{link.table}" (left_id INTEGER, right_id INTEGER, is_primary INTEGER, '
            "PRIMARY KEY (left_id, right_id)) WITHOUT ROWID"
        )
    db.execute("CREATE TABLE truth (id INTEGER PRIMARY KEY, probability REAL)")


def index(db: sqlite3.Connection) -> None:
    """Make the indices that lists, searches and look-ups need."""
    for kind in OBJECT_TYPES:
        table = kind.name
        db.execute(f'CREATE INDEX "{table}.stamped" ON "{table}" ({kind.stamp}, hs_object_id) WHERE {ARCHIVED} IS NULL')
        db.execute(f'CREATE INDEX "{table}.bin" ON "{table}" (hs_object_id) WHERE {ARCHIVED} IS NOT NULL')
        db.execute(f'CREATE INDEX "{table}.stale.due" ON "{table}.stale" (".due")')
        db.execute(f'CREATE INDEX "{table}.stale.id" ON "{table}.stale" (hs_object_id, ".due")')
        db.execute(f'CREATE INDEX "{table}.history.id" ON "{table}.history" (id)')
    db.execute('CREATE INDEX "contacts.email" ON contacts (email) WHERE email IS NOT NULL')
    for link in LINKS:
        db.execute(f'CREATE INDEX "{link.table}.right" ON "{link.table}" (right_id, left_id)')


def add_column(db: sqlite3.Connection, kind: ObjectType, name: str) -> None:
    """Make room for a new property."""
    db.execute(f'ALTER TABLE "{kind.name}" ADD COLUMN {quoted(name)} TEXT')
    db.execute(f'ALTER TABLE "{kind.name}.stale" ADD COLUMN {quoted(name)} TEXT')


def rows(
    db: sqlite3.Connection, kind: ObjectType, columns: Sequence[str], ids: Iterable[int]
) -> dict[int, tuple[str | None, ...]]:
    """Read these columns of these records, archived ones too; ids that do not exist are left out."""
    wanted = list(ids)
    names = ", ".join(["hs_object_id", *(quoted(name) for name in columns)])
    found: dict[int, tuple[str | None, ...]] = {}
    for start in range(0, len(wanted), _CHUNK):
        part = wanted[start : start + _CHUNK]
        marks = ",".join("?" * len(part))
        query = f'SELECT {names} FROM "{kind.name}" WHERE hs_object_id IN ({marks})'
        found.update((row[0], row[1:]) for row in db.execute(query, part))
    return found


@contextmanager
def together(db: sqlite3.Connection) -> Iterator[None]:
    """Make the statements of the block one transaction, which is what makes many of them fast."""
    db.execute("BEGIN")
    try:
        yield
    finally:
        db.execute("COMMIT")


def quoted(name: str) -> str:
    """Quote a column. Property names hold letters, digits and underscores only; ours begin with a dot."""
    return f'"{name}"'
