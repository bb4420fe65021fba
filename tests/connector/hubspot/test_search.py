from datetime import UTC, datetime, timedelta

import orjson
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from connector.clock import MovableClock
from connector.crm import Entity, Part
from connector.hubspot.adapter import connect
from connector.hubspot.cursors import Resting, Walking, packed, unpacked
from connector.hubspot.options import HubSpotOptions
from connector.hubspot.search import query
from connector.hubspot.signin import StaticToken
from connector.limiter import NoLimiter
from connector.simulator.hubspot import options as portals
from connector.simulator.hubspot.portal import HubSpotPortal
from connector.simulator.server import Simulator
from connector.simulator.world import generate

INTEGRATION = StaticToken("pat-na1-integration")
NOW = datetime(2026, 11, 3, 12, 0, 0, 500_000, tzinfo=UTC)
LEAD, DEAL = Entity.LEAD, Entity.DEAL
FIELDS = ("jobtitle",)
MINUTE = timedelta(minutes=1)


def records(pages):
    return [record for page in pages for record in page.records]


@pytest.fixture
def cursor(crm, clock):
    """A start with an hour of quiet before it and after it."""
    clock.advance(timedelta(hours=1))
    cursor = crm.start(LEAD)
    clock.advance(timedelta(hours=1))
    return cursor


def test_a_search_is_written_as_hubspot_wants_it():
    at = Walking("2026-11-03T11:55:00.000Z", "2026-11-03T12:00:00.500Z", "951")

    body = query(LEAD, at, properties=["jobtitle"], limit=200)

    assert orjson.dumps(body).decode() == (
        '{"filterGroups":[{"filters":['
        '{"propertyName":"lastmodifieddate","operator":"GTE","value":"1793706900000"},'
        '{"propertyName":"lastmodifieddate","operator":"LTE","value":"1793707200500"},'
        '{"propertyName":"hs_object_id","operator":"GT","value":"951"}]}],'
        '"sorts":[{"propertyName":"hs_object_id","direction":"ASCENDING"}],'
        '"properties":["jobtitle"],"limit":200}'
    )


def test_nothing_changed_takes_one_call(crm, cursor, simulator):
    simulator.log.clear()

    (page,) = crm.changed(LEAD, FIELDS, cursor)

    assert page.records == ()
    assert unpacked(page.cursor) == Resting("2026-11-03T14:00:00.999Z")
    assert simulator.log.count() == 1


def test_changes_come_once_the_index_shows_them(crm, cursor, portal, clock):
    (record,) = portal.pick("contacts")
    portal.edit("contacts", record, {"jobtitle": "Head"})
    (early,) = crm.changed(LEAD, FIELDS, cursor)
    clock.advance(timedelta(seconds=3))

    (late,) = crm.changed(LEAD, FIELDS, early.cursor)

    assert early.records == ()
    assert [(one.id, one.values) for one in late.records] == [(record, ("Head",))]


def test_one_stamp_on_more_records_than_a_search_reaches(connected, portal, cursor, clock):
    portal.set_option("search_reach", 100)
    portal.same_stamp("contacts")
    clock.advance(MINUTE)

    pages = list(connected(search_rows=30).changed(LEAD, FIELDS, cursor))

    assert {record.id for record in records(pages)} == set(portal.snapshot("contacts"))
    assert len(pages) == 9


def test_a_walk_goes_on_from_any_page(connected, portal, cursor, clock):
    crm = connected(search_rows=50)
    portal.same_stamp("contacts")
    clock.advance(MINUTE)
    pages = crm.changed(LEAD, FIELDS, cursor)
    first, second = next(pages), next(pages)
    clock.advance(timedelta(days=2))
    (late,) = portal.pick("contacts")
    portal.edit("contacts", late, {"jobtitle": "Head"})
    clock.advance(MINUTE)

    rest = list(crm.changed(LEAD, FIELDS, second.cursor))

    seen = {record.id for record in records([first, second, *rest])}
    assert seen == set(portal.snapshot("contacts"))
    assert (late, ("Head",)) in [(record.id, record.values) for record in records(rest)]
    assert isinstance(unpacked(rest[-1].cursor), Resting)


