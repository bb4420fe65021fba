"""Enrichment that looks at the linked company: by the same rules as features, today and as a lead was known then."""

import polars as pl
import pytest

from connector.crm import Entity
from mappings.checks.check import against
from mappings.file.load import MappingInvalid, load, parse
from mappings.frames.as_of import CHANGES, Past, no_changes
from mappings.frames.enriched import beside_company, keys, with_table
from mappings.frames.features import feature_frame
from mappings.parts import Source
from tests.mappings.conftest import MINIMAL, frame

FIRMS = "{name: firms, table: firms.csv, key: domain, of: [company.Website, Email], fields: {sector: Sector}}"
READS = "{name: offline, reads: {country: [Country, company.BillingCountry]}}"
FEATURES = (
    "  - {name: sector, label: Sector, kind: category, family: fit, from: enriched.sector}\n"
    "  - {name: region, label: Region, kind: category, family: fit, from: enriched.region}\n"
)
NONE = frame()
CREATED = "2026-01-10T00:00:00.000Z"


def text(*items, links=True):
    head = MINIMAL.partition("features:")[0]
    if not links:
        head = "".join(line for line in head.splitlines(keepends=True) if "  company:" not in line)
    return head + f"features:\n{FEATURES}enrich:\n" + "".join(f"  - {item}\n" for item in items)


@pytest.fixture
def mapping(tmp_path):
    (tmp_path / "firms.csv").write_text("domain,Sector\nacme.com,Tools\nroads.de,Roads\n")
    (tmp_path / "mapping.yaml").write_text(text(FIRMS, READS))
    return load(tmp_path / "mapping.yaml")


def lead(**values):
    return frame({"id": "1", "link": "acme.com", "CreatedDate": CREATED, "Email": "kim@roads.de"} | values)


def company(**values):
    return frame({"id": "A", "key": "acme.com", "Website": "www.acme.com", "BillingCountry": "Germany"} | values)


def made(mapping, leads, companies, past=None):
    beside = beside_company(mapping, leads, companies)
    enriched = with_table(mapping, beside, mapping.enrich.sources[0]).drop("company.Website", "company.BillingCountry")
    return feature_frame(mapping, enriched, companies, NONE, past or Past(no_changes(), no_changes(), no_changes()))


def test_a_table_is_looked_into_by_the_company_s_field_and_a_part_may_be_the_company_s(mapping):
    assert made(mapping, lead(), company()).row(0) == ("1", "Tools", "Europe")
    assert made(mapping, lead(Country="Japan"), company())["region"].to_list() == ["Asia"]


def test_without_a_company_the_lead_s_own_field_gives_the_key(mapping):
    assert made(mapping, lead(link=None), company()).row(0) == ("1", "Roads", None)


def test_a_company_that_was_made_after_the_lead_tells_nothing(mapping):
    late = company(CreatedDate="2026-03-01T00:00:00.000Z")

    assert made(mapping, lead(), late).row(0) == ("1", "Roads", None)


def test_of_a_company_whose_key_was_another_one_then_an_example_knows_nothing(mapping):
    changes = [{"id": "A", "field": "Website", "at": "2026-05-01T00:00:00.000Z", "old": None}]
    past = Past(no_changes(), pl.DataFrame(changes, schema=CHANGES), no_changes())

    assert made(mapping, lead(), company(), past)["sector"].to_list() == [None]
    assert made(mapping, lead(Email=None), company())["sector"].to_list() == ["Tools"]


def test_of_a_lead_whose_own_key_came_later_an_example_knows_nothing(mapping):
    changes = [{"id": "1", "field": "Email", "at": "2026-05-01T00:00:00.000Z", "old": None}]
    past = Past(pl.DataFrame(changes, schema=CHANGES), no_changes(), no_changes())

    assert made(mapping, lead(link=None), company(), past)["sector"].to_list() == [None]


def test_keys_are_the_same_in_a_batch_and_alone(mapping):
    leads = pl.concat([lead(), lead(id="2", link=None), lead(id="3", link=None, Email=None)])
    key = mapping.enrich.sources[0].key

    together = keys(key, beside_company(mapping, leads, company())).to_list()

    alone = [keys(key, beside_company(mapping, leads[place : place + 1], company())).item() for place in range(3)]
    assert together == alone == ["acme.com", "roads.de", None]


def test_the_fields_behind_are_pulled_remembered_and_held_against_the_crm(mapping):
    assert {"Website", "BillingCountry", "CreatedDate"} <= set(mapping.source_fields(Entity.COMPANY))
    assert {"Website", "BillingCountry"} <= set(mapping.remembered_fields(Entity.COMPANY))
    assert mapping.optional_fields(Entity.COMPANY) == {"BillingCountry"}
    assert set(mapping.remembered_fields(Entity.LEAD)) >= {"Website", "Email"}
    assert not [name for name in mapping.source_fields(Entity.LEAD) if "." in name]
    missing = against(mapping, Entity.COMPANY, ())
    line = mapping.lines[Source(Entity.COMPANY, "Website")]
    assert any(problem.line == line and "Website" in problem.message for problem in missing)


@pytest.mark.parametrize(
    ("items", "links", "told"),
    [
        ((FIRMS,), False, "which leads are not linked to"),
        ((FIRMS.replace("company.", "compny."), READS), True, "did you mean company?"),
        ((FIRMS, READS.replace("company.", "deal.")), True, "nothing is called deal"),
    ],
)
def test_a_field_that_no_lead_leads_to_is_refused(items, links, told):
    with pytest.raises(MappingInvalid, match=told.replace("?", r"\?")):
        parse(text(*items, links=links), "test.yaml")
