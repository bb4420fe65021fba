"""Names for features of fields that nobody has named yet: lower case, each once, and none that means something else."""

import re
from collections.abc import Iterable

from mappings.labels import readable
from model.features import BESIDE, Feature

LONGEST = 40


def feature_names(fields: Iterable[str], *, taken: Iterable[Feature]) -> dict[str, str]:
    """Name a feature for each field, as a mapping file names fields ("company.FIELD").

    "Misc_3__c" is misc_3; what is taken already, or reserved, gets a number.
    """
    used = {*BESIDE, *(feature.name for feature in taken)}
    names: dict[str, str] = {}
    for field in fields:
        stem = re.sub(r"[^a-z0-9]+", "_", readable(field.rpartition(".")[2]).lower()).strip("_")[:LONGEST].rstrip("_")
        stem = stem if stem[:1].isalpha() else f"field_{stem}".rstrip("_")
        name = next(one for one in _tries(stem) if one not in used)
        names[field] = name
        used.add(name)
    return names


def option_names(feature: str, options: Iterable[str], *, taken: set[str]) -> dict[str, str]:
    """Name a feature for each option of a field of several; what is taken already gets a number, and is added."""
    names: dict[str, str] = {}
    for option in options:
        word = re.sub(r"[^a-z0-9]+", "_", option.lower()).strip("_") or "other"
        names[option] = next(one for one in _tries(f"{feature}_{word}"[:LONGEST].rstrip("_")) if one not in taken)
        taken.add(names[option])
    return names


def _tries(stem: str) -> Iterable[str]:
    yield stem
    number = 2
    while True:
        yield f"{stem}_{number}"
        number += 1
