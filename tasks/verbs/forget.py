"""The verb forget: erase a person here for good, and look everywhere again whether it is so.

The store is one transaction, the models' files and the database's free space come after it: killed anywhere, the same
call does the rest. What stays is a line with a keyed hash of the lead's id, who asked for it, why, and what went; by
the same hash a later page or reload is kept from bringing the person back (`tasks.store.erasures`).
"""

import mmap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from connector.crm import Entity
from mappings.load import Mapping
from tasks.store import erasures, people
from tasks.store.engine import Store
from tasks.store.erasures import Erasure
from tasks.store.people import Person

ID_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What went: rows by table, and in how many models' back-tests the lead stood. `erasure` is the line that stays."""

    erasure: Erasure
    counts: dict[str, int]
    models: int = 0

    @property
    def is_new(self) -> bool:
        """Whether anything of the person was still here."""
        return bool(self.counts or self.models)


@dataclass(frozen=True, slots=True)
class Found:
    """Where a text still stands: rows by table, and files (relative to the home folder)."""

    tables: dict[str, int] = field(default_factory=dict)
    files: tuple[str, ...] = ()


def forget(
    store: Store,
    mapping: Mapping,
    lead_id: str,
    *,
    connection: str,
    models_folder: Path,
    now: datetime,
    asked_by: str,
    why: str,
) -> Forgotten:
    """Erase the lead and all that is about it, and never take it back. Repeatable: the second time finds nothing.

    A lead that was never here is withheld all the same. `scrub` comes after the last of several.
    """
    with store.write() as tx:
        erasure = _erase(tx, store_person(tx, mapping, connection, lead_id), now=now, asked_by=asked_by, why=why)
    return Forgotten(erasure, erasure.counts, _out_of_models(models_folder, lead_id))


def store_person(tx: Connection, mapping: Mapping, connection: str, lead_id: str) -> Person:
    """Find what belongs to the lead: its activities may also point to the contact that it was converted to."""
    held = people.values(tx, connection, lead_id)
    aliases = (held.get(of.converted) for of in mapping.links.objects if of.converted)
    return people.person(tx, connection, lead_id, [alias for alias in aliases if alias])


def _erase(tx: Connection, who: Person, *, now: datetime, asked_by: str, why: str) -> Erasure:
    hashed = erasures.hashing(tx, who.connection)
    subject = hashed(Entity.LEAD, who.lead_id)
    erasures.withhold(tx, who.connection, [(Entity.LEAD, link) for link in who.links])
    erasures.withhold(tx, who.connection, [(Entity(entity), child) for entity, child in who.children])
    counts = people.erase(tx, who)
    erasure = Erasure(subject[:ID_LENGTH], who.connection, subject, asked_by, why, counts, now)
    if counts or not erasures.is_noted(tx, erasure.id):
        erasures.note(tx, erasure)
    return erasure


def _out_of_models(folder: Path, lead_id: str) -> int:
    """Take the lead out of the back-tests of all models, of whichever connection; returns of how many."""
    from model.erasing import without  # noqa: PLC0415  loads the learner, which to look for a person does not need

    return sum(1 for directory in _models(folder) if without(directory, [lead_id]))


def _models(folder: Path) -> list[Path]:
    """List the folders of models; one that a kill has left aside counts by its name."""
    found = {path.parent for path in folder.glob("**/model.json")}
    return sorted({one.with_name(one.name.removeprefix(".").removesuffix(".old")) for one in found})


def scrub(store: Store) -> bool:
    """Let the database's files hold nothing that was deleted; tells whether that was done.

    SQLite's free pages are given up and its write-ahead log is emptied ("VACUUM", "PRAGMA wal_checkpoint"); False when
    somebody else reads just then. PostgreSQL frees rows with its next vacuum, and its log and backups as they are set.
    """
    if not store.is_sqlite:
        return True
    raw = store.engine.raw_connection()
    try:
        raw.cursor().execute("VACUUM")
        [(busy, *_)] = raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        return not busy
    finally:
        raw.close()


def verify(store: Store, home: Path, text: str) -> Found:
    """Look for a text (an id, an address) in every table, in every file of the home folder, and in the models."""
    wanted = text.strip()
    files = [path.relative_to(home).as_posix() for path in _files(home) if _holds(path, wanted)]
    return Found(people.naming(store, wanted), tuple(sorted({*files, *_models_naming(home, wanted)})))


def _models_naming(home: Path, lead_id: str) -> Iterator[str]:
    """Name the back-tests with the lead; they are packed, so that to look at their bytes finds nothing."""
    from model.erasing import named  # noqa: PLC0415  as above

    for directory in _models(home / "models"):
        if named(directory, lead_id):
            yield f"{directory.relative_to(home).as_posix()}/backtest.parquet"


def _files(home: Path) -> Iterable[Path]:
    return (path for path in sorted(home.rglob("*")) if path.is_file() and not path.is_symlink())


def _holds(path: Path, text: str) -> bool:
    """Tell whether a file holds the text as it is or in small letters; a file that went meanwhile does not."""
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as held:
            return any(held.find(one.encode()) >= 0 for one in {text, text.lower()})
    except (OSError, ValueError):  # an empty file cannot be mapped
        return False
