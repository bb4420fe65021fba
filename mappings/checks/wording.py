"""Parts of a mapping in plain words, each in less than a line: for people who read what has changed in it."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import fields, is_dataclass
from enum import Enum
from math import inf

from connector.crm import Entity
from mappings.companies import Role
from mappings.parts import Count, Rule, Source, Step
from mappings.texts import fitted
from model.scorecard import PointsRule, When

LONGEST = 200


def told(value: object) -> str:
    """Say any part: fields as the file names them, lists with commas, what is not given as "nothing"."""
    return fitted(_told(value), LONGEST)


def _told(value: object) -> str:
    match value:
        case None | "" | ():
            return "nothing"
        case tuple():
            return _listed(value)
        case _ if is_dataclass(value) and not isinstance(value, type):
            return _block(value)
        case _:
            return _single(value)


def _single(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return f"{value:g}"
        case Enum():
            return str(value.value)
        case _:
            return str(value)


def _block(value: object) -> str:
    match value:
        case Source(entity, name):
            return name if entity is Entity.LEAD else f"{entity}.{name}"
        case Step():
            return _step(value)
        case Count():
            return _count(value)
        case When():
            return condition(value)
        case _:
            return "; ".join(_parts(value))


def made_of(rule: Rule) -> str:
    """Say what a feature is made of: "Title through seniority"."""
    steps = f" through {told(rule.steps)}" if rule.steps else ""
    return fitted(f"{_made(rule)}{steps}", LONGEST)


def _made(rule: Rule) -> str:
    match rule:
        case Rule(days_between=(earlier, later)):
            return f"the days from {told(earlier)} to {told(later)}"
        case Rule(ratio=(part, whole)):
            return f"{told(part)} divided by {told(whole)}"
        case _:
            return told(rule.sources or rule.count)


def points_rule(rule: PointsRule) -> str:
    """Say a rule of the scorecard: "seniority is c_level, vp: 20 points"."""
    gives = f"disqualifies ({rule.because or 'no reason given'})" if rule.disqualify else f"{rule.points:g} points"
    said = {"feature", "when", "points", "disqualify", "because"}
    further = (f", {part}" for part in _parts(rule, apart=said))
    return f"{rule.feature} {condition(rule.when)}: {gives}{''.join(further)}"


def buying_role(one: Role) -> str:
    """Say a role of the buying group: "finance (department is finance or accounting)"."""
    where = " and ".join(f"{feature} is {' or '.join(values)}" for feature, values in one.where)
    return f"{one.name} ({where})"


def condition(when: When) -> str:
    """Say what a value must be."""
    if when.present is not None:
        return "is given" if when.present else "is not given"
    if when.values:
        return f"is {', '.join(when.values)}"
    ends = [
        f"from {when.low:g}" if when.low not in {None, -inf} else "",
        f"below {when.below:g}" if when.below is not None else "",
        f"up to {when.up_to:g}" if when.up_to is not None else "",
    ]
    return " ".join(end for end in ends if end)


def _step(step: Step) -> str:
    given = (getattr(step, field.name) for field in fields(step) if field.name not in {"name", "number"})
    arguments = [_told(value) for value in given if value not in ((), None, "")]
    arguments += [f"{step.number:g}"] if step.number else []
    return f"{step.name}({'; '.join(arguments)})" if arguments else step.name


def _count(count: Count) -> str:
    where = " and ".join(f"{name} is {' or '.join(values)}" for name, values in count.where)
    which = f" where {where}" if where else ""
    what = f"{count.measure} of {count.field}" if count.field else count.measure
    fading = f", half after {count.half_life_days:g} days" if count.half_life_days else ""
    return f"{what} of {count.entity} by {count.at} in {count.window_days} days{which}{fading}"


def _listed(values: Iterable[object]) -> str:
    return ", ".join(_pair(value) for value in values)


def _pair(value: object) -> str:
    match value:
        case (str() as word, meant):
            return f"{word}: {_told(meant)}"
        case _:
            return _told(value)


def _parts(value: object, *, apart: Collection[str] = ()) -> Iterator[str]:
    """Say what of a block is given, each with its name."""
    for field in fields(value) if is_dataclass(value) else ():
        part = getattr(value, field.name)
        if field.compare and field.name not in apart and part not in (None, "", (), False):
            yield f"{field.name.replace('_', ' ')} {_told(part)}"
