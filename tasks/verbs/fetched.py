"""Fields that a candidate mapping reads and no pull has asked for, fetched for some leads and kept nowhere.

So a mapping with new fields can be judged by real values before it is in force. Of the leads and of their companies
alone: activities and deals are found by links that only a pull keeps.
"""

from collections.abc import Callable, Sequence
from collections.abc import Mapping as Dict
from dataclasses import dataclass, field
from math import ceil

import orjson

from connector.crm import CRM, Entity
from connector.errors import Misconfigured
from mappings.file.load import Mapping
from tasks.store import cursors, records
from tasks.store.belonging import belonging
from tasks.store.content import packer
from tasks.store.engine import Store
from tasks.store.records import Row
from tasks.verbs.counts import OnProgress, silent
from tasks.verbs.survey_cost import ROWS_A_CALL, calls_a_page

Values = Dict[str, str | None]
BY_ID = (Entity.LEAD, Entity.COMPANY)
FETCHED_LEADS = 5_000  # the newest, where nobody says which: 50 calls of HubSpot, 3 of Salesforce
CHUNK = 5_000


@dataclass(frozen=True, slots=True)
class Fetched:
    """Values that stand beside those of the store for one look: by entity, id and field."""

    values: Dict[Entity, Dict[str, Values]] = field(default_factory=dict)

    def into(self, entity: Entity, rows: Sequence[Row]) -> list[Row]:
        """Put the values into stored records, in their order."""
        found = self.values.get(entity)
        if not found:
            return list(rows)
        return [row._replace(data=_with(row.data, found[row.id])) if row.id in found else row for row in rows]


NOT_FETCHED = Fetched()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be fetched: fields by entity, the ids of the records by entity, and the calls that takes at most.

    `absent` are fields that no pull has read either, and that the CRM does not show, as people read them.
    """

    fields: Dict[Entity, tuple[str, ...]]
    ids: Dict[Entity, tuple[str, ...]]
    calls: int
    absent: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        """Name the fields as people read them: "lead Title"."""
        return [f"{entity.value} {name}" for entity, names in self.fields.items() for name in names]


def unread(store: Store, mapping: Mapping, connection: str, entity: Entity) -> tuple[str, ...]:
    """Name the fields of an entity that the mapping reads and its stored records were read without."""
    at = cursors.get(store, connection, entity)
    known = set(at.fields) if at else set[str]()
    return tuple(name for name in mapping.source_fields(entity) if name not in known)


def wanted(crm: CRM, store: Store, mapping: Mapping, connection: str, leads: Sequence[Row]) -> Wanted:
    """Tell what these leads and their companies lack of what the mapping reads and the CRM shows to this user."""
    fields: dict[Entity, tuple[str, ...]] = {}
    absent: list[str] = []
    for entity in BY_ID:
        if names := unread(store, mapping, connection, entity):
            there = _shown(crm, entity)
            fields[entity] = tuple(name for name in names if name in there)
            absent += [f"{entity.value} {name}" for name in names if name not in there]
    ids = {Entity.LEAD: tuple(row.id for row in leads)}
    if fields.get(Entity.COMPANY):
        companies, _ = belonging(store, connection, {row.link for row in leads if row.link}, {}, ())
        ids[Entity.COMPANY] = tuple(row.id for row in companies)
    fields = {entity: names for entity, names in fields.items() if names and ids[entity]}
    rows = ROWS_A_CALL[mapping.crm]
    pages = (ceil(len(ids[entity]) / rows) * calls_a_page(mapping.crm, names) for entity, names in fields.items())
    return Wanted(fields, ids, sum(pages), tuple(absent))


def _shown(crm: CRM, entity: Entity) -> set[str]:
    """Name the fields that the CRM shows to this user; none of an entity that it does not show at all."""
    try:
        return {one.name for one in crm.describe(entity)}
    except Misconfigured:  # told by those who ask whether the mapping can be read
        return set()


def fetched(crm: CRM, asked: Wanted, crm_kind: str, *, on_progress: OnProgress = silent) -> Fetched:
    """Read these fields of these records from the CRM; of one that is gone meanwhile they stay empty. Keeps nothing."""
    size = ROWS_A_CALL[crm_kind]
    values: dict[Entity, dict[str, Values]] = {}
    for entity, names in asked.fields.items():
        ids, found, empty = asked.ids[entity], dict[str, Values](), dict.fromkeys(names)
        for start in range(0, len(ids), size):
            page = crm.get(entity, names, ids[start : start + size])
            pack = packer(page.fields)
            living = (record for record in page.records if record.gone is None)
            found |= {one.id: empty | orjson.loads(pack(one.values)[0]) for one in living}
            on_progress(f"new fields of {entity}", min(start + size, len(ids)), len(ids))
        values[entity] = found
    return Fetched(values)


def newest(store: Store, connection: str, *, most: int = FETCHED_LEADS) -> list[Row]:
    """Give the newest leads by id, about `most` of them."""
    total = records.count(store, connection).get(Entity.LEAD, 0)
    first = records.id_after(store, connection, Entity.LEAD, after="", number=max(1, total - most))
    after = first if first and total > most else ""
    chunks = records.chunks(store, connection, Entity.LEAD, size=min(CHUNK, most), after=after)
    return [row for rows in chunks for row in rows][:most]


def looked_up(
    crm: CRM, asked: Wanted, crm_kind: str, *, say: Callable[[str], None], on_progress: OnProgress = silent
) -> Fetched:
    """Fetch what is wanted, having told by `say` in how many calls; nothing where nothing is."""
    if asked.fields:
        number, leads = len(asked.names), len(asked.ids[Entity.LEAD])
        calls = f"up to {asked.calls:,} call{'s' if asked.calls > 1 else ''}"
        what = "a field that was" if number == 1 else f"{number} fields that were"
        say(f"Reads {what} not pulled yet, of {leads:,} leads, in {calls}; keeps nothing.")
    return fetched(crm, asked, crm_kind, on_progress=on_progress)


def _with(data: str, values: Values) -> str:
    return orjson.dumps(orjson.loads(data) | values).decode()
