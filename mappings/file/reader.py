"""Reads values out of blocks of YAML, and notes every mistake instead of stopping at the first."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import inf
from typing import TypeVar, cast

from mappings.file.problems import Problem, nearest
from mappings.file.yamlfile import Block, Items, Node, Word

MOST_DAYS = 3_650

Choice = TypeVar("Choice", bound=str)


@dataclass(frozen=True, slots=True)
class Reader:
    """Notes in `problems` what is wrong; what it returns then is a stand-in that no mapping will be made of."""

    file: str
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, line: int, message: str, fix: str) -> None:
        """Note a mistake."""
        self.problems.append(Problem(self.file, line, message, fix))

    def keys(self, block: Block, known: Iterable[str], where: str) -> None:
        """Note the keys that are not known here."""
        names = tuple(known)
        for key, line in block.lines.items():
            if key not in names:
                self.wrong(line, f"there is no key {key} in {where}", nearest(key, names))

    def block(self, block: Block, key: str, where: str, *, needed: bool = True) -> Block:
        """Read a block of keys; an empty one stands for one that may be missing."""
        value = block.values.get(key)
        if isinstance(value, Block):
            return value
        if needed or key in block.values:
            self._not_what(block, key, where, "a block of keys")
        return Block(block.lines.get(key, block.line))

    def text(self, block: Block, key: str, where: str, *, needed: bool = True) -> str:
        """Read a word; "" stands for one that may be missing."""
        value = block.values.get(key)
        if isinstance(value, Word) and isinstance(value.value, str) and value.text.strip():
            return value.text.strip()
        if needed or key in block.values:
            self._not_what(block, key, where, "a word, in quotes if YAML takes it for something else")
        return ""

    def days(self, block: Block, key: str, where: str, *, least: int = 1) -> int:
        """Read a number of whole days."""
        value = block.values.get(key)
        if isinstance(value, Word) and type(value.value) is int and least <= value.value <= MOST_DAYS:
            return value.value
        self._not_what(block, key, where, f"a whole number from {least} to {MOST_DAYS:,}")
        return 1

    def amount(self, block: Block, key: str, where: str) -> float:
        """Read a number above zero."""
        value = block.values.get(key)
        if isinstance(value, Word) and type(value.value) in {int, float} and 0 < float(value.value) < inf:
            return float(value.value)
        self._not_what(block, key, where, "a number above 0")
        return 1.0

    def flag(self, block: Block, key: str, where: str, *, default: bool = False) -> bool:
        """Read true or false."""
        value = block.values.get(key)
        if isinstance(value, Word) and isinstance(value.value, bool):
            return value.value
        if key in block.values:
            self._not_what(block, key, where, "true or false")
        return default

    def one_of(self, block: Block, key: str, known: Iterable[Choice], where: str) -> Choice:
        """Read a word that must be one of these; any other is noted."""
        names = tuple(known)
        value = self.text(block, key, where)
        if value and value not in names:
            self.wrong(block.lines[key], f"{key} of {where} cannot be {value}", nearest(value, names))
        return cast("Choice", value)  # what is no choice has been noted

    def items(self, block: Block, key: str, where: str, *, needed: bool = True) -> tuple[Node, ...]:
        """Read a list; a single word stands for a list of one."""
        value = block.values.get(key)
        if isinstance(value, Items):
            return value.items
        if isinstance(value, Word) and value.value is not None:
            return (value,)
        if needed or key in block.values:
            self._not_what(block, key, where, "a list")
        return ()

    def texts(self, block: Block, key: str, where: str, *, needed: bool = True) -> tuple[str, ...]:
        """Read a list of words, each as it is written: true, 12 and "12" are words here."""
        found = []
        for item in self.items(block, key, where, needed=needed):
            if isinstance(item, Word) and item.text:
                found.append(item.text)
            else:
                self.wrong(item.line, f"{key} of {where} lists {shown(item)}", "list words")
        return tuple(found)

    def _not_what(self, block: Block, key: str, where: str, what: str) -> None:
        if key in block.values:
            self.wrong(block.lines[key], f"{key} of {where} is {shown(block.values[key])}", f"write {what}")
        else:
            self.wrong(block.line, f"{where} has no {key}", f"add {key}: {what}")


def shown(node: Node) -> str:
    """Name a node in a message."""
    match node:
        case Block():
            return "a block of keys"
        case Items():
            return "a list"
        case _:
            return node.text or "empty"
