"""YAML with line numbers: blocks that know where each of their keys stands."""

from dataclasses import dataclass, field
from typing import Any

import yaml

from mappings.problems import MappingInvalid, Problem


@dataclass(frozen=True, slots=True)
class Block:
    """A block of keys. `lines` tells the line of each; `line` is the block's own."""

    line: int
    values: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)


def read(text: str, file: str) -> Block:
    """Parse the file's text into blocks. Raises MappingInvalid when it is not one block of keys."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or "it cannot be read"
        line = mark.line + 1 if mark else 0
        raise MappingInvalid([Problem(file, line, f"this is not YAML: {what}", "correct the line")]) from error
    if node is None:
        raise MappingInvalid([Problem(file, 0, "the file is empty", "start from a preset: truegrade init")])
    if not isinstance(node, yaml.MappingNode):
        raise MappingInvalid(
            [Problem(file, node.start_mark.line + 1, "the file must be a block of keys", "write `version: 1` first")]
        )
    problems: list[Problem] = []
    block = _value(node, file, problems)
    if problems:
        raise MappingInvalid(problems)
    assert isinstance(block, Block)
    return block


def _value(node: yaml.Node, file: str, problems: list[Problem]) -> Any:
    match node:
        case yaml.MappingNode():
            block = Block(node.start_mark.line + 1)
            for key, value in node.value:
                name, line = str(key.value), key.start_mark.line + 1
                if name in block.values:
                    problems.append(Problem(file, line, f"the key {name} is there twice", "remove one"))
                block.values[name] = _value(value, file, problems)
                block.lines[name] = line
            return block
        case yaml.SequenceNode():
            return [(item.start_mark.line + 1, _value(item, file, problems)) for item in node.value]
        case _:
            return yaml.SafeLoader.construct_object(yaml.SafeLoader(""), node, deep=True)
