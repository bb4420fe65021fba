"""Names of CRM fields that cannot be read: no API names, what frames call columns of their own, and what we write."""

import re

from connector.crm import Entity
from mappings.file.reader import Reader
from mappings.file.yamlfile import Block, Items, Node, Word
from mappings.mapping import Mapping
from mappings.parts import Source

API_NAME = re.compile(r"[A-Za-z0-9_.-]+")  # a lenient one: what the CRM has, its describe tells
TAKEN = ("id", "key", "link", "entity")  # see `features.feature_frame`; records have them beside their fields
OURS = "__"  # how the columns begin that are made on the way


def check_field_names(reader: Reader, block: Block, mapping: Mapping) -> None:
    """Note each field of the mapping that cannot be read, on the line that names it first."""
    ours = {name.lower(): role for role, name in mapping.outputs}
    for entity in mapping.entities:
        for name in mapping.source_fields(entity):
            line = mapping.lines.get(Source(entity, name)) or _line(block, name) or block.line
            if not API_NAME.fullmatch(name):
                reader.wrong(line, f"{entity} can have no field {name!r}", "write its API name")
            elif name in TAKEN or name.startswith(OURS):
                fix = "copy it into a field of another name, by a formula or a workflow, and name that"
                reader.wrong(
                    line, f"the field {name} of {entity} cannot be read, for records have a {name} of ours", fix
                )
            elif entity is Entity.LEAD and name.lower() in ours:
                message = f"the mapping reads {name}, where outputs writes the {ours[name.lower()]}"
                reader.wrong(line, message, "take it out, for scores are not made of scores; or write another prefix")


def _line(node: Node, name: str) -> int:
    """Tell the first line on which the word stands as a value; 0 if it stands nowhere."""
    match node:
        case Word():
            return node.line if node.text.strip() == name else 0
        case Items():
            return next((line for item in node.items if (line := _line(item, name))), 0)
        case Block():
            return next((line for value in node.values.values() if (line := _line(value, name))), 0)
