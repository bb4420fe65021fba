"""The languages that our texts in a CRM speak: names of our fields, dates, and words for the values of the dictionary.

Data in languages/*.yaml, one table for each, beside model/languages, which has the grammar of reasons. Needs no Polars.
"""

from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from model.languages import CODES, Counted, Language, language, table_of

__all__ = ["CODES", "DEFAULT", "Companies", "Phrases", "phrases"]

DEFAULT = "en"

Pairs = dict[str, str]


@dataclass(frozen=True, slots=True)
class Companies:
    """Sentences on a company; {roles} are names with commas between, {held} is how many of {number} there are."""

    nobody: str
    leads: Counted
    lacking: str
    complete: str
    roles: Counted
    nobody_from: str
    more: Counted
    fewer: Counted
    roles_by_held: bool = False  # which form of `roles`: as many as there are, or as the group has


@dataclass(frozen=True, slots=True)
class Phrases:
    """One table. What English leaves out of it is told by the English of outputs.py and words.py.

    `terms` is the glossary: one word for each concept. `fields` and `company_fields` are (label, description) of our
    fields by role, `names` what a transform makes of a field's name, `labels` what English ones of the presets become,
    `standard` what the CRMs' own English ones of standard fields do (in lower case), `values` the words for values, by
    the list that they are of.
    """

    language: Language
    terms: Pairs
    day: str
    first_day: str
    months: tuple[str, ...]
    since: str
    by_model: str
    others: str
    by_hand: str
    by_hand_until: str
    bands: Pairs
    names: Pairs
    options: Pairs
    companies: Companies
    values: dict[str, Pairs]
    fields: dict[str, list[str]] = field(default_factory=dict)
    company_fields: dict[str, list[str]] = field(default_factory=dict)
    earlier: Pairs = field(default_factory=dict)
    labels: Pairs = field(default_factory=dict)
    standard: Pairs = field(default_factory=dict)

    def dated(self, day: date) -> str:
        """Write a day as reps read it: 3 Nov 2026."""
        number = self.first_day if day.day == 1 else str(day.day)
        return self.day.format(day=number, month=self.months[day.month - 1], year=day.year)


@cache
def phrases(code: str) -> Phrases:
    """Read the table of one of `CODES`."""
    text = (resources.files("mappings") / "languages" / f"{code}.yaml").read_text(encoding="utf-8")
    table = table_of(text)
    said: dict[str, Any] = {
        name: Counted(**one) if isinstance(one, dict) else one for name, one in table.pop("companies").items()
    }
    months = tuple(table.pop("months"))
    return Phrases(language(code), companies=Companies(**said), months=months, **table)
