"""A mapping held against what a CRM has: fields that are not there, and kinds that cannot be."""

from connector.crm import Entity, Field, Kind
from mappings.load import Mapping
from mappings.problems import Problem, nearest

NOT_NUMBERS = {Kind.BOOLEAN, Kind.DATE, Kind.INSTANT, Kind.REFERENCE, Kind.OPTIONS}


def against(mapping: Mapping, entity: Entity, fields: tuple[Field, ...]) -> tuple[Problem, ...]:
    """Tell what of the mapping this CRM cannot give. Optional fields may be missing."""
    known = {field.name: field for field in fields}
    optional = mapping.optional_fields(entity)
    problems = []
    for name in mapping.source_fields(entity):
        if name not in known and name not in optional:
            message = f"{entity} has no field {name}, or this user may not see it"
            problems.append(Problem(mapping.name, 0, message, nearest(name, known) + ", else let this user see it"))
    for rule in mapping.rules:
        for source in rule.sources:
            field = known.get(source.field) if source.entity is entity else None
            if field and rule.feature.kind == "number" and not rule.transforms and field.kind in NOT_NUMBERS:
                message = f"feature {rule.feature.name} is a number, but {source.field} is of kind {field.kind}"
                problems.append(Problem(mapping.name, 0, message, "use kind: category, or a transform"))
    return tuple(problems)
