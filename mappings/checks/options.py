"""Words of a mapping that a list of the CRM does not have: statuses, stages, values of conditions, words of a map."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from connector.crm import Entity, Field, Kind
from mappings.checks.findings import Finding, Places, Severity
from mappings.file.problems import nearest
from mappings.mapping import Mapping
from mappings.parts import Rule

LISTS = (Kind.OPTION, Kind.OPTIONS)
AS_IT_IS = ("trim", "lower")  # transforms that leave an option what it is


@dataclass(frozen=True, slots=True)
class _Words:
    """What one place of the file says that a field's values are."""

    what: str
    field: str
    words: Sequence[str]
    line: int


def listed_words(mapping: Mapping, entity: Entity, fields: tuple[Field, ...], places: Places) -> Iterator[Finding]:
    """Tell the words that no option of their field is. Where others of the same place are, that is only a note."""
    known = {field.name: field for field in fields if field.kind in LISTS and field.options}
    for said in _said(mapping, entity, places):
        if said.field not in known:
            continue
        options = {option.lower(): option for option in known[said.field].options}
        unknown = [word for word in said.words if word.lower() not in options]
        severity = Severity.WARNING if len(unknown) == len(said.words) else Severity.NOTE
        for word in unknown:
            message = f"{said.what} names {word}, which the list of {said.field} does not have"
            yield Finding(severity, mapping.file, said.line, message, nearest(word, options.values()))


def _said(mapping: Mapping, entity: Entity, places: Places) -> Iterator[_Words]:
    outcome, deal = mapping.outcome, mapping.outcome.deal
    if entity is Entity.LEAD:
        for key, field in (("converted_values", outcome.converted), ("disqualified_values", outcome.disqualified)):
            yield _Words(f"outcome.{key}", field, getattr(outcome, key), places.line("outcome", key))
    if entity is Entity.DEAL:
        for key in ("won_stages", "lost_stages"):
            yield _Words(f"deal.{key}", deal.stage, getattr(deal, key), places.line("outcome", "deal", key))
    for rule in mapping.rules:
        yield from _of_feature(mapping, rule, entity, places)


def _of_feature(mapping: Mapping, rule: Rule, entity: Entity, places: Places) -> Iterator[_Words]:
    name = rule.feature.name
    if rule.count and rule.count.entity is entity:
        for field, values in rule.count.where:
            yield _Words(f"where of feature {name}", field, values, places.feature(name, "count"))
    if len(rule.sources) != 1 or rule.sources[0].entity is not entity:
        return
    field = rule.sources[0].field
    changing = next((step for step in rule.steps if step.name not in AS_IT_IS), None)
    if changing is not None and changing.name == "map":
        words = [word for word, _ in changing.words if word != "*"]
        yield _Words(f"map of feature {name}", field, words, places.feature(name, "transforms"))
    if changing is None and rule.feature.kind == "category":
        for place, points in enumerate(mapping.points.rules):
            if points.feature == name and points.when.values:
                yield _Words(f"points rule {place + 1}", field, points.when.values, places.rule(place))
