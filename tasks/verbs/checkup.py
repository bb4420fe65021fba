"""The verb checkup: hold a mapping against the live CRM and against what the store has of it. Writes nothing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from connector.crm import CRM, Entity, Field
from connector.enrichment.sources import TableSource
from connector.errors import Misconfigured
from mappings.checks.check import against_crm
from mappings.checks.check_data import (
    against_drift,
    against_features,
    against_history,
    against_outcomes,
    against_points,
    against_rules,
)
from mappings.checks.findings import Finding, Places, Severity
from mappings.checks.reach import Reached, reach, unreached
from mappings.checks.unread import Unread
from mappings.checks.unread import unread as left_alone
from mappings.frames.enriched import table_of
from mappings.frames.features import feature_frame
from mappings.mapping import Mapping
from mappings.verdicts import decided
from model.model import load
from model.points import Points
from tasks.store import drift, models, snapshots, tracked
from tasks.store.engine import Store
from tasks.store.records import Row
from tasks.verbs import earlier, frames
from tasks.verbs.examples import examples_among
from tasks.verbs.fetched import BY_ID, FETCHED_LEADS, NOT_FETCHED, Fetched, looked_up, newest, unread, wanted
from tasks.verbs.fitting import misfit

MOST_LEADS = 20_000
CHUNK = 5_000


@dataclass(frozen=True, slots=True)
class Looked:
    """What the data says: the findings, and how many of the newest leads everything reaches; none if nobody looked."""

    findings: tuple[Finding, ...]
    reached: tuple[Reached, ...] = ()


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


def left_unread(crm: CRM, mapping: Mapping) -> Iterator[Unread]:
    """Name the fields of leads, and of companies where leads are linked to them, that the mapping does not read."""
    for entity in (Entity.LEAD, *((Entity.COMPANY,) if mapping.links.company else ())):
        try:
            fields = crm.describe(entity)
        except Misconfigured:  # told by `of_crm` where the mapping needs it
            continue
        yield from left_alone(mapping, entity, fields)


def of_store(
    crm: CRM,
    store: Store,
    mapping: Mapping,
    places: Places,
    *,
    connection: str,
    models_folder: Path,
    now: datetime,
    say: Callable[[str], None],
) -> Looked:
    """Hold the mapping against the newest leads that were pulled, by id, and against what became of them.

    Of fields that no pull has read, the values of fewer leads are fetched, having told by `say` in how many calls.
    """
    if broken := tuple(_tables(mapping, places)):
        message, fix = "the data was not looked at: a table cannot be read", "mend the table, then run this again"
        return Looked((*broken, Finding(Severity.NOTE, mapping.file, 0, message, fix)))
    rows = newest(store, connection, most=MOST_LEADS)
    if not rows:
        fix = "run `truegrade pull`, then this again"
        message = "the data was not looked at: nothing was pulled yet"
        return Looked((Finding(Severity.NOTE, mapping.file, 0, message, fix),))
    fetched, lacking = NOT_FETCHED, _unpulled(store, mapping, connection)
    if lacking:
        rows = rows[-FETCHED_LEADS:]
        asked = wanted(crm, store, mapping, connection, rows)
        lacking = [one for one in lacking if one in asked.absent]
        fetched = fetched if lacking else looked_up(crm, asked, mapping.crm, say=say)
    if lacking:  # told as an error of the CRM, which does not show them
        message = f"the data was not looked at: {', '.join(lacking[:5])} cannot be read"
        fix = "correct their names, or let this user see them"
        return Looked((Finding(Severity.NOTE, mapping.file, 0, message, fix),))
    earlier.refresh(store, mapping, connection=connection, now=now)  # what a first sync with it would know
    features = _features(store, mapping, connection, rows, fetched)
    reached = tuple(reach(mapping, features, _decided(store, mapping, connection, features, models_folder)))
    found = [
        *against_features(mapping, features, places),
        *against_points(mapping, features, places),
        *against_rules(mapping, features),
        *unreached(mapping, reached, features, places),
        *_of_history(store, mapping, places, rows, fetched, connection=connection, now=now),
    ]
    return Looked(tuple(found), reached)


def _tables(mapping: Mapping, places: Places) -> Iterator[Finding]:
    """Tell which of the mapping's tables cannot be read."""
    for source in mapping.enrich.sources:
        if isinstance(source, TableSource):
            try:
                table_of(mapping, source)
            except Misconfigured as error:
                yield Finding(Severity.ERROR, mapping.file, places.line("enrich"), error.message, error.fix)


def _features(store: Store, mapping: Mapping, connection: str, rows: list[Row], fetched: Fetched) -> pl.DataFrame:
    """Make the features of these leads, some at a time."""
    slices = [rows[start : start + CHUNK] for start in range(0, len(rows), CHUNK)]
    parts = [frames.of_leads(store, mapping, connection, some, fetched) for some in slices]
    return pl.concat([feature_frame(mapping, part.leads, part.companies, part.activities) for part in parts])


def _decided(
    store: Store, mapping: Mapping, connection: str, features: pl.DataFrame, models_folder: Path
) -> pl.DataFrame | None:
    """Score these leads by the current model, else by the mapping's points; None where neither can."""
    current = models.current(store, connection)
    model = load(models_folder / current.path) if current else None
    if model is not None and misfit(model, mapping, connection) is None:
        return decided(mapping, model.score(features), features)
    if not mapping.points.rules:
        return None
    return decided(mapping, Points(mapping.points, mapping.features).score(features), features)


def _of_history(
    store: Store,
    mapping: Mapping,
    places: Places,
    rows: list[Row],
    fetched: Fetched,
    *,
    connection: str,
    now: datetime,
) -> Iterator[Finding]:
    """Hold the mapping against what became of these leads, what they were learned as, and how their fields changed."""
    ids = [row.id for row in rows]
    how: dict[str, Any] = {"connection": connection, "now": now, "chunk_leads": CHUNK, "fetched": fetched}
    examples = examples_among(store, mapping, ids, **how)
    yield from against_outcomes(mapping, examples, places)
    measured = drift.newest(store, connection)
    yield from against_drift(mapping, measured[0].features if measured else {}, places)
    met, told = (
        tracked.changes_by_field(store, connection, Entity.LEAD, source)
        for source in (snapshots.SNAPSHOT, snapshots.HISTORY)
    )
    yield from against_history(mapping, met, told)


def _unpulled(store: Store, mapping: Mapping, connection: str) -> list[str]:
    """Name the fields of leads and companies that the stored records were read without, as "lead Title"."""
    lacking = []
    for entity in BY_ID:
        optional = mapping.optional_fields(entity)
        lacking += [f"{entity} {name}" for name in unread(store, mapping, connection, entity) if name not in optional]
    return lacking
