"""Whose the leads of a merged company are."""

from dataclasses import replace

import pytest

from connector.crm import Entity
from tasks.store import bulk, marks, unseen


def links(shelf):
    return {row.id: row.link for row in shelf.rows()}


def merged(shelf, number, second, into):
    return replace(shelf.company(f"C{number}", second, number=number, gone="merged"), merged_into=into)


def version(shelf):
    with shelf.store.read() as tx:
        return marks.read(tx, shelf.name).version


@pytest.fixture
def firms(shelf):
    """Two companies that leads point to by id, with a lead each, and one of nobody."""
    shelf.save(shelf.page(shelf.lead(1, company="C1"), shelf.lead(2, company="C2")))
    shelf.save(shelf.companies(*(shelf.company(f"C{number}", number=number) for number in (1, 2, 3))))
    return shelf


def test_leads_of_a_merged_company_are_its_survivors_at_once(firms):
    before = version(firms)

    firms.save(firms.companies(merged(firms, 1, 5, "C4"), firms.company("C4", 5, number=4)))

    assert links(firms) == {"L0001": "C4", "L0002": "C2"}
    with firms.store.read() as tx:
        statement = "SELECT id FROM records WHERE entity = 'lead' AND version > ?"
        assert bulk.rows(tx, statement, (before,)) == [("L0001",)]


def test_a_survivor_may_come_later_and_be_merged_itself(firms):
    firms.save(firms.companies(merged(firms, 1, 5, "C4")))
    assert links(firms)["L0001"] == "C1"

    firms.save(firms.companies(firms.company("C4", 5, number=4), merged(firms, 1, 5, "C4")))
    assert links(firms)["L0001"] == "C4"

    firms.save(firms.companies(merged(firms, 4, 6, "C2"), merged(firms, 1, 6, "C2"), firms.company("C2", 6, number=2)))
    assert set(links(firms).values()) == {"C2"}


def test_leads_that_are_found_by_domain_keep_their_own(shelf):
    shelf.save(shelf.page(shelf.lead(1, company="acme.com")))
    shelf.save(shelf.companies(shelf.company("acme.com", number=1), shelf.company("acme.org", number=2)))

    shelf.save(shelf.companies(merged(shelf, 1, 5, "C2")))

    assert links(shelf) == {"L0001": "acme.com"}


def test_leads_of_a_company_that_is_gone_without_a_survivor_are_to_be_asked_for(firms):
    firms.save(firms.companies(firms.company("C2", 5, number=2, gone="deleted")))

    found = unseen.children(firms.store, firms.name, Entity.LEAD, size=1)

    assert [one for ids in found for one in ids] == ["L0002"]
