"""The section points of a mapping file: the scorecard that scores before there is any history.

Compiled to plain values that `model.points` scores with.
"""

from collections.abc import Mapping as Dict
from collections.abc import Sequence

from mappings import words
from mappings.conditions import number, read_when
from mappings.mapping import Rule
from mappings.problems import nearest
from mappings.reader import Reader, shown
from mappings.yamlfile import Block, Node
from model.features import Family
from model.scorecard import NO_RULES, Decay, PointsRule, Scorecard

WHERE = "points"
MOST = 1_000.0
FAMILIES: tuple[Family, ...] = ("fit", "engagement")

Known = Dict[str, Rule]


def read_points(reader: Reader, mapping: Block, features: Sequence[Rule]) -> Scorecard:
    """Read the scorecard; without the section, one without rules."""
    if "points" not in mapping.values:
        return NO_RULES
    block = reader.block(mapping, "points", "the mapping")
    reader.keys(block, words.POINTS_KEYS, WHERE)
    known = {rule.feature.name: rule for rule in features if rule.feature.name}
    items = reader.items(block, "rules", WHERE)
    if "rules" in block.values and not items:
        reader.wrong(block.lines["rules"], "points has no rules", "list at least one, or remove points")
    rules = [_rule(reader, item, known) for item in items]
    return Scorecard(
        rules=tuple(rule for rule in rules if rule),
        caps=_caps(reader, block),
        floors=_floors(reader, block),
        decay=_decay(reader, block, known),
    )


def _caps(reader: Reader, points: Block) -> tuple[tuple[Family, float], ...]:
    block, where = reader.block(points, "caps", WHERE, needed=False), "points.caps"
    reader.keys(block, FAMILIES, where)
    return tuple((family, reader.amount(block, family, where)) for family in FAMILIES if family in block.values)


def _floors(reader: Reader, points: Block) -> tuple[tuple[Family, float], ...]:
    block, where = reader.block(points, "floors", WHERE, needed=False), "points.floors"
    reader.keys(block, FAMILIES, where)
    given = [(family, number(reader, block, family, where)) for family in FAMILIES]
    for family, floor in given:
        if floor is not None and floor > 0:
            reader.wrong(block.lines[family], f"{family} of {where} is {floor:g}", "write 0 or a number below it")
    return tuple((family, floor) for family, floor in given if floor is not None)


def _decay(reader: Reader, points: Block, known: Known) -> Decay | None:
    if "decay" not in points.values:
        return None
    block, where = reader.block(points, "decay", WHERE), "points.decay"
    reader.keys(block, words.DECAY_KEYS, where)
    half_life, age = reader.amount(block, "half_life_days", where), reader.text(block, "age", where)
    if age:
        _check_feature(reader, age, block.lines["age"], known)
        if age in known and known[age].feature.kind in {"category", "boolean"}:
            message = f"age of {where} is {age}, which is a {known[age].feature.kind}"
            reader.wrong(block.lines["age"], message, "name a number feature that counts days")
    return Decay(half_life, age)


def _rule(reader: Reader, item: Node, known: Known) -> PointsRule | None:
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
    when = read_when(reader, item, where, known.get(name))
    disqualify = reader.flag(item, "disqualify", where)
    because = reader.text(item, "because", where, needed=False)
    if because and not disqualify:
        reader.wrong(item.lines["because"], f"{where} says because, but disqualifies nobody", "add disqualify: true")
    return PointsRule(name, when, _points(reader, item, where, disqualify=disqualify), disqualify, because)


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
