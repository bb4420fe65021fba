"""What we put into a CRM as its admin: fields and access, then what reps look at; and taking all of it out again."""

from dataclasses import dataclass

from connector.crm import Entity, Piece, Provisioned
from mappings.mapping import Mapping
from mappings.outputs import OUTPUTS, field_name, new_field, prefix_of
from tasks.ready import Check, outputs
from tasks.store import own_fields
from tasks.wiring import Wiring


@dataclass(frozen=True, slots=True)
class Installed:
    """What was done to one CRM, or would be: fields and access, and the pieces that people look at."""

    fields: Provisioned
    pieces: tuple[Piece, ...]


def provisioned(wiring: Wiring, name: str, *, dry_run: bool) -> Provisioned:
    """Create the fields of the connection's mapping that are missing."""
    with wiring.crm(name, as_admin=True) as crm:
        return crm.ensure_fields(Entity.LEAD, wiring.mapping(name).output_fields(), dry_run=dry_run)


def installed(wiring: Wiring, name: str, *, dry_run: bool) -> Installed:
    """Create fields, access, and what reps look at, where it is missing. Idempotent; can be broken off anywhere."""
    mapping = wiring.mapping(name)
    with wiring.crm(name, as_admin=True) as crm:
        fields = crm.ensure_fields(Entity.LEAD, mapping.output_fields(), dry_run=dry_run)
        if fields.created and not dry_run:
            own_fields.forget(wiring.store, name)  # new fields are empty, whatever was written to those before
        return Installed(fields, crm.ensure_app(prefix(mapping), dry_run=dry_run))


def removed(wiring: Wiring, name: str, *, begins: str | None, dry_run: bool) -> tuple[Piece, ...]:
    """Take everything of ours out of the CRM, fields with their values last; with `dry_run` tell what would be lost.

    All our fields are meant, those that the mapping has switched off, too. `begins`: the prefix of what is removed,
    where it is not the mapping's, as after a change of the prefix.
    """
    mapping = wiring.mapping(name)
    ours = begins or prefix(mapping)
    fields = [
        new_field(role, field_name(mapping.crm, role, ours), crm=mapping.crm, routes=mapping.every_route)
        for role in OUTPUTS
    ]
    with wiring.crm(name, as_admin=True) as crm:
        pieces = crm.remove_all(ours, {Entity.LEAD: fields}, dry_run=dry_run)
    if not dry_run and ours == prefix(mapping):
        own_fields.forget(wiring.store, name)  # the CRM holds nothing of ours any more
    return pieces


def seen(wiring: Wiring, name: str) -> list[Check]:
    """Check as the integration user that it sees and may change our fields: what the admin was told is not enough."""
    with wiring.crm(name) as crm:
        return outputs(crm, wiring.mapping(name))


def prefix(mapping: Mapping) -> str:
    """Give what all our names in this CRM begin with."""
    role, field = mapping.outputs[0]
    return prefix_of(mapping.crm, role, field)
