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
        mapped={"jobtitle": _other("Director of Procurement", "Sales Assistant"), "hs_analytics_num_visits": _more},
        unmapped={"address": "12 Long Lane", "fax": "+1 555 0100"},
        parent={"industry": _other("BANKING", "OIL_ENERGY")},
        leads_of_company="contacts_of_company",
        argument="company_id",
    ),
}
