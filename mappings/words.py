"""The vocabulary of a mapping file. The loader, the compiler and the README's test read it from here."""

from dataclasses import dataclass
from enum import StrEnum

from model.features import Family, Kind

CRMS = ("salesforce", "hubspot")
KINDS: dict[Kind, str] = {
    "number": "a quantity; what is no finite number is missing",
    "category": "one of several words",
    "boolean": "true or false",
}
FAMILIES: dict[Family, str] = {"fit": "who the lead is", "engagement": "what the lead does"}
SCORED = {
    "lead": "a lead: Salesforce's Lead, HubSpot's contact",
    "deal": "a deal: Salesforce's Opportunity, HubSpot's deal",
    "contact": "a contact, of Salesforce alone",
}
LANGUAGES = {"en": "English", "de": "German", "fr": "French", "es": "Spanish", "pt": "Portuguese, as in Brazil"}
MILESTONES = {
    "won": "a deal of the lead was won",
    "opportunity": "a deal of the lead was made",
    "converted": "the lead was converted, or became a deal, won or not",
}

# What `month` and `weekday` give.
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

# The keys of each block of a mapping file.
MAPPING_KEYS = (
    "version", "crm", "scored", "language", "name", "links", "outcome", "features", "outputs", "routes", "grades",
    "points", "rules", "handover", "enrich", "privacy", "duplicates", "companies",
)  # fmt: skip
LINKS_KEYS = ("company", "activity", "activities")
COMPANY_KEYS = ("by", "lead", "company", "created")
COMPANY_BY = ("domain", "id")
ACTIVITY_KEYS = ("lead",)
OBJECT_KEYS = ("object", "lead", "converted", "through")
THROUGH_KEYS = ("object", "activity", "lead")
OUTCOME_KEYS = (
    "milestone", "horizon_days", "observe_days", "min_amount", "created", "converted", "converted_values",
    "converted_at", "disqualified", "disqualified_values", "priority", "deal",
)  # fmt: skip
DEAL_KEYS = (
    "lead_field", "leads_field", "created", "won", "closed", "closed_at", "amount", "stage", "won_stages",
    "lost_stages", "through",
)  # fmt: skip
DEAL_THROUGH_KEYS = ("object", "deal", "lead")
FEATURE_KEYS = (
    "name", "label", "kind", "family", "from", "count", "days_between", "ratio", "in", "transforms", "optional",
    "monotone", "allow_after_outcome", "trusted", "told", "learned",
)  # fmt: skip
COMPANIES_KEYS = ("outputs", "roles")
DUPLICATES_KEYS = ("lead", "company")
SAME_LEAD_KEYS = ("email", "phone", "name", "company", "website")
SAME_COMPANY_KEYS = ("name", "website", "phone")
PRIVACY_KEYS = ("purpose", "lawful_basis", "sensitive", "never_read")
GRADES_KEYS = ("by", "A", "B", "C")
GRADES_BY = {
    "share": "so many per cent of the reference population",
    "likelihood": "at least so likely",
    "capacity": "as many new leads a week as the team can work",
}
POINTS_KEYS = ("caps", "floors", "groups", "decay", "rules")
DECAY_KEYS = ("half_life_days", "age")
CONDITIONS = ("is", "from", "below", "up_to", "present")
POINTS_RULE_KEYS = (
    "feature", *CONDITIONS, "points", "per", "at_most", "group", "half_life_days", "age", "disqualify", "because",
)  # fmt: skip
HARD_RULES_KEYS = ("apply", "list")
APPLY = {
    "first": "the first rule that holds counts, and no other",
    "all": "all that hold count; where two say different things, the earlier one wins",
}
HARD_RULE_KEYS = ("name", "when", "grade", "route", "score", "because")
JUNCTIONS = ("all", "any", "not")
RULED_SCORES = ("lowest",)
HANDOVER_KEYS = ("webhook",)
WEBHOOK_KEYS = ("url", "secret", "grades", "fields", "new_within_days")
OFFLINE_KEYS = ("name", "reads")
TABLE_KEYS = ("name", "table", "key", "column", "of", "fields", "write_back", "overwrite")
SERVICE_KEYS = (
    "name", "url", "body", "auth", "key", "of", "fields", "per_second", "cost", "most_cost_a_day", "most_a_run",
    "keep_days", "when_down", "timeout_s", "write_back", "overwrite",
)  # fmt: skip
AUTH_KEYS = ("header", "scheme", "secret")
KEY_KINDS = ("domain", "company", "postcode", "exact")
WHEN_DOWN = ("skip", "wait")
COUNT_KEYS = ("object", "measure", "at", "window_days", "where", "field", "half_life_days")


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
    AMOUNT = "a number above 0"
    NUMBERS = "a list of rising numbers"
    VALUE = "a value of the same type"
    LIST = "a word or a list of words"
    WORDS = "a block of words"
    RATES = "a block of words with a number above 0 each"


