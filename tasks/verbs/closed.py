"""Deals that have closed since they were scored: a push that goes out long after the last pull asks for them first.

Salesforce refuses values for a converted lead by itself; of a deal both CRMs take them, open or closed.
"""

from collections.abc import Callable, Mapping, Sequence

from connector.crm import CRM, Entity, Outcome, Written
from connector.errors import OutOfQuota
from mappings.file.load import Mapping as FieldMapping

ASKED_ROWS = {"salesforce": 2_000, "hubspot": 100}  # of one read
Ends = Callable[[Sequence[str]], Mapping[str, Written]]


def none(_leads: Sequence[str]) -> Mapping[str, Written]:
    """Take it that all may be written."""
    return {}


def asking(crm: CRM, mapping: FieldMapping) -> Ends:
    """Make the function that tells which of these leads are not to be written, by what the CRM holds now.

    It asks for deals alone, `ASKED_ROWS` a call. Without calls left for that, all are parked.
    """
    if mapping.scored != "deal":
        return none
    field, closed = mapping.outcome.converted, {value.lower() for value in mapping.outcome.converted_values}

    def ends(leads: Sequence[str]) -> Mapping[str, Written]:
        try:
            page = crm.get(Entity.LEAD, (field,), leads)
        except OutOfQuota as error:
            return {lead: Written(lead, Outcome.PARKED, message=str(error)) for lead in leads}
        living = [record for record in page.records if record.gone is None]
        ended = [record.id for record in living if (record.values[0] or "").lower() in closed]
        return {lead: Written(lead, Outcome.CONVERTED, message="the deal has closed") for lead in ended}

    return ends
