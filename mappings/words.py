"""The vocabulary of a mapping file. The loader, the compiler and the README's test read it from here."""

from dataclasses import dataclass
from enum import StrEnum

CRMS = ("salesforce", "hubspot")
KINDS = {
    "number": "a quantity; what is no finite number is missing",
    "category": "one of several words",
    "boolean": "true or false",
}
FAMILIES = {"fit": "who the lead is", "engagement": "what the lead does"}
MILESTONES = {
    "won": "a deal of the lead was won",
    "opportunity": "a deal of the lead was made",
    "converted": "the lead was converted, or became a deal, won or not",
}

# The keys of each block of a mapping file.
MAPPING_KEYS = ("version", "crm", "name", "links", "outcome", "features", "outputs", "routes", "grades", "points")
LINKS_KEYS = ("company", "activity")
COMPANY_KEYS = ("by", "lead", "company", "created")
COMPANY_BY = ("domain", "id")
ACTIVITY_KEYS = ("lead",)
OUTCOME_KEYS = (
    "milestone", "horizon_days", "observe_days", "min_amount", "created", "converted", "converted_values",
    "converted_at", "disqualified", "disqualified_values", "priority", "deal",
)  # fmt: skip
DEAL_KEYS = (
    "lead_field", "leads_field", "created", "won", "closed", "closed_at", "amount", "stage", "won_stages",
    "lost_stages",
)  # fmt: skip
FEATURE_KEYS = (
    "name", "label", "kind", "family", "from", "count", "days_between", "transforms", "optional", "monotone",
    "allow_after_outcome", "trusted", "told", "learned",
)  # fmt: skip
GRADES_KEYS = ("by", "A", "B", "C")
GRADES_BY = {
    "share": "so many per cent of the reference population",
    "likelihood": "at least so likely",
    "capacity": "as many new leads a week as the team can work",
}
POINTS_KEYS = ("caps", "floors", "decay", "rules")
DECAY_KEYS = ("half_life_days", "age")
CONDITIONS = ("is", "from", "below", "up_to", "present")
POINTS_RULE_KEYS = ("feature", *CONDITIONS, "points", "disqualify", "because")
COUNT_KEYS = ("at", "window_days", "where")


class Type(StrEnum):
    """What a feature's value is on its way through the transforms."""

    RAW = "a CRM's value"  # canonical text, which may still become anything
    TEXT = "text"
    NUMBER = "a number"
    BOOLEAN = "true or false"


class Argument(StrEnum):
    """What a transform is told."""

    NOTHING = "nothing"
    NUMBER = "a number"
    NUMBERS = "a list of rising numbers"
    WORDS = "a block of words"


@dataclass(frozen=True, slots=True)
class Transform:
    """One word of the vocabulary; `gives` None leaves the type as it is.

    `names` makes the label of what it gives from the label of what it takes.
    """

    says: str
    takes: Type
    gives: Type | None
    argument: Argument = Argument.NOTHING
    names: str = "{}"


ANYTHING = Type.RAW

TRANSFORMS = {
    "trim": Transform("text without blanks around it; nothing left is missing", Type.TEXT, None),
    "lower": Transform("text in lower case", Type.TEXT, None),
    "number": Transform("a number field's value; what is no number is missing", Type.TEXT, Type.NUMBER),
    "first_number": Transform(
        "the first number in free text: 25-50 is 25, $1,000+ is 1000, 2.5M is 2500000", Type.TEXT, Type.NUMBER
    ),
    "boolean": Transform("true for true, yes, y, on and 1; false for their opposites", Type.TEXT, Type.BOOLEAN),
    "present": Transform("whether there is a value at all", ANYTHING, Type.BOOLEAN, names="{} given"),
    "domain": Transform(
        "the domain of a web or e-mail address, without www", Type.TEXT, Type.TEXT, names="{} (domain)"
    ),
    "free_mail": Transform(
        "whether an e-mail address is with a free-mail provider", Type.TEXT, Type.BOOLEAN, names="{} (free mail)"
    ),
    "seniority": Transform("the level that a job title tells", Type.TEXT, Type.TEXT, names="{} (seniority)"),
    "department": Transform("the department that a job title tells", Type.TEXT, Type.TEXT, names="{} (department)"),
    "country": Transform("a country by its usual English name, however it was spelled", Type.TEXT, Type.TEXT),
    "map": Transform(
        'words for other words, whatever their case; "*" stands for all that are not listed',
        Type.TEXT,
        Type.RAW,
        Argument.WORDS,
    ),
    "length": Transform("how many characters a text has", Type.TEXT, Type.NUMBER, names="{} (length)"),
    "cap": Transform("a number, but no more than this", Type.NUMBER, Type.NUMBER, Argument.NUMBER),
    "log1p": Transform(
        "the logarithm of one more than a number; below zero counts as zero",
        Type.NUMBER,
        Type.NUMBER,
        names="{} (logarithm)",
    ),
    "bands": Transform(
        "the band that a number falls into: below the first, from one to below the next, from the last on",
        Type.NUMBER,
        Type.TEXT,
        Argument.NUMBERS,
    ),
}

# What a value may be when the transforms are done, by the feature's kind. A raw value is read as the kind asks.
ENDS = {
    "number": (Type.RAW, Type.NUMBER),
    "category": (Type.RAW, Type.TEXT, Type.BOOLEAN),
    "boolean": (Type.RAW, Type.BOOLEAN),
}


def fits(given: Type, takes: Type) -> bool:
    """Tell whether a transform can take what came before it. A raw value becomes what is asked for."""
    return takes is ANYTHING or given in (Type.RAW, takes)