@dataclass(frozen=True, slots=True)
class Transform:
    """One word of the vocabulary; `gives` None leaves the type as it is.

    `example` is what it may be told, as the file writes it. `names` makes the label of what it gives from the label of
    what it takes.
    """

    says: str
    takes: Type
    gives: Type | None
    argument: Argument = Argument.NOTHING
    example: str = ""
    names: str = "{}"


ANYTHING = Type.RAW

TRANSFORMS = {
    "trim": Transform("text without blanks around it; nothing left is missing", Type.TEXT, None),
    "collapse": Transform("text with single blanks between its words; nothing left is missing", Type.TEXT, None),
    "lower": Transform("text in lower case", Type.TEXT, None),
    "title": Transform("text with each word's first letter alone in capitals", Type.TEXT, None),
    "digits": Transform("the digits of a text; a text without any is missing", Type.TEXT, Type.TEXT),
    "default": Transform("this value where there is none", ANYTHING, None, Argument.VALUE, "other"),
    "number": Transform("a number field's value; what is no number is missing", Type.TEXT, Type.NUMBER),
    "first_number": Transform(
        "the first number in free text: `25-50` is 25, `$1,000+` is 1000, `2.5M` is 2500000", Type.TEXT, Type.NUMBER
    ),
    "employees": Transform(
        "a head count however it was typed: `11-50` is 30.5, `10,000+` and `10k` are 10000, `self-employed` is 1",
        Type.TEXT,
        Type.NUMBER,
    ),
    "revenue": Transform(
        "an amount of money however it was typed, its currency aside: `$5M`, `EUR 2,5 Mio.`, `1.2bn`, `3 crore`",
        Type.TEXT,
        Type.NUMBER,
    ),
    "currency": Transform(
        "an amount in one currency: times the rate of the currency that `in` names; "
        '`"*"` stands for all that are not listed, and without it these are missing',
        Type.NUMBER,
        Type.NUMBER,
        Argument.RATES,
        "{USD: 1, EUR: 1.08}",
    ),
    "boolean": Transform(
        "true for true, yes, y, on and 1; false for their opposites; missing for all else", Type.TEXT, Type.BOOLEAN
    ),
    "present": Transform("whether there is a value at all", ANYTHING, Type.BOOLEAN, names="{} given"),
    "is_in": Transform(
        "whether the text is one of these, whatever the case", Type.TEXT, Type.BOOLEAN, Argument.LIST, "[info, sales]"
    ),
    "has": Transform(
        "whether one of these is chosen in a field of several options (`;` between), whatever the case",
        Type.TEXT,
        Type.BOOLEAN,
        Argument.LIST,
        "Newsletter",
    ),
    "picked": Transform(
        "how many options are chosen in a field of several", Type.TEXT, Type.NUMBER, names="{} (how many)"
    ),
    "first_of": Transform(
        "the first of these that is chosen in a field of several options; missing if none is",
        Type.TEXT,
        Type.TEXT,
        Argument.LIST,
        "[Enterprise, Team, Free]",
    ),
    "domain": Transform(
        "the domain of a web or e-mail address, without www", Type.TEXT, Type.TEXT, names="{} (domain)"
    ),
    "email_user": Transform(
        "what stands before the @ of an e-mail address, in lower case", Type.TEXT, Type.TEXT, names="{} (user)"
    ),
    "free_mail": Transform(
        "whether an e-mail address is with a free-mail provider", Type.TEXT, Type.BOOLEAN, names="{} (free mail)"
    ),
    "seniority": Transform(
        "the level of a job title: c_level, vp, director, manager, senior, staff, junior, unknown",
        Type.TEXT,
        Type.TEXT,
        names="{} (seniority)",
    ),
    "department": Transform(
        "the department of a job title: sales, marketing, it, finance, hr, operations, engineering, product, "
        "purchasing, legal, service, management, other, unknown",
        Type.TEXT,
        Type.TEXT,
        names="{} (department)",
    ),
    "country": Transform("a country by its usual English name, however it was spelled", Type.TEXT, Type.TEXT),
    "map": Transform(
        'words for other words, whatever their case; `"*"` stands for all that are not listed',
        Type.TEXT,
        Type.RAW,
        Argument.WORDS,
        "{old: new}",
    ),
    "contains": Transform(
        "the word of the first keyword that is in the text, as whole words whatever case and accents; "
        '`*` at a keyword\'s end stands for any ending, `"*"` alone for all other texts, which without it are missing',
        Type.TEXT,
        Type.TEXT,
        Argument.WORDS,
        "{supply chain: logistics, engineer*: technical}",
    ),
    "length": Transform("how many characters a text has", Type.TEXT, Type.NUMBER, names="{} (length)"),
    "year": Transform("the year of a date or time, in UTC", Type.TEXT, Type.NUMBER, names="{} (year)"),
    "month": Transform("its month: january to december", Type.TEXT, Type.TEXT, names="{} (month)"),
    "weekday": Transform("its day of the week: monday to sunday", Type.TEXT, Type.TEXT, names="{} (weekday)"),
    "hour": Transform(
        "the hour of a time, 0 to 23, in UTC; missing for a date alone", Type.TEXT, Type.NUMBER, names="{} (hour, UTC)"
    ),
    "cap": Transform("a number, but no more than this", Type.NUMBER, Type.NUMBER, Argument.NUMBER, "100"),
    "at_least": Transform("whether a number is this or more", Type.NUMBER, Type.BOOLEAN, Argument.NUMBER, "50"),
    "round": Transform("a number to the nearest multiple of this", Type.NUMBER, Type.NUMBER, Argument.AMOUNT, "1000"),
    "times": Transform("a number times this", Type.NUMBER, Type.NUMBER, Argument.NUMBER, "0.01"),
    "log1p": Transform(
        "the logarithm of one more than a number; below zero counts as zero",
        Type.NUMBER,
        Type.NUMBER,
        names="{} (logarithm)",
    ),
    "bands": Transform(
        "the band of a number: `below 20`, `20 to below 100` or `100 or more`",
        Type.NUMBER,
        Type.TEXT,
        Argument.NUMBERS,
        "[20, 100]",
    ),
}


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing that `count` tells of a lead's activities, and which of its keys go with it."""

    says: str
    gives: Type = Type.NUMBER
    needs_field: bool = False
    needs_where: bool = False
    fades: bool = False  # may be told half_life_days
    dated: bool = False  # is reckoned from the lead's creation, and not only bounded by it


