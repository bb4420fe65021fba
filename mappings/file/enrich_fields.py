"""Which fields the section enrich of a mapping looks at: a lead's own, or ("company.FIELD") those of its company."""

from collections.abc import Iterator

from connector.crm import Entity
from connector.enrichment.sources import KeyedBy
from mappings.enrichment import KEY_PARTS
from mappings.file.problems import nearest
from mappings.file.reader import Reader
from mappings.file.yamlfile import Block, Items, Word
from mappings.parts import Links, Source
from mappings.words import KEY_KINDS


def check_fields(reader: Reader, mapping: Block, links: Links) -> None:
    """Note fields of records that no lead leads to."""
    for word in _named(mapping):
        prefix, dot, name = word.text.strip().partition(".")
        if dot and prefix != "company":
            fix = nearest(prefix, ("company",))
            reader.wrong(word.line, f"enrich looks at {word.text}; nothing is called {prefix}", fix)
        elif dot and not links.company:
            message = f"enrich needs {name} of the company, which leads are not linked to"
            reader.wrong(word.line, message, "add links.company")


def read_lines(mapping: Block) -> dict[Source, int]:
    """Tell on which line the section names each field first."""
    lines: dict[Source, int] = {}
    for word in _named(mapping):
        prefix, dot, name = word.text.strip().rpartition(".")
        lines.setdefault(Source(Entity.COMPANY if dot and prefix else Entity.LEAD, name), word.line)
    return lines


def read_key(
    reader: Reader, block: Block, where: str, parts: dict[str, tuple[str, ...]], *, named_in: str = ""
) -> KeyedBy:
    """Read by what a lead finds its row; an address that says {domain} has told the kind."""
    told = next((kind for kind in KEY_KINDS if f"{{{kind}}}" in named_in), "")
    kind = told if told and "key" not in block.values else reader.one_of(block, "key", KEY_KINDS, where)
    known = tuple(field for part in KEY_PARTS.get(kind, ()) for field in parts.get(part, ()))
    of = reader.texts(block, "of", where, needed=not known) or known
    return KeyedBy(kind, of)


def _named(mapping: Block) -> Iterator[Word]:
    """Yield where the section names a field to look at."""
    items = mapping.values.get("enrich")
    for block in items.items if isinstance(items, Items) else ():
        if isinstance(block, Block):
            reads = block.values.get("reads")
            held = reads.values.values() if isinstance(reads, Block) else ()
            for node in (block.values.get("of"), *held):
                inside = node.items if isinstance(node, Items) else (node,)
                yield from (word for word in inside if isinstance(word, Word))
