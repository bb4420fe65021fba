"""The examples that a model learns from, read from the store in chunks of leads: one chunk in memory at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from connector.crm import Change, Entity
from mappings.as_of import CHANGES, Past, leads_then
from mappings.companies import key_changes
from mappings.examples import Stage, funnel, with_features
from mappings.load import Mapping
from mappings.outcomes import outcomes
from tasks.store import records, snapshots
from tasks.store.engine import Store
from tasks.store.records import Row
from tasks.verbs import frames
from tasks.verbs.counts import OnProgress, silent


@dataclass(frozen=True, slots=True)
class Gathered:
    """The examples, as `mappings.examples.examples` describes them, and where all other leads went."""

    examples: pl.DataFrame
    funnel: list[Stage]


def gathered(
    store: Store,
    mapping: Mapping,
    *,
    connection: str,
    now: datetime,
    chunk_leads: int,
    on_progress: OnProgress = silent,
) -> Gathered:
    """Make the examples of a connection's leads, and count where all leads went. The same whatever the chunks."""
    chunks = _Chunks(store, mapping, connection, now, chunk_leads)
    total = records.count(store, connection).get(Entity.LEAD, 0)
    made, told, done = [], [], 0
    for rows in records.chunks(store, connection, Entity.LEAD, size=chunk_leads):
        some, outcome = chunks.of(rows)
        made.append(some)
        told.append(outcome)
        done += len(rows)
        on_progress("train: examples", done, total)
    if not made:
        some, outcome = chunks.of([])
        made, told = [some], [outcome]
    return Gathered(pl.concat(made), funnel(mapping, pl.concat(told)))


def examples_among(
    store: Store, mapping: Mapping, leads: Sequence[str], *, connection: str, now: datetime, chunk_leads: int
) -> pl.DataFrame:
    """Make the examples among these leads alone, in order of id, as `gathered` would."""
    chunks = _Chunks(store, mapping, connection, now, chunk_leads)
    ids = sorted(leads)
    slices = [ids[start : start + chunk_leads] for start in range(0, len(ids), chunk_leads)] or [[]]
    return pl.concat([chunks.of(records.get(store, connection, Entity.LEAD, some))[0] for some in slices])


class _Chunks:
    """Makes the examples of chunks of leads; holds what all of them need."""

    def __init__(self, store: Store, mapping: Mapping, connection: str, now: datetime, chunk: int) -> None:
        self._store, self._mapping, self._connection, self._now = store, mapping, connection, now
        self._deals = frames.of_all(store, mapping, connection, Entity.DEAL, chunk=chunk)
        self._companies_of_key = self._earlier_keys()

    def of(self, rows: Sequence[Row]) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Give the examples among these leads, and the outcomes of all of them."""
        mapping = self._mapping
        leads = frames.frame(rows, mapping.source_fields(Entity.LEAD))
        changes = self._changes(Entity.LEAD, [row.id for row in rows])
        told = outcomes(mapping, leads, self._deals, now=self._now, changes=changes)
        companies, activities = self._belonging(rows, leads, changes)
        past = Past(
            changes,
            self._changes(Entity.COMPANY, companies["id"].to_list()),
            self._changes(Entity.ACTIVITY, activities["id"].to_list()),
        )
        return with_features(mapping, told, leads, companies, activities, past), told

    def _belonging(
        self, rows: Sequence[Row], leads: pl.DataFrame, changes: pl.DataFrame
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Read the activities of the leads, and every company that one of them links or has linked to."""
        then = leads_then(self._mapping, leads, changes)["link"].to_list()
        both = [*rows, *(row._replace(link=link) for row, link in zip(rows, then, strict=True))]
        companies, activities = records.belonging(self._store, self._connection, both)
        known = {row.id for row in companies}
        links = {row.link for row in both if row.link}
        earlier = {one for link in links for one in self._companies_of_key.get(link, ())} - known
        companies += records.get(self._store, self._connection, Entity.COMPANY, sorted(earlier))
        fields = self._mapping.source_fields
        return frames.frame(companies, fields(Entity.COMPANY)), frames.frame(activities, fields(Entity.ACTIVITY))

    def _changes(self, entity: Entity, ids: Sequence[str]) -> pl.DataFrame:
        return _frame(snapshots.of(self._store, self._connection, entity, ids))

    def _earlier_keys(self) -> dict[str, set[str]]:
        """Tell which companies had a key that they may have no more."""
        field = self._mapping.links.company
        found = snapshots.of_field(self._store, self._connection, Entity.COMPANY, field) if field else []
        owners: dict[str, set[str]] = {}
        for company, key in key_changes(self._mapping, _frame(found)).select("id", "old").iter_rows():
            owners.setdefault(key, set()).add(company)
        return owners


def _frame(changes: Sequence[Change]) -> pl.DataFrame:
    return pl.DataFrame(changes, schema=CHANGES, orient="row")