MEASURES = {
    "count": Measure("how many there are; 0 if there is none", fades=True),
    "share": Measure(
        "the share of those that meet `where` among all; missing if there is none at all", needs_where=True
    ),
    "first_days": Measure("days from the lead's creation to the first one, below zero if it was before", dated=True),
    "last_days": Measure("days from the lead's creation to the last one, below zero if it was before", dated=True),
    "distinct": Measure("how many different values of `field` there are, whatever their case", needs_field=True),
    "sum": Measure("the sum of the number `field`; what is no number adds nothing", needs_field=True, fades=True),
    "first": Measure("the value of `field` of the first one that has any", Type.RAW, needs_field=True),
    "last": Measure("the value of `field` of the last one that has any", Type.RAW, needs_field=True),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that the earlier leads of the same person, or of the same company, tell of a lead.

    `tells` is "leads" (how many), "days" (since the last), or an outcome: how many of them had it by then.
    """

    says: str
    label: str
    tells: str
    of_company: bool = False


EARLIER = {
    "earlier.leads": Fact(
        "how many earlier leads of the same person there are", "Earlier leads of the person", "leads"
    ),
    "earlier.days": Fact(
        "days from the last of them to this lead; missing if there is none", "Days since the person's last lead", "days"
    ),
    "earlier.won": Fact("how many of them were won by then", "Earlier leads of the person won", "won"),
    "earlier.lost": Fact("how many of them were lost by then", "Earlier leads of the person lost", "lost"),
    "earlier.disqualified": Fact(
        "how many of them were turned down by then", "Earlier leads of the person turned down", "disqualified"
    ),
    "earlier.company_leads": Fact(
        "how many earlier leads of the same company there are, whoever they are; this and those below are missing "
        "without a company",
        "Earlier leads of the company",
        "leads",
        of_company=True,
    ),
    "earlier.company_days": Fact(
        "days from the last of them to this lead; missing if there is none",
        "Days since the company's last lead",
        "days",
        of_company=True,
    ),
    "earlier.company_won": Fact(
        "how many of them were won by then", "Earlier leads of the company won", "won", of_company=True
    ),
    "earlier.company_lost": Fact(
        "how many of them were lost by then", "Earlier leads of the company lost", "lost", of_company=True
    ),
    "earlier.company_disqualified": Fact(
        "how many of them were turned down by then",
        "Earlier leads of the company turned down",
        "disqualified",
        of_company=True,
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
