"""Scoring other records than leads: a CRM whose `Entity.LEAD` is its deals, or another of its objects.

All of the application works on "the lead", the record that is scored and written. So nothing but this border knows
that the lead of one connection is a Salesforce Opportunity, a HubSpot deal or a Salesforce Contact.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from connector.crm import (
    CRM,
    Budget,
    Cursor,
    Entity,
    Field,
    History,
    NewField,
    Page,
    Part,
    Piece,
    Provisioned,
    Right,
    Update,
    Written,
)

RECORDS = {
    "salesforce": {"lead": Entity.LEAD, "deal": Entity.DEAL, "contact": Entity.of_object("Contact")},
    "hubspot": {"lead": Entity.LEAD, "deal": Entity.DEAL},
}
"""What may be scored in each CRM, by the word of a mapping's key `scored`; a HubSpot contact is its lead."""


def scoring(crm: CRM, record: Entity) -> CRM:
    """Give the CRM whose leads are these records; the same one where they are leads."""
    return crm if record is Entity.LEAD else ScoredCRM(crm, record)


class ScoredCRM:
    """A `connector.crm.CRM` that asks another one for `record` wherever it is asked for leads."""

    def __init__(self, crm: CRM, record: Entity) -> None:
        self._crm = crm
        self._record = record

    def describe(self, entity: Entity) -> tuple[Field, ...]:
        return self._crm.describe(self._meant(entity))

    def start(self, entity: Entity) -> Cursor:
        return self._crm.start(self._meant(entity))

    def changed(self, entity: Entity, fields: Sequence[str], since: Cursor) -> Iterator[Page]:
        return self._named(entity, self._crm.changed(self._meant(entity), fields, since))

    def everything(self, entity: Entity, fields: Sequence[str], part: Part) -> Iterator[Page]:
        return self._named(entity, self._crm.everything(self._meant(entity), fields, part))

    def removed(self, entity: Entity, since: datetime) -> Iterator[Page]:
        return self._named(entity, self._crm.removed(self._meant(entity), since))

    def count(self, entity: Entity) -> int | None:
        return self._crm.count(self._meant(entity))

    def get(self, entity: Entity, fields: Sequence[str], ids: Sequence[str]) -> Page:
        return replace(self._crm.get(self._meant(entity), fields, ids), entity=entity)

    def history(self, entity: Entity, fields: Sequence[str], since: Cursor | None) -> Iterator[History]:
        return self._crm.history(self._meant(entity), fields, since)

    def write(self, entity: Entity, updates: Iterable[Update], *, expected: int) -> Iterator[Written]:
        return self._crm.write(self._meant(entity), updates, expected=expected)

    def ensure_fields(self, entity: Entity, fields: Sequence[NewField], *, dry_run: bool) -> Provisioned:
        return self._crm.ensure_fields(self._meant(entity), fields, dry_run=dry_run)

    def ensure_app(
        self, prefix: str, fields: Mapping[Entity, Sequence[NewField]], *, dry_run: bool
    ) -> tuple[Piece, ...]:
        meant = {self._meant(entity): own for entity, own in fields.items()}
        return self._crm.ensure_app(prefix, meant, dry_run=dry_run)

    def remove_all(
        self, prefix: str, fields: Mapping[Entity, Sequence[NewField]], *, dry_run: bool
    ) -> tuple[Piece, ...]:
        meant = {self._meant(entity): own for entity, own in fields.items()}
        return self._crm.remove_all(prefix, meant, dry_run=dry_run)

    def rights(self, reads: Sequence[Entity], writes: Sequence[Entity], *, as_admin: bool) -> tuple[Right, ...]:
        return self._crm.rights([*map(self._meant, reads)], [*map(self._meant, writes)], as_admin=as_admin)

    def budget(self) -> Budget:
        return self._crm.budget()

    @property
    def calls(self) -> int:
        return self._crm.calls

    def close(self) -> None:
        self._crm.close()

    def _meant(self, entity: Entity) -> Entity:
        return self._record if entity is Entity.LEAD else entity

    def _named(self, entity: Entity, pages: Iterator[Page]) -> Iterator[Page]:
        """Give the pages under the name that was asked for."""
        yield from (replace(page, entity=entity) for page in pages)
