"""What has changed among a mapping's named entries, an entry in a line: hard rules, sources of enrichment, grades.

People know these by their names, and look for the one that they changed: what is new, what was and what is, what is
gone.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest
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


def hard_rule(rule: HardRule) -> tuple[str, ...]:
    """Say a hard rule in parts: "where industry is rival", "lowest score and route sales", "because a competitor"."""
    does = ["lowest score"] if rule.is_lowest else []
    does += [f"grade {rule.grade}"] if rule.grade and not rule.is_lowest else []
    does += [f"route {rule.route}"] if rule.route else []
    return f"where {tested(rule.when)}", " and ".join(does), f"because {rule.because}"


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


def source(one: Source) -> tuple[str, ...]:
    """Say a source in parts: "table firms.csv", "column domain", "by domain of Email", "gives sector from Sector"."""
    keyed = f"by {one.key.kind} of {', '.join(one.key.of)}"
    given = f"gives {', '.join(_given(name, where) for name, where in one.fields)}"
    if isinstance(one, ServiceSource):
        return f"service {one.url}", keyed, given, f"cost {one.cost:g} a request"
    return f"table {one.path}", f"column {one.column}", keyed, given


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


def _by_name(
    old: Sequence[Entry], new: Sequence[Entry], noun: str, parts: Callable[[Entry], tuple[str, ...]]
) -> Iterator[str]:
    """Tell new entries, changed ones with what was and is, those that are gone, and another order."""
    before, after = ({one.name: one for one in entries} for entries in (old, new))
    for name, one in after.items():
        if name not in before:
            yield fitted(f"new {noun} {name}: {', '.join(parts(one))}", LONGEST)
        elif one != before[name]:
            yield fitted(f"{noun} {name} {_changed(parts(one), parts(before[name]))}", 2 * LONGEST)
    for name, one in before.items():
        if name not in after:
            yield fitted(f"{noun} {name} is gone; it was: {', '.join(parts(one))}", LONGEST)
    if [name for name in before if name in after] != [name for name in after if name in before]:
        yield f"the {noun}s stand in another order: {', '.join(after)}"


def _changed(now: tuple[str, ...], was: tuple[str, ...]) -> str:
    """Say the parts that are others, and what they were."""
    others = [(new, old) for new, old in zip_longest(now, was, fillvalue="") if new != old]
    if not others:
        return "is asked otherwise: how often, or how long"
    new, old = (", ".join(filter(None, parts)) for parts in zip(*others, strict=True))
    return f"is now: {new}; before: {old}"
