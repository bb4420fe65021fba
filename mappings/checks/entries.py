"""What has changed among a mapping's named entries, an entry in a line: hard rules, sources of enrichment, grades.

People know these by their names, and look for the one that they changed: what is new, what was and what is, what is
gone.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

from connector.enrichment.sources import ServiceSource, Source
from mappings.checks.wording import condition, told
from mappings.enrichment import Enrichment
from mappings.ruling import Condition, Every, HardRule, Has, Not, Ruling, Some
from mappings.texts import fitted
from model.grades import LETTERS, Grades

LONGEST = 240
HOW = {
    "first": "the first rule that holds counts",
    "all": "all rules that hold count",
}


class Named(Protocol):
    """An entry of a list whose entries have names."""

    @property
    def name(self) -> str: ...


Entry = TypeVar("Entry", bound=Named)


def of_rules(old: Ruling, new: Ruling) -> Iterator[str]:
    """Tell what is another among hard rules, by their names."""
    if old.apply != new.apply:
        yield f"{HOW[new.apply]}; before, {HOW[old.apply]}"
    yield from _by_name(old.rules, new.rules, "rule", hard_rule)


def of_sources(old: Enrichment, new: Enrichment) -> Iterator[str]:
    """Tell what is another among sources of enrichment, and in which fields hold the parts of a record."""
    before, after = dict(old.parts), dict(new.parts)
    for part in dict.fromkeys((*before, *after)):
        if before.get(part) != after.get(part):
            fields = f"{told(after.get(part))}; before, from {told(before.get(part))}"
            yield f"{part.replace('_', ' ')} is read from {fields}"
    yield from _by_name(old.sources, new.sources, "source", source)


def of_grades(old: Grades, new: Grades) -> Iterator[str]:
    """Tell how grades are drawn, and since when that counts."""
    if old != new:
        yield f"{grades(new)}; before, {grades(old)}. It counts from the next model that is learned"


def hard_rule(rule: HardRule) -> str:
    """Say a hard rule: "where industry is rival: lowest score, route disqualify (a competitor)"."""
    does = ["lowest score"] if rule.is_lowest else []
    does += [f"grade {rule.grade}"] if rule.grade and not rule.is_lowest else []
    does += [f"route {rule.route}"] if rule.route else []
    return f"where {tested(rule.when)}: {', '.join(does)} ({rule.because})"


def tested(when: Condition) -> str:
    """Say a condition of a hard rule."""
    match when:
        case Has(feature, value):
            return f"{feature} {condition(value)}"
        case Every(parts):
            return " and ".join(map(_inner, parts))
        case Some(parts):
            return " or ".join(map(_inner, parts))
        case Not(part):
            return f"not {_inner(part)}"


def _inner(when: Condition) -> str:
    return tested(when) if isinstance(when, Has) else f"({tested(when)})"


def source(one: Source) -> str:
    """Say a source: "table firms.csv, column domain, by domain of Email, Website, gives sector from Sector"."""
    keyed = f"by {one.key.kind} of {', '.join(one.key.of)}"
    given = ", ".join(_given(name, where) for name, where in one.fields)
    if isinstance(one, ServiceSource):
        costs = f", cost {one.cost:g} a request" if one.cost else ""
        return f"service {one.url} {keyed}, gives {given}{costs}"
    return f"table {one.path}, column {one.column}, {keyed}, gives {given}"


def _given(name: str, where: object) -> str:
    path = ".".join(map(str, where)) if isinstance(where, tuple) else str(where)
    return name if path == name else f"{name} from {path}"


def grades(drawn: Grades) -> str:
    """Say how grades are drawn: "by capacity: A 40, B 100, C 200 new leads a week"."""
    match drawn.by:
        case "likelihood":
            numbers, unit = (f"{part * 100:.3g} %" for part in drawn.parts), "likely at least"
        case "capacity":
            numbers, unit = (f"{part:g}" for part in drawn.parts), "new leads a week"
        case _:
            numbers, unit = (f"{part:g} %" for part in drawn.parts), "of the leads"
    parts = ", ".join(f"{grade} {part}" for grade, part in zip(LETTERS, numbers, strict=False))
    return f"by {drawn.by}: {parts} {unit}"


def _by_name(old: Sequence[Entry], new: Sequence[Entry], noun: str, said: Callable[[Entry], str]) -> Iterator[str]:
    """Tell new entries, changed ones with what was and is, those that are gone, and another order."""
    before, after = ({one.name: one for one in entries} for entries in (old, new))
    for name, one in after.items():
        if name not in before:
            yield fitted(f"new {noun} {name}: {said(one)}", LONGEST)
        elif one != before[name]:
            yield fitted(_changed(noun, name, said(one), said(before[name])), 2 * LONGEST)
    for name, one in before.items():
        if name not in after:
            yield fitted(f"{noun} {name} is gone; it was: {said(one)}", LONGEST)
    if [name for name in before if name in after] != [name for name in after if name in before]:
        yield f"the {noun}s stand in another order: {', '.join(after)}"


def _changed(noun: str, name: str, now: str, was: str) -> str:
    if now == was:
        return f"{noun} {name} is asked otherwise: how often, how long, or for how much"
    return f"{noun} {name} is now: {now}; before: {was}"
