"""A mapping held against what a CRM has: fields that are not there, and kinds that cannot be."""

from collections.abc import Iterator

from connector.crm import Entity, Field, Kind
from mappings.mapping import Mapping, Rule, Source
from mappings.problems import Problem, nearest

# A text field may hold numbers, but in no format that its writers hold to: there, `first_number` is asked for.
BOOLEANS = (Kind.BOOLEAN, Kind.TEXT, Kind.OPTION)
MOMENTS = (Kind.DATE, Kind.INSTANT)


def against(mapping: Mapping, entity: Entity, fields: tuple[Field, ...]) -> tuple[Problem, ...]:
    """Tell what of the mapping this CRM cannot give, in the order of the fields. Optional fields may be missing."""
    known = {field.name: field for field in fields}
    missing = [name for name in mapping.source_fields(entity) if name not in known]
    absent = [_absent(mapping, entity, name, known) for name in missing if name not in mapping.optional_fields(entity)]
    return (*absent, *_clashes(mapping, entity, known))


def _absent(mapping: Mapping, entity: Entity, name: str, known: dict[str, Field]) -> Problem:
    line = mapping.lines.get(Source(entity, name), 0)
    message = f"{entity} has no field {name}, or this user may not see it"
    return Problem(mapping.file, line, message, nearest(name, known) if known else "let this user see it")


def _clashes(mapping: Mapping, entity: Entity, known: dict[str, Field]) -> Iterator[Problem]:
    for rule in mapping.rules:
        for source in rule.reads:
            field = known.get(source.field) if source.entity is entity else None
            wanted, fix = _wanted(rule, source)
            if field is not None and wanted and field.kind not in wanted:
                message = f"feature {rule.feature.name} cannot be made of {field.name}, which is of kind {field.kind}"
                yield Problem(mapping.file, mapping.lines.get(source, 0), message, fix)


def _wanted(rule: Rule, source: Source) -> tuple[tuple[Kind, ...], str]:
    """Tell which kinds of field will do, and what to do about others; none: any kind will do."""
    if rule.days_between or (rule.count and rule.count.at == source.field):
        return MOMENTS, "name a field with a date or a time"
    if rule.count:
        return (), ""
    match next((step.name for step in rule.steps if step.name not in ("trim", "lower")), rule.feature.kind):
        case "number" | "cap" | "log1p" | "bands":
            return (Kind.NUMBER,), "use the transform first_number first, or another field"
        case "boolean":
            return BOOLEANS, "use the transform present, or another field"
        case _:
            return (), ""
