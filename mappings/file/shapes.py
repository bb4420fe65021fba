"""Shapes that a mapping file's values can have, as pieces of JSON Schema; `schema` puts them together.

Each is as wide as what `reader` takes: a word alone stands for a list of one, and a list of words takes true, 12 and
"12" alike. Source: JSON Schema 2020-12, Core and Validation.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from mappings.file.reader import MOST_DAYS
from mappings.file.rules import FIELD
from mappings.file.steps import MOST
from mappings.words import TRANSFORMS, Argument

Shape = dict[str, Any]

WORD: Shape = {"type": "string", "pattern": r"\S"}
SCALAR: Shape = {"type": ["string", "number", "boolean"], "minLength": 1}
ITEM: Shape = {"type": ["string", "number", "boolean", "null"], "minLength": 1}
TEXTS: Shape = {"anyOf": [SCALAR, {"type": "array", "items": ITEM}]}
SOME_TEXTS: Shape = {"anyOf": [SCALAR, {"type": "array", "items": ITEM, "minItems": 1}]}
FLAG: Shape = {"type": "boolean"}
NUMBER: Shape = {"type": "number"}
AMOUNT: Shape = {"type": "number", "exclusiveMinimum": 0}
FIELD_NAME: Shape = {"type": "string", "pattern": rf"^((company|enriched)\.)?{FIELD.pattern}$"}


def block(keys: Iterable[str], shapes: Mapping[str, Shape], *, needed: Iterable[str] = (), **also: object) -> Shape:
    """Shape a block of these keys and no others; a key without a shape here can be anything. `also` adds keywords."""
    properties = {key: shapes.get(key, {}) for key in keys}
    return {
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        "required": list(needed),
        **also,
    }


def one_of(known: Iterable[str] | Mapping[str, str]) -> Shape:
    """Shape a word that must be one of these; where they have meanings, an editor shows them."""
    shape: Shape = {"enum": list(known)}
    if isinstance(known, Mapping):
        shape["description"] = "; ".join(f"{word}: {meaning}" for word, meaning in known.items())
    return shape


def matching(pattern: str, *, longest: int | None = None) -> Shape:
    """Shape a word that the whole of a pattern matches."""
    shape: Shape = {"type": "string", "pattern": f"^(?:{pattern})$"}
    return shape if longest is None else shape | {"maxLength": longest}


def days(*, least: int = 1) -> Shape:
    """Shape a number of whole days."""
    return {"type": "integer", "minimum": least, "maximum": MOST_DAYS}


def listed(item: Shape, *, fewest: int = 0) -> Shape:
    """Shape a list."""
    return {"type": "array", "items": item, "minItems": fewest}


def exactly_one(keys: Iterable[str]) -> Shape:
    """Ask for one of these keys, and no two."""
    return {"oneOf": [{"required": [key]} for key in keys]}


def steps() -> Shape:
    """Shape a feature's transforms: names, and blocks of a name and what it is told."""
    alone = {name: word.says for name, word in TRANSFORMS.items() if word.argument is Argument.NOTHING}
    told = {
        name: _ARGUMENTS.get(word.argument, {}) | {"description": word.says}
        for name, word in TRANSFORMS.items()
        if word.argument is not Argument.NOTHING
    }
    step = {"anyOf": [one_of(alone), block(told, told, minProperties=1, maxProperties=1)]}
    return {"anyOf": [one_of(alone), listed(step)]}


_WITHIN: Shape = {"type": "number", "exclusiveMinimum": -MOST, "exclusiveMaximum": MOST}
_ABOVE_0: Shape = _WITHIN | {"exclusiveMinimum": 0}
_ARGUMENTS: dict[Argument, Shape] = {
    Argument.NUMBER: _WITHIN,
    Argument.AMOUNT: _ABOVE_0,
    Argument.NUMBERS: listed(_WITHIN, fewest=1),
    Argument.VALUE: ITEM,
    Argument.LIST: {"anyOf": [ITEM, listed(ITEM, fewest=1)]},
    Argument.WORDS: {"type": "object", "additionalProperties": ITEM, "minProperties": 1},
    Argument.RATES: {"type": "object", "additionalProperties": _ABOVE_0, "minProperties": 1},
}
