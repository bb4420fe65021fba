"""A mapping held against what a CRM has: fields that are not there, kinds that cannot be, words that no list has.

`against` is what stops a pull; `against_crm` is all that a person should know before the mapping is used.
"""

from collections.abc import Iterator
from collections.abc import Mapping as Dict

from connector.crm import Entity, Field, Kind
from mappings.checks.check_fields import doubtful
from mappings.checks.check_outputs import outputs
from mappings.checks.findings import Finding, Places, Severity
from mappings.checks.options import listed_words
from mappings.checks.spoken import spoken
from mappings.checks.unread import absent
from mappings.file.hard_rules import doubts
from mappings.file.problems import Problem
from mappings.file.writing_back import unwritable
from mappings.mapping import Mapping
from mappings.parts import Rule, Source

# A text field may hold numbers, but in no format that its writers hold to: there, `first_number` is asked for.
BOOLEANS = (Kind.BOOLEAN, Kind.TEXT, Kind.OPTION)
MOMENTS = (Kind.DATE, Kind.INSTANT)


def against(mapping: Mapping, entity: Entity, fields: tuple[Field, ...]) -> tuple[Problem, ...]:
    """Tell what of the mapping this CRM cannot give, in the order of the fields. Optional fields may be missing."""
    known = {field.name: field for field in fields}
    missing = [name for name in mapping.source_fields(entity) if name not in known]
    needed = [name for name in missing if name not in mapping.optional_fields(entity)]
    return (*(_absent(mapping, entity, name, known) for name in needed), *_clashes(mapping, entity, known))


def _absent(mapping: Mapping, entity: Entity, name: str, known: dict[str, Field]) -> Problem:
    message, fix = absent(mapping, entity, name, known.values())
    return Problem(mapping.file, mapping.lines.get(Source(entity, name), 0), message, fix)


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
        yield from doubtful(mapping, entity, fields)
        yield from listed_words(mapping, entity, fields, places)
    yield from spoken(mapping, described, places.line("language"))
    for problem in doubts(mapping):
        yield Finding(Severity.WARNING, mapping.file, problem.line, problem.message, problem.fix)
    if Entity.LEAD in described:
        yield from outputs(mapping, described[Entity.LEAD], places)
        yield from unwritable(mapping, described[Entity.LEAD], places.line("enrich"))
    if mapping.companies and Entity.COMPANY in described:
        yield from outputs(mapping, described[Entity.COMPANY], places, Entity.COMPANY)
