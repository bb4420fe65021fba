"""What we put into a CRM as its admin: fields and access, then what reps look at; and taking all of it out again."""

from dataclasses import dataclass

from connector.crm import Entity, Piece, Provisioned
from mappings.mapping import Mapping
from mappings.outputs import prefix_of
from tasks.ready import Check, outputs
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
        return Installed(fields, crm.ensure_app(prefix(mapping), dry_run=dry_run))


def removed(wiring: Wiring, name: str, *, dry_run: bool) -> tuple[Piece, ...]:
    """Take everything of ours out of the CRM, fields with their values last; with `dry_run` tell what would be lost."""
    mapping = wiring.mapping(name)
    with wiring.crm(name, as_admin=True) as crm:
        return crm.remove_all(prefix(mapping), {Entity.LEAD: mapping.output_fields()}, dry_run=dry_run)


def seen(wiring: Wiring, name: str) -> list[Check]:
    """Check as the integration user that it sees and may change our fields: what the admin was told is not enough."""
    with wiring.crm(name) as crm:
        return outputs(crm, wiring.mapping(name))


def prefix(mapping: Mapping) -> str:
    """Give what all our names in this CRM begin with."""
    role, field = mapping.outputs[0]
    return prefix_of(mapping.crm, role, field)
