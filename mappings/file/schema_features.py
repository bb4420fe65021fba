"""The section features of a mapping file, as a piece of JSON Schema; see `schema`."""

from collections.abc import Iterator

from mappings import words
from mappings.file.counts import PLAIN
from mappings.file.rules import FIELD, NAME, WAYS
from mappings.file.shapes import (
    AMOUNT,
    FIELD_NAME,
    FLAG,
    TEXTS,
    WORD,
    Shape,
    block,
    days,
    exactly_one,
    listed,
    matching,
    one_of,
    steps,
)  # fmt: skip
from model.features import BESIDE

_EARLIER = one_of({name: fact.says for name, fact in words.EARLIER.items()})
SOURCE: Shape = {"anyOf": [FIELD_NAME, _EARLIER]}
PAIR = {"type": "array", "items": SOURCE, "minItems": 2, "maxItems": 2}


def features() -> Shape:
    """Shape one feature."""
    shapes = {
        "name": matching(NAME.pattern) | {"not": {"enum": list(BESIDE)}},
        "label": WORD,
        "kind": one_of(words.KINDS),
        "family": one_of(words.FAMILIES),
        "from": {"anyOf": [FIELD_NAME, _EARLIER, listed(SOURCE, fewest=1)]},
        "count": _count(),
        "days_between": PAIR,
        "ratio": PAIR,
        "in": matching(FIELD.pattern),
        "transforms": steps(),
        "monotone": {"enum": [1, 0, -1]},
        **dict.fromkeys(("optional", "allow_after_outcome", "trusted", "told", "learned"), FLAG),
    }
    ways = exactly_one(WAYS)
    has_label = {"if": {"not": {"required": ["from"]}}, "then": {"required": ["label"]}}
    is_number = {"if": {"required": ["monotone"]}, "then": {"properties": {"kind": {"const": "number"}}}}
    needed = ("name", "kind", "family")
    return block(words.FEATURE_KEYS, shapes, needed=needed, allOf=[ways, has_label, is_number])


def _count() -> Shape:
    where: Shape = {
        "type": "object",
        "additionalProperties": TEXTS,
        "propertyNames": {"pattern": f"^{FIELD.pattern}$"},
    }
    shapes = {
        "object": WORD,
        "measure": one_of({name: measure.says for name, measure in words.MEASURES.items()}),
        "at": matching(FIELD.pattern),
        "window_days": days(),
        "where": where,
        "field": matching(FIELD.pattern),
        "half_life_days": AMOUNT,
    }
    return block(words.COUNT_KEYS, shapes, needed=("at", "window_days"), allOf=[*_goes_with()])


def _goes_with() -> Iterator[Shape]:
    """Tell for each measure which keys it needs, and which say nothing of it."""
    for name, measure in words.MEASURES.items():
        needed = ["field"] * measure.needs_field + ["where"] * measure.needs_where
        idle = ["field"] * (not measure.needs_field) + ["half_life_days"] * (not measure.fades)
        then: Shape = (
            {"required": needed, "not": {"anyOf": [{"required": [key]} for key in idle]}}
            if idle
            else {"required": needed}
        )
        is_plain = {} if name == PLAIN else {"required": ["measure"]}
        yield {"if": {"properties": {"measure": {"const": name}}} | is_plain, "then": then}
