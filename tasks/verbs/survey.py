"""The verb survey: look at a CRM's fields and at a sample of its records, to draft a mapping. Stores nothing.

The calls are bounded and told beforehand. Leads are sampled from all the time there is, the newest first: only old ones
have an outcome. A part of a CRM's ids may hold no record, so more parts are asked for than are needed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from math import ceil

import polars as pl

from connector.crm import CRM, Entity, Field, Kind, Page, Part, Record
from connector.errors import Misconfigured
from mappings.as_of import CHANGES
from mappings.mapping import Mapping
from mappings.suggest import worth_reading
from mappings.survey import Survey
from tasks.verbs.counts import OnProgress, silent

MOST_LEADS, MOST_COMPANIES, MOST_DEALS = 5_000, 5_000, 20_000
HISTORY_CALLS = 30  # of history; a page is a call
LONGEST = 1_000  # characters: a longer field is prose, and is not even read
PARTS = 8
ROWS_A_CALL = {"salesforce": 2_000, "hubspot": 100}
CALLS_A_PART = 6  # of a Salesforce: a bulk job, its polls and its results; the ends of the ids
BY_ID = 500
ENDLESS = 65_536  # what HubSpot says of every text: nothing of this one


@dataclass(frozen=True, slots=True)
class Reach:
    """How much a survey reads: records at most, and calls at about."""

    leads: int
    companies: int
    deals: int
    calls: int


def reach(crm: CRM, mapping: Mapping, *, leads: int = MOST_LEADS) -> Reach:
    """Reckon what a survey will read, by counting the records first (a call for each kind)."""
    counts = {entity: crm.count(entity) for entity in (Entity.LEAD, Entity.COMPANY, Entity.DEAL)}
    own = _bounded_by(counts[Entity.LEAD], leads)
    companies = _bounded_by(counts[Entity.COMPANY], MOST_COMPANIES) if mapping.links.company else 0
    deals = own if mapping.outcome.deal.lead_field else _bounded_by(counts[Entity.DEAL], MOST_DEALS)
    rows = sum(ceil(count / ROWS_A_CALL[mapping.crm]) for count in (own, companies, deals))
    split = (counts[Entity.LEAD] != own) + (counts[Entity.COMPANY] != companies)
    return Reach(own, companies, deals, calls=2 * len(counts) + rows + HISTORY_CALLS + split * PARTS * CALLS_A_PART)


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
        return tuple(
            field
            for field in described
            if field.name in needed
            or (field.kind is not Kind.REFERENCE and worth_reading(_bounded(field), entity, crm=crm, longest=LONGEST))
        )

    def sample(self, entity: Entity, fields: Sequence[Field], most: int) -> pl.DataFrame:
        """Read so many records at most, as a frame."""
        names = [field.name for field in fields]
        if not names or not most:
            return _frame(self._mapping, entity, names, [])
        records: dict[str, Record] = {}
        for page in self._pages(entity, names, most):
            records |= {record.id: record for record in page.records if record.gone is None}
            self._say(f"survey: {entity}", min(len(records), most), most)
            if len(records) >= most:
                break
        return _frame(self._mapping, entity, names, list(islice(records.values(), most)))

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


def _bounded(field: Field) -> Field:
    return replace(field, length=None) if field.length == ENDLESS else field


def _frame(mapping: Mapping, entity: Entity, names: Sequence[str], records: Sequence[Record]) -> pl.DataFrame:
    link = mapping.linker(entity, names)
    keys = [link(record.values) for record in records]
    columns = {
        "id": pl.Series([record.id for record in records], dtype=pl.String),
        "key": pl.Series([key for key, _ in keys], dtype=pl.String),
        "link": pl.Series([other for _, other in keys], dtype=pl.String),
    }
    values = zip(*(record.values for record in records), strict=True) if records else ([] for _ in names)
    return pl.DataFrame(columns | {name: pl.Series(v, dtype=pl.String) for name, v in zip(names, values, strict=True)})
