"""What conditions leave of each other: whether one can hold at all, beside another, or only where another holds.

Worked out by trying values: of each feature those that its tests tell apart, which is exact. Where several features
have too many combinations to try, nothing is claimed.
"""

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Mapping as Dict
from itertools import product
from math import prod

from mappings.file.conditions import possible
from mappings.parts import Rule
from mappings.ruling import Condition, Every, Has, Not, Some, tests_of
from model.attainable import telling_values
from model.features import Kind
from model.scorecard import PointsRule, Value, holds

MOST_TRIED = 20_000

Lead = Dict[str, Value]
Known = Dict[str, Rule]


def is_met_by_none(condition: Condition, features: Known) -> bool:
    """Whether no lead at all can meet a condition."""
    return _none([condition], features, lambda met: met[0])


def covers(wide: Condition, narrow: Condition, features: Known) -> bool:
    """Whether every lead that meets the narrow condition meets the wide one."""
    return _none([wide, narrow], features, lambda met: met[1] and not met[0])


def may_both_hold(one: Condition, other: Condition, features: Known) -> bool:
    """Whether some lead can meet both; True where that is not known."""
    return not _none([one, other], features, all)


def meets(condition: Condition, lead: Lead, features: Known) -> bool:
    """Whether a lead with these values (lower case, as rules compare them) meets a condition."""
    match condition:
        case Has(feature, when):
            return holds(when, lead[feature], _kind(features, feature))
        case Every(parts):
            return all(meets(part, lead, features) for part in parts)
        case Some(parts):
            return any(meets(part, lead, features) for part in parts)
        case Not(part):
            return not meets(part, lead, features)


def _none(conditions: Sequence[Condition], features: Known, wanted: Callable[[list[bool]], bool]) -> bool:
    """Whether no lead is as `wanted`, a function of which of the conditions it meets; False where that is not known."""
    leads = _leads(conditions, features)
    return leads is not None and not any(
        wanted([meets(condition, lead, features) for condition in conditions]) for lead in leads
    )


def _leads(conditions: Sequence[Condition], features: Known) -> Iterator[Lead] | None:
    """Make one lead of each kind that the conditions tell apart; None when there are too many."""
    tests: dict[str, list[Has]] = {}
    for test in (test for condition in conditions for test in tests_of(condition)):
        tests.setdefault(test.feature, []).append(test)
    values = {name: _values(own, features[name]) for name, own in tests.items() if name in features}
    if len(values) < len(tests) or prod(map(len, values.values())) > MOST_TRIED:
        return None
    return (dict(zip(values, picked, strict=True)) for picked in product(*values.values()))


def _values(tests: Sequence[Has], rule: Rule) -> list[Value]:
    """List values of a feature that its tests tell apart, but none that it never has."""
    if ever := possible(rule):
        return [None, *dict.fromkeys(value.lower() for value in ever)]
    return telling_values([PointsRule(test.feature, test.when) for test in tests], rule.feature.kind)


def _kind(features: Known, name: str) -> Kind:
    return features[name].feature.kind
