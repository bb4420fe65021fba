"""What companies get from their open leads: reckoned when those move, written once, and quiet else."""

from dataclasses import replace
from datetime import timedelta

import orjson
import pytest

from connector.crm import Entity
from mappings.file.load import parse, preset_text
from tasks.lease import Held
from tasks.store import company_scores, records
from tasks.verbs.roll_up import push, reckon
from tests.tasks.verbs.conftest import NAME

SECTION = """
companies:
  roles:
    decision maker: {seniority: [c_level, vp]}
    finance: {department: [finance]}
    IT: {department: [it]}
"""


@pytest.fixture
def rolling(house, taught):
    """A house whose mapping gives values to companies, synced once."""
    house.mapping = parse(preset_text("hubspot") + SECTION, "mapping.yaml")
    house.provision()
    house.crm("pat-na1-admin").ensure_fields(Entity.COMPANY, house.mapping.company_fields(), dry_run=False)
    house.use(taught)
    house.synced = house.sync()
    return house


def in_crm(house):
    """What the CRM holds of ours on companies that have any."""
    held = house.portal.snapshot("companies")
    names = [name for _, name in house.mapping.companies.outputs]
    return {one: {name: values[name] for name in names} for one, values in held.items() if values["tg_scored_at"]}


def rows(house):
    with house.store.read() as tx:
        ids = [row.id for row in house.rows(Entity.COMPANY)]
        return company_scores.known(tx, NAME, "company_id", ids)


def test_companies_with_open_leads_get_values_and_a_second_sync_writes_none(rolling):
    print(rolling.synced.companies, list(in_crm(rolling).items())[:3])
    again = rolling.sync()
    print(again.companies)
    assert rolling.synced.companies.written == len(in_crm(rolling)) > 10
    assert not again.companies
