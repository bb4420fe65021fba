"""The rules of the section points of a mapping file: its condition, what it gives, its cap, and how it fades."""

from collections.abc import Mapping as Dict
from typing import Any

from mappings import words
from mappings.file.conditions import number, read_when
from mappings.file.problems import nearest
from mappings.file.reader import Reader, shown
from mappings.file.yamlfile import Block, Node
from mappings.parts import Rule
from model.scorecard import PointsRule, Scorecard, When

MOST = 1_000.0

Known = Dict[str, Rule]


def read_rule(reader: Reader, item: Node, known: Known, card: Scorecard) -> PointsRule | None:
    """Read one rule of a scorecard whose groups and decay are read already; None where it is no rule at all."""
    if not isinstance(item, Block):
        reader.wrong(
            item.line, f"a rule of points is {shown(item)}", "write a block of feature, a condition and points"
        )
        return None
    name = reader.text(item, "feature", "a rule of points")
    where = f"the points rule on {name}" if name else "a rule of points"
    reader.keys(item, words.POINTS_RULE_KEYS, where)
    if name:
        _check_feature(reader, name, item.lines["feature"], known)
    per = "per" in item.values or "at_most" in item.values
    when = _per_unit(reader, item, where, known.get(name)) if per else read_when(reader, item, where, known.get(name))
    disqualify = reader.flag(item, "disqualify", where)
    because = reader.text(item, "because", where, needed=False)
    if because and not disqualify:
        reader.wrong(item.lines["because"], f"{where} says because, but disqualifies nobody", "add disqualify: true")
    points, more = _points(reader, item, where, disqualify=disqualify), _more(reader, item, where, known, card)
    if disqualify and (more or per):
        fix = "remove per, at_most, group, half_life_days and age, or disqualify"
        reader.wrong(item.line, f"{where} disqualifies, which is not counted", fix)
    return PointsRule(name, when, points, disqualify, because, **more, **_units(reader, item, where) if per else {})


def _per_unit(reader: Reader, block: Block, where: str, rule: Rule | None) -> When:
    """Check a rule that gives points per unit: it holds for every number."""
    if rule and rule.feature.kind in {"category", "boolean"}:
        key = "per" if "per" in block.lines else "at_most"
        reader.wrong(block.lines[key], f"{where} counts units of a {rule.feature.kind}", "name a number feature")
    for key in (key for key in words.CONDITIONS if key in block.values):
        reader.wrong(block.lines[key], f"{where} has both per and {key}", "keep one of them")
    return When(present=True)


def _units(reader: Reader, block: Block, where: str) -> dict[str, Any]:
    return {key: reader.amount(block, key, where) for key in ("per", "at_most")}


def _more(reader: Reader, block: Block, where: str, known: Known, card: Scorecard) -> dict[str, Any]:
    """Read a rule's group and half-life, as far as it has them."""
    found: dict[str, Any] = {}
    if "group" in block.values:
        found["group"] = reader.one_of(block, "group", dict(card.groups), where)
    if "half_life_days" in block.values:
        found["half_life_days"] = reader.amount(block, "half_life_days", where)
        if "age" not in block.values and card.decay is None:
            fix = "add age: the number feature that counts the days"
            reader.wrong(block.lines["half_life_days"], f"{where} fades, but nothing tells its age", fix)
    if "age" in block.values:
        found["age"] = read_age(reader, block, where, known)
        if "half_life_days" not in block.values:
            reader.wrong(
                block.lines["age"], f"{where} has an age, but does not fade", "add half_life_days, or remove it"
            )
    return found


def read_age(reader: Reader, block: Block, where: str, known: Known) -> str:
    """Read the feature that counts the days since a lead last did something."""
    age = reader.text(block, "age", where)
    if age:
        _check_feature(reader, age, block.lines["age"], known)
        if age in known and known[age].feature.kind in {"category", "boolean"}:
            message = f"age of {where} is {age}, which is a {known[age].feature.kind}"
            reader.wrong(block.lines["age"], message, "name a number feature that counts days")
    return age


def _points(reader: Reader, block: Block, where: str, *, disqualify: bool) -> float:
    """Read what a rule gives; one that disqualifies gives nothing."""
    points = number(reader, block, "points", where)
    if disqualify and "points" in block.values:
        reader.wrong(block.lines["points"], f"{where} both disqualifies and gives points", "remove one of them")
    elif not disqualify and "points" not in block.values:
        reader.wrong(block.line, f"{where} gives no points", "add points: 10, or disqualify: true")
    elif points is not None and not 0 < abs(points) <= MOST:
        fix = f"write a number up to {MOST:,.0f}, below zero to take points away"
        reader.wrong(block.lines["points"], f"points of {where} cannot be {points:g}", fix)
    return points or 0.0


def _check_feature(reader: Reader, name: str, line: int, known: Known) -> None:
    if name not in known:
        reader.wrong(line, f"points names {name}, which is no feature", nearest(name, known))
