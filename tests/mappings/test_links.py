import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.crm import Entity
from mappings.frames.transforms import apply
from mappings.links import domain_key, domain_of
from mappings.parts import Step
from tests.mappings.conftest import mapped


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("https://www.acme.co.uk/about", "acme.co.uk"),
        ("kim@sales.acme.co.uk", "acme.co.uk"),
        ("ACME.com", "acme.com"),
        ("kim@gmail.com", None),
        ("https://linkedin.com/company/acme", None),
        ("www.facebook.com/acme", None),
        ("https://sites.google.com/acme", None),
        ("acme.github.io", "acme.github.io"),
        ("intranet.corp", "intranet.corp"),
        ("co.uk", None),
        ("n/a", None),
        ("", None),
        (None, None),
    ],
)
def test_companies_meet_by_the_domain_that_somebody_registered(address, key):
    assert domain_key(address) == key


def test_a_lead_links_by_the_first_field_that_tells(salesforce):
    link = salesforce.linker(Entity.LEAD, ("Title", "Email", "Website"))

    assert link(("CEO", "kim@mail.acme.com", None)) == (None, "acme.com")
    assert link(("CEO", "kim@gmail.com", "acme.de")) == (None, "acme.de")
    assert link(("CEO", "kim@gmail.com", None)) == (None, None)


def test_each_entity_links_in_its_own_way(salesforce, hubspot):
    assert salesforce.linker(Entity.COMPANY, ("Website",))(("www.acme.com",)) == ("acme.com", None)
    assert salesforce.linker(Entity.ACTIVITY, ("HasResponded", "LeadId"))(("true", "00Q1")) == (None, "00Q1")
    assert salesforce.linker(Entity.DEAL, ("IsWon",))(("true",)) == (None, None)
    assert hubspot.linker(Entity.LEAD, ("associatedcompanyid",))(("77",)) == (None, "77")
    assert hubspot.linker(Entity.COMPANY, ("hs_object_id", "industry"))(("77", "x")) == ("77", None)
    assert hubspot.linker(Entity.DEAL, ("associations.contacts",))(("1;2",)) == (None, "1;2")
    assert hubspot.linker(Entity.ACTIVITY, ())(()) == (None, None)


def test_a_lead_without_links_links_nowhere():
    mapping = mapped("{name: a, label: A, kind: category, family: fit, from: Industry}")

    assert mapping.linker(Entity.LEAD, ("Industry",))(("Retail",)) == (None, None)


@given(st.text(alphabet="aZ9.@/:-_ wüß\t", max_size=30))
def test_pull_and_features_read_the_same_domain(text):
    import polars as pl

    frame = pl.DataFrame({"value": [text]})
    (found,) = frame.select(apply(pl.col("value"), Step("domain")))["value"]

    assert found == domain_of(text)
