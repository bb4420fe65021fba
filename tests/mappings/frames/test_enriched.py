"""The enriched columns: right values, each row by itself, and nothing of the future in what is learned from."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.enrichment.sources import KeyedBy
from mappings.enrichment import OFFLINE
from mappings.file.load import load, parse
from mappings.frames.as_of import CHANGES, Past, no_changes
from mappings.frames.enriched import keys, with_offline, with_table
from mappings.frames.features import feature_frame
from tests.mappings.conftest import MINIMAL, frame

FEATURES = "".join(
    f"  - {{name: {name}, label: {name}, kind: category, family: fit, from: enriched.{name}}}\n" for name in OFFLINE
)
EVERYTHING = parse(MINIMAL.partition("features:")[0] + "features:\n" + FEATURES, "test.yaml")
NONE = frame()


def told(**lead):
    row = with_offline(EVERYTHING, frame({"id": "1"} | lead)).row(0, named=True)
    return {name: row[f"enriched.{name}"] for name in OFFLINE}


def test_a_lead_tells_what_it_can():
    found = told(
        FirstName="Ann", LastName="Smith", Company="ACME, Inc.", Email="info@sales.acme.co.uk",
        Phone="+44 20 7946 0958", Country="England",
    )  # fmt: skip

    assert found == {
        "domain": "acme.co.uk",
        "mail_kind": "role",
        "phone_country": "GB",
        "phone_line": "fixed",
        "phone_valid": "true",
        "country_code": "GB",
        "region": "Europe",
        "subregion": "Northern Europe",
        "time_zone": "Europe/London",
        "language": "en",
        "company_name": "ACME",
        "company_key": "acme",
        "legal_form": "inc",
        "name_plausible": "true",
        "spam_signs": "0",
        "spam_sign": "none",
    }


def test_a_lead_that_tells_nothing_is_empty():
    assert set(told().values()) == {None}


def test_the_country_is_the_phone_s_where_the_lead_names_none():
    found = told(Phone="+1 415 253 0000")

    assert (found["country_code"], found["region"], found["time_zone"]) == (
        "US",
        "North America",
        "America/Los_Angeles",
    )


def test_a_number_without_prefix_is_read_as_of_the_lead_s_country():
    assert told(MobilePhone="0151 23456789", Country="Deutschland")["phone_line"] == "mobile"
    assert told(Phone="0151 23456789")["phone_line"] is None


def test_a_company_without_a_name_is_named_by_its_domain():
    assert told(Email="kim@acme-tools.de")["company_name"] == "Acme Tools"
    assert told(Company="xxx", Email="kim@acme-tools.de")["company_key"] == "acmetools"
    assert told(Email="kim@gmail.com")["company_name"] is None


def test_a_form_that_nobody_meant_shows():
    found = told(FirstName="asdf", LastName="asdf", Company="asdf", Phone="0000000000", Email="a@mailinator.com")

    assert (found["spam_signs"], found["spam_sign"]) == ("4", "copied")
    assert found["name_plausible"] == "false"


LEAD = st.fixed_dictionaries(
    {
        name: st.none() | st.text(max_size=30) | st.sampled_from(some)
        for name, some in {
            "Email": ["a@b.com", "@", "kim@gmail.com"],
            "Phone": ["+49 30 901820", "0", "+"],
            "Country": ["Germany", "de", "USA"],
            "Company": ["Acme", "GmbH"],
            "FirstName": ["Ann"],
            "LastName": ["Ann", "Xu"],
            "Website": ["acme.com"],
        }.items()
    }
)


@given(st.lists(LEAD, max_size=4))
def test_a_row_does_not_depend_on_the_others_nor_on_their_order(leads):
    rows = [{"id": str(number)} | lead for number, lead in enumerate(leads)]
    together = with_offline(EVERYTHING, frame(*rows, fields=("Email",)))

    alone = [with_offline(EVERYTHING, frame(row)) for row in reversed(rows)]

    columns = [f"enriched.{name}" for name in OFFLINE]
    for number, one in enumerate(reversed(alone)):
        assert one.select(columns).row(0) == together.select(columns).row(number)


def test_an_example_knows_only_what_the_record_held_then():
    lead = frame({"id": "1", "CreatedDate": "2026-01-01T00:00:00.000Z", "Phone": "+49 30 901820"})
    later = [{"id": "1", "field": "Phone", "at": "2026-02-01T00:00:00.000Z", "old": None}]
    past = Past(pl.DataFrame(later, schema=CHANGES), no_changes(), no_changes())

    now = feature_frame(EVERYTHING, with_offline(EVERYTHING, lead), NONE, NONE)
    then = feature_frame(EVERYTHING, with_offline(EVERYTHING, lead), NONE, NONE, past)

    assert now["phone_country"].to_list() == ["DE"]
    assert then["phone_country"].to_list() == [None]


@pytest.mark.parametrize(
    ("kind", "text", "key"),
    [
        ("domain", "Kim@Sales.Acme.co.uk", "acme.co.uk"),
        ("domain", "kim@gmail.com", None),
        ("company", "ACME, Inc.", "acme"),
        ("postcode", " sw1a 1-aa ", "SW1A1AA"),
        ("exact", "  A-7 ", "a-7"),
        ("exact", "  ", None),
    ],
)
def test_a_key_is_what_two_spellings_share(kind, text, key):
    leads = frame({"id": "1", "One": None, "Two": text}, {"id": "2"}, fields=("One", "Two"))

    assert keys(KeyedBy(kind, ("One", "Two")), leads).to_list() == [key, None]


@pytest.fixture
def with_firms(tmp_path):
    (tmp_path / "firms.csv").write_text("domain,Sector\nwww.acme.com,Tools\nother.de,\n")
    item = "{name: firms, table: firms.csv, key: domain, of: Email, fields: {sector: Sector}}"
    text = MINIMAL.replace("from: Industry", "from: [Industry, enriched.sector]") + f"enrich:\n  - {item}\n"
    (tmp_path / "mapping.yaml").write_text(text)
    return load(tmp_path / "mapping.yaml")


def test_the_crm_s_own_value_wins_when_it_is_named_first(with_firms):
    leads = frame(
        {"id": "1", "Email": "a@acme.com", "Industry": None},
        {"id": "2", "Email": "b@acme.com", "Industry": "Roads"},
        {"id": "3", "Email": "c@other.de", "Industry": None},
        {"id": "4", "Email": None, "Industry": None},
    )

    made = feature_frame(with_firms, with_table(with_firms, leads, with_firms.enrich.sources[0]), NONE, NONE)

    assert made["industry"].to_list() == ["Tools", "Roads", None, None]
