"""From blocks of YAML to a mapping, collecting every mistake."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from mappings.problems import Problem, nearest
from mappings.yamlfile import Block


@dataclass
class Reader:
    """Reads values out of blocks and notes what is wrong with them."""

    file: str
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, line: int, message: str, fix: str) -> None:
        self.problems.append(Problem(self.file, line, message, fix))

    def keys(self, block: Block, known: Iterable[str], where: str) -> None:
        """Note the keys that are not known here."""
        for key, line in block.lines.items():
            if key not in known:
                self.wrong(line, f"there is no key {key} in {where}", nearest(key, known))

    def block(self, block: Block, key: str, where: str, *, needed: bool = True) -> Block:
        value = block.values.get(key)
        if isinstance(value, Block):
            return value
        if value is None and not needed:
            return Block(block.line)
        self._missing(block, key, where, value, "a block of keys")
        return Block(block.lines.get(key, block.line))

    def text(self, block: Block, key: str, where: str, *, needed: bool = True) -> str:
        value = block.values.get(key)
        if isinstance(value, str) and value:
            return value
        if value is None and not needed:
            return ""
        self._missing(block, key, where, value, "a word")
        return ""

    def number(self, block: Block, key: str, where: str, *, least: int, default: int | None = None) -> int:
        value = block.values.get(key, default)
        if isinstance(value, int) and not isinstance(value, bool) and value >= least:
            return value
        self._missing(block, key, where, value, f"a whole number of {least} or more")
        return least

    def one_of(self, block: Block, key: str, known: Iterable[str], where: str) -> str:
        value = self.text(block, key, where)
        if value and value not in known:
            self.wrong(block.lines[key], f"{key} of {where} is {value}, which is none", nearest(value, known))
        return value

    def items(self, block: Block, key: str, where: str, *, needed: bool = True) -> list[tuple[int, Any]]:
        value = block.values.get(key)
        if isinstance(value, list):
            return value
        if isinstance(value, str):
            return [(block.lines[key], value)]
        if value is None and not needed:
            return []
        self._missing(block, key, where, value, "a list")
        return []

    def texts(self, block: Block, key: str, where: str, *, needed: bool = True) -> tuple[str, ...]:
        found = []
        for line, value in self.items(block, key, where, needed=needed):
            if isinstance(value, str):
                found.append(value)
            else:
                self.wrong(line, f"{key} of {where} lists something that is no word", "write words")
        return tuple(found)

    def _missing(self, block: Block, key: str, where: str, value: object, what: str) -> None:
        if key not in block.values:
            self.wrong(block.line, f"{where} has no {key}", f"add {key}: {what}")
        else:
            shown = "a block" if isinstance(value, Block) else repr(value)
            self.wrong(block.lines[key], f"{key} of {where} is {shown}", f"write {what}")
