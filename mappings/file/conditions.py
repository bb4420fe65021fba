"""When a points rule fires, as a mapping file says it: checked against what the feature's values can be at all."""

from collections.abc import Sequence
from itertools import pairwise
from math import inf

from mappings import lexicon
from mappings.file.problems import nearest
from mappings.file.reader import Reader, shown
from mappings.file.yamlfile import Block, Node, Word
from mappings.parts import Rule, Step
from mappings.words import CONDITIONS, MONTHS, WEEKDAYS
from model.scorecard import FALSE, TRUE, When

RANGE = ("from", "below", "up_to")
TITLES = {"seniority": ("staff", "unknown"), "department": ("other", "unknown")}  # beside those of the lexicon


def read_when(reader: Reader, block: Block, where: str, rule: Rule | None) -> When:
    """Read a rule's condition; `rule` makes the feature, None where there is no such one."""
    given = [key for key in CONDITIONS if key in block.values]
    if not given:
        reader.wrong(block.line, f"{where} has no condition", f"write one of {_listed(CONDITIONS)}")
    elif len(given) > 1 and not ("from" in given and len(given) == len(("from", "below")) and set(given) <= set(RANGE)):
        line = block.lines[given[1]]
        reader.wrong(line, f"{where} has both {' and '.join(given)}", "keep one, or from with below or up_to")
    elif "present" in given:
        return When(present=reader.flag(block, "present", where))
    elif "is" in given:
        return When(values=_values(reader, block, where, rule))
    else:
        return _range(reader, block, where, rule)
    return When(present=True)


def number(reader: Reader, block: Block, key: str, where: str) -> float | None:
    """Read a number of any sign; None where the key is missing or wrong."""
    value = block.values.get(key)
    if isinstance(value, Word) and type(value.value) in {int, float} and abs(float(value.value)) < inf:
        return float(value.value)
    if value is not None:
        reader.wrong(block.lines[key], f"{key} of {where} is {shown(value)}", "write a number")
    return None


def possible(rule: Rule) -> tuple[str, ...]:
    """List all values that the feature's transforms can give; empty where they are open."""
    if rule.feature.kind == "boolean":
        return (TRUE, FALSE)
    match rule.steps[-1] if rule.steps else None:
        case Step("seniority" | "department" as name):
            return (*(value for value, _ in lexicon.patterns(name)), *TITLES[name])
        case Step("bands", numbers=edges):
            return bands(edges)
        case Step("month" | "weekday" as name):
            return MONTHS if name == "month" else WEEKDAYS
        case Step("map" | "contains" as name, words=words) if name == "contains" or "*" in dict(words):
            return tuple(dict.fromkeys(meant for _, meant in words))
        case _:
            return ()


def bands(edges: Sequence[float]) -> tuple[str, ...]:
    """Name the bands between rising edges, as the transform does."""
    between = (f"{low:g} to below {high:g}" for low, high in pairwise(edges))
    return (f"below {edges[0]:g}", *between, f"{edges[-1]:g} or more")


def _values(reader: Reader, block: Block, where: str, rule: Rule | None) -> tuple[str, ...]:
    items = reader.items(block, "is", where)
    if not items and "is" in block.values:
        reader.wrong(block.lines["is"], f"is of {where} is empty", "list at least one value")
    kind = rule.feature.kind if rule else ""
    found = (_value(reader, item, where, kind) for item in items)
    values = tuple(dict.fromkeys(value for value in found if value))
    known = {value.lower() for value in possible(rule)} if rule else set()
    for item, value in zip(items, values, strict=False):
        if known and len(values) == len(items) and value not in known:
            reader.wrong(item.line, f"{where} asks for {value}, which {_name(rule)} never is", nearest(value, known))
    return values


def _value(reader: Reader, item: Node, where: str, kind: str) -> str:
    """Read one value as the feature's kind writes it, in lower case."""
    if isinstance(item, Word) and item.text:
        match kind, item.value:
            case "boolean", bool(flag):
                return TRUE if flag else FALSE
            case "number", int() | float() as figure if not isinstance(figure, bool) and abs(figure) < inf:
                return repr(float(figure))
            case (("boolean" | "number"), _):
                pass
            case _:
                return item.text.lower()
    fix = {"boolean": "write true or false", "number": "write numbers, or from, below and up_to"}
    reader.wrong(item.line, f"is of {where} lists {shown(item)}", fix.get(kind, "list words"))
    return ""


def _range(reader: Reader, block: Block, where: str, rule: Rule | None) -> When:
    if rule and rule.feature.kind in {"category", "boolean"}:
        key = next(key for key in RANGE if key in block.lines)
        message = f"{where} asks for numbers, but {_name(rule)} is a {rule.feature.kind}"
        reader.wrong(block.lines[key], message, "write is: and a list of its values")
        return When()
    low, below, up_to = (number(reader, block, key, where) for key in RANGE)
    least = -inf if low is None else low
    if (below is not None and least >= below) or (up_to is not None and least > up_to):
        reader.wrong(block.lines["from"], f"no number is in the range of {where}", "write the smaller one as from")
    return When(low=low, below=below, up_to=up_to)


def _name(rule: Rule | None) -> str:
    return rule.feature.name if rule else ""


def _listed(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}"
