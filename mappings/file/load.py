"""Loading a mapping: strictly, with every mistake told at once by file, line, reason and the nearest right name.

Needs no Polars: a pull loads a mapping only to know which fields to read and how records are linked.
"""

import hashlib
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any

from connector.crm import Entity
from mappings import lexicon, words
from mappings.duplicates import Duplicates, check_told, read_duplicates
from mappings.enrichment import PREFIX, Enrichment
from mappings.file.enrich_fields import read_lines
from mappings.file.enriching import read_enrich
from mappings.file.field_names import check_field_names
from mappings.file.grading import read_grades
from mappings.file.handing import read_handover
from mappings.file.hard_rules import read_hard_rules
from mappings.file.linking import check_pairs, read_links
from mappings.file.points import read_points
from mappings.file.privacy import check_privacy, read_privacy
from mappings.file.problems import MappingInvalid, Problem
from mappings.file.reader import Reader
from mappings.file.rolling_up import read_roll_up
from mappings.file.rules import read_rules
from mappings.file.sections import (
    check_window,
    read_language,
    read_outcome,
    read_outputs,
    read_routes,
    read_scored,
    read_version,
)
from mappings.file.writing_back import check_write_back
from mappings.file.yamlfile import read
from mappings.languages import DEFAULT
from mappings.mapping import Mapping
from mappings.parts import Links, Rule, Source

__all__ = ["PRESETS", "VERSION", "Mapping", "MappingInvalid", "load", "load_preset", "parse", "preset_text"]

PRESETS = (*words.CRMS, "salesforce-deals", "hubspot-deals", "salesforce-contacts")
VERSION = 1


def load(path: Path) -> Mapping:
    """Load a mapping from a file. Raises MappingInvalid with all that is wrong."""
    file = str(path)
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise MappingInvalid([Problem(file, 0, f"it cannot be read ({error.strerror})", "check the path")]) from error
    except UnicodeDecodeError as error:
        raise MappingInvalid([Problem(file, 0, "it is not text in UTF-8", "save it as UTF-8")]) from error
    return parse(text, file)


def load_preset(name: str) -> Mapping:
    """Load the preset of this name, which works on a standard org or portal untouched: one of `PRESETS`."""
    return parse(preset_text(name), f"preset {name}")


def preset_text(name: str) -> str:
    """Give the text of a preset, to start a mapping from."""
    return (resources.files("mappings") / "presets" / f"{name}.yaml").read_text(encoding="utf-8")


def parse(text: str, file: str) -> Mapping:
    """Make a mapping of a file's text. Raises MappingInvalid with all that is wrong."""
    block, reader = read(text, file), Reader(file)
    reader.keys(block, words.MAPPING_KEYS, "the mapping")
    read_version(reader, block, VERSION)
    crm = reader.one_of(block, "crm", words.CRMS, "the mapping")
    name = reader.text(block, "name", "the mapping", needed=False) or crm
    links = read_links(reader, block)
    scored, language = read_scored(reader, block, crm), read_language(reader, block)
    outcome = read_outcome(reader, block, scored)
    enrich = read_enrich(reader, block, crm, links)
    rules, lines = read_rules(reader, block, crm=crm, scored=scored, links=links, enriched=enrich.fields)
    outputs = read_outputs(reader, block, crm)
    routes = read_routes(reader, block)
    grades = read_grades(reader, block)
    points = read_points(reader, block, rules)
    ruling = read_hard_rules(reader, block, rules)
    handover = read_handover(reader, block, crm)
    own: dict[str, Any] = {"file": file, "lines": read_lines(block) | lines, "ruling": ruling, "handover": handover}
    same = read_duplicates(reader, block)
    only_if_used: tuple[object, ...] = (*((ruling,) if ruling.rules else ()), *_enriched_by(enrich, rules))
    only_if_used += (
        *_told_by(same, rules),
        *_junctions(links),
        *(() if scored == "lead" else (scored,)),
        *outcome.looks,
        *((outcome.deal.through,) if outcome.deal.through else ()),
    )
    only_if_used += () if language == DEFAULT else ("language", language)
    version = _version(crm, links, outcome, rules, outputs, routes, points, *only_if_used)
    mapping = Mapping(crm, name, version, rules, outcome, links, outputs, routes, grades, points, **own)
    mapping = replace(mapping, privacy=read_privacy(reader, block), enrich=enrich)
    mapping = replace(mapping, duplicates=same, scored=scored, language=language)
    companies = read_roll_up(reader, block, crm=crm, links=links, rules=rules, ours=outputs)
    if companies and scored != "lead":
        reader.wrong(block.lines["companies"], f"companies get values of leads, not of a {scored}", "remove companies")
    mapping = replace(mapping, companies=companies)
    check_pairs(reader, block, mapping)
    check_told(reader, same, {name: lines[Source(Entity.LEAD, name)] for name in mapping.earlier})
    check_privacy(reader, block, mapping)
    check_write_back(reader, block, mapping)
    if not reader.problems:
        check_window(reader, block, mapping)
        check_field_names(reader, block, mapping)
    if reader.problems:
        raise MappingInvalid(reader.problems)
    return mapping


def _enriched_by(enrich: Enrichment, rules: tuple[Rule, ...]) -> tuple[object, ...]:
    """Give what moves a score of the section enrich, or a field of the CRM's: nothing where none of it is used."""
    is_used = any(source.field.startswith(PREFIX) for rule in rules for source in rule.reads)
    written = [(enrich.write_back, enrich.used(one.name for one in enrich.write_back))] if enrich.write_back else []
    return (*((enrich,) if is_used else ()), *written)


def _told_by(same: Duplicates, rules: tuple[Rule, ...]) -> tuple[Duplicates, ...]:
    """Give what moves a score of the section duplicates: nothing where no feature is made of earlier leads."""
    is_used = any(source.field in words.EARLIER for rule in rules for source in rule.reads)
    return (same,) if is_used else ()


def _junctions(links: Links) -> tuple[object, ...]:
    """Give what further leads of activities are found by, where any are."""
    return tuple((of.entity, of.through) for of in links.objects if of.through)


def _version(*parts: object) -> str:
    """Hash what the mapping says and the lexicons that it speaks with, so that only a change of meaning is one."""
    return hashlib.blake2b("\n".join([repr(parts), lexicon.fingerprint()]).encode(), digest_size=6).hexdigest()
