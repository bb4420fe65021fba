"""Whether a connection is ready to be synced: the mapping held against what the signed-in user may see and write."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from connector.crm import CRM, Entity, Field, Kind, NewField
from connector.errors import Misconfigured
from mappings.checks.check import against
from mappings.file.load import Mapping
from mappings.file.writing_back import unwritable

WRITE = "write"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: whether it is well, and what to do when not."""

    what: str
    well: bool
    told: str


def checked(crm: CRM, mapping: Mapping) -> list[Check]:
    """Look at everything that a sync needs. What fails alike for all entities, as signing in, raises Misconfigured."""
    checks: list[Check] = []
    refused: dict[Entity, Misconfigured] = {}
    wanted = mapping.entities
    for entity in wanted:
        try:
            checks += inputs(crm, mapping, entity)
        except Misconfigured as error:  # such as a scope that one of them needs; the others are looked at all the same
            refused[entity] = error
            checks.append(Check(f"read {called(mapping, entity)}", well=False, told=str(error)))
    if len(refused) == len(wanted) and len({str(error) for error in refused.values()}) == 1:
        raise refused[wanted[0]]
    writes = [] if Entity.LEAD in refused else outputs(crm, mapping)
    return [Check("sign-in", well=True, told="signed in"), *checks, *writes]


def inputs(crm: CRM, mapping: Mapping, entity: Entity) -> list[Check]:
    """Look at whether this user sees what the mapping reads of an entity; one line when all is well."""
    what = f"read {called(mapping, entity)}"
    problems = against(mapping, entity, crm.describe(entity))
    if problems:
        return [Check(what, well=False, told=f"{item.message}; {item.fix}") for item in problems]
    return [Check(what, well=True, told=f"{len(mapping.source_fields(entity))} mapped fields")]


def called(mapping: Mapping, entity: Entity) -> str:
    """Name an entity as people know it: what is scored may be deals, and an object has a name of its own."""
    return mapping.scored if entity is Entity.LEAD else entity.object_name or entity.value


def outputs(crm: CRM, mapping: Mapping) -> list[Check]:
    """Look at whether this user sees our fields and may change them; one line when all is well."""
    checks = [
        check for entity, fields in mapping.own_fields.items() for check in _writable(crm, mapping, entity, fields)
    ]
    number = sum(len(fields) for fields in mapping.own_fields.values())
    return checks or [Check(f"{WRITE} our fields", well=True, told=f"{number} fields")]


def of_companies(check: Check) -> bool:
    """Tell whether it is about our fields on companies, for want of which companies get nothing, and leads all."""
    return check.what.startswith(f"{WRITE} {Entity.COMPANY} ")


def companies_lack(crm: CRM, mapping: Mapping) -> list[Check]:
    """Tell what our fields on companies lack; nothing when all is well, and where companies get nothing."""
    fields = mapping.own_fields.get(Entity.COMPANY, ())
    return _writable(crm, mapping, Entity.COMPANY, fields) if fields else []


def permitted(crm: CRM, mapping: Mapping) -> list[Check]:
    """Tell what this user is not allowed and cannot do without, such as a scope; nothing when all is well."""
    rights = crm.rights(mapping.entities, tuple(mapping.own_fields), as_admin=False)
    missing = [right for right in rights if right.held is False and not right.optional]
    return [
        Check(f"right: {right.name}", well=False, told=f"not held; it is for {right.why}. {right.where}")
        for right in missing
    ]


def _writable(crm: CRM, mapping: Mapping, entity: Entity, fields: Iterable[NewField]) -> list[Check]:
    """Look at our fields on one entity; nothing when all is well."""
    seen = {field.name.lower(): field for field in crm.describe(entity)}
    checks = []
    of = WRITE if entity is Entity.LEAD else f"{WRITE} {entity}"
    for field in fields:
        known = seen.get(field.name.lower())
        if known is None:
            told = "not there, or not visible to this user; run `truegrade provision`"
            checks.append(Check(f"{of} {field.name}", well=False, told=told))
        elif not known.writable:
            told = "read-only for this user; give it edit access (permission set Truegrade Integration)"
            checks.append(Check(f"{of} {field.name}", well=False, told=told))
        elif known.kind != field.kind and (field.kind, known.kind) != (Kind.OPTION, Kind.TEXT):
            held = f"it holds {known.kind.noun} where we write {field.kind.noun}"
            told = f"{held}; give ours another prefix in the mapping"
            checks.append(Check(f"{of} {field.name}", well=False, told=told))
        elif lacking := _lacking(field, known, mapping.crm):
            told = f"it lacks the options {', '.join(lacking)}; run `truegrade provision`"
            checks.append(Check(f"{of} {field.name}", well=False, told=told))
    return checks


def _lacking(field: NewField, known: Field, crm: str) -> list[str]:
    """List the options that a row would be refused for. An unrestricted picklist of Salesforce takes any."""
    if crm != "hubspot" or known.kind is not Kind.OPTION:
        return []
    return [value for value, _ in field.options if value not in known.options]


def written_back(crm: CRM, mapping: Mapping) -> list[Check]:
    """Look at whether this user may write the CRM's own fields that the mapping writes enriched values to."""
    if not mapping.enrich.write_back:
        return []
    unfit = [*unwritable(mapping, crm.describe(Entity.LEAD), 0)]
    fields = ", ".join(one.field for one in mapping.enrich.write_back)
    return [Check("write back", well=False, told=f"{one.message}; {one.fix}") for one in unfit] or [
        Check(f"write back {fields}", well=True, told="writable")
    ]


def together(checks: Iterable[Check]) -> list[Check]:
    """Put what is told of several of our fields in the same words into one line, in the order of the first of each."""
    alike: dict[tuple[str, str], list[Check]] = {}
    for check in checks:
        verb = check.what.partition(" ")[0]
        alike.setdefault((verb if verb == WRITE and not check.well else check.what, check.told), []).append(check)
    return [replace(of[0], what=_all_of(of)) for of in alike.values()]


def _all_of(checks: Sequence[Check]) -> str:
    return ", ".join((checks[0].what, *(check.what.removeprefix(f"{WRITE} ") for check in checks[1:])))


def require_ready(crm: CRM, mapping: Mapping, *, reading: bool = True) -> None:
    """Go on only when a sync can write, and read, all it needs. Raises Misconfigured with the first thing missing.

    Our fields on companies may be missing: then companies wait, and leads do not.
    """
    for check in checked(crm, mapping) if reading else outputs(crm, mapping):
        if not check.well and not of_companies(check):
            raise Misconfigured(f"{check.what}: {check.told}.", fix="`truegrade connect` lists all that is missing.")
