"""The day's calls: shared by all who work for a connection, kept over restarts, and told to people."""

import random
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.clock import MovableClock
from connector.crm import Budget, Entity, Outcome, Part, Update
from connector.errors import OutOfQuota
from connector.hubspot import adapter as hubspot
from connector.hubspot.signin import StaticToken
from connector.limiter import MemoryLimiter
from connector.salesforce import adapter as salesforce
from connector.salesforce.signin import ClientCredentials
from connector.simulator.hubspot.options import HubSpotOptions
from connector.simulator.hubspot.portal import HubSpotPortal
from connector.simulator.salesforce.options import SalesforceOptions
from connector.simulator.salesforce.org import SalesforceOrg
from connector.simulator.server import Simulator
from connector.simulator.world import generate
from tasks.allowance import BACKFILL, LIVE, Grant
from tasks.budget import AT_A_TIME, Metered, quota_of
from tasks.connections import Connection
from tasks.settings import Settings
from tasks.store import quotas
from tasks.wiring import open_wiring

NOW = datetime(2026, 1, 2, 12, 5, tzinfo=UTC)
ACME = Connection(name="acme", crm="hubspot", sign_in={"kind": "token", "token": "env:X"})
DAY = timedelta(days=1)


@pytest.fixture
def clock():
    return MovableClock(NOW)


@pytest.fixture
def worker(store, clock):
    """Make limiters as workers have them: all on one store, one clock and one connection."""
    burst = MemoryLimiter(clock, {})

    def make(purpose=LIVE, *, name="acme", share=None, calls=None, limited=True):
        grant = Grant(share, calls, limited)
        return Metered(burst, store=store, clock=clock, connection=name, grant=grant, purpose=purpose)

    return make


def ours(store, clock):
    return sum(one.number for one in quotas.of(store, "acme", now=clock.now()).spent)


def made(limiter, most=10_000):
    """Make calls until no more may be made; returns how many, and what was told then."""
    for number in range(most):
        try:
            limiter.wait("burst")
        except OutOfQuota as error:
            return number, error
    return most, None


def test_calls_are_counted_a_few_at_a_time_and_what_is_left_is_given_back(worker, store, clock):
    limiter = worker(calls=1000)
    for _ in range(3):
        limiter.wait("burst")
    counted_before = ours(store, clock)

    limiter.close()

    assert counted_before == AT_A_TIME
    assert ours(store, clock) == 3


def test_a_worker_that_was_killed_leaves_only_a_handful_counted_too_many(worker, store, clock):
    worker(calls=1000).wait("burst")  # and never closes

    assert ours(store, clock) <= AT_A_TIME


def test_all_workers_together_keep_to_the_grant(worker):
    workers = [worker(calls=50) for _ in range(3)]

    total = sum(made(one)[0] for one in workers)

    assert total == 50


def test_an_unknown_limit_is_learned_from_the_first_reply(worker, store, clock):
    limiter = worker(share=0.5)
    limiter.wait("burst")
    limiter.reported(Budget(1, 100))

    number, error = made(limiter)

    assert 1 + number == 50
    assert error.until == datetime(2026, 1, 3, 13, tzinfo=UTC)


def test_a_hubspot_day_ends_at_its_midnight(worker, clock):
    midnight = datetime(2026, 1, 3, 5, tzinfo=UTC)
    limiter = worker(calls=30)
    limiter.reported(Budget(1, 650_000, midnight))
    number, error = made(limiter)
    clock.advance(error.until - clock.now())

    assert (number, error.until) == (30, midnight)
    assert made(limiter)[0] == 30


def test_calls_that_come_back_after_a_day_can_be_made_again(worker, clock):
    limiter = worker(calls=30)
    _, error = made(limiter)

    clock.advance(error.until - clock.now())

    assert made(limiter)[0] > 0


def test_the_last_calls_are_made_slowly(worker, clock):
    worker(calls=1000).reported(Budget(1, 650_000))
    limiter = worker(calls=1000)
    limiter.reported(Budget(1, 650_000, clock.now() + timedelta(hours=1)))

    made(limiter, most=790)
    before = clock.now()
    made(limiter, most=60)

    assert before - NOW < timedelta(seconds=1)
    assert clock.now() - before > timedelta(minutes=10)


def test_a_backfill_leaves_fresh_leads_their_part(worker):
    backfill, live = worker(BACKFILL, calls=100), worker(LIVE, calls=100)

    number, error = made(backfill)

    assert number == 80
    assert "fresh leads" in str(error)
    assert made(live)[0] == 20


