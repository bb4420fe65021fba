"""What `truegrade map check` finds: how bad it is, where in the file it stands, why, and what to do."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from mappings.file import yamlfile
from mappings.file.problems import MappingInvalid
from mappings.file.yamlfile import Block, Items, Node, Word


class Severity(IntEnum):
    """The worst first: an error stops a sync or loses what we write, a warning costs quality, a note is to be known."""

    ERROR = 0
    WARNING = 1
    NOTE = 2

    @property
    def word(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found. `line` counts from 1; 0 stands for the file as a whole."""

    severity: Severity
    file: str
    line: int
    message: str
    fix: str

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


def ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Put the worst first, then by line; the same thing is told once."""
    return tuple(sorted(dict.fromkeys(findings), key=lambda one: (one.severity, one.line, one.message)))


@dataclass(frozen=True, slots=True)
class Places:
    """Where a mapping file says what; 0 where it does not say it itself."""

    file: str
    block: Block

    def line(self, *keys: str) -> int:
        """Tell the line of a key inside other keys, such as outcome, deal, won_stages."""
        node: Node | None = self.block
        line = 0
        for key in keys:
            if not isinstance(node, Block) or key not in node.lines:
                return line
            line, node = node.lines[key], node.values.get(key)
        return line

    def feature(self, name: str, key: str = "name") -> int:
        """Tell the line of a feature's key, or of the feature where it has no such key."""
        for item in self._items("features"):
            named = item.values.get("name")
            if isinstance(named, Word) and named.text == name:
                return item.lines.get(key, item.line)
        return 0

    def rule(self, place: int) -> int:
        """Tell the line of a points rule, counted from 0."""
        rules = self._items("points", "rules")
        return rules[place].line if place < len(rules) else 0

    def _items(self, *keys: str) -> list[Block]:
        node: Node | None = self.block
        for key in keys:
            node = node.values.get(key) if isinstance(node, Block) else None
        return [item for item in node.items if isinstance(item, Block)] if isinstance(node, Items) else []


def places(text: str, file: str) -> Places:
    """Read where a mapping's text says what; a text that is no mapping says nothing anywhere."""
    try:
        return Places(file, yamlfile.read(text, file))
    except MappingInvalid:
        return Places(file, Block(0))
