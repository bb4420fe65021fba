"""Records of the store as frames: one text column for each field that the mapping reads, beside "id", "key", "link".

The rows' order is kept. Null stands for a value that the CRM does not hold.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from connector.crm import Entity
from mappings.load import Mapping
from tasks.store import records
from tasks.store.engine import Store
from tasks.store.records import Row


@dataclass(frozen=True, slots=True)
class LeadFrames:
    """Some leads with all that belongs to them: each frame as `frame` makes it."""

    leads: pl.DataFrame
    companies: pl.DataFrame
    activities: pl.DataFrame


def frame(rows: Sequence[Row], fields: Sequence[str]) -> pl.DataFrame:
    """Make the frame of these records."""
    columns = {
        name: pl.Series(name, [getattr(row, name) for row in rows], dtype=pl.String) for name in ("id", "key", "link")
    }
    if not rows:
        return pl.DataFrame(columns | {name: pl.Series(name, [], dtype=pl.String) for name in fields})
    lines = "\n".join([row.data for row in rows]).encode()
    values = pl.read_ndjson(lines, schema=dict.fromkeys(fields, pl.String()))
    return pl.DataFrame(columns).hstack(values)


def of_leads(store: Store, mapping: Mapping, connection: str, leads: Sequence[Row]) -> LeadFrames:
    """Make the frames of these leads, of their companies and of their activities."""
    companies, activities = records.belonging(store, connection, leads)
    return LeadFrames(
        frame(leads, mapping.source_fields(Entity.LEAD)),
        frame(companies, mapping.source_fields(Entity.COMPANY)),
        frame(activities, mapping.source_fields(Entity.ACTIVITY)),
    )


def of_all(store: Store, mapping: Mapping, connection: str, entity: Entity, *, chunk: int) -> pl.DataFrame:
    """Make one frame of all records of an entity."""
    fields = mapping.source_fields(entity)
    chunks = [frame(rows, fields) for rows in records.chunks(store, connection, entity, size=chunk)]
    return pl.concat(chunks) if chunks else frame([], fields)
