"""How a model's features are told to people: in which language, by which name, their values in which words.

A model is learned without any of it; who renders its scores says how. Mappings make it from what their file says.
"""

from collections.abc import Mapping as Dict
from dataclasses import dataclass, field
from typing import Literal

from model.features import Feature
from model.languages import ENGLISH, Language

# What a number is to people: a quantity; a year, whose digits are not grouped; a share of 1, told in per cent; or the
# logarithm of one more than the quantity that is told.
Shown = Literal["quantity", "year", "share", "logarithm"]


@dataclass(frozen=True, slots=True)
class Told:
    """How one feature is told: its name, the words for its values (others are told as they are), and its numbers.

    A number that reaches `most` is told as that or more, for that is where it was cut off.
    """

    label: str
    values: Dict[str, str] = field(default_factory=dict)
    shown: Shown = "quantity"
    most: float | None = None


@dataclass(frozen=True, slots=True)
class Wording:
    """How features are told, by their names; one that is not among them is called by its label.

    No text names one of `silent`: who reads it may not see it.
    """

    language: Language = ENGLISH
    features: Dict[str, Told] = field(default_factory=dict)
    silent: frozenset[str] = frozenset()

    def of(self, feature: Feature) -> Told:
        """Tell how a feature is told."""
        return self.features.get(feature.name) or Told(feature.label)

    def names(self, feature: Feature) -> bool:
        """Tell whether texts may name a feature."""
        return feature.told and feature.name not in self.silent


PLAIN = Wording()
