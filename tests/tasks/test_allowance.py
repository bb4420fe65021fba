from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.allowance import BACKFILL, LIVE, SLOWEST_S, TRAIN, Grant, allowance, day_ends_at
from tasks.store.quotas import DAY, HOUR, Ledger, Report, Spent

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
NOON = NOW.replace(minute=0)
HALF = Grant()


def ledger(*spent, used=0, granted=1000, resets_at=None, told_at=NOW):
    return Ledger(
        Report(used, granted, resets_at, told_at),
        tuple(Spent(NOON - hours * HOUR, purpose, number) for hours, purpose, number in spent),
    )


@pytest.mark.parametrize(
    ("grant", "calls"),
    [
        (Grant(), 500),
        (Grant(share=0.25), 250),
        (Grant(number=70), 70),
        (Grant(share=0.25, number=700), 250),
        (Grant(share=0.25, number=70), 70),
        (Grant(limited=False), None),
        (Grant(number=70, limited=False), 70),
    ],
)
def test_the_grant_is_the_lower_one_of_share_and_number(grant, calls):
    assert grant.calls(1000) == calls


def test_a_limit_that_is_not_known_yet_is_learned_from_one_call():
    unknown = Ledger(Report(None, None, None, None), ())

    assert allowance(unknown, HALF, LIVE, now=NOW).calls == 1
    assert allowance(unknown, Grant(limited=False), LIVE, now=NOW).calls is None


def test_live_work_has_all_of_the_grant_and_the_rest_leaves_a_fifth():
    fresh = ledger()

    assert allowance(fresh, HALF, LIVE, now=NOW).calls == 500
    assert allowance(fresh, HALF, BACKFILL, now=NOW).calls == 400
    assert allowance(fresh, HALF, TRAIN, now=NOW).calls == 400


def test_live_work_that_used_its_fifth_takes_from_the_rest():
    assert allowance(ledger((2, LIVE, 150)), HALF, BACKFILL, now=NOW).calls == 350


def test_a_backfill_that_is_through_its_part_waits_and_live_work_goes_on():
    spent = ledger((3, BACKFILL, 300), (2, TRAIN, 100))

    stopped = allowance(spent, HALF, BACKFILL, now=NOW)

    assert stopped.calls == 0
    assert stopped.until == NOON - 3 * HOUR + HOUR + DAY
    assert "kept for fresh leads" in stopped.why
    assert allowance(spent, HALF, LIVE, now=NOW).calls == 100


def test_a_spent_grant_comes_back_when_its_oldest_hour_is_a_day_ago():
    spent = ledger((20, LIVE, 1), (4, LIVE, 499))

    stopped = allowance(spent, HALF, LIVE, now=NOW)

    assert stopped.until == NOON - 20 * HOUR + HOUR + DAY
    assert "500 calls a day" in stopped.why
    assert "daily_share" in stopped.why
    assert allowance(spent, HALF, LIVE, now=stopped.until).calls == 1


def test_where_the_day_ends_at_midnight_the_grant_comes_back_then():
    midnight = NOW + timedelta(hours=5, minutes=30)
    spent = ledger((3, LIVE, 500), (23, LIVE, 400), resets_at=midnight)

    assert allowance(spent, HALF, LIVE, now=NOW).until == midnight
    assert allowance(spent, HALF, LIVE, now=midnight).calls == 500


def test_midnight_comes_every_day():
    told = ledger(resets_at=NOW)

    assert day_ends_at(told, NOW - HOUR) == NOW
    assert day_ends_at(told, NOW) == NOW + DAY
    assert day_ends_at(told, NOW + 3 * DAY + HOUR) == NOW + 4 * DAY


def test_the_last_calls_of_the_account_are_left_to_others():
    crowded = ledger(used=850)
    full = ledger(used=950)

    assert allowance(crowded, HALF, LIVE, now=NOW).calls == 100
    assert allowance(crowded, HALF, BACKFILL, now=NOW).calls == 0
    stopped = allowance(full, HALF, LIVE, now=NOW)
    assert (stopped.calls, stopped.until) == (0, NOW + timedelta(minutes=15))
    assert "other integrations" in stopped.why


def test_a_report_that_is_no_longer_true_is_tried_with_one_call():
    full = ledger(used=1000)

    assert allowance(full, HALF, LIVE, now=NOW + timedelta(minutes=15, seconds=1)).calls == 1


def test_a_full_account_whose_day_ends_is_not_asked_before():
    midnight = NOW + 5 * HOUR
    full = ledger(used=1000, resets_at=midnight)

    assert allowance(full, HALF, LIVE, now=NOW + HOUR).until == midnight
    assert allowance(full, HALF, LIVE, now=midnight).calls == 1


def test_before_the_wall_what_is_left_is_spread_until_it_comes_back():
    midnight = NOW + timedelta(minutes=20)
    half = allowance(ledger((1, LIVE, 390), resets_at=midnight), HALF, LIVE, now=NOW)
    most = allowance(ledger((1, LIVE, 450), resets_at=midnight), HALF, LIVE, now=NOW)

    assert half.every_s == 0
    assert most.every_s == 1200 / 50


def test_a_rolling_day_is_spread_until_as_many_calls_return_as_are_left():
    spent = ledger((23, LIVE, 10), (10, LIVE, 440))

    assert allowance(spent, HALF, LIVE, now=NOW).every_s == SLOWEST_S


SPENT = st.lists(
    st.tuples(st.integers(0, 47), st.sampled_from([LIVE, BACKFILL, TRAIN]), st.integers(0, 300)), max_size=8
)
REPORTS = st.builds(
    Report,
    st.none() | st.integers(0, 1200),
    st.none() | st.integers(0, 1000),
    st.none() | st.integers(-50, 30).map(lambda hours: NOW + hours * HOUR),
    st.none() | st.integers(-90, 5).map(lambda minutes: NOW + timedelta(minutes=minutes)),
)
GRANTS = st.builds(Grant, st.none() | st.floats(0.01, 1), st.none() | st.integers(1, 1000), st.booleans())


@given(spent=SPENT, report=REPORTS, grant=GRANTS)
def test_live_work_is_never_refused_nor_slower_while_a_backfill_may_go_on(spent, report, grant):
    known = Ledger(report, ledger(*sorted(spent, reverse=True)).spent)

    live, backfill = (allowance(known, grant, purpose, now=NOW) for purpose in (LIVE, BACKFILL))

    if backfill.calls is None:
        assert live.calls is None
    elif backfill.calls > 0:
        assert live.calls >= backfill.calls
        assert live.every_s <= backfill.every_s


@given(spent=SPENT, report=REPORTS, grant=GRANTS, purpose=st.sampled_from([LIVE, BACKFILL]))
def test_who_is_stopped_is_told_when_to_come_again(spent, report, grant, purpose):
    known = Ledger(report, ledger(*sorted(spent, reverse=True)).spent)

    found = allowance(known, grant, purpose, now=NOW)

    if found.calls == 0:
        assert found.until > NOW
        assert found.why
