"""Which features tell who a person is by nature, or stand in for that: found by the words of their names and labels."""

from typing import Literal

from model.features import Feature
from model.report.segments import words_of

SENSITIVE = {
    "age", "birth", "birthday", "birthdate", "citizen", "citizenship", "dob", "disability", "disabled", "ethnic",
    "ethnicity", "gender", "marital", "married", "nationality", "race", "religion", "religious", "sex", "veteran",
}  # fmt: skip
# They tell origin or sex without naming it.
STAND_IN = {"country", "language", "postal", "postcode", "salutation", "zip", "zipcode"}


def why(feature: Feature) -> Literal["sensitive", "stands in", ""]:
    """Tell whether a feature is sensitive, or stands in for one that is; empty for all others."""
    words = words_of(feature)
    if words & SENSITIVE:
        return "sensitive"
    return "stands in" if words & STAND_IN else ""
