"""Small frames of records, as the store gives them: all text, with id, key and link."""

import polars as pl
import pytest

from mappings.file.load import load_preset, parse

FRAME = ("id", "key", "link")

MINIMAL = """\
version: 1
crm: salesforce
links:
  company: {by: domain, lead: [Website, Email], company: Website, created: CreatedDate}
  activity: {lead: LeadId}
outcome:
  milestone: won
  horizon_days: 90
  created: CreatedDate
  deal: {lead_field: ConvertedOpportunityId, won: IsWon, closed: IsClosed, closed_at: CloseDate}
features:
  - {name: industry, label: Industry, kind: category, family: fit, from: Industry}
"""


def frame(*rows, fields=()):
    names = dict.fromkeys((*FRAME, *fields, *(name for row in rows for name in row)))
    return pl.DataFrame([dict.fromkeys(names) | row for row in rows], schema=dict.fromkeys(names, pl.String))


def mapped(*features, crm="salesforce", **changes):
    """Make a mapping with these features, each a line of YAML."""
    head = MINIMAL.partition("features:")[0].replace("salesforce", crm)
    for old, new in changes.items():
        head = head.replace(f"{old}:", f"{new}:")
    return parse(head + "features:\n" + "".join(f"  - {feature}\n" for feature in features), "test.yaml")


@pytest.fixture(scope="session")
def salesforce():
    return load_preset("salesforce")


@pytest.fixture(scope="session")
def hubspot():
    return load_preset("hubspot")


@pytest.fixture
def nothing():
    return frame()
