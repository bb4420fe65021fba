"""The section privacy of a mapping file: what the data are for, which fields are sensitive, which are never read.

It moves no score by itself, so it is no part of a mapping's version; what it forbids, the loader refuses.
"""

from connector.crm import Entity
from mappings import words
from mappings.file.reader import Reader
from mappings.file.yamlfile import Block
from mappings.mapping import Mapping
from mappings.parts import UNDECLARED, Privacy, Source

WHERE = "privacy"
_ENTITIES = {"": Entity.LEAD, "company": Entity.COMPANY, "deal": Entity.DEAL, "activity": Entity.ACTIVITY}


def read_privacy(reader: Reader, mapping: Block) -> Privacy:
    """Read what is declared; without the section, nothing is."""
    if WHERE not in mapping.values:
        return UNDECLARED
    block = reader.block(mapping, WHERE, "the mapping")
    reader.keys(block, words.PRIVACY_KEYS, WHERE)
    return Privacy(
        purpose=reader.text(block, "purpose", WHERE, needed=False),
        lawful_basis=reader.text(block, "lawful_basis", WHERE, needed=False),
        sensitive=reader.texts(block, "sensitive", WHERE, needed=False),
        never_read=reader.texts(block, "never_read", WHERE, needed=False),
    )


def check_privacy(reader: Reader, block: Block, mapping: Mapping) -> None:
    """Note what the mapping reads although it says that it must not, and what it learns from unvouched."""
    declared = mapping.privacy
    if not declared.never_read and not declared.sensitive:
        return
    section = reader.block(block, WHERE, "the mapping")
    never = _sources(reader, section, "never_read", declared.never_read)
    for entity in mapping.entities:
        for name in mapping.source_fields(entity):
            if (entity, name.lower()) in never:
                line = mapping.lines.get(Source(entity, name), section.line)
                fix = f"take it out of the mapping, or {name} out of never_read"
                reader.wrong(line, f"the mapping reads {name}, which privacy.never_read names", fix)
    sensitive = _sources(reader, section, "sensitive", declared.sensitive)
    for rule in mapping.rules:
        for source in rule.reads:
            if (source.entity, source.field.lower()) in sensitive and not rule.feature.trusted:
                line = mapping.lines.get(source, section.line)
                fix = "leave the feature out, or add trusted: true to it if it may be learned from"
                reader.wrong(line, f"feature {rule.feature.name} is made of {source.field}, declared sensitive", fix)


def _sources(reader: Reader, section: Block, key: str, names: tuple[str, ...]) -> set[tuple[Entity, str]]:
    """Tell (entity, field in small letters) by what is written: NAME, company.NAME, deal.NAME, activity.NAME."""
    found = set()
    for name in names:
        prefix, _, rest = name.rpartition(".")
        try:
            entity = _ENTITIES[prefix] if prefix in _ENTITIES else Entity.of_object(prefix)
        except ValueError:
            message = f"{key} of privacy names {name}; nothing is called {prefix}"
            reader.wrong(
                section.lines[key], message, "write NAME, company.NAME, deal.NAME, activity.NAME or OBJECT.NAME"
            )
            continue
        found.add((entity, rest.lower()))
    return found
