"""The fields that a mapping reads, held against their describe: what is there and yet tells less than it seems to."""

from collections.abc import Iterator

from connector.crm import Entity, Field
from mappings.checks.findings import Finding, Severity
from mappings.checks.unread import ASK, ENDLESS
from mappings.mapping import Mapping
from mappings.parts import Source

REMEMBERED = 255  # characters, up to which field histories keep what a text was ("Field History Tracking")
LISTED = 5  # names that a finding lists before it says how many more there are


def doubtful(mapping: Mapping, entity: Entity, fields: tuple[Field, ...]) -> Iterator[Finding]:
    """Tell which fields are hidden, masked, calculated or too long to be remembered, and which optional ones lack."""
    read = set(mapping.source_fields(entity))
    for field in fields:
        if field.name in read:
            line = mapping.lines.get(Source(entity, field.name), 0)
            for severity, message, fix in _of_one(mapping, entity, field):
                yield Finding(severity, mapping.file, line, f"{field.name} of the {entity} {message}", fix)
    yield from _left_empty(mapping, entity, {field.name for field in fields})


def _of_one(mapping: Mapping, entity: Entity, field: Field) -> Iterator[tuple[Severity, str, str]]:
    if field.hidden:
        message = "is deprecated or hidden in the CRM: nobody sees or mends it there"
        yield Severity.WARNING, message, "use the field that took its place"
    if field.name not in mapping.inputs(entity):
        return
    if field.masked:
        message = "is encrypted: a user who may not view encrypted data reads asterisks, the same on every record"
        yield Severity.WARNING, message, "give this user the permission View Encrypted Data, or take the feature out"
    if field.calculated:
        message = (
            "is calculated: its changes do not move the record's stamp, so scores learn of them once a day, from the "
            "full read"
        )
        yield Severity.NOTE, message, "map the fields that it is made of, if that is too late"
    if field.length is not None and REMEMBERED < field.length != ENDLESS:
        message = (
            f"is a long text of up to {field.length:,} characters: the CRM's history tells that it changed, and not "
            "what stood there, so examples have its text of today"
        )
        yield Severity.NOTE, message, "use a shorter field, if people fill it after the lead was made"


def _left_empty(mapping: Mapping, entity: Entity, known: set[str]) -> Iterator[Finding]:
    """Name the fields of optional features that the CRM does not show, in one line for each kind of record."""
    optional = mapping.optional_fields(entity)
    own = set(mapping.source_fields(entity)) & optional - known
    lacking = [name for name in mapping.inputs(entity) if name in own]
    empty = [
        rule.feature.name
        for rule in mapping.rules
        if rule.reads and all(source.entity is entity and source.field in lacking for source in rule.reads)
    ]
    if empty:
        message = (
            f"{entity} has no {_listed(lacking)}, or this user may not see them; what is made of them alone is "
            f"optional and stays empty: {_listed(empty)}"
        )
        line = min(mapping.lines.get(Source(entity, name), 0) for name in lacking)
        yield Finding(Severity.NOTE, mapping.file, line, message, ASK[mapping.crm])


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return ", ".join(names[:LISTED]) + more
