"""The verb checkup: hold a mapping against the live CRM and against what the store has of it. Writes nothing."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice

import polars as pl

from connector.crm import CRM, Entity, Field
from connector.errors import Misconfigured
from mappings.check import against_crm
from mappings.check_data import (
    against_drift,
    against_features,
    against_history,
    against_outcomes,
    against_points,
    against_rules,
)
from mappings.features import feature_frame
from mappings.findings import Finding, Places, Severity
from mappings.mapping import Mapping
from tasks.store import cursors, drift, records, snapshots, tracked
from tasks.store.engine import Store
from tasks.store.records import Row
from tasks.verbs import frames
from tasks.verbs.examples import examples_among

MOST_LEADS = 20_000
CHUNK = 5_000


def of_crm(crm: CRM, mapping: Mapping, places: Places) -> Iterator[Finding]:
    """Hold the mapping against the fields that the CRM shows to this user. What it does not show at all is an error.

    Raises Misconfigured where nothing can be looked at, as when signing in fails.
    """
    described: dict[Entity, tuple[Field, ...]] = {Entity.LEAD: crm.describe(Entity.LEAD)}
    for entity in mapping.entities:
        try:
            described[entity] = crm.describe(entity)
        except Misconfigured as error:
            yield Finding(Severity.ERROR, mapping.file, 0, f"{entity} cannot be read: {error.message}", error.fix)
    yield from against_crm(mapping, described, places)


def of_store(store: Store, mapping: Mapping, places: Places, *, connection: str, now: datetime) -> Iterator[Finding]:
    """Hold the mapping against the newest leads that were pulled, by id, and against what became of them."""
    rows = _newest(store, connection)
    lacking = _unread(store, mapping, connection)
    if not rows or lacking:
        what = "nothing was pulled yet" if not rows else f"{', '.join(lacking[:5])} were not pulled yet"
        fix = "run `truegrade pull` with this mapping in connections.yaml, then this again"
        yield Finding(Severity.NOTE, mapping.file, 0, f"the data was not looked at: {what}", fix)
        return
    parts = [frames.of_leads(store, mapping, connection, rows[at : at + CHUNK]) for at in range(0, len(rows), CHUNK)]
    made = [feature_frame(mapping, part.leads, part.companies, part.activities) for part in parts]
    features = pl.concat(made)
    yield from against_features(mapping, features, places)
    yield from against_points(mapping, features, places)
    yield from against_rules(mapping, features)
    ids = [row.id for row in rows]
    examples = examples_among(store, mapping, ids, connection=connection, now=now, chunk_leads=CHUNK)
    yield from against_outcomes(mapping, examples, places)
    measured = drift.newest(store, connection)
    yield from against_drift(mapping, measured[0].features if measured else {}, places)
    met, told = (
        tracked.changes_by_field(store, connection, Entity.LEAD, source)
        for source in (snapshots.SNAPSHOT, snapshots.HISTORY)
    )
    yield from against_history(mapping, met, told)


def _newest(store: Store, connection: str) -> list[Row]:
    total = records.count(store, connection).get(Entity.LEAD, 0)
    first = records.id_after(store, connection, Entity.LEAD, after="", number=max(1, total - MOST_LEADS))
    after = first if first and total > MOST_LEADS else ""
    chunks = records.chunks(store, connection, Entity.LEAD, size=CHUNK, after=after)
    return [row for rows in islice(chunks, MOST_LEADS // CHUNK) for row in rows]


def _unread(store: Store, mapping: Mapping, connection: str) -> list[str]:
    """Name the fields of leads and companies that the stored records were read without."""
    lacking = []
    for entity in (Entity.LEAD, Entity.COMPANY):
        position = cursors.get(store, connection, entity)
        known = set(position.fields) if position else set()
        optional = mapping.optional_fields(entity)
        lacking += [name for name in mapping.inputs(entity) if name not in known and name not in optional]
    return lacking