def test_a_change_within_the_lag_comes_with_the_next_poll(connected, portal, cursor, clock):
    crm = connected(lag=timedelta(seconds=30))
    (record,) = portal.pick("contacts")
    portal.edit("contacts", record, {"jobtitle": "Head"})
    clock.advance(timedelta(seconds=10))
    (early,) = crm.changed(LEAD, FIELDS, cursor)
    clock.advance(MINUTE)

    (late,) = crm.changed(LEAD, FIELDS, early.cursor)

    assert early.records == ()
    assert [one.id for one in late.records] == [record]


def test_long_property_lists_are_read_in_batches(connected, portal, cursor, clock, simulator):
    edited = portal.pick("contacts", limit=5)
    for one in edited:
        portal.edit("contacts", one, {"jobtitle": "Head"})
    clock.advance(MINUTE)
    usual = records(connected().changed(LEAD, FIELDS, cursor))
    simulator.log.clear()

    thin = records(connected(search_body=100).changed(LEAD, FIELDS, cursor))

    assert thin == usual
    assert sorted(one.id for one in thin) == sorted(edited)
    assert simulator.log.counts() == {"hubspot": {"describe": 1, "read": 2}}


def test_a_hit_that_is_gone_when_its_batch_is_read_is_told_as_gone(connected, portal, cursor, clock):
    crm = connected(search_body=100)
    archived, primary, other = portal.pick("contacts", limit=3)
    for one in (archived, primary, other):
        portal.edit("contacts", one, {"jobtitle": "Head"})
    clock.advance(MINUTE)
    portal.archive("contacts", [archived])  # the index shows both changes only later
    survivor = portal.merge("contacts", primary, other)

    found = {record.id: (record.gone, record.merged_into) for record in records(crm.changed(LEAD, FIELDS, cursor))}

    assert found == {archived: ("deleted", None), primary: ("merged", survivor), other: ("merged", survivor)}


@pytest.mark.parametrize("preserve", [False, True])
def test_a_merge_is_told_by_its_survivor(crm, portal, cursor, clock, preserve):
    primary, other = portal.pick("contacts", limit=2)
    survivor = portal.merge("contacts", primary, other, preserve)
    clock.advance(MINUTE)

    found = records(crm.changed(LEAD, FIELDS, cursor))

    losers = {other} if preserve else {primary, other}
    assert {record.id for record in found if record.gone is None} == {survivor}
    assert {(record.id, record.gone, record.merged_into) for record in found if record.gone} == {
        (loser, "merged", survivor) for loser in losers
    }


def test_changed_deals_know_their_contacts(crm, portal, cursor, clock):
    deal = next(one for one in crm.everything(DEAL, ("associations.contacts",), Part()).__next__().records)
    extra = portal.pick("contacts", limit=2, seed=3)
    for one in extra:
        portal.associate("deals", deal.id, "contacts", one)
    portal.edit("deals", deal.id, {"dealname": "Big one"})
    clock.advance(MINUTE)

    (found,) = records(crm.changed(DEAL, ("dealname", "associations.contacts"), cursor))

    assert found.values == ("Big one", ";".join(sorted({*(deal.values[0] or "").split(";"), *extra} - {""})))


def test_a_clock_of_ours_that_is_wrong_misses_nothing(simulator, portal, clock):
    for wrong in (timedelta(hours=-3), timedelta(hours=3)):
        crm = connect(
            INTEGRATION,
            base_url=simulator.url,
            clock=MovableClock(clock.now() + wrong),
            limiter=NoLimiter(),
            jitter=lambda: 0.0,
        )
        cursor = crm.start(LEAD)
        (record,) = portal.pick("contacts", seed=round(wrong.total_seconds()))
        portal.edit("contacts", record, {"jobtitle": "Head"})
        crm.close()

        clock.advance(MINUTE)
        later = connect(
            INTEGRATION,
            base_url=simulator.url,
            clock=MovableClock(clock.now() + wrong),
            limiter=NoLimiter(),
            jitter=lambda: 0.0,
        )
        assert record in {one.id for one in records(later.changed(LEAD, FIELDS, cursor))}
        later.close()


# The law: nothing is missed.

