"""The transforms of one feature in a mapping file, each checked against what comes before it."""

from itertools import pairwise

from mappings.mapping import Step
from mappings.problems import nearest
from mappings.reader import Reader, shown
from mappings.words import TRANSFORMS, Argument, Type, fits
from mappings.yamlfile import Block, Items, Node, Word


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
        given = word.gives or given
        step = _step(name, argument)
        if step is None:
            fix = (
                f"write {name}: {_EXAMPLES[word.argument]}"
                if word.argument is not Argument.NOTHING
                else f"write {name}"
            )
            reader.wrong(item.line, f"{name} in {where} has to be told {word.argument}", fix)
        else:
            steps.append(step)
    return tuple(steps), given


_EXAMPLES = {
    Argument.NUMBER: "100",
    Argument.NUMBERS: "[20, 100, 500]",
    Argument.WORDS: "{old: new}",
}


def _named(item: Node) -> tuple[str, Node | None]:
    match item:
        case Word():
            return item.text, None
        case Block() if len(item.values) == 1:
            return next(iter(item.values.items()))
        case _:
            return "", None


def _step(name: str, argument: Node | None) -> Step | None:
    match TRANSFORMS[name].argument:
        case Argument.NUMBER:
            number = _number(argument)
            return None if number is None else Step(name, number=number)
        case Argument.NUMBERS:
            numbers = _rising(argument)
            return Step(name, numbers=numbers) if numbers else None
        case Argument.WORDS:
            words = _words(argument)
            return Step(name, words=words) if words else None
        case Argument.NOTHING:
            return Step(name) if argument is None else None


def _number(node: Node | None) -> float | None:
    if isinstance(node, Word) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return float(node.value) if abs(node.value) < float("inf") else None
    return None


def _rising(node: Node | None) -> tuple[float, ...]:
    numbers = [_number(item) for item in node.items] if isinstance(node, Items) else []
    known = tuple(number for number in numbers if number is not None)
    is_rising = len(known) == len(numbers) and all(low < high for low, high in pairwise(known))
    return known if is_rising else ()


def _words(node: Node | None) -> tuple[tuple[str, str], ...]:
    if not isinstance(node, Block) or not all(isinstance(value, Word) and value.text for value in node.values.values()):
        return ()
    return tuple((word.strip().lower(), meant.text) for word, meant in node.values.items() if isinstance(meant, Word))
