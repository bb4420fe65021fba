"""Fifty edits that a team might make between two syncs, and which leads they should rescore.

What is expected is worked out on the CRM's side alone: from the records edited and, for a company, from the leads that
the simulator says belong to it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from connector.simulator.remote import Remote

MAPPED = 25
UNMAPPED = 15
PARENT = 10
SEED = 11


@dataclass(frozen=True, slots=True)
class Edited:
    """How many records of each kind were edited, and the leads that the edits concern."""

    mapped: int
    unmapped: int
    parent: int
    expected: frozenset[str]

    @property
    def total(self) -> int:
        return self.mapped + self.unmapped + self.parent


@dataclass(frozen=True, slots=True)
class Dialect:
    """Names of one CRM: what to edit, and how to ask who belongs to a company."""

    lead: str
    company: str
    open_leads: dict[str, Any]
    closed: tuple[str, frozenset[Any]]  # the field, and its values, that take a lead out of scoring
    mapped: dict[str, Callable[[Any], Any]]
    unmapped: dict[str, str]
    parent: dict[str, Callable[[Any], Any]]
    leads_of_company: str
    argument: str


def _other(first: str, second: str) -> Callable[[Any], Any]:
    return lambda value: second if value == first else first


def _more(value: Any) -> Any:
    return str(int(float(value or 0)) + 137)


DIALECTS = {
    "salesforce": Dialect(
        lead="Lead",
        company="Account",
        open_leads={"IsConverted": False},
        closed=("IsConverted", frozenset({True})),
        mapped={"Title": _other("Director of Procurement", "Sales Assistant"), "NumberOfEmployees": _more},
        unmapped={"Description": "Called back, wants the brochure.", "Fax": "+1 555 0100"},
        parent={"Industry": _other("Banking", "Energy")},
        leads_of_company="leads_with_parent",
        argument="account_id",
    ),
    "hubspot": Dialect(
        lead="contacts",
        company="companies",
        open_leads={"lifecyclestage": "lead"},
        closed=("lifecyclestage", frozenset({"customer", "evangelist"})),
        mapped={"jobtitle": _other("Director of Procurement", "Sales Assistant"), "hs_analytics_num_visits": _more},
        unmapped={"address": "12 Long Lane", "fax": "+1 555 0100"},
        parent={"industry": _other("BANKING", "OIL_ENERGY")},
        leads_of_company="contacts_of_company",
        argument="company_id",
    ),
}


def edit(remote: Remote, crm: str) -> Edited:
    """Edit 25 open leads in a mapped field, 15 others in an unmapped one, and 10 companies in a mapped one."""
    names = DIALECTS[crm]
    leads = _picked(remote, crm, names.lead, names.open_leads, MAPPED + UNMAPPED)
    expected = set(leads[:MAPPED])
    for number, lead in enumerate(leads[:MAPPED]):
        field = list(names.mapped)[number % len(names.mapped)]
        _change(remote, crm, names.lead, lead, field, names.mapped[field])
    for number, lead in enumerate(leads[MAPPED:]):
        field = list(names.unmapped)[number % len(names.unmapped)]
        remote.operate(crm, "edit", object=names.lead, id=lead, values={field: names.unmapped[field]})
    companies = _with_open_leads(remote, crm, names)
    for company, belonging in companies.items():
        for field, change in names.parent.items():
            _change(remote, crm, names.company, company, field, change)
        expected |= belonging
    return Edited(mapped=MAPPED, unmapped=UNMAPPED, parent=len(companies), expected=frozenset(expected))


def _with_open_leads(remote: Remote, crm: str, names: Dialect) -> dict[str, set[str]]:
    """Pick companies that have open leads, with those leads."""
    found: dict[str, set[str]] = {}
    for company in _picked(remote, crm, names.company, {}, 20 * PARENT):
        belonging = remote.operate(crm, names.leads_of_company, **{names.argument: company})
        still_open = {lead for lead in belonging if _is_open(remote, crm, names, lead)}
        if still_open:
            found[company] = still_open
        if len(found) == PARENT:
            break
    return found


def _is_open(remote: Remote, crm: str, names: Dialect, lead: str) -> bool:
    field, closed = names.closed
    return remote.operate(crm, "read", object=names.lead, id=lead).get(field) not in closed


def _picked(remote: Remote, crm: str, kind: str, where: dict[str, Any], limit: int) -> list[str]:
    picked: list[str] = remote.operate(crm, "pick", object=kind, where=where, limit=limit, seed=SEED)
    return picked


def _change(remote: Remote, crm: str, kind: str, record: str, field: str, change: Callable[[Any], Any]) -> None:
    before = remote.operate(crm, "read", object=kind, id=record).get(field)
    remote.operate(crm, "edit", object=kind, id=record, values={field: change(before)})
