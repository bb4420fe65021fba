from datetime import UTC, datetime, timedelta

import orjson
import pytest

from connector.crm import Entity
from connector.hubspot.adapter import connect
from connector.limiter import NoLimiter
from tests.connector.hubspot.conftest import INTEGRATION

LEAD = Entity.LEAD
NAMES = ("jobtitle", "hs_email_open", "hs_email_optout")


def changes(pages, name="jobtitle"):
    return [(change.id, change.old) for page in pages for change in page.changes if change.field == name]


def test_the_first_read_lists_all_records_fifty_a_call(crm, portal, simulator):
    contact = portal.pick("contacts")[0]
    first = portal.read("contacts", contact)["jobtitle"]
    portal.edit("contacts", contact, {"jobtitle": "CTO"})
    crm.describe(LEAD)
    simulator.log.clear()

    pages = list(crm.history(LEAD, NAMES, None))

    assert changes(pages) == [(contact, first)]
    assert simulator.log.count() == len(pages) == -(-len(portal.snapshot("contacts")) // 50)


def test_later_reads_look_up_what_has_changed(crm, portal, simulator, clock):
    [*_, last] = crm.history(LEAD, NAMES, None)
    clock.advance(timedelta(minutes=10))
    contacts = portal.pick("contacts", limit=60)
    for contact in contacts:
        portal.edit("contacts", contact, {"jobtitle": "CTO"})
    clock.advance(timedelta(minutes=10))
    simulator.log.clear()

    pages = list(crm.history(LEAD, NAMES, last.cursor))

    assert {contact for contact, _ in changes(pages)} == set(contacts)
    assert simulator.log.count() == 3  # one search, and the history of 60 by 50


def test_a_read_that_was_broken_off_goes_on_and_then_follows(crm, portal, clock):
    pages = crm.history(LEAD, NAMES, None)
    kept = [next(pages), next(pages)]
    pages.close()
    clock.advance(timedelta(minutes=10))
    early, late = min(portal.snapshot("contacts"), key=int), max(portal.snapshot("contacts"), key=int)
    for contact in (early, late):
        portal.edit("contacts", contact, {"jobtitle": "CTO"})
    clock.advance(timedelta(minutes=10))

    rest = list(crm.history(LEAD, NAMES, kept[-1].cursor))
    after = list(crm.history(LEAD, NAMES, rest[-1].cursor))

    assert [contact for contact, _ in changes(rest)] == [late]
    assert {contact for contact, _ in changes(after)} >= {early, late}


def test_names_that_do_not_fit_into_an_address_are_looked_up_by_id(connected, portal):
    contact = portal.pick("contacts")[0]
    portal.edit("contacts", contact, {"jobtitle": "CTO"})

    short = list(connected(address=120).history(LEAD, NAMES, None))

    assert changes(short) == changes(connected().history(LEAD, NAMES, None))


def test_values_are_as_canonical_as_a_record_s(crm, portal):
    contact = portal.pick("contacts", {"hs_email_optout": None})[0]
    portal.edit("contacts", contact, {"hs_email_open": "3", "hs_email_optout": "true"})
    portal.edit("contacts", contact, {"hs_email_open": "4", "hs_email_optout": "false"})

    pages = list(crm.history(LEAD, NAMES, None))

    assert changes(pages, "hs_email_open")[-1] == (contact, "3")
    assert changes(pages, "hs_email_optout") == [(contact, None), (contact, "true")]


def test_before_the_oldest_value_that_is_kept_nothing_is_known(crm, portal, clock):
    portal.set_option("contact_history", 3)
    contact = portal.pick("contacts")[0]
    for title in "abcde":
        portal.edit("contacts", contact, {"jobtitle": title})
        clock.advance(timedelta(minutes=1))

    assert changes(crm.history(LEAD, NAMES, None)) == [(contact, None), (contact, "c"), (contact, "d")]


def test_there_is_none_of_what_hubspot_keeps_no_records_of(crm, simulator):
    assert list(crm.history(Entity.ACTIVITY, (), None)) == []
    assert list(crm.history(Entity.DEAL, ("associations.contacts",), None)) == []
    assert all("/properties/" in asked.path for asked in simulator.log.entries())


def stamped(seconds):
    return (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize(
    ("versions", "told"),
    [
        ([], []),
        ([("a", 0)], []),
        ([("a", 5)], []),  # set while it was made
        ([("b", 30), ("a", 5)], []),
        ([("a", 3600)], [None]),
        ([("b", 3600), ("a", 5)], ["a"]),
        ([("a", 5), ("b", 3600)], ["a"]),  # the order is not documented
        ([("", 7200), ("a", 3600)], [None, "a"]),
        ([("a", 7200), ("a", 3600)], [None]),  # written again, with the same value
    ],
)
def test_versions_become_what_each_of_them_replaced(scripted, clock, versions, told):
    properties = [{"name": "jobtitle", "label": "Job title", "type": "string", "fieldType": "text"}]
    listed = [{"value": value, "timestamp": stamped(second), "sourceType": "CRM_UI"} for value, second in versions]
    record = {"id": "7", "createdAt": stamped(0), "updatedAt": stamped(9), "properties": {}}
    scripted.says(200, orjson.dumps({"results": properties}))
    scripted.says(200, orjson.dumps({"results": [record | {"propertiesWithHistory": {"jobtitle": listed}}]}))
    crm = connect(INTEGRATION, base_url=scripted.url, clock=clock, limiter=NoLimiter(), jitter=lambda: 0.0)

    assert changes(crm.history(LEAD, ("jobtitle",), None)) == [("7", old) for old in told]
    crm.close()
