"""The languages that reasons are told in: how each writes numbers, says values, and says what they do to a likelihood.

Data in languages/*.yaml, one table for each; a language is added there and nowhere else.
"""

from dataclasses import dataclass, fields
from functools import cache
from importlib import resources
from typing import Any

import yaml

CODES = ("en", "de", "fr", "es", "pt")


@dataclass(frozen=True, slots=True)
class Counted:
    """Two forms of a phrase with {number}: for one, and for any other number."""

    one: str
    other: str


@dataclass(frozen=True, slots=True)
class Language:
    """One table. Phrases may hold {number}, or {percent}, which is a number as `percent` writes it.

    Numbers are grouped by thousands from `grouped_from` on; with `below_two_is_one`, 0.5 and 1.5 are singular.
    Where there is no word for a billion, it is a thousand million.
    """

    code: str
    decimal: str
    thousands: str
    grouped_from: int
    below_two_is_one: bool
    percent: str
    or_more: str
    million: Counted
    billion: Counted | None
    colon: str
    semicolon: str
    yes: str
    no: str
    not_known: str
    endless: str
    times: Counted
    over: str
    slightly_more: str
    less: str
    slightly_less: str
    points: Counted
    disqualified: str
    by_the_scorecard: str
    new_model: str
    other_inputs: str

    def written(self, number: str) -> str:
        """Write an English number (1,234.5) with the separators of this language."""
        if self.thousands == ",":
            return number
        if "," in number and len(number.strip("+-").partition(".")[0].replace(",", "")) < len(str(self.grouped_from)):
            number = number.replace(",", "")
        return number.translate({ord(","): self.thousands, ord("."): self.decimal})

    def counted(self, forms: Counted, value: float, number: str) -> str:
        """Say a value that is shown as the English `number` with its unit, in the form that goes with it."""
        return self.form(forms, value).format(number=self.written(number))

    def form(self, forms: Counted, value: float) -> str:
        """Choose the form of a phrase that goes with a value."""
        is_one = abs(value) < 2 if self.below_two_is_one else abs(value) == 1
        return forms.one if is_one else forms.other


def table_of(text: str) -> dict[str, Any]:
    """Read a table of words from YAML: plain values alone; by the loader in C where there is one: ten times as fast."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    table: dict[str, Any] = yaml.load(text, Loader=loader)  # noqa: S506  both are PyYAML's safe loaders: no objects
    return table


@cache
def language(code: str) -> Language:
    """Read the table of one of `CODES`."""
    text = (resources.files("model") / "languages" / f"{code}.yaml").read_text(encoding="utf-8")
    table = table_of(text)
    forms = {one.name for one in fields(Language) if one.type in (Counted, Counted | None)}
    said: dict[str, Any] = {name: Counted(**one) if name in forms and one else one for name, one in table.items()}
    return Language(code, **said)


ENGLISH = language("en")
