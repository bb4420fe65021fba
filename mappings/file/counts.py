"""The part `count` of a feature in a mapping file: what is told of the lead's activities."""

from collections.abc import Callable

from connector.crm import Entity
from mappings import words
from mappings.file.problems import nearest
from mappings.file.reader import Reader
from mappings.file.yamlfile import Block
from mappings.parts import Count, Links
from mappings.words import MEASURES, Measure

PLAIN = "count"  # the measure without the key

Check = Callable[[Entity, str, int], object]  # notes what is wrong with a field that is named on a line


def read_count(reader: Reader, feature: Block, feature_name: str, links: Links, check: Check) -> Count:
    """Read which activities are looked at and what is told of them."""
    where = f"count of {feature_name}"
    block = reader.block(feature, "count", feature_name)
    reader.keys(block, words.COUNT_KEYS, where)
    named = reader.one_of(block, "measure", MEASURES, where) if "measure" in block.values else PLAIN
    measure = named if named in MEASURES else PLAIN
    conditions = reader.block(block, "where", where, needed=False)
    count = Count(
        at=reader.text(block, "at", where),
        window_days=reader.days(block, "window_days", where),
        where=tuple(
            (name, tuple(text.lower() for text in reader.texts(conditions, name, f"where of {where}")))
            for name in conditions.values
        ),
        entity=_counted(reader, block, where, links),
        measure=measure,
        field=reader.text(block, "field", where, needed=False),
        half_life_days=reader.amount(block, "half_life_days", where) if "half_life_days" in block.values else None,
    )
    _check_keys(reader, block, where, measure)
    for key, name in (("at", count.at), ("field", count.field)):
        if name:
            check(count.entity, name, block.lines[key])
    for name, line in conditions.lines.items():
        check(count.entity, name, line)
    return count


def _check_keys(reader: Reader, block: Block, where: str, name: str) -> None:
    """Note the keys that a measure needs and lacks, and those that do not go with it."""
    measure: Measure = MEASURES[name]
    if measure.needs_field and "field" not in block.values:
        reader.wrong(block.line, f"{where} tells the {name} of no field", "add field: NAME")
    if not measure.needs_field and "field" in block.values:
        fix = f"remove it, or write measure: {', '.join(one for one, word in MEASURES.items() if word.needs_field)}"
        reader.wrong(block.lines["field"], f"{where} looks at no field for the measure {name}", fix)
    if measure.needs_where and "where" not in block.values:
        reader.wrong(block.line, f"{where} tells the {name} of all that happened, which is 1", "add where")
    if not measure.fades and "half_life_days" in block.values:
        fix = f"remove it, or write measure: {', '.join(one for one, word in MEASURES.items() if word.fades)}"
        reader.wrong(block.lines["half_life_days"], f"{where} cannot fade with the measure {name}", fix)


def _counted(reader: Reader, block: Block, where: str, links: Links) -> Entity:
    """Read which records are counted: those of an object that the links name, or without one campaign members."""
    if "object" not in block.values:
        return Entity.ACTIVITY
    name = reader.text(block, "object", where)
    known = {of.entity.object_name: of.entity for of in links.objects}
    if name and name not in known:
        fix = nearest(name, [one for one in known if one]) if known else "name it in links.activities"
        reader.wrong(block.lines["object"], f"{where} counts {name}, which leads are not linked to", fix)
    return known.get(name, Entity.ACTIVITY)
