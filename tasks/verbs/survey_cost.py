"""What reading the records of a survey costs: which fields are read together, and how many calls that takes."""

from collections.abc import Sequence
from math import ceil

from connector.crm import Field

ROWS_A_CALL = {"salesforce": 2_000, "hubspot": 100}
PARTS = 8  # of the ids, where a sample is less than there is
# Of a Salesforce: a bulk job, its polls and its results, the ends of the ids; of a HubSpot: five lanes and the ends.
CALLS_A_PART = 7
# Fields that are read together. Formulas are spelled out within SOQL's limit of 100,000 characters ("Salesforce app
# limits: SOQL"), so a query of hundreds may be too complicated; HubSpot names none for properties of a batch.
FIELDS_A_READ = {"salesforce": 200, "hubspot": 1_000}
ADDRESS, COMMA = 5_000, 3  # bytes of names that surely fit into an address of HubSpot, and of what parts two of them


def calls(crm: str, fields: Sequence[Field], rows: int, there: int | None) -> int:
    """Reckon the calls that so many of the records that are there take, at most."""
    if not rows or not fields:
        return 0
    first, *others = groups(crm, [field.name for field in fields])
    pages = ceil(rows / ROWS_A_CALL[crm])
    parts = PARTS * CALLS_A_PART if rows != there else 1
    return (pages + parts) * calls_a_page(crm, first) + pages * len(others)


def calls_a_page(crm: str, fields: Sequence[Field | str]) -> int:
    """Two for HubSpot where the names do not fit into an address: a list of ids, and the records by them."""
    width = sum(len(field if isinstance(field, str) else field.name) + COMMA for field in fields)
    return 2 if crm == "hubspot" and width > ADDRESS else 1


def groups(crm: str, names: Sequence[str]) -> list[Sequence[str]]:
    """Part names into those that are read together."""
    most = FIELDS_A_READ[crm]
    return [names[start : start + most] for start in range(0, len(names), most)]
