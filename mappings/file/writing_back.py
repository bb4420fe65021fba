"""Enriched values that a mapping writes to fields of the CRM's own: what may be, and when. Off unless it is asked for.

`read_write_back` reads the keys of a section of enrich, `check_write_back` holds them against the rest of the mapping,
`unwritable` against the CRM's describe. `is_due` is the rule by which a value is written: what people wrote is never
overwritten, and what we wrote is known by our records alone.
"""

import re
from collections.abc import Iterator

from connector.crm import Entity, Field, Kind
from connector.enrichment.sources import Source
from mappings.checks.findings import Finding, Severity
from mappings.enrichment import OF_COMPANY, OVERWRITES, WriteBack, of_entity
from mappings.file.problems import nearest
from mappings.file.reader import Reader, shown
from mappings.file.yamlfile import Block, Items, Word
from mappings.forbidden import knows_the_outcome
from mappings.mapping import Mapping
from mappings.outputs import OUTPUTS, field_name

LINE_END = re.compile(r"\r\n?")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
KINDS = (Kind.TEXT, Kind.NUMBER)  # of the CRM's fields that take a value


def read_write_back(reader: Reader, block: Block, source: Source) -> tuple[WriteBack, ...]:
    """Read which of the source's values go to which fields; none without the key."""
    where = f"write_back of enrich {source.name}"
    if "overwrite" in block.values and "write_back" not in block.values:
        reader.wrong(block.lines["overwrite"], f"enrich {source.name} writes nothing back", "remove overwrite")
    if "write_back" not in block.values:
        return ()
    over = reader.one_of(block, "overwrite", OVERWRITES, where) if "overwrite" in block.values else "never"
    pairs = reader.block(block, "write_back", f"enrich {source.name}")
    given, found = dict(source.fields), []
    for name, node in pairs.values.items():
        line = pairs.lines[name]
        if name not in given:
            reader.wrong(line, f"{where} names {name}, which this source does not give", nearest(name, given))
        if isinstance(node, Word) and isinstance(node.value, str) and node.text.strip():
            found.append(WriteBack(source.name, name, node.text.strip(), renews=over == "ours"))
        else:
            reader.wrong(line, f"{name} of {where} is {shown(node)}", "name a field of the lead")
    return tuple(found)


def check_write_back(reader: Reader, block: Block, mapping: Mapping) -> None:
    """Note what cannot be written: fields of ours, those that decide what we ask or learn, and one field twice."""
    taken: dict[str, WriteBack] = {}
    for one in mapping.enrich.write_back:
        told, line, name = _refused(mapping, one), line_of(block, one), one.field.lower()
        if told:
            reader.wrong(line, f"{one.field} cannot be written back to: {told[0]}", told[1])
        elif name in taken:
            message = f"both {taken[name].name} and {one.name} are written back to {one.field}"
            reader.wrong(line, message, "give each a field of its own")
        taken[name] = one


def line_of(block: Block, one: WriteBack) -> int:
    """Tell the line on which the mapping asks for it."""
    items = block.values.get("enrich")
    for item in items.items if isinstance(items, Items) else ():
        asked = item.values.get("write_back") if isinstance(item, Block) else None
        if isinstance(asked, Block):
            node = asked.values.get(one.name)
            if isinstance(node, Word) and node.text.strip() == one.field:
                return asked.lines[one.name]
    return block.line


def _refused(mapping: Mapping, one: WriteBack) -> tuple[str, str] | None:
    """Tell why nothing may be written there, and what to do; None if it may."""
    name, another = one.field.lower(), "name a field of its own for it"
    if one.field.startswith(OF_COMPANY):
        return "it is the company's", "name a field of the lead: companies are not written"
    if name in _ours(mapping):
        return "it is one of our outputs", another
    if knows_the_outcome(mapping.crm, Entity.LEAD, one.field, mapping.scored):
        return "it tells how leads end, which is for people to say", another
    if name in {field.lower() for field in _deciding(mapping)}:
        return "the mapping finds companies, keys or outcomes by it, so that our own value would come back", another
    return None


def _ours(mapping: Mapping) -> set[str]:
    """Name the fields that our outputs have, or would have if they were on."""
    held = {name for _, name in mapping.outputs}
    role, first = mapping.outputs[0] if mapping.outputs else ("", "")
    prefix = first.removesuffix(field_name(mapping.crm, role, "")) if role else ""
    return {name.lower() for name in (*held, *(field_name(mapping.crm, role, prefix) for role in OUTPUTS))}


def _deciding(mapping: Mapping) -> Iterator[str]:
    """Name the lead's fields that decide what is asked, linked or counted as success; features may look at others."""
    outcome, enrich = mapping.outcome, mapping.enrich
    yield from mapping.links.lead
    yield from (of.converted for of in mapping.links.objects if of.converted)
    decides = (outcome.created, outcome.converted, outcome.converted_at, outcome.disqualified, outcome.priority)
    yield from (name for name in (*decides, outcome.deal.lead_field) if name)
    yield from of_entity(Entity.LEAD, (field for source in enrich.sources for field in source.key.of))
    yield from of_entity(Entity.LEAD, enrich.read_offline(mapping.enriched))
    yield from mapping.duplicates.of(Entity.LEAD).fields


def is_due(told: str | None, held: str | None, ours: str | None, *, renews: bool) -> bool:
    """Tell whether a value that was `told` is to be written where the CRM holds `held` (None: nothing).

    `ours` is what we have written there (None: nothing yet). Where people have written, or taken out what we wrote,
    nothing is due. With `renews`, a value that we wrote and that still stands gives way to a newer one.
    """
    if told is None or not plain(told) or is_same(told, ours):
        return False
    return held is None if ours is None else renews and held is not None and is_same(held, ours)


def is_same(one: str | None, other: str | None) -> bool:
    """Tell whether two values are one to a CRM: blanks around them, line ends and control characters aside.

    Numbers are not compared as such, for a text field may hold "01234": what goes out to a number's field is written as
    the CRM shows it again.
    """
    return one is other if one is None or other is None else plain(one) == plain(other)


def plain(text: str) -> str:
    """Write a text as a CRM keeps it: lines end with a line feed, without other control characters and outer blanks."""
    if not text.isprintable():
        text = CONTROL.sub("", LINE_END.sub("\n", text))
    return text.strip()


def unwritable(mapping: Mapping, fields: tuple[Field, ...], line: int) -> Iterator[Finding]:
    """Tell which fields of a describe take no value of ours."""
    known = {field.name.lower(): field for field in fields}
    for one in mapping.enrich.write_back:
        if told := _unfit(known.get(one.field.lower()), one.field):
            message = f"{one.name} of enrich {one.source} cannot be written back to {one.field}: {told[0]}"
            yield Finding(Severity.ERROR, mapping.file, line, message, told[1])


def _unfit(field: Field | None, name: str) -> tuple[str, str] | None:
    if field is None:
        return "the lead has no such field, or this user may not see it", "make it, or let this user see it"
    if field.name != name:
        return f"the CRM spells it {field.name}", f"write {field.name}"
    if not field.writable:
        return "it is read-only for this user", "give this user edit access, or name another field"
    if field.kind not in KINDS:
        return f"it holds {field.kind.noun}", "name a field that holds text or numbers"
    return None
