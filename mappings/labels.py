"""What people call a feature: its label in the mapping or, without one, what the CRM calls its field.

A mapping is loaded without a CRM, so a feature without a label begins with a readable form of its field's name. Labels
that a describe has told are laid over it later, and leave `version` as it was: an admin who renames a field makes no
score anew. They are text of a stranger, so they are cleaned before they are kept.
"""

import re
from collections.abc import Mapping as Dict
from dataclasses import replace

from connector.crm import Entity
from mappings.enrichment import PREFIX
from mappings.mapping import Mapping
from mappings.parts import Rule, Source
from mappings.texts import fitted
from mappings.words import EARLIER, TRANSFORMS
from model.visible import visible

LONGEST = 80
_WORD = re.compile(r"[A-Z]+(?![a-z])\d*|[A-Z]?[a-z]+\d*|\d+")


def labelled(mapping: Mapping, known: Dict[Source, str]) -> Mapping:
    """Call the features without a label what the CRM calls their field; those with one, and `version`, stay."""
    rules = tuple(rule if rule.has_label else named(rule, known) for rule in mapping.rules)
    return replace(mapping, rules=rules)


def unlabelled_fields(mapping: Mapping, entity: Entity) -> tuple[str, ...]:
    """Name the fields of the entity whose label in the CRM the mapping speaks with, in the order of the file."""
    sources = (source for rule in mapping.rules if not rule.has_label for source in rule.sources)
    names = (source.field for source in sources if source.entity is entity)
    return tuple(dict.fromkeys(name for name in names if not name.startswith(PREFIX) and name not in EARLIER))


def named(rule: Rule, known: Dict[Source, str]) -> Rule:
    """Call a feature what its first field is called of which that is known, and say what the transforms made of it.

    Where nothing is known of any, the first one's name is made readable.
    """
    told = (known[source] for source in rule.sources if known.get(source))
    label = called = next(told, "") or (readable(rule.sources[0].field) if rule.sources else "")
    for step in rule.steps:
        label = TRANSFORMS[step.name].names.format(label)
    return replace(rule, feature=replace(rule.feature, label=label), called=called)


def readable(field: str) -> str:
    """Make words of a field's API name: "NumberOfEmployees" is Number of employees, "ns__SLA_Level__c" SLA level."""
    if field in EARLIER:
        return EARLIER[field].label
    stem = field.removeprefix(PREFIX).removesuffix("__c").rpartition("__")[2].removeprefix("hs_")
    words = [word if word.isupper() else word.lower() for word in _WORD.findall(stem)]
    text = " ".join(words) or field
    return text[:1].upper() + text[1:]


def clean(label: str) -> str:
    """Put a CRM's label on one line of at most 80 characters, without control and other hidden characters.

    A colon at its end is left out, for sentences put their own behind it. May leave nothing.
    """
    return fitted(" ".join(visible(label).split()).rstrip(" :"), LONGEST)
