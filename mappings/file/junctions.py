"""Conditions on several features, as a mapping file says them: tests joined by all, any and not."""

from collections.abc import Callable, Iterator
from collections.abc import Mapping as Dict

from mappings import words
from mappings.file.conditions import read_when
from mappings.file.problems import nearest
from mappings.file.reader import Reader, shown
from mappings.file.yamlfile import Block, Items
from mappings.parts import Rule
from mappings.ruling import Condition, Every, Has, Not, Some

DEEPEST = 8  # conditions within conditions: more than anybody can read
NOTHING = Every(())

Known = Dict[str, Rule]


def read_inner(reader: Reader, block: Block, key: str, where: str, known: Known, depth: int = 1) -> Condition:
    """Read the condition under a key; an empty one would hold for every lead, which nobody means."""
    inner = reader.block(block, key, where)
    if inner.values:
        return read_condition(reader, inner, where, known, depth)
    if isinstance(block.values.get(key), Block):
        reader.wrong(block.lines[key], f"{key} of {where} is empty", "write {feature: ..., is: ...}")
    return NOTHING


def read_condition(reader: Reader, block: Block, where: str, known: Known, depth: int = 1) -> Condition:
    """Read a test of one feature, or `all`, `any` or `not` of others."""
    given = [key for key in words.JUNCTIONS if key in block.values]
    if depth > DEEPEST:
        reader.wrong(block.line, f"the conditions of {where} stand in each other too deep", "make two rules of it")
        return NOTHING
    if not given:
        return _test(reader, block, where, known)
    reader.keys(block, given[:1], f"when of {where}")
    if given[0] == "not":
        return Not(read_inner(reader, block, "not", where, known, depth + 1))
    parts = tuple(
        _parts(reader, block, given[0], where, lambda part: read_condition(reader, part, where, known, depth + 1))
    )
    return Every(parts) if given[0] == "all" else Some(parts)


def _parts(
    reader: Reader, block: Block, key: str, where: str, read: Callable[[Block], Condition]
) -> Iterator[Condition]:
    items = block.values[key]
    if not isinstance(items, Items) or not items.items:
        reader.wrong(block.lines[key], f"{key} of {where} is {shown(items)}", "list conditions, each a block")
        return
    for item in items.items:
        if isinstance(item, Block):
            yield read(item)
        else:
            reader.wrong(item.line, f"{key} of {where} lists {shown(item)}", "write {feature: ..., is: ...}")


def _test(reader: Reader, block: Block, where: str, known: Known) -> Has:
    name = reader.text(block, "feature", f"when of {where}")
    reader.keys(block, ("feature", *words.CONDITIONS), f"when of {where}")
    if name and name not in known:
        fix = nearest(name, known) if known else "add the feature first"
        reader.wrong(block.lines["feature"], f"{where} names {name}, which is no feature", fix)
    return Has(name, read_when(reader, block, where, known.get(name)))
