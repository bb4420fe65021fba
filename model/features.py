"""What a feature is: one column of the model, with the words that people read about it.

Importing this module loads nothing else, so that mappings can name features without loading a learner.
"""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["number", "category", "boolean"]
Family = Literal["fit", "engagement"]

# The columns that stand beside the features in frames of examples, tested ones included: no feature can be named so.
BESIDE = ("id", "created_at", "label", "group", "amount", "priority", "likelihood", "grade", "as_of")


@dataclass(frozen=True, slots=True)
class Feature:
    """One column of the model.

    A number is a Float64 column, a category a String column, a boolean a Boolean column; null means not known.
    `family` says which side of the score it explains: who the lead is (fit) or what the lead does (engagement).
    `monotone` 1 or -1 allows the column to move the score in that direction only; 0 leaves it free.
    `field` is what people see as one field: features with the same one make one reason; empty: the feature's own name.
    `trusted` True means that people vouch for it: neither the leak detector nor its being sensitive leaves it out.
    `learned` False keeps the feature out of the model: it is there for the points rules and the report alone.
    `told` False keeps the feature out of reasons, because the people who read them may not see its field.
    """

    name: str
    label: str
    kind: Kind
    family: Family
    monotone: Literal[0, 1, -1] = 0
    field: str = ""
    told: bool = True
    trusted: bool = False
    learned: bool = True
