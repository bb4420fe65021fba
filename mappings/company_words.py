"""What our fields on a company say: numbers, and sentences that name no person.

A company's record is seen by more people than a lead's, and outlives it: the best lead is told by its id alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from mappings.languages import Phrases, phrases
from mappings.mapping import Mapping
from mappings.outputs import COMPANY_OUTPUTS, GRADES
from mappings.texts import fitted

Value = str | int | float | None

ENGLISH = phrases("en")


@dataclass(frozen=True, slots=True)
class OpenLead:
    """An open, scored lead of a company; `roles` are numbers of roles of the buying group."""

    id: str
    score: int
    grade: str
    likelihood: float | None = None
    roles: frozenset[int] = frozenset()

    @property
    def rank(self) -> tuple[float, int, str]:
        """Order leads from the worst to the best; equal ones by id, so that the best stays the same.

        One without a likelihood, where others have one, was disqualified by a rule.
        """
        return (-1.0 if self.likelihood is None else self.likelihood, self.score, self.id)


@dataclass(frozen=True, slots=True)
class Before:
    """What a company's best score was on a day, and how many open leads it had: what its change is told from."""

    score: int | None
    leads: int
    day: date


def company_values(
    mapping: Mapping,
    leads: Sequence[OpenLead],
    *,
    likelihood: float | None,
    before: Before | None,
    model: str,
    now: datetime,
) -> dict[str, Value]:
    """Make a company's values by CRM field. `likelihood` is that any of its leads wins, None where nobody can tell."""
    best = max(leads, key=lambda lead: lead.rank, default=None)
    held = frozenset[int]().union(*(lead.roles for lead in leads))
    values: dict[str, Value] = {
        "score": best.score if best else None,
        "grade": best.grade if best else None,
        "likelihood": percentage(mapping.crm, likelihood if best else None),
        "top_reason": _text("top_reason", sentence(mapping, leads, best, held)),
        "best_lead": best.id if best else None,
        "open_leads": open_leads(leads),
        "coverage": percentage(mapping.crm, covered(mapping, held)),
        "roles": _text("roles", roles(mapping, held)),
        "change": _text("change", change(best.score if best else None, len(leads), before, phrases(mapping.language))),
        "model": _text("model", model),
        "scored_at": now.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    return {name: values[role] for role, name in mapping.companies.outputs}


def percentage(crm: str, share: float | None) -> float | None:
    """Give 12.34 for 12.34 % to Salesforce's percent fields, and 0.1234 to HubSpot's percentages."""
    if share is None:
        return None
    return round(share * 100, 2) if crm == "salesforce" else round(share, 4)


def open_leads(leads: Sequence[OpenLead]) -> str | None:
    """Count open leads by grade: "2 A, 1 B, 4 C"."""
    numbers = ((sum(lead.grade == grade for lead in leads), grade) for grade in GRADES)
    return ", ".join(f"{number} {grade}" for number, grade in numbers if number) or None


def covered(mapping: Mapping, held: frozenset[int]) -> float | None:
    """Give the share of the buying group's roles that open leads have; None without a buying group."""
    group = mapping.companies.group
    return len(held) / len(group) if group else None


def roles(mapping: Mapping, held: frozenset[int]) -> str:
    """Say which roles there are: "2 of 4 roles: decision maker, user; nobody from finance, procurement"."""
    names = [role.name for role in mapping.companies.group]
    if not names:
        return ""
    there = ", ".join(name for number, name in enumerate(names) if number in held)
    lacking = ", ".join(name for number, name in enumerate(names) if number not in held)
    said = phrases(mapping.language)
    counted = len(held) if said.companies.roles_by_held else len(names)
    head = said.language.form(said.companies.roles, counted).format(held=len(held), number=len(names))
    head += f"{said.language.colon}{there}" if there else ""
    missing = said.language.semicolon + said.companies.nobody_from.format(roles=lacking)
    return head + missing if lacking else head


def sentence(mapping: Mapping, leads: Sequence[OpenLead], best: OpenLead | None, held: frozenset[int]) -> str:
    """Say in one sentence how the company stands."""
    said = phrases(mapping.language)
    if best is None:
        return said.companies.nobody
    form = said.language.form(said.companies.leads, len(leads))
    head = form.format(number=len(leads), score=best.score, grade=best.grade)
    group = mapping.companies.group
    if not group:
        return f"{head}."
    lacking = next((role.name for place, role in enumerate(group) if place not in held), None)
    rest = said.companies.lacking.format(role=lacking) if lacking else said.companies.complete
    return f"{head}{said.language.semicolon}{rest}."


def change(score: int | None, leads: int, before: Before | None, said: Phrases = ENGLISH) -> str:
    """Say how far the best score and the number of leads moved: "+12 since 19 Nov 2026, 2 more open leads"."""
    if before is None:
        return ""
    was = before.score
    moved = [f"{score - was:+d}"] if score is not None and was is not None and was != score else []
    since = " " + said.since.format(date=said.dated(before.day))
    if number := leads - before.leads:
        forms = said.companies.more if number > 0 else said.companies.fewer
        told = said.language.form(forms, abs(number)).format(number=abs(number))
        return f"{moved[0]}{since}, {told}" if moved else f"{told}{since}"
    return f"{moved[0]}{since}" if moved else ""


def _text(role: str, text: str) -> str | None:
    return fitted(text, COMPANY_OUTPUTS[role].length or 0) or None
