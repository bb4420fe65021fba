"""Our fields on the lead: what each is for, and what it is called on each CRM.

Plain types without HTML, so that values survive reports, list views and automation.
"""

from dataclasses import dataclass

from connector.crm import Kind, NewField


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


OUTPUTS = {
    "score": Output(
        "Truegrade score", Kind.NUMBER, "1 to 99: rank of the likelihood in a frozen reference population", digits=3
    ),
    "grade": Output("Truegrade grade", Kind.OPTION, "A, B, C or D; empty: not scored", length=2),
    "likelihood": Output(
        "Truegrade likelihood",
        Kind.NUMBER,
        "Calibrated probability of winning within the horizon",
        digits=5,
        decimals=2,
        percent=True,
    ),
    "fit": Output("Truegrade fit", Kind.NUMBER, "1 to 99: who they are", digits=3),
    "engagement": Output("Truegrade engagement", Kind.NUMBER, "1 to 99: what they did", digits=3),
    "top_reason": Output("Truegrade top reason", Kind.TEXT, "The strongest reason, in one sentence", length=255),
    "reasons": Output("Truegrade reasons", Kind.TEXT, "The reasons, a line each, strongest first", length=4000),
    "reason_codes": Output(
        "Truegrade reason codes", Kind.TEXT, "Stable codes for automation, with ; between", length=255
    ),
    "change": Output("Truegrade change", Kind.TEXT, "How the score moved since it was last written", length=255),
    "route": Output("Truegrade route", Kind.OPTION, "Where the lead should go", length=40),
    "model": Output("Truegrade model", Kind.TEXT, "Version of the model that made this score", length=80),
    "scored_at": Output("Truegrade scored at", Kind.INSTANT, "When the written values were made"),
}

PERISHABLE = frozenset({"scored_at"})  # alone never a reason to write


def field_name(crm: str, role: str) -> str:
    """Name our field: TG_Top_Reason__c on Salesforce, tg_top_reason on HubSpot."""
    if crm == "hubspot":
        return f"tg_{role}"
    return "TG_" + "_".join(word.capitalize() for word in role.split("_")) + "__c"


def new_field(crm: str, role: str, *, routes: tuple[str, ...]) -> NewField:
    """Describe our field as it should exist."""
    output = OUTPUTS[role]
    options = {"grade": ("A", "B", "C", "D"), "route": tuple(dict.fromkeys((*routes, "disqualify")))}.get(role, ())
    return NewField(
        name=field_name(crm, role),
        label=output.label,
        kind=output.kind,
        description=output.description,
        length=output.length,
        digits=output.digits,
        decimals=output.decimals,
        percent=output.percent,
        options=tuple((option, option.capitalize() if len(option) > 1 else option) for option in options),
    )
