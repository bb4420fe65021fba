"""A mapping held against what a CRM has: fields that are not there, kinds that cannot be, words that no list has.

`against` is what stops a pull; `against_crm` is all that a person should know before the mapping is used.
"""

from collections.abc import Iterator
from collections.abc import Mapping as Dict

from connector.crm import Entity, Field, Kind, NewField
from mappings.findings import Finding, Places, Severity
from mappings.hard_rules import doubts
from mappings.mapping import Mapping, Rule, Source
from mappings.options import listed_words
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
    if rule.count or source in rule.currencies:
        return (), ""
    match next((step.name for step in rule.steps if step.name not in ("trim", "lower", "default")), rule.feature.kind):
        case "number" | "cap" | "at_least" | "round" | "times" | "currency" | "log1p" | "bands":
            return (Kind.NUMBER,), "use the transform first_number first, or another field"
        case "year" | "month" | "weekday" | "hour":
            return MOMENTS, "name a field with a date or a time"
        case "boolean":
            return BOOLEANS, "use the transform present, or another field"
        case _:
            return (), ""


def against_crm(mapping: Mapping, described: Dict[Entity, tuple[Field, ...]], places: Places) -> Iterator[Finding]:
    """Tell all that is wrong between the mapping and these fields. An entity without fields is not looked at."""
    for entity, fields in described.items():
        for problem in against(mapping, entity, fields):
            yield Finding(Severity.ERROR, mapping.file, problem.line, problem.message, problem.fix)
        yield from _doubtful(mapping, entity, fields)
        yield from listed_words(mapping, entity, fields, places)
    for problem in doubts(mapping):
        yield Finding(Severity.WARNING, mapping.file, problem.line, problem.message, problem.fix)
    if Entity.LEAD in described:
        yield from _outputs(mapping, described[Entity.LEAD], places)


def _doubtful(mapping: Mapping, entity: Entity, fields: tuple[Field, ...]) -> Iterator[Finding]:
    read = set(mapping.source_fields(entity))
    for field in fields:
        if field.name not in read:
            continue
        line = mapping.lines.get(Source(entity, field.name), 0)
        if field.hidden:
            message = f"{field.name} of the {entity} is deprecated or hidden in the CRM: nobody sees or mends it there"
            yield Finding(Severity.WARNING, mapping.file, line, message, "use the field that took its place")
        if field.calculated and field.name in mapping.inputs(entity):
            message = (
                f"{field.name} of the {entity} is calculated: its changes do not move the record's stamp, so scores "
                "learn of them once a day, from the full read"
            )
            yield Finding(
                Severity.NOTE, mapping.file, line, message, "map the fields that it is made of, if that is too late"
            )


def _outputs(mapping: Mapping, fields: tuple[Field, ...], places: Places) -> Iterator[Finding]:
    """Tell which of our fields could not be written, those with the same cause together."""
    seen = {field.name.lower(): field for field in fields}
    causes: dict[tuple[str, str], list[str]] = {}
    for wanted in mapping.output_fields():
        told = _unwritable(wanted, seen.get(wanted.name.lower()), mapping.crm)
        if told:
            causes.setdefault(told, []).append(wanted.name)
    for (message, fix), names in causes.items():
        yield Finding(Severity.ERROR, mapping.file, places.line("outputs"), f"{', '.join(names)}: {message}", fix)


def _unwritable(wanted: NewField, known: Field | None, crm: str) -> tuple[str, str] | None:
    """Tell why a value of ours could not be written into the field, and what to do; None if it can."""
    if known is None:
        return "not there, or this user may not see it", "run `truegrade provision`"
    if not known.writable:
        return "read-only for this user", "give it edit access (permission set Truegrade Integration)"
    if known.kind != wanted.kind and (wanted.kind, known.kind) != (Kind.OPTION, Kind.TEXT):
        told = f"the CRM's field holds a {known.kind} where we write a {wanted.kind}"
        return told, "give our fields another prefix under outputs"
    if known.kind is Kind.TEXT and known.length and wanted.length and known.length < wanted.length:
        told = f"it holds {known.length:,} characters, and we write up to {wanted.length:,}: longer ones are refused"
        return told, f"let it hold {wanted.length:,} in the CRM, or switch it off under outputs"
    lacking = [value for value, _ in wanted.options if value not in known.options]
    if crm == "hubspot" and known.kind is Kind.OPTION and lacking:  # Salesforce takes any, unless it is restricted
        return f"it lacks the options {', '.join(lacking)}", "run `truegrade provision`"
    return None
