"""The least possible API calls for some work: what a run is held against. The vendors' limits, no slack of ours.

For each road: rows over the vendor's largest page or batch, plus one sign-in, one describe for each entity, and the
calls that a bulk job needs whatever its size. tests/benchmarks/README.md states the formula and its sources.
"""

from collections.abc import Mapping
from math import ceil

from connector.crm import Entity
from mappings.file.load import Mapping as Dictionary

SALESFORCE_PAGE = 2_000  # records of a query page (REST guide, "Query Options Header")
SALESFORCE_BATCH = 200  # records of a collections call (REST guide, "sObject Collections")
SALESFORCE_JOB = 100_000  # rows of an ingest job of ours: under 100 MB each ("Bulk API 2.0 limits")
SALESFORCE_JOB_FROM = 5_000  # so many updates go by job
SALESFORCE_JOB_CALLS = 5  # create, upload, close, and the two result files
HUBSPOT_PAGE = 100
HUBSPOT_BATCH = 100


def first_load(crm: str, rows: Mapping[str, int], *, sign_ins: int = 1) -> int:
    """Calls for reading everything: `rows` by entity; an entity without rows still costs the call that says so."""
    page = SALESFORCE_PAGE if crm == "salesforce" else HUBSPOT_PAGE
    return sign_ins + len(rows) + sum(max(1, ceil(count / page)) for count in rows.values())


def push(crm: str, rows: int, *, polls: int = 0) -> int:
    """Calls for writing so many rows. `polls`: how often the bulk jobs had to be asked (counted, not guessed)."""
    if crm == "hubspot":
        return ceil(rows / HUBSPOT_BATCH)
    if rows < SALESFORCE_JOB_FROM:
        return ceil(rows / SALESFORCE_BATCH)
    return SALESFORCE_JOB_CALLS * ceil(rows / SALESFORCE_JOB) + polls


def entities(mapping: Dictionary) -> list[Entity]:
    """Name the entities that a mapping reads."""
    return list(mapping.entities)
