"""The verb forget: erase a person here for good. `tasks.verbs.proof` looks everywhere again whether it is so.

The store is one transaction, the models' files and the database's free space come after it: killed anywhere, the same
call does the rest. What stays is a line with a keyed hash of the lead's id, who asked for it, why, and what went; by
the same hash a later page or reload is kept from bringing the person back (`tasks.store.withheld`).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from connector.crm import Entity
from mappings.file.load import Mapping
from tasks.store import erasing, erasures, people, traces, unproved, withheld
from tasks.store.engine import Store
from tasks.store.erasures import Erasure
from tasks.store.people import Person
from tasks.verbs import identifiers, places
from tasks.verbs.in_crm import NOTHING, Standing, standing

ID_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What went: rows by table, and in how many models' back-tests the lead stood. `erasure` is the line that stays.

    `who` and `words`, by which the proof looks for the person, are never shown, and kept sealed until the proof is made
    (`tasks.store.unproved`). `is_known`: they are all that was held; else the person had gone before, and was proved
    gone or not, but can be looked for by the id alone. `in_crm`: what of ours the CRM still holds on the lead.
    """

    erasure: Erasure
    counts: dict[str, int]
    models: int = 0
    who: Person | None = field(default=None, repr=False)
    words: tuple[str, ...] = field(default=(), repr=False)
    is_known: bool = True
    in_crm: Standing = field(default=NOTHING, repr=False)

    @property
    def is_new(self) -> bool:
        """Whether anything of the person was still here."""
        return bool(self.counts or self.models)


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
        who = store_person(tx, mapping, connection, lead_id)
        told = identifiers.told(people.held(tx, who))
        in_crm = standing(tx, mapping, connection, lead_id)
        erasure = _erase(tx, who, now=now, asked_by=asked_by, why=why)
        before = unproved.kept(tx, erasure.subject_hash, lead_id)
        if is_known := bool(erasure.counts) or before is not None:
            unproved.keep(tx, erasure.subject_hash, lead_id, [*who.links, *told])
    with store.read() as tx:  # it looks at every record, for which nobody has to wait
        words = _words(tx, who, (*told, *(before or ())))
    models = out_of_models(models_folder, [lead_id])
    return Forgotten(erasure, erasure.counts, models, who, words, is_known, in_crm)


def _words(tx: Connection, who: Person, told: Iterable[str]) -> tuple[str, ...]:
    """Name what tells who it was: ids, and what nobody else's record holds."""
    ids, values = identifiers.ids(who), list(dict.fromkeys(told))
    others = traces.shared(tx, values)
    return tuple(dict.fromkeys([*ids, *(word for word in values if word not in others and word not in who.links)]))


def store_person(tx: Connection, mapping: Mapping, connection: str, lead_id: str) -> Person:
    """Find what belongs to the lead: its activities may also point to the contact that it was converted to."""
    held = people.values(tx, connection, lead_id)
    aliases = (held.get(of.converted) for of in mapping.links.objects if of.converted)
    return people.person(tx, connection, lead_id, [alias for alias in aliases if alias])


def was_here(store: Store, mapping: Mapping, connection: str, lead_id: str, *, models_folder: Path) -> bool:
    """Tell whether there is or was such a lead: by its rows, by an erasure of it, or by a model's list of leads."""
    if erasures.of_lead(store, connection, lead_id) is not None:
        return True
    with store.read() as tx:
        held = people.held(tx, store_person(tx, mapping, connection, lead_id))
    return bool(held) or next(places.backtests(models_folder, [lead_id]), None) is not None


def _erase(tx: Connection, who: Person, *, now: datetime, asked_by: str, why: str) -> Erasure:
    hashed = withheld.hashing(tx, who.connection)
    subject = hashed(Entity.LEAD, who.lead_id)
    counts = erasing.erase(tx, who)
    withheld.withhold(tx, who.connection, [(Entity.LEAD, link) for link in who.links])
    withheld.withhold(tx, who.connection, [(Entity(entity), child) for entity, child in who.children])
    erasure = Erasure(subject[:ID_LENGTH], who.connection, subject, asked_by, why, counts, now)
    if counts or not erasures.is_noted(tx, erasure.id):
        erasures.note(tx, erasure)
    return erasure


def out_of_models(folder: Path, leads: Iterable[str]) -> int:
    """Take leads out of the back-tests of all models, of whichever connection; returns of how many models."""
    from model.erasing import without  # noqa: PLC0415  loads the learner, which to look for a person does not need

    return sum(1 for directory in _models(folder) if without(directory, list(leads)))


def _models(folder: Path) -> list[Path]:
    """List the folders of models; one that a kill has left aside counts by its name."""
    found = {path.parent for path in folder.glob("**/model.json")}
    return sorted({one.with_name(one.name.removeprefix(".").removesuffix(".old")) for one in found})


def scrub(store: Store, tables: Iterable[str] = (), *, thorough: bool = False) -> bool:
    """Let the database's files hold nothing that was deleted; tells whether that was done.

    SQLite's free pages are given up and its write-ahead log is emptied ("VACUUM", "PRAGMA wal_checkpoint"); False when
    somebody else reads just then. PostgreSQL frees the rows of these tables (VACUUM); a page may keep their bytes until
    it is written again, unless `thorough` writes the tables anew (VACUUM FULL, which locks them meanwhile). Its log and
    backups go as they are set.
    """
    if not store.is_sqlite:
        how = "VACUUM (FULL)" if thorough else "VACUUM"
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for name in sorted({*tables}):
                connection.exec_driver_sql(f"{how} {name}")
        return True
    raw = store.engine.raw_connection()
    try:
        raw.cursor().execute("VACUUM")
        [(busy, *_)] = raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        return not busy
    finally:
        raw.close()
