"""The verb survey: look at a CRM's fields and at a sample of its records, to draft a mapping. Stores nothing.

The calls are bounded and told beforehand. Leads are sampled from all the time there is, the newest first: only old ones
have an outcome. A part of a CRM's ids may hold no record, so more parts are asked for than are needed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from math import ceil

import polars as pl

from connector.crm import CRM, Entity, Field, Page, Part, Record
from connector.errors import Misconfigured
from mappings.drafts.suggest import worth_reading
from mappings.drafts.survey import Survey
from mappings.frames.as_of import CHANGES
from mappings.mapping import Mapping
from tasks.verbs.counts import OnProgress, silent
from tasks.verbs.survey_cost import PARTS, ROWS_A_CALL, calls, calls_a_page, groups

MOST_LEADS, MOST_COMPANIES, MOST_DEALS = 5_000, 5_000, 20_000
HISTORY_CALLS = 30  # of history; a page is a call
BY_ID = 500


@dataclass(frozen=True, slots=True)
class Reach:
    """How much a survey reads: records at most, and calls at most."""

    leads: int
    companies: int
    deals: int
    calls: int


def reach(crm: CRM, mapping: Mapping, *, leads: int = MOST_LEADS) -> Reach:
    """Reckon what a survey will read, by asking for fields and numbers of records first (two calls for each kind)."""
    counts = {entity: crm.count(entity) for entity in (Entity.LEAD, Entity.COMPANY, Entity.DEAL)}
    own = _bounded_by(counts[Entity.LEAD], leads)
    companies = _bounded_by(counts[Entity.COMPANY], MOST_COMPANIES) if mapping.links.company else 0
    deals = own if mapping.outcome.deal.lead_field else _bounded_by(counts[Entity.DEAL], MOST_DEALS)
    reads = {Entity.LEAD: own, Entity.COMPANY: companies, Entity.DEAL: deals}
    found = _Reading(crm, mapping, Reach(own, companies, deals, 0), silent)
    reading = sum(calls(mapping.crm, found.fields(entity), rows, counts[entity]) for entity, rows in reads.items())
    history = HISTORY_CALLS * calls_a_page(mapping.crm, [one for one in found.fields(Entity.LEAD) if one.custom])
    return Reach(own, companies, deals, calls=2 * len(counts) + reading + history)


def _bounded_by(count: int | None, most: int) -> int:
    return most if count is None else min(count, most)


def survey(crm: CRM, mapping: Mapping, *, within: Reach, now: datetime, on_progress: OnProgress = silent) -> Survey:
    """Read the fields and a sample. What this user may not see of companies, deals or history is left out."""
    kept = _Reading(crm, mapping, within, on_progress)
    lead_fields = kept.fields(Entity.LEAD)
    leads = kept.sample(Entity.LEAD, lead_fields, within.leads)
    company_fields = kept.fields(Entity.COMPANY) if within.companies else ()
    companies = kept.sample(Entity.COMPANY, company_fields, within.companies)
    fields = {Entity.LEAD: crm.describe(Entity.LEAD), Entity.COMPANY: kept.described(Entity.COMPANY)}
    return Survey(mapping.crm, now, fields, leads, companies, kept.deals(leads), kept.changes(leads, lead_fields))


class _Reading:
    """Reads one CRM for one survey."""

    def __init__(self, crm: CRM, mapping: Mapping, within: Reach, on_progress: OnProgress) -> None:
        self._crm, self._mapping, self._within, self._say = crm, mapping, within, on_progress

    def fields(self, entity: Entity) -> tuple[Field, ...]:
        """List the fields that are read: what may tell something, and what links and outcome need."""
        needed = set(self._mapping.source_fields(entity))
        described = self.described(entity)
        crm = self._mapping.crm
        return tuple(field for field in described if field.name in needed or worth_reading(field, entity, crm=crm))

    def sample(self, entity: Entity, fields: Sequence[Field], most: int) -> pl.DataFrame:
        """Read so many records at most, as a frame: some fields of all, then the others of the same records."""
        names = [field.name for field in fields]
        if not names or not most:
            return _frame(self._mapping, entity, names, [])
        needed = [name for name in names if name in self._mapping.source_fields(entity)]
        ordered = [*needed, *(name for name in names if name not in needed)]  # links are made of what is needed
        first, *others = groups(self._mapping.crm, ordered)
        frame = self._first(entity, first, most)
        for group in others:
            frame = frame.with_columns(self._rest(entity, group, frame["id"].to_list()))
        return frame.select("id", "key", "link", *(name for name in names if name not in ("id", "key", "link")))

    def _first(self, entity: Entity, names: Sequence[str], most: int) -> pl.DataFrame:
        """Read some fields of so many records, each page made small before the next one comes."""
        seen, parts = set[str](), [_frame(self._mapping, entity, names, [])]
        for page in self._pages(entity, names, most):
            records = {one.id: one for one in page.records if one.gone is None and one.id not in seen}
            kept = list(islice(records.values(), most - len(seen)))
            seen |= {one.id for one in kept}
            parts.append(_frame(self._mapping, entity, names, kept))
            self._say(f"survey: {entity}", len(seen), most)
            if len(seen) >= most:
                break
        return pl.concat(parts)

    def _rest(self, entity: Entity, names: Sequence[str], ids: Sequence[str]) -> list[pl.Series]:
        """Read other fields of these records, in their order; of one that is gone meanwhile they are empty."""
        size, parts = ROWS_A_CALL[self._mapping.crm], [_columns(names, [])]
        for start in range(0, len(ids), size):
            parts.append(_columns(names, self._crm.get(entity, names, ids[start : start + size]).records))
            self._say(f"survey: more of {entity}", min(start + size, len(ids)), len(ids))
        told = pl.concat(parts).unique("id", keep="first")
        return (
            pl.DataFrame({"id": ids}, schema={"id": pl.String})
            .join(told, on="id", how="left", maintain_order="left")
            .drop("id")
            .get_columns()
        )

    def _pages(self, entity: Entity, names: Sequence[str], most: int) -> Iterator[Page]:
        total = self._crm.count(entity)
        if total is not None and total <= most:
            yield from self._crm.everything(entity, names, Part())
            return
        count = max(PARTS, ceil((total or most * PARTS) * PARTS / (2 * most)))
        for place in range(PARTS, 0, -1):
            index = place * count // PARTS - 1
            yield from self._crm.everything(entity, names, Part(index, count))

    def deals(self, leads: pl.DataFrame) -> pl.DataFrame:
        """Read the deals of the sampled leads; where deals name their leads, a sample of deals."""
        names = [name for name in self._mapping.source_fields(Entity.DEAL) if name in self._names(Entity.DEAL)]
        if not names or not leads.height:
            return _frame(self._mapping, Entity.DEAL, names, [])
        field = self._mapping.outcome.deal.lead_field
        if not field:
            known = [one for one in self.described(Entity.DEAL) if one.name in names]
            return self.sample(Entity.DEAL, known, self._within.deals)
        ids = leads[field].drop_nulls().unique().sort().to_list() if field in leads.columns else []
        found: list[Record] = []
        for start in range(0, len(ids), BY_ID):
            page = self._crm.get(Entity.DEAL, names, ids[start : start + BY_ID])
            found += [record for record in page.records if record.gone is None]
        return _frame(self._mapping, Entity.DEAL, names, found)

    def changes(self, leads: pl.DataFrame, fields: Sequence[Field]) -> pl.DataFrame:
        """Read what the CRM's own history tells of the sampled leads, up to a bound; nothing where it keeps none."""
        known = set(leads["id"].to_list())
        try:
            told = self._crm.history(Entity.LEAD, [field.name for field in fields if field.custom], None)
            rows = [change for page in islice(told, HISTORY_CALLS) for change in page.changes if change.id in known]
        except Misconfigured:  # history is a help and no need
            rows = []
        return pl.DataFrame(rows, schema=CHANGES, orient="row")

    def described(self, entity: Entity) -> tuple[Field, ...]:
        """List all fields; none of an entity but the lead that this user may not see."""
        if entity is Entity.LEAD:
            return self._crm.describe(entity)
        try:
            return self._crm.describe(entity)
        except Misconfigured:  # leads can be looked at without companies and deals
            return ()

    def _names(self, entity: Entity) -> set[str]:
        return {field.name for field in self.described(entity)}


def _frame(mapping: Mapping, entity: Entity, names: Sequence[str], records: Sequence[Record]) -> pl.DataFrame:
    link = mapping.linker(entity, names)
    keys = [link(record.values) for record in records]
    beside = {
        "key": pl.Series([key for key, _ in keys], dtype=pl.String),
        "link": pl.Series([other for _, other in keys], dtype=pl.String),
    }
    return _columns(names, records).with_columns(**beside).select("id", "key", "link", *names)


def _columns(names: Sequence[str], records: Sequence[Record]) -> pl.DataFrame:
    """Make a frame of records: their ids and values, all text."""
    values = zip(*(record.values for record in records), strict=True) if records else ([] for _ in names)
    ids = {"id": pl.Series([record.id for record in records], dtype=pl.String)}
    return pl.DataFrame(ids | {name: pl.Series(v, dtype=pl.String) for name, v in zip(names, values, strict=True)})
