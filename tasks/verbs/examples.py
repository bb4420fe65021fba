"""The examples that a model learns from, read from the store in chunks of leads: one chunk in memory at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from connector.crm import Change, Entity
from mappings.duplicates import NOT_SOUGHT
from mappings.file.load import Mapping
from mappings.frames.as_of import CHANGES, Past, leads_then, no_changes
from mappings.frames.columns import INSTANT
from mappings.frames.companies import key_changes
from mappings.frames.examples import Stage, funnel, with_features
from mappings.frames.outcomes import outcomes
from mappings.frames.rolling_up import past_ends
from mappings.matching.clusters import grouped
from tasks.store import duplicates as kept
from tasks.store import records, snapshots
from tasks.store.belonging import belonging
from tasks.store.engine import Store
from tasks.store.records import Row
from tasks.verbs import duplicates, earlier, frames
from tasks.verbs.counts import OnProgress, silent
from tasks.verbs.fetched import NOT_FETCHED, Fetched
from tasks.verbs.written_back import changes_apart

NO_ENDS = pl.DataFrame(
    schema={"id": pl.String, "created_at": INSTANT, "ended_at": INSTANT, "won_at": INSTANT, "company": pl.String}
)


@dataclass(frozen=True, slots=True)
class Gathered:
    """The examples, as `mappings.frames.examples.examples` describes them, and where all other leads went.

    `ends` tells when each lead was open, as `mappings.frames.rolling_up.past_ends` does, with the company that it
    linked to as an example; without rows where companies get no values.
    """

    examples: pl.DataFrame
    funnel: list[Stage]
    ends: pl.DataFrame


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
    duplicates.refresh(store, mapping, connection=connection, now=now)
    earlier.refresh(store, mapping, connection=connection, now=now, anew=True)
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
    examples = _grouped(store, mapping, connection, pl.concat(made))
    return Gathered(examples, funnel(mapping, pl.concat(told)), pl.concat([NO_ENDS, *chunks.ends]))


def examples_among(
    store: Store,
    mapping: Mapping,
    leads: Sequence[str],
    *,
    connection: str,
    now: datetime,
    chunk_leads: int,
    fetched: Fetched = NOT_FETCHED,
) -> pl.DataFrame:
    """Make the examples among these leads alone, in order of id, as `gathered` would.

    `fetched` are values that stand beside those of the store.
    """
    chunks = _Chunks(store, mapping, connection, now, chunk_leads, fetched)
    ids = sorted(leads)
    slices = [ids[start : start + chunk_leads] for start in range(0, len(ids), chunk_leads)] or [[]]
    made = pl.concat([chunks.of(records.get(store, connection, Entity.LEAD, some))[0] for some in slices])
    return _grouped(store, mapping, connection, made)


class _Chunks:
    """Makes the examples of chunks of leads; holds what all of them need."""

    def __init__(
        self,
        store: Store,
        mapping: Mapping,
        connection: str,
        now: datetime,
        chunk: int,
        fetched: Fetched = NOT_FETCHED,
    ) -> None:
        self._store, self._mapping, self._connection, self._now = store, mapping, connection, now
        self._fetched = fetched
        self._deals = frames.of_deals(store, mapping, connection, chunk=chunk)
        self._companies_of_key = self._earlier_keys()
        self.ends: list[pl.DataFrame] = []

    def of(self, rows: Sequence[Row]) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Give the examples among these leads, and the outcomes of all of them."""
        mapping = self._mapping
        leads = frames.frame(self._fetched.into(Entity.LEAD, rows), mapping.source_fields(Entity.LEAD))
        changes = self._changes(Entity.LEAD, [row.id for row in rows])
        told = outcomes(mapping, leads, self._deals, now=self._now, changes=changes)
        if mapping.companies:
            then = leads_then(mapping, leads, changes).select("id", company="link")
            self.ends.append(past_ends(mapping, told, leads).join(then, on="id", how="left", maintain_order="left"))
        companies, activities = self._belonging(rows, leads, changes)
        past = Past(
            changes,
            self._changes(Entity.COMPANY, companies["id"].to_list()),
            pl.concat([no_changes(), *(self._of_activities(*of) for of in activities.items())]),
        )
        leads = frames.with_enriched(self._store, mapping, self._connection, leads, companies)
        acted = frames.activity_frame(mapping, activities)
        return with_features(mapping, told, leads, companies, acted, past), told

    def _belonging(
        self, rows: Sequence[Row], leads: pl.DataFrame, changes: pl.DataFrame
    ) -> tuple[pl.DataFrame, dict[Entity, list[Row]]]:
        """Read the activities of the leads, and every company that one of them links or has linked to."""
        then = leads_then(self._mapping, leads, changes)["link"].to_list()
        links = {link for link in (*(row.link for row in rows), *then) if link}
        owners, kinds = frames.owners(self._mapping, leads), frames.counted(self._mapping)
        how = (links, owners, kinds, self._mapping.through)
        companies, activities = belonging(self._store, self._connection, *how)
        known = {row.id for row in companies}
        earlier = {one for link in links for one in self._companies_of_key.get(link, ())} - known
        companies += records.get(self._store, self._connection, Entity.COMPANY, sorted(earlier))
        companies = self._fetched.into(Entity.COMPANY, companies)
        return frames.frame(companies, self._mapping.source_fields(Entity.COMPANY)), activities

    def _of_activities(self, entity: Entity, rows: Sequence[Row]) -> pl.DataFrame:
        """Give the changes of activities, with their ids as in the frame of activities."""
        return frames.named_by_kind(entity, self._changes(entity, [row.id for row in rows]))

    def _changes(self, entity: Entity, ids: Sequence[str]) -> pl.DataFrame:
        found = _frame(snapshots.of(self._store, self._connection, entity, ids))
        return changes_apart(self._store, self._connection, found) if entity is Entity.LEAD else found

    def _earlier_keys(self) -> dict[str, set[str]]:
        """Tell which companies had a key that they may have no more."""
        field = self._mapping.links.company
        found = snapshots.of_field(self._store, self._connection, Entity.COMPANY, field) if field else []
        owners: dict[str, set[str]] = {}
        for company, key in key_changes(self._mapping, _frame(found)).select("id", "old").iter_rows():
            owners.setdefault(key, set()).add(company)
        return owners


def _grouped(store: Store, mapping: Mapping, connection: str, examples: pl.DataFrame) -> pl.DataFrame:
    """Let leads share a group that are the same person, or whose companies are the same: no split parts them."""
    if mapping.duplicates == NOT_SOUGHT:
        return examples
    with store.read() as tx:
        people = kept.of_connection(tx, connection, Entity.LEAD)
        companies = kept.of_connection(tx, connection, Entity.COMPANY)
    rows = records.get(store, connection, Entity.COMPANY, list(companies))
    return grouped(examples, people, {row.key: companies[row.id] for row in rows if row.key})


def _frame(changes: Sequence[Change]) -> pl.DataFrame:
    return pl.DataFrame(changes, schema=CHANGES, orient="row")
