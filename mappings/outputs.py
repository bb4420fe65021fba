"""Our fields on leads and companies: what each is for, and what it is called on each CRM.

Plain types without HTML, so that values survive reports, list views and automation. An output's role ("top_reason") is
its name here; a mapping's prefix makes it a CRM's: TG_Top_Reason__c, tg_top_reason.
"""

import re
from dataclasses import dataclass, replace

from connector.crm import Entity, Kind, NewField
from mappings.languages import DEFAULT, Phrases, phrases

GRADES = ("A", "B", "C", "D")
DISQUALIFY = "disqualify"  # a route that people may choose by hand


@dataclass(frozen=True, slots=True)
class Output:
    """One field of ours, before a CRM names it."""

    label: str
    kind: Kind
    description: str
    length: int | None = None
    digits: int = 18
    decimals: int = 0
    percent: bool = False
    most: float | None = None  # the largest number that is ever written


OUTPUTS = {
    "score": Output(
        "Truegrade score",
        Kind.NUMBER,
        "1 to 99: rank of the likelihood in a frozen reference population",
        digits=3,
        most=99,
    ),
    "grade": Output("Truegrade grade", Kind.OPTION, "A, B, C or D; empty: not scored", length=2),
    "likelihood": Output(
        "Truegrade likelihood",
        Kind.NUMBER,
        "Calibrated probability of the milestone within the horizon",
        digits=5,
        decimals=2,
        percent=True,
        most=100,
    ),
    "fit": Output("Truegrade fit", Kind.NUMBER, "1 to 99: who they are", digits=3, most=99),
    "engagement": Output("Truegrade engagement", Kind.NUMBER, "1 to 99: what they did", digits=3, most=99),
    "top_reason": Output("Truegrade top reason", Kind.TEXT, "The strongest reason, in one sentence", length=255),
    "reasons": Output("Truegrade reasons", Kind.TEXT, "The reasons, a line each, strongest first", length=4000),
    "reason_codes": Output(
        "Truegrade reason codes", Kind.TEXT, "Stable codes for automation, with ; between", length=255
    ),
    "change": Output("Truegrade change", Kind.TEXT, "How the score moved since it was last written", length=255),
    "route": Output("Truegrade route", Kind.OPTION, "Where the lead should go", length=40),
    "model": Output("Truegrade model", Kind.TEXT, "Version of the model that made the written values", length=80),
    "scored_at": Output("Truegrade scored at", Kind.INSTANT, "When the written values were made"),
}

# On a company. Its open leads are those that the roll-up counts (`mappings.frames.rolling_up`).
COMPANY_OUTPUTS = {
    "score": Output(
        "Truegrade score", Kind.NUMBER, "1 to 99: score of the best open lead; empty: no open lead", digits=3, most=99
    ),
    "grade": Output("Truegrade grade", Kind.OPTION, "Grade of the best open lead", length=2),
    "likelihood": Output(
        "Truegrade likelihood",
        Kind.NUMBER,
        "Calibrated probability that any open lead reaches the milestone in time",
        digits=5,
        decimals=2,
        percent=True,
        most=100,
    ),
    "top_reason": Output("Truegrade top reason", Kind.TEXT, "How the company stands, in one sentence", length=255),
    "best_lead": Output("Truegrade best lead", Kind.TEXT, "Record id of the best open lead", length=255),
    "open_leads": Output("Truegrade open leads", Kind.TEXT, "Number of open leads by grade: 2 A, 1 B, 4 C", length=255),
    "coverage": Output(
        "Truegrade coverage",
        Kind.NUMBER,
        "Share of the buying group's roles that open leads have",
        digits=5,
        decimals=2,
        percent=True,
        most=100,
    ),
    "roles": Output("Truegrade roles", Kind.TEXT, "Roles of the buying group among the open leads", length=255),
    "change": Output("Truegrade change", Kind.TEXT, "How the company moved within the last weeks", length=255),
    "model": Output("Truegrade model", Kind.TEXT, "Version of the model that made the written values", length=80),
    "scored_at": Output("Truegrade scored at", Kind.INSTANT, "When the written values were made"),
}
ROLES = {Entity.LEAD: tuple(OUTPUTS), Entity.COMPANY: tuple(COMPANY_OUTPUTS)}

