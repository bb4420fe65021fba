"""The sections points and rules of a mapping file, as pieces of JSON Schema; see `schema`.

A condition of a hard rule can hold others: the schema holds it once, under `$defs`, and the rules refer to it.
"""

from itertools import combinations

from mappings import words
from mappings.file.conditions import RANGE
from mappings.file.hard_rules import LONGEST_REASON
from mappings.file.hard_rules import NAMES as RULE_NAMES
from mappings.file.points import FAMILIES
from mappings.file.points_rules import MOST
from mappings.file.shapes import AMOUNT, FLAG, ITEM, NUMBER, SCALAR, WORD, Shape, block, listed, matching, one_of
from mappings.outputs import GRADES

UNITS = ("per", "at_most")  # of a rule that gives points for each so much
CONDITION = "condition"
REFERENCE: Shape = {"$ref": f"#/$defs/{CONDITION}"}


def points() -> Shape:
    """Shape the scorecard."""
    shapes = {
        "caps": block(FAMILIES, dict.fromkeys(FAMILIES, AMOUNT)),
        "floors": block(FAMILIES, dict.fromkeys(FAMILIES, NUMBER | {"maximum": 0})),
        "groups": {"type": "object", "additionalProperties": AMOUNT},
        "decay": block(words.DECAY_KEYS, {"half_life_days": AMOUNT, "age": WORD}, needed=words.DECAY_KEYS),
        "rules": listed(_points_rule(), fewest=1),
    }
    return block(words.POINTS_KEYS, shapes, needed=("rules",))


def hard_rules(route: Shape) -> Shape:
    """Shape the hard rules; `route` is the shape of a route."""
    shapes = {"apply": one_of(words.APPLY), "list": listed(_hard_rule(route))}
    return block(words.HARD_RULES_KEYS, shapes, needed=("list",))


def definitions() -> dict[str, Shape]:
    """Give what the schema has to hold under `$defs`."""
    return {CONDITION: _condition()}


def _points_rule() -> Shape:
    shapes = _tests() | {
        "points": {"type": "number", "minimum": -MOST, "maximum": MOST, "not": {"const": 0}},
        "disqualify": FLAG,
        "because": WORD,
        "group": WORD,
        "age": WORD,
        **dict.fromkeys((*UNITS, "half_life_days"), AMOUNT),
    }
    is_out: Shape = {"properties": {"disqualify": {"const": True}}, "required": ["disqualify"]}
    gives = {"if": is_out, "then": {"not": {"required": ["points"]}}, "else": {"required": ["points"]}}
    says = {"if": {"required": ["because"]}, "then": is_out}
    counts: Shape = {"anyOf": [{"required": [key]} for key in UNITS]}
    asks = {"if": counts, "then": {"required": list(UNITS), "not": _ANY_TEST}, "else": _one_test()}
    return block(words.POINTS_RULE_KEYS, shapes, needed=("feature",), allOf=[asks, gives, says])


def _hard_rule(route: Shape) -> Shape:
    shapes = {
        "name": matching(RULE_NAMES.pattern),
        "when": REFERENCE,
        "grade": one_of(GRADES),
        "route": route,
        "score": one_of(words.RULED_SCORES),
        "because": WORD | {"maxLength": LONGEST_REASON},
    }
    does = {"anyOf": [{"required": [key]} for key in ("grade", "route", "score")]}
    return block(words.HARD_RULE_KEYS, shapes, needed=("name", "when", "because"), allOf=[does])


def _condition() -> Shape:
    """Shape a test of one feature, or `all`, `any` or `not` of others."""
    several = listed(REFERENCE, fewest=1)
    joined = [block((key,), {key: REFERENCE if key == "not" else several}, needed=(key,)) for key in words.JUNCTIONS]
    test = block(("feature", *words.CONDITIONS), _tests(), needed=("feature",), allOf=[_one_test()])
    return {"anyOf": [*joined, test]}


def _tests() -> dict[str, Shape]:
    return {
        "feature": WORD,
        "is": {"anyOf": [SCALAR, listed(ITEM, fewest=1)]},
        "present": FLAG,
        **dict.fromkeys(RANGE, NUMBER),
    }


def _one_test() -> Shape:
    """Ask for one condition, or for a range with both its ends."""
    pairs = [{"from", end} for end in RANGE if end != "from"]
    refused = [pair for pair in map(set, combinations(words.CONDITIONS, 2)) if pair not in pairs]
    too_many = [{"required": sorted(pair)} for pair in refused]
    return _ANY_TEST | {"not": {"anyOf": too_many}}


_ANY_TEST: Shape = {"anyOf": [{"required": [key]} for key in words.CONDITIONS]}
