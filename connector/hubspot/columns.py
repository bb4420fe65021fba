"""Records out of HubSpot's JSON, column by column: a value that needs no rewriting costs no Python call."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connector.crm import Entity, Field, Record
from connector.hubspot.objects import CONTACTS_OF, ID, MERGED, typed
from connector.hubspot.values import Canon, canonical, instant

Result = Mapping[str, Any]
Links = Mapping[str, str | None]
"""The contacts of each record, by its id: ids sorted, ";" between."""


@dataclass(frozen=True, slots=True)
class Columns:
    """What is asked of HubSpot, and how it becomes records.

    `names` are the port's fields in its order; `properties` what HubSpot is asked for, each once; `and_merges` the same
    with what tells of merges.
    """

    entity: Entity
    names: tuple[str, ...]
    canons: tuple[Canon, ...]
    properties: tuple[str, ...]
    and_merges: tuple[str, ...]

    @property
    def kind(self) -> str:
        """HubSpot's name for this kind of record."""
        return typed(self.entity).name

    @property
    def linked(self) -> bool:
        """Whether the records' contacts are asked for."""
        return CONTACTS_OF in self.names

    def records(self, results: Sequence[Result], links: Links | None = None) -> tuple[Record, ...]:
        """Turn living records into the port's."""
        if not results:
            return ()
        values = [result.get("properties") or {} for result in results]
        ids = [str(result["id"]) for result in results]
        columns = [
            [(links or {}).get(record_id) for record_id in ids]
            if name == CONTACTS_OF
            else canon([held.get(name) for held in values])
            for name, canon in zip(self.names, self.canons, strict=True)
        ]
        rows = zip(*columns, strict=True) if columns else iter([()] * len(ids))
        stamps = [instant(result.get("updatedAt") or "") for result in results]
        return tuple(map(Record, ids, stamps, rows))

    def merged(self, results: Sequence[Result]) -> Iterator[Record]:
        """Make a record of each id that these records took over in merges. Needs `MERGED` among the properties."""
        for result in results:
            stamp_at = instant(result.get("updatedAt") or "")
            for loser in losers(result):
                yield self.gone(loser, stamp_at=stamp_at, into=str(result["id"]))

    def gone(self, record_id: str, *, stamp_at: str = "", into: str | None = None) -> Record:
        """Make the record of an id that is deleted, or merged into another."""
        why = "merged" if into else "deleted"
        return Record(record_id, stamp_at, (None,) * len(self.names), why, into)


def columns(entity: Entity, fields: Sequence[Field], known: Sequence[Field]) -> Columns:
    """Plan the reading of these fields; `known` are all that the entity has."""
    names = tuple(field.name for field in fields)
    properties = tuple(dict.fromkeys(name for name in names if name != CONTACTS_OF)) or (ID,)
    merging = any(field.name == MERGED for field in known) and MERGED not in properties
    return Columns(
        entity,
        names,
        tuple(canonical(field.kind) for field in fields),
        properties,
        (*properties, MERGED) if merging else properties,
    )


def losers(result: Result) -> tuple[str, ...]:
    """List the ids that this record took over in merges."""
    merged = (result.get("properties") or {}).get(MERGED)
    if not merged:
        return ()
    return tuple(loser for loser in str(merged).split(";") if loser and loser != str(result["id"]))
