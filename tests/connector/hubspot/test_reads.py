from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.crm import Entity, Part
from connector.errors import Misconfigured
from connector.hubspot.reads import split

LEAD, COMPANY, DEAL = Entity.LEAD, Entity.COMPANY, Entity.DEAL
FIELDS = ("email", "hs_email_open", "lastmodifieddate", "jobtitle")


def records(pages):
    return [record for page in pages for record in page.records]


def test_everything_is_every_living_record(crm, portal, simulator):
    portal.archive("contacts", portal.pick("contacts", limit=3))

    pages = list(crm.everything(LEAD, FIELDS, Part()))

    living = portal.snapshot("contacts")
    assert [len(page.records) for page in pages] == [100, 100, 57]
    assert {record.id for record in records(pages)} == set(living)
    assert all(record.values[0] == living[record.id]["email"] for record in records(pages))
    assert len({page.cursor for page in pages}) == 1
    assert simulator.log.count(kind="read") == 3


def test_a_change_while_everything_is_read_is_not_missed(crm, portal, clock):
    pages = crm.everything(LEAD, FIELDS, Part())
    first = next(pages)
    portal.edit("contacts", first.records[0].id, {"jobtitle": "Changed"})
    list(pages)
    clock.advance(timedelta(minutes=1))

    changed = records(crm.changed(LEAD, FIELDS, first.cursor))

    assert (first.records[0].id, "Changed") in [(record.id, record.values[3]) for record in changed]


@pytest.mark.parametrize("count", [2, 3, 7])
@pytest.mark.parametrize("entity", [LEAD, COMPANY, DEAL])
def test_parts_make_the_whole(crm, portal, entity, count):
    kind = {LEAD: "contacts", COMPANY: "companies", DEAL: "deals"}[entity]

    parts = [records(crm.everything(entity, (), Part(index, count))) for index in range(count)]

    living = set(portal.snapshot(kind))
    assert {record.id for part in parts for record in part} == living
    assert max(len(part) for part in parts) <= len(living) / count * 1.5 + 2


def test_parts_begun_at_different_times_leave_no_gap(crm, portal):
    first = records(crm.everything(LEAD, (), Part(0, 2)))
    portal.archive("contacts", [one for one in portal.snapshot("contacts") if int(one) < 1200])
    for number in range(5):
        portal.create("contacts", {"email": f"new{number}@example.com"})

    second = records(crm.everything(LEAD, (), Part(1, 2)))

    assert set(portal.snapshot("contacts")) <= {record.id for record in (*first, *second)}


def test_an_empty_portal_has_empty_parts(crm, portal):
    portal.archive("deals", list(portal.snapshot("deals")))

    assert [records(crm.everything(DEAL, (), Part(index, 3))) for index in range(3)] == [[], [], []]


@given(
    lowest=st.integers(1, 10**12), span=st.integers(0, 10**12), moved=st.floats(0, 1 / 1024), count=st.integers(1, 64)
)
def test_neighbours_leave_no_gap_between_them_when_an_end_moves(lowest, span, moved, count):
    grown = span + int(span * moved)
    early = [split(lowest, lowest + span, Part(index, count)) for index in range(count)]
    late = [split(lowest, lowest + grown, Part(index, count)) for index in range(count)]

    for some, others in ((early, early), (early, late), (late, early)):
        for before, after in zip(some, others[1:], strict=False):
            assert after.first <= before.last + 1
    assert (early[0].first, early[-1].last) == (None, None)


def test_an_address_that_would_be_too_long_is_read_in_batches(connected, portal, simulator):
    usual = records(connected().everything(DEAL, ("dealname", "associations.contacts"), Part()))
    simulator.log.clear()

    thin = records(connected(address=60).everything(DEAL, ("dealname", "associations.contacts"), Part()))

    assert thin == usual
    assert {entry.path for entry in simulator.log.entries(kind="read")} == {
        "/crm/objects/2026-03/deals",
        "/crm/objects/2026-03/deals/batch/read",
        "/crm/associations/2026-03/deals/contacts/batch/read",
    }


def test_an_unknown_field_is_never_silently_empty(crm):
    with pytest.raises(Misconfigured, match="shoe_size"):
        list(crm.everything(LEAD, ("email", "shoe_size"), Part()))


def test_the_recycle_bin_tells_what_was_removed(crm, portal, clock):
    early, late = portal.pick("contacts", limit=2)
    portal.archive("contacts", [early])
    clock.advance(timedelta(hours=2))
    since = clock.now()
    clock.advance(timedelta(hours=1))
    portal.archive("contacts", [late])

    removed = records(crm.removed(LEAD, since))

    assert [(record.id, record.gone, record.stamp_at) for record in removed] == [
        (late, "deleted", "2026-11-03T15:00:00.500Z")
    ]


def test_what_is_asked_for_comes_or_is_gone(crm, portal):
    living, archived, merged, other = portal.pick("companies", limit=4)
    portal.archive("companies", [archived])
    survivor = portal.merge("companies", merged, other)

    page = crm.get(COMPANY, ("name",), [merged, living, "123", archived, living])

    found = {record.id: record for record in page.records}
    assert len(page.records) == len(found) == 4
    assert found[living].values == (portal.snapshot("companies")[living]["name"],)
    assert (found[merged].gone, found[merged].merged_into) == ("merged", survivor)
    assert found[archived].gone == found["123"].gone == "deleted"


def test_asking_for_many_takes_a_call_for_a_hundred(crm, portal, simulator):
    ids = list(portal.snapshot("contacts"))[:201]

    page = crm.get(LEAD, ("email",), ids)

    assert {record.id for record in page.records} == set(ids)
    assert simulator.log.count(kind="read") == 3


def test_asking_for_nobody_makes_no_call(crm, simulator):
    assert crm.get(LEAD, (), []).records == ()
    assert simulator.log.count(kind="read") == 0


def test_hubspot_keeps_no_records_of_activities_to_count(crm):
    assert crm.count(Entity.ACTIVITY) is None
