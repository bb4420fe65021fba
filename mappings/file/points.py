"""The section points of a mapping file: the scorecard that scores before there is any history.

Compiled to plain values that `model.points` scores with.
"""

from collections.abc import Mapping as Dict
from collections.abc import Sequence
from dataclasses import replace

from mappings import words
from mappings.file.conditions import number
from mappings.file.points_rules import read_age, read_rule
from mappings.file.reader import Reader
from mappings.file.yamlfile import Block
from mappings.parts import Rule
from model.features import Family
from model.scorecard import NO_RULES, Decay, Scorecard

WHERE = "points"
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
    card = Scorecard(
        caps=_caps(reader, block),
        floors=_floors(reader, block),
        decay=_decay(reader, block, known),
        groups=_groups(reader, block),
    )
    rules = [read_rule(reader, item, known, card) for item in items]
    card = replace(card, rules=tuple(rule for rule in rules if rule))
    _check_groups(reader, block, card, known)
    return card


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
    return Decay(reader.amount(block, "half_life_days", where), read_age(reader, block, where, known))


def _groups(reader: Reader, points: Block) -> tuple[tuple[str, float], ...]:
    block, where = reader.block(points, "groups", WHERE, needed=False), "points.groups"
    return tuple((group, reader.amount(block, group, where)) for group in block.values)


def _check_groups(reader: Reader, points: Block, card: Scorecard, known: Known) -> None:
    """Note groups without rules, and those of rules of both families, whose points are counted apart."""
    block = reader.block(points, "groups", WHERE, needed=False)
    for group, _ in card.groups:
        own = {
            known[rule.feature].feature.family for rule in card.rules if rule.group == group and rule.feature in known
        }
        if not own:
            reader.wrong(block.lines[group], f"no rule of points is in the group {group}", "remove it")
        elif len(own) > 1:
            message = f"the group {group} has rules on fit and on engagement"
            reader.wrong(block.lines[group], message, "make two groups of it")