def test_what_is_taken_in_one_hour_is_not_used_in_the_next(worker, store, clock):
    limiter = worker(calls=1000)
    limiter.wait("burst")
    clock.advance(timedelta(hours=1))
    limiter.wait("burst")
    limiter.close()

    assert [one.number for one in quotas.of(store, "acme", now=clock.now()).spent] == [1, 1]


def test_a_report_outlives_the_worker(worker, store, clock):
    limiter = worker()
    limiter.wait("burst")
    limiter.reported(Budget(960, 1000))
    limiter.close()

    with pytest.raises(OutOfQuota, match="960 of the account's 1,000") as told:
        worker().wait("burst")

    assert told.value.until == clock.now() + timedelta(minutes=15)


def test_where_there_is_no_daily_limit_calls_are_only_counted(worker, store, clock):
    limiter = worker(limited=False)
    made(limiter, most=500)
    limiter.close()

    assert ours(store, clock) == 500


def test_the_days_end_is_asked_for_once_an_hour_at_most(worker, clock):
    asks = []
    for minutes in (0, 1, 60, 1, 60):
        clock.advance(timedelta(minutes=minutes))
        limiter = worker(calls=1000)
        asks.append(limiter.day_is_unknown())
        limiter.wait("burst")
        limiter.close()

    assert asks == [False, False, True, False, True]


def test_a_days_end_that_is_known_is_not_asked_for(worker, clock):
    limiter = worker()
    limiter.wait("burst")
    limiter.reported(Budget(1, 1000, clock.now() + timedelta(hours=9)))
    limiter.close()
    clock.advance(timedelta(hours=2))

    assert not worker().day_is_unknown()
    clock.advance(timedelta(hours=9))
    assert worker().day_is_unknown()


def test_people_are_told_how_a_connection_stands(worker, store, clock):
    assert quota_of(store, ACME, now=clock.now()) is None
    limiter, backfill = worker(), worker(BACKFILL)
    limiter.wait("burst")
    limiter.reported(Budget(800, 1000))
    limiter.wait("burst")
    limiter.close()
    with pytest.raises(OutOfQuota):
        backfill.wait("burst")

    quota = quota_of(store, ACME, now=clock.now())

    assert (quota.used, quota.granted, quota.share, quota.calls) == (800, 1000, 0.5, 500)
    assert quota.ours == {"live": 2}
    assert quota.until is None
    assert quota.backfill_until == NOW + timedelta(minutes=15)
    assert "other integrations" in quota.why


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("call"), st.integers(0, 3), st.integers(1, 40)),
        st.tuples(st.just("pass"), st.integers(0, 30 * 3600), st.just(0)),
        st.tuples(st.just("report"), st.integers(0, 3), st.integers(0, 130)),
        st.tuples(st.just("kill"), st.integers(0, 3), st.just(0)),
        st.tuples(st.just("close"), st.integers(0, 3), st.just(0)),
    ),
    max_size=25,
)
NUMBERS = count()


@settings(max_examples=60)
@given(steps=STEPS, calendar=st.booleans())
def test_our_calls_of_any_day_never_pass_the_grant(worker, clock, steps, calendar):
    name, calls, granted = f"c{next(NUMBERS)}", [], 120
    purposes = [LIVE, LIVE, BACKFILL, BACKFILL]
    started = clock.now()
    midnight = started + timedelta(hours=7, minutes=30) if calendar else None
    workers = [worker(purpose, name=name, share=0.5) for purpose in purposes]
    workers[0].reported(Budget(1, granted, midnight))  # before a first reply there is no limit to keep to
    workers[0].close()

    for step, which, number in steps:
        match step:
            case "call":
                for _ in range(number):
                    try:
                        workers[which].wait("burst")
                    except OutOfQuota:
                        break
                    calls.append(clock.now())
            case "pass":
                clock.advance(timedelta(seconds=which))
            case "report":
                workers[which].reported(Budget(number, granted))
            case "kill":
                workers[which] = worker(purposes[which], name=name, share=0.5)
            case "close":
                workers[which].close()

    for at in calls:
        began = midnight + (at - midnight) // DAY * DAY if calendar else at
        assert sum(began <= one < began + DAY for one in calls) <= granted * 0.5


