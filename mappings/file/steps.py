"""The transforms of one feature in a mapping file, each checked against what comes before it."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

from mappings.file.problems import nearest
from mappings.file.reader import Reader, shown
from mappings.file.yamlfile import Block, Items, Node, Word
from mappings.parts import Step
from mappings.words import TRANSFORMS, Argument, Type, fits

MOST = 1e300  # of what a transform may be told; more is no number that anybody means


def read_steps(reader: Reader, feature: Block, where: str, *, begins: Type) -> tuple[tuple[Step, ...], Type]:
    """Read the transforms, and tell what the value is after the last one."""
    steps: list[Step] = []
    given = begins
    for item in reader.items(feature, "transforms", where, needed=False):
        name, argument = _named(item)
        if name not in TRANSFORMS:
            fix = nearest(name, TRANSFORMS) if name else "write a transform's name"
            reader.wrong(item.line, f"there is no transform {name or shown(item)}", fix)
            continue
        word = TRANSFORMS[name]
        if not fits(given, word.takes):
            message = f"{name} in {where} takes {word.takes}, but gets {given}"
            reader.wrong(item.line, message, "take it out, or change the order")
        step = _step(name, argument, given)
        given = word.gives or given
        if step is None:
            fix = f"write {name}: {word.example}" if word.example else f"write {name}"
            reader.wrong(item.line, f"{name} in {where} has to be told {word.argument}", fix)
        else:
            steps.append(step)
    return tuple(steps), given


def _named(item: Node) -> tuple[str, Node | None]:
    match item:
        case Word():
            return item.text, None
        case Block() if len(item.values) == 1:
            return next(iter(item.values.items()))
        case _:
            return "", None


def _step(name: str, node: Node | None, given: Type) -> Step | None:
    """Make a step of what it is told; None where that will not do. `given` is what comes before it."""
    argument = TRANSFORMS[name].argument
    if argument is Argument.NOTHING:
        return Step(name) if node is None else None
    told = _told(argument, node, given)
    return None if told is None or told == () else replace(Step(name), **{_KEPT[argument]: told})


_KEPT = {
    Argument.NUMBER: "number",
    Argument.AMOUNT: "number",
    Argument.NUMBERS: "numbers",
    Argument.VALUE: "value",
    Argument.LIST: "listed",
    Argument.WORDS: "words",
    Argument.RATES: "rates",
}


def _told(argument: Argument, node: Node | None, given: Type) -> Any:
    told: Any = None
    match argument:
        case Argument.NUMBER:
            told = _number(node)
        case Argument.AMOUNT:
            told = _number(node, above=0.0)
        case Argument.NUMBERS:
            told = _rising(node)
        case Argument.VALUE:
            told = _value(node, given)
        case Argument.LIST:
            told = _listed(node)
        case Argument.WORDS:
            told = _words(node)
        case Argument.RATES:
            told = _rates(node)
    return told


def _number(node: Node | None, above: float = -MOST) -> float | None:
    if isinstance(node, Word) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return float(node.value) if above < node.value < MOST else None
    return None


def _rising(node: Node | None) -> tuple[float, ...]:
    numbers = [_number(item) for item in node.items] if isinstance(node, Items) else []
    known = tuple(number for number in numbers if number is not None)
    is_rising = len(known) == len(numbers) and all(low < high for low, high in pairwise(known))
    return known if is_rising else ()


def _value(node: Node | None, given: Type) -> str | float | bool | None:
    """Read one value of the type that comes before; a raw one is text, as the CRM would give it."""
    if not isinstance(node, Word) or not node.text:
        return None
    match given:
        case Type.NUMBER:
            return _number(node)
        case Type.BOOLEAN:
            return node.value if isinstance(node.value, bool) else None
        case _:
            return node.text


def _listed(node: Node | None) -> tuple[str, ...]:
    items = node.items if isinstance(node, Items) else () if node is None else (node,)
    words = [item.text.strip() for item in items if isinstance(item, Word)]
    return tuple(dict.fromkeys(words)) if len(words) == len(items) and all(words) else ()


def _words(node: Node | None) -> tuple[tuple[str, str], ...]:
    if not isinstance(node, Block) or not all(isinstance(value, Word) and value.text for value in node.values.values()):
        return ()
    return tuple((word.strip().lower(), meant.text) for word, meant in node.values.items() if isinstance(meant, Word))


def _rates(node: Node | None) -> tuple[tuple[str, float], ...]:
    found = (
        {word.strip().lower(): _number(rate) for word, rate in node.values.items()} if isinstance(node, Block) else {}
    )
    rates = tuple((word, rate) for word, rate in found.items() if word and rate is not None and rate > 0)
    return rates if len(rates) == len(found) else ()
