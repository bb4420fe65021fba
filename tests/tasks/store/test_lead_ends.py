import pytest

from connector.crm import Entity, Page, Record
from tasks.store import duplicates, lead_ends, records
from tasks.store.lead_ends import End, Mark, Part
from tests.tasks.store.conftest import NOW

AT = "2026-01-01T00:00:00.000Z"


@pytest.fixture
def here(store):
    """A store with leads 1 and 2 of one connection, and 7 and 8 of another."""
    put(store, "hub", Entity.LEAD, ("1", None, None), ("2", None, None))
    put(store, "sf", Entity.LEAD, ("7", None, None), ("8", None, None))
    return store


def end(lead, name="hub", link=None, deal=None, outcome="open"):
    return End(name, lead, link, deal, AT, outcome, None)


@pytest.fixture
def tx(here):
    with here.write() as connection:
        yield connection


def put(store, name, entity, *found):
    """Save records as (id, key, link)."""
    rows = tuple(Record(one, AT, (key, link), None) for one, key, link in found)
    page = Page(entity, ("key", "link"), rows, None)
    records.save_page(store, name, page, identify=lambda values: (values[0], values[1]))


def together(store, entity, cluster, *members):
    with store.write() as tx:
        known = duplicates.clustered(tx, entity)
        after = {member: (row.cluster, row.because) for member, row in known.items()}
        duplicates.save(tx, entity, known, after | dict.fromkeys(members, (cluster, "e-mail")), now=NOW)


def test_only_ends_that_are_others_than_before_are_told_with_what_they_were(tx):
    assert lead_ends.replace(tx, "hub", ["1", "2"], [end("1"), end("2")]) == [end("1"), end("2")]

    assert lead_ends.replace(tx, "hub", ["1", "2"], [end("1"), end("2", outcome="won")]) == [
        end("2"),
        end("2", outcome="won"),
    ]
    assert lead_ends.replace(tx, "hub", ["1"], []) == [end("1")]
    assert lead_ends.of(tx, "hub", ["1", "2"]) == {"2": end("2", outcome="won")}


def test_a_mark_is_as_it_was_kept_until_the_connection_is_forgotten(tx):
    lead_ends.set_mark(tx, "hub", Mark(4, "r", used=True))
    lead_ends.set_mark(tx, "sf", Mark(9, "r", used=False))
    lead_ends.replace(tx, "hub", ["1"], [end("1")])

    lead_ends.forget(tx, "hub")

    assert lead_ends.marks(tx) == {"sf": Mark(9, "r", used=False)}
    assert lead_ends.of(tx, "hub", ["1"]) == {}


def test_leads_are_found_by_the_deal_that_they_name_and_deals_by_the_leads_that_they_name(here):
    put(here, "hub", Entity.DEAL, ("D1", None, "1"), ("D2", None, "2;1"), ("D3", None, "12;3"))
    with here.write() as tx:
        lead_ends.replace(tx, "hub", ["1", "2"], [end("1", deal="D9"), end("2")])

        assert sorted(lead_ends.deals_of(tx, "hub", ["1"])) == ["D1", "D2"]
        assert lead_ends.naming(tx, "hub", ["D9", "D8"]) == ["1"]


def test_a_person_is_a_circle_across_connections(here):
    together(here, Entity.LEAD, "lead:hub/1", "hub/1", "sf/7")
    with here.write() as tx:
        lead_ends.replace(tx, "hub", ["1", "2"], [end("1"), end("2")])
        lead_ends.replace(tx, "sf", ["7"], [end("7", "sf")])

        assert lead_ends.persons(tx, "hub", ["1", "2"]) == {"1": "lead:hub/1"}
        found = lead_ends.of_persons(tx, ["lead:hub/1"])
    assert sorted(found) == [Part("lead:hub/1", end("1")), Part("lead:hub/1", end("7", "sf"))]


def test_a_company_is_a_circle_by_its_key_or_its_cluster(here):
    put(here, "hub", Entity.COMPANY, ("C1", "acme.com", None), ("C2", "acme.de", None))
    put(here, "sf", Entity.COMPANY, ("A1", "acme.com", None))
    together(here, Entity.COMPANY, "company:hub/C1", "hub/C1", "hub/C2", "sf/A1")
    with here.write() as tx:
        lead_ends.replace(tx, "hub", ["1", "2"], [end("1", link="acme.de"), end("2", link="beta.com")])
        lead_ends.replace(tx, "sf", ["7", "8"], [end("7", "sf", "acme.com"), end("8", "sf", "beta.com")])

        firms = lead_ends.firms(tx, "hub", ["acme.com", "acme.de", "beta.com"])
        found = lead_ends.of_firms(tx, "hub", firms)

    acme, beta = "company:hub/C1", "hub beta.com"
    assert firms == {"acme.com": acme, "acme.de": acme, "beta.com": beta}
    assert sorted((part.circle, part.end.lead_id) for part in found) == [(acme, "1"), (acme, "7"), (beta, "2")]


def test_ends_of_leads_that_are_gone_are_dropped(here):
    with here.write() as tx:
        lead_ends.replace(tx, "hub", ["1", "2"], [end("1"), end("2")])
    gone = Record("2", "2026-01-02T00:00:00.000Z", (None, None), "deleted")
    page = Page(Entity.LEAD, ("key", "link"), (gone,), None)
    records.save_page(here, "hub", page, identify=lambda values: (values[0], values[1]))
    with here.write() as tx:
        assert lead_ends.replace(tx, "hub", ["2"], [end("2", outcome="won")]) == [end("2")]  # told while it went
        lead_ends.drop_gone(tx, "hub")

        assert lead_ends.of(tx, "hub", ["1", "2"]) == {"1": end("1")}