def again_and_again(crm, field):
    for _ in range(100):
        list(crm.everything(Entity.LEAD, (field,), Part()))


def salesforce_on(url, clock, limiter):
    sign_in = ClientCredentials("truegrade", "truegrade-secret", url)
    jitter = random.Random(1).random
    return salesforce.connect(sign_in, base_url=url, clock=clock, limiter=limiter, jitter=jitter)


def hubspot_on(url, clock, limiter):
    return hubspot.connect(
        StaticToken("pat-na1-integration"), base_url=url, clock=clock, limiter=limiter, jitter=lambda: 0.0
    )


@pytest.fixture
def org(clock):
    org = SalesforceOrg(
        generate(leads=300, seed=5, now=NOW), clock=clock, options=SalesforceOptions(page_rows=10, daily=60)
    )
    with Simulator(salesforce=org, hubspot=None, clock=clock) as simulator:
        yield simulator
    org.close()


@pytest.fixture
def portal(clock):
    world = generate(leads=900, seed=5, now=NOW, shown="hubspot")
    portal = HubSpotPortal(world, clock=clock, options=HubSpotOptions(daily=30, list_page=100))
    with Simulator(salesforce=None, hubspot=portal, clock=clock) as simulator:
        yield simulator
    portal.close()


def test_a_salesforce_org_is_read_until_half_of_its_day_is_used(org, worker, store, clock):
    limiter = worker()
    crm = salesforce_on(org.url, clock, limiter)

    with pytest.raises(OutOfQuota, match="30 calls a day"):
        again_and_again(crm, "LastName")

    crm.close()
    limiter.close()
    assert quotas.of(store, "acme", now=clock.now()).report.used == 30
    assert ours(store, clock) == 30


def test_a_hubspot_portal_is_read_until_half_of_its_day_is_used(portal, worker, store, clock):
    limiter = worker()
    crm = hubspot_on(portal.url, clock, limiter)
    crm.budget()

    with pytest.raises(OutOfQuota, match="15 calls a day") as told:
        again_and_again(crm, "email")

    crm.close()
    limiter.close()
    assert told.value.until == datetime(2026, 1, 3, 5, tzinfo=UTC)
    assert quotas.of(store, "acme", now=clock.now()).report.used == 15


@pytest.fixture
def wiring(portal, clock, tmp_path):
    (tmp_path / "token").write_text("pat-na1-integration", encoding="utf-8")
    (tmp_path / "connections.yaml").write_text(
        f"connections:\n  acme:\n    crm: hubspot\n    url: {portal.url}\n    daily_calls: 20\n"
        "    sign_in: {kind: token, token: file:token}\n",
        encoding="utf-8",
    )
    wiring = open_wiring(Settings(home=tmp_path), clock=clock)
    yield wiring
    wiring.store.close()


def test_whoever_opens_a_connection_counts_its_calls_by_purpose(wiring, portal, clock):
    with wiring.crm("acme") as crm:
        crm.describe(Entity.LEAD)
    with wiring.crm("acme", purpose=BACKFILL) as crm:
        list(crm.everything(Entity.LEAD, ("email",), Part()))

    quota = quota_of(wiring.store, wiring.connection("acme"), now=clock.now())

    assert quota.ours["live"] == 1
    assert quota.ours["live"] + quota.ours["backfill"] == portal.log.count() == quota.used


def test_the_connection_learns_when_its_day_ends_by_one_call_a_day(wiring, portal, clock):
    for _ in range(4):
        with wiring.crm("acme") as crm:
            crm.describe(Entity.LEAD)
        clock.advance(timedelta(hours=1))

    quota = quota_of(wiring.store, wiring.connection("acme"), now=clock.now())

    assert portal.log.count() == 4 + 1
    assert quota.resets_at == datetime(2026, 1, 3, 5, tzinfo=UTC)


def test_rows_beyond_the_grant_are_parked_and_none_is_lost(wiring, portal):
    with wiring.crm("acme", purpose=BACKFILL) as crm:
        page = next(crm.everything(Entity.LEAD, ("email",), Part()))
        ids = [record.id for record in page.records]
        updates = [Update(ids[number % 100], {"jobtitle": str(number)}) for number in range(3_000)]
        outcomes = [written.outcome for written in crm.write(Entity.LEAD, updates, expected=3_000)]

    assert len(outcomes) == 3_000
    assert outcomes.count(Outcome.PARKED) > 0
    assert portal.log.count() == 16
