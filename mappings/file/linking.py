"""The section links of a mapping file: how leads find their company, and activities their leads; see `links`."""

from collections.abc import Collection, Iterator

from connector.crm import Entity
from mappings import words
from mappings.file.reader import Reader, shown
from mappings.file.yamlfile import Block
from mappings.mapping import Mapping
from mappings.parts import Junction, Links, Object


def read_links(reader: Reader, mapping: Block) -> Links:
    """Read how records find each other."""
    links = reader.block(mapping, "links", "the mapping", needed=False)
    reader.keys(links, words.LINKS_KEYS, "links")
    company = reader.block(links, "company", "links", needed=False)
    reader.keys(company, words.COMPANY_KEYS, "links.company")
    activity = reader.block(links, "activity", "links", needed=False)
    reader.keys(activity, words.ACTIVITY_KEYS, "links.activity")
    is_given = "company" in links.values
    return Links(
        by=reader.one_of(company, "by", words.COMPANY_BY, "links.company") if is_given else "id",
        lead=reader.texts(company, "lead", "links.company", needed=is_given),
        company=reader.text(company, "company", "links.company", needed=is_given),
        company_created=reader.text(company, "created", "links.company", needed=is_given),
        activity_lead=reader.text(activity, "lead", "links.activity", needed="activity" in links.values),
        objects=_objects(reader, links),
    )


def _objects(reader: Reader, links: Block) -> tuple[Object, ...]:
    """Read the objects whose records are activities of leads."""
    where, found = "links.activities", dict[Entity, Object]()
    for item in reader.items(links, "activities", "links", needed=False):
        if not isinstance(item, Block):
            reader.wrong(item.line, f"{where} names {shown(item)}", "write {object: Task, lead: WhoId}")
            continue
        reader.keys(item, words.OBJECT_KEYS, where)
        name, lead = reader.text(item, "object", where), reader.text(item, "lead", where)
        converted = reader.text(item, "converted", where, needed=False)
        entity = _entity(reader, name, item.lines.get("object", item.line)) if name else None
        if entity in found:
            reader.wrong(item.line, f"{where} names {name} twice", "remove one of them")
        elif entity is not None:
            found[entity] = Object(entity, lead, converted, _through(reader, item, taken=(entity, *_joining(found))))
    for one in found.values():
        if one.through and one.through.entity in found:
            message = f"{where} counts {one.through.entity.object_name}, through which it finds leads"
            reader.wrong(links.lines["activities"], message, "leave one of them out")
    return tuple(found.values())


def _joining(found: dict[Entity, Object]) -> Iterator[Entity]:
    yield from (one.through.entity for one in found.values() if one.through)


def _through(reader: Reader, item: Block, taken: Collection[Entity]) -> Junction | None:
    """Read the object with a record for each pair of an activity and a lead; None where there is none.

    `taken` are the activity's own object and those of other pairs.
    """
    if "through" not in item.values:
        return None
    where = "through of links.activities"
    block = reader.block(item, "through", "links.activities")
    reader.keys(block, words.THROUGH_KEYS, where)
    name, names = reader.text(block, "object", where), [reader.text(block, key, where) for key in ("activity", "lead")]
    entity = _entity(reader, name, block.line) if name else None
    if entity in taken:
        fix = "name the object with a record for each pair"
        reader.wrong(block.line, f"{where} names {name}, as another does", fix)
    return Junction(entity, *names) if entity else None


def _entity(reader: Reader, name: str, line: int) -> Entity | None:
    """Read the name of a CRM's object."""
    try:
        return Entity.of_object(name)
    except ValueError:
        fix = "write its API name: Task, Site_Visit__c; calls, 2-1234567"
        reader.wrong(line, f"no object can be named {name}", fix)
        return None


def read_pairs(reader: Reader, deal: Block) -> Junction | None:
    """Read the object with a record for each pair of a deal and a lead; None where there is none."""
    if "through" not in deal.values:
        return None
    where = "through of outcome.deal"
    block = reader.block(deal, "through", "outcome.deal")
    reader.keys(block, words.DEAL_THROUGH_KEYS, where)
    name, names = reader.text(block, "object", where), [reader.text(block, key, where) for key in ("deal", "lead")]
    entity = _entity(reader, name, block.line) if name else None
    return Junction(entity, *names) if entity else None


def check_pairs(reader: Reader, block: Block, mapping: Mapping) -> None:
    """Note what cannot be said where pairs tell whose a deal is: pairs that count as activities, and doubles."""
    through = mapping.outcome.deal.through
    if through is None:
        return
    counted = [entity for of in mapping.links.objects for entity in (of.entity, of.through and of.through.entity)]
    if through.entity in counted:
        message = f"links.activities names {through.entity.object_name}, which tells whose the deals are"
        reader.wrong(block.lines["links"], message, "take it out of activities")
    if "duplicates" in block.lines:
        message = "who is there twice is not looked for where outcome.deal goes through another object"
        reader.wrong(block.lines["duplicates"], message, "remove duplicates")