EDIT = st.tuples(st.just("edit"), st.integers(0, 11), st.integers(0, 999))
STEPS = st.lists(
    st.one_of(
        EDIT,
        st.tuples(st.just("stamp all")),
        st.tuples(st.just("create"), st.integers(0, 999)),
        st.tuples(st.just("archive"), st.integers(0, 11)),
        st.tuples(st.just("merge"), st.integers(0, 11), st.integers(0, 11)),
        st.tuples(st.just("wait"), st.sampled_from([0.001, 0.4, 1.0, 30.0, 200.0, 4_000.0])),
        st.tuples(st.just("poll"), st.integers(0, 6), st.lists(EDIT, max_size=2)),
    ),
    max_size=14,
)
SMALL = generate(leads=12, seed=1, now=NOW, shown="hubspot")


class Follower:
    """One who keeps a copy of the contacts by cursor alone, and may be killed after any page."""

    def __init__(self, crm):
        self.crm = crm
        self.cursor = crm.start(LEAD)
        self.copy = {record.id: record.values for record in records(crm.everything(LEAD, FIELDS, Part()))}

    def poll(self, pages, between):
        """Read so many pages (0: all), with something happening after each."""
        for number, page in enumerate(self.crm.changed(LEAD, FIELDS, self.cursor), 1):
            for record in page.records:
                if record.gone:
                    self.copy.pop(record.id, None)
                else:
                    self.copy[record.id] = record.values
            self.cursor = page.cursor
            if number == pages:
                return
            between()


def act(portal, clock, step, serial):
    """Let one thing happen in the portal."""
    living = sorted(portal.snapshot("contacts"), key=int)
    match step:
        case ("edit", place, number):
            portal.edit("contacts", living[place % len(living)], {"jobtitle": f"{serial}-{number}"})
        case ("stamp all",):
            for one in living:
                portal.edit("contacts", one, {"jobtitle": f"{serial} for all"})
            portal.same_stamp("contacts", living)
        case ("create", number):
            portal.create("contacts", {"jobtitle": f"{serial}-{number}"})
        case ("archive", place) if len(living) > 2:
            portal.archive("contacts", [living[place % len(living)]])
        case ("merge", place, other) if len(living) > 2 and place % len(living) != other % len(living):
            portal.merge("contacts", living[place % len(living)], living[other % len(living)], preserve=serial % 2 == 0)
        case ("wait", seconds):
            clock.advance(timedelta(seconds=seconds))


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(steps=STEPS, lag_s=st.sampled_from([0.0, 2.0, 90.0, 280.0]), rows=st.integers(1, 5))
@example(steps=[("stamp all",), ("wait", 4_000.0), ("poll", 1, [])], lag_s=2.0, rows=3)
@example(steps=[("edit", 3, 1), ("poll", 0, []), ("wait", 200.0), ("poll", 0, [])], lag_s=280.0, rows=3)
def test_nothing_is_missed(steps, lag_s, rows):
    clock = MovableClock(NOW)
    portal = HubSpotPortal(SMALL, clock=clock, options=portals.HubSpotOptions(index_lag_s=lag_s, search_reach=5))
    with Simulator(salesforce=None, hubspot=portal, clock=clock) as simulator:
        crm = connect(
            INTEGRATION,
            base_url=simulator.url,
            clock=clock,
            limiter=NoLimiter(),
            jitter=lambda: 0.0,
            options=HubSpotOptions(search_rows=rows),
        )
        follower = Follower(crm)
        for serial, step in enumerate(steps):
            if step[0] == "poll":
                edits = iter(step[2])
                follower.poll(
                    step[1], lambda edits=edits, serial=serial: [act(portal, clock, one, serial) for one in edits]
                )
            else:
                act(portal, clock, step, serial)
        clock.advance(timedelta(seconds=lag_s + 1))
        follower.poll(0, lambda: None)
        for record in records(crm.removed(LEAD, NOW - MINUTE)):
            follower.copy.pop(record.id, None)
        truth = {one: (values["jobtitle"],) for one, values in portal.snapshot("contacts").items()}
        crm.close()
    portal.close()

    assert follower.copy == truth


def test_a_cursor_says_nothing_of_our_clock():
    assert packed(Resting("2026-11-03T12:00:00.000Z")).position == '{"since":"2026-11-03T12:00:00.000Z"}'