# Alone never a reason to write: these tell where the written values came from, and go on telling the truth of them when
# another model, later, says the same.
PERISHABLE = frozenset({"scored_at", "model"})

PREFIXES = {"salesforce": "TG_", "hubspot": "tg_"}
ROUTES = (("A", "sales"), ("B", "sales"), ("C", "nurture"), ("D", "nurture"))

# Custom fields of Salesforce: letters, digits and single underscores; HubSpot's properties: the same in lower case, and
# hs_ is HubSpot's own.
NAMES = {"salesforce": re.compile(r"[A-Za-z](_?[A-Za-z0-9])*_?"), "hubspot": re.compile(r"(?!hs_)[a-z][a-z0-9_]*")}
LONGEST_PREFIX = 20  # so that the longest of our names stays below the 40 characters of a Salesforce field
NAMED = {
    "salesforce": "letters, digits and single underscores, a letter first",
    "hubspot": "small letters, digits and underscores, a letter first, and not hs_, which is HubSpot's own",
}


def is_prefix(crm: str, text: str) -> bool:
    """Tell whether all our names on this CRM can begin with it."""
    return bool(NAMES[crm].fullmatch(text)) and len(text) <= LONGEST_PREFIX


def field_name(crm: str, role: str, prefix: str) -> str:
    """Name our field: TG_Top_Reason__c on Salesforce, tg_top_reason on HubSpot."""
    if crm == "hubspot":
        return f"{prefix}{role}"
    return prefix + "_".join(word.capitalize() for word in role.split("_")) + "__c"


def prefix_of(crm: str, role: str, name: str) -> str:
    """Take the prefix off a name that `field_name` made: TG_ of TG_Top_Reason__c."""
    return name.removesuffix(field_name(crm, role, ""))


def new_field(role: str, name: str, *, crm: str, routes: tuple[str, ...], language: str = DEFAULT) -> NewField:
    """Describe our field on the lead as it should exist; its name and its values are the same in every language."""
    said = phrases(language)
    return _new_field(_spoken(OUTPUTS[role], said.fields.get(role)), role, name, crm=crm, routes=routes, said=said)


def new_company_field(role: str, name: str, *, crm: str, language: str = DEFAULT) -> NewField:
    """Describe our field on the company as it should exist."""
    said = phrases(language)
    output = _spoken(COMPANY_OUTPUTS[role], said.company_fields.get(role))
    return _new_field(output, role, name, crm=crm, routes=(), said=said)


def _spoken(output: Output, told: list[str] | None) -> Output:
    """Give a field its (label, description) in a language; None for the English one."""
    return replace(output, label=told[0], description=told[1]) if told else output


def _new_field(output: Output, role: str, name: str, *, crm: str, routes: tuple[str, ...], said: Phrases) -> NewField:
    options = {"grade": GRADES, "route": tuple(dict.fromkeys((*routes, DISQUALIFY)))}.get(role, ())
    # Salesforce counts the digits of 12.34; HubSpot holds 0.1234.
    decimals = 4 if crm == "hubspot" and output.percent else output.decimals
    return NewField(
        name=name,
        label=output.label,
        kind=output.kind,
        description=output.description,
        length=output.length,
        digits=output.digits,
        decimals=decimals,
        percent=output.percent,
        options=tuple((option, said.options.get(option) or option[:1].upper() + option[1:]) for option in options),
    )


def every_field(crm: str, prefix: str, routes: tuple[str, ...]) -> dict[Entity, tuple[NewField, ...]]:
    """Describe all fields that can be ours under a prefix, those that a mapping has switched off, too."""
    return {
        Entity.LEAD: tuple(new_field(role, field_name(crm, role, prefix), crm=crm, routes=routes) for role in OUTPUTS),
        Entity.COMPANY: tuple(
            new_company_field(role, field_name(crm, role, prefix), crm=crm) for role in COMPANY_OUTPUTS
        ),
    }
