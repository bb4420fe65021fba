"""What we put into a CRM as its admin: fields and access, then what reps look at; and taking all of it out again."""

import io
import zipfile
from collections.abc import Mapping as Dict
from dataclasses import dataclass

from connector.crm import CRM, Entity, Piece, Provisioned
from connector.errors import Misconfigured
from mappings.mapping import Mapping
from mappings.outputs import PREFIXES, every_field, is_prefix, prefix_of
from tasks.ready import Check, outputs
from tasks.store import own_fields
from tasks.wiring import Fields, Wiring

WHEN = (1980, 1, 1, 0, 0, 0)  # the oldest time a zip can tell, so that the same content gives the same bytes


@dataclass(frozen=True, slots=True)
class Installed:
    """What was done to one CRM, or would be: fields and access by entity, and the pieces that people look at."""

    fields: Dict[Entity, Provisioned]
    pieces: tuple[Piece, ...]


def provisioned(wiring: Wiring, name: str, *, dry_run: bool) -> Dict[Entity, Provisioned]:
    """Create the fields of the connection's mapping that are missing."""
    with wiring.crm(name, as_admin=True) as crm:
        return _ensured(crm, wiring.mapping(name).own_fields, dry_run=dry_run)


def installed(wiring: Wiring, name: str, *, dry_run: bool) -> Installed:
    """Create fields, access, and what reps look at, where it is missing. Idempotent; can be broken off anywhere."""
    mapping = wiring.mapping(name)
    wanted = mapping.own_fields
    with wiring.crm(name, as_admin=True) as crm:
        fields = _ensured(crm, wanted, dry_run=True)  # planned before the first is made: one may be in the way of all
        if not dry_run:
            anew = [entity for entity, done in fields.items() if done.created]
            own_fields.forget(wiring.store, name, anew)  # new fields are empty, whatever was written to those before
            fields = _ensured(crm, wanted, dry_run=False)
        return Installed(fields, crm.ensure_app(prefix(mapping), wanted, dry_run=dry_run))


def removed(wiring: Wiring, name: str, *, begins: str | None, dry_run: bool) -> tuple[Piece, ...]:
    """Take everything of ours out of the CRM, fields with their values last; with `dry_run` tell what would be lost.

    All our fields are meant, those that the mapping has switched off, too; but those of companies, which belong to the
    connection of leads, only where the mapping has them. `begins`: the prefix of what is removed,
    where it is not the mapping's, as after a change of the prefix. Raises Misconfigured where it can be none, such as
    the empty one of a variable that is not set.
    """
    mapping = wiring.mapping(name)
    ours = prefix(mapping) if begins is None else begins
    if not is_prefix(mapping.crm, ours):
        fix = f"Write such as --prefix {PREFIXES[mapping.crm]}, or leave --prefix out to remove what the mapping names."
        raise Misconfigured(f"No field of {mapping.crm} can begin with {ours!r}.", fix=fix)
    whose = {Entity.LEAD, *mapping.own_fields, *([Entity.COMPANY] if mapping.scored == "lead" else [])}
    fields = every_field(mapping.crm, ours, mapping.every_route).items()
    with wiring.crm(name, as_admin=True) as crm:
        pieces = crm.remove_all(ours, {entity: own for entity, own in fields if entity in whose}, dry_run=dry_run)
    if not dry_run and ours == prefix(mapping):
        own_fields.forget(wiring.store, name)  # the CRM holds nothing of ours any more
    return pieces


def packaged(wiring: Wiring, name: str) -> tuple[bytes, tuple[str, ...]]:
    """Zip all that `installed` would make, with steps to do it by hand; returns the zip and its files. No sign-in."""
    mapping = wiring.mapping(name)
    files = wiring.project(name, prefix(mapping), mapping.own_fields)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
        for path, content in files.items():
            made.writestr(zipfile.ZipInfo(path, WHEN), content)
    return archive.getvalue(), tuple(files)


def seen(wiring: Wiring, name: str) -> list[Check]:
    """Check as the integration user that it sees and may change our fields: what the admin was told is not enough."""
    with wiring.crm(name) as crm:
        return outputs(crm, wiring.mapping(name))


def prefix(mapping: Mapping) -> str:
    """Give what all our names in this CRM begin with."""
    role, field = mapping.outputs[0]
    return prefix_of(mapping.crm, role, field)


def _ensured(crm: CRM, wanted: Fields, *, dry_run: bool) -> dict[Entity, Provisioned]:
    return {entity: crm.ensure_fields(entity, fields, dry_run=dry_run) for entity, fields in wanted.items()}
