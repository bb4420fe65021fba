"""YAML with line numbers: every word, list and block knows where it stands.

Read from PyYAML's node graph, because the values that PyYAML would make of it have lost their lines and doubled keys.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from mappings.file.problems import MappingInvalid, Problem

START = "start from a preset: `truegrade init` writes one"
MOST_VALUES = 200_000  # far beyond any mapping; a few lines of aliases can stand for more than a memory holds
MOST = 1e300  # of a number; more is none that anybody means, and no float
UNREADABLE = (yaml.YAMLError, ValueError, ArithmeticError, LookupError, AttributeError, TypeError)  # by a wrong tag


@dataclass(frozen=True, slots=True)
class Word:
    """A single value: `text` as it is written, `value` as YAML understands it."""

    line: int
    text: str
    value: Any


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    line: int
    items: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A block of keys. `lines` tells the line of each key; `line` is where the block begins."""

    line: int
    values: dict[str, "Node"] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)


Node = Word | Items | Block


def read(text: str, file: str) -> Block:
    """Parse the file's text into blocks. Raises MappingInvalid when it is not one block of keys."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise MappingInvalid([_unreadable(error, file)]) from error
    except RecursionError as error:
        problem = Problem(file, 0, "blocks stand in blocks more often than can be read", START)
        raise MappingInvalid([problem]) from error
    if node is None:
        raise MappingInvalid([Problem(file, 0, "the file is empty", START)])
    if not isinstance(node, yaml.MappingNode):
        raise MappingInvalid(
            [Problem(file, _line(node), "the file is no block of keys such as `version: 1` and `crm: ...`", START)]
        )
    builder = _Builder(file, [])
    try:
        block = builder.block(node, ())
    except _TooMuch as error:
        problem = Problem(
            file, error.line, f"there are more than {MOST_VALUES:,} values", "write less, without aliases"
        )
        raise MappingInvalid([problem]) from error
    if builder.problems:
        raise MappingInvalid(builder.problems)
    return block


def _unreadable(error: yaml.YAMLError, file: str) -> Problem:
    mark = getattr(error, "problem_mark", None)
    what = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be read"
    return Problem(file, mark.line + 1 if mark else 0, f"this is not YAML: {what}", "correct the line")


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


class _TooMuch(Exception):
    """There are more values than a mapping can have."""

    def __init__(self, line: int) -> None:
        self.line = line
        super().__init__(line)


@dataclass(slots=True)
class _Builder:
    """Turns nodes into ours, noting what cannot be. `within` are the nodes around, for an alias may hold itself."""

    file: str
    problems: list[Problem]
    made: int = 0

    def block(self, node: yaml.MappingNode, within: tuple[int, ...]) -> Block:
        block = Block(_line(node))
        for name, line, value in self._entries(node):
            if name in block.values:
                self._wrong(line, f"the key {name} is there twice", "remove one of them")
            block.values[name] = self._node(value, (*within, id(node)))
            block.lines[name] = line
        return block

    def _entries(self, node: yaml.MappingNode) -> Iterator[tuple[str, int, yaml.Node]]:
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                yield self._text(key), _line(key), value
            else:
                self._wrong(_line(key), "a key is no single word", "write `key: value`")

    def _node(self, node: yaml.Node, within: tuple[int, ...]) -> Node:
        self.made += 1
        if self.made > MOST_VALUES:
            raise _TooMuch(_line(node))
        if id(node) in within:
            self._wrong(_line(node), "an alias stands inside what it names", "write the values out")
            return Word(_line(node), "", None)
        match node:
            case yaml.MappingNode():
                return self.block(node, within)
            case yaml.SequenceNode():
                return Items(_line(node), tuple(self._node(item, (*within, id(node))) for item in node.value))
            case _:
                return Word(_line(node), self._text(node), self._value(node))

    def _text(self, node: yaml.Node) -> str:
        text = str(node.value)
        if any("\ud800" <= sign <= "\udfff" for sign in text):  # an escape such as "\ud800"; no file could keep it
            self._wrong(_line(node), "the value holds half a character", "write the whole one")
        elif any(unicodedata.category(sign) == "Cc" and sign not in "\t\n" for sign in text):
            # An escape such as "\0", which PostgreSQL cannot keep, or "\e", which commands a terminal.
            self._wrong(_line(node), "the value holds a control character", "take it out")
        return text

    def _value(self, node: yaml.Node) -> Any:
        try:
            value = yaml.SafeLoader("").construct_object(node)
        except UNREADABLE:
            # A tag that is not YAML's own, or what its tag says that it is not: a date such as 2026-13-01, !!int x.
            self._wrong(_line(node), f"YAML cannot read the value {node.value}", "put it in quotes")
            return None
        if isinstance(value, int) and abs(value) > MOST:
            self._wrong(
                _line(node), "the number is larger than can be counted with", "write a smaller one, or quote it"
            )
            return None
        return value

    def _wrong(self, line: int, message: str, fix: str) -> None:
        self.problems.append(Problem(self.file, line, message, fix))
