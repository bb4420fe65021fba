from datetime import timedelta

import pytest

from tasks.store import pauses


@pytest.fixture
def desk(store, shelf):
    return Desk(store, shelf.now)


class Desk:
    def __init__(self, store, now):
        self.store, self.now = store, now

    def mend(self, reason="It may not write."):
        return pauses.until_mended(self.store, "acme", reason=reason, fix="Let it.", now=self.now)

    def spend(self, **by):
        until = self.now + timedelta(**by)
        pauses.until_quota(self.store, "acme", reason="All calls are spent.", until=until, now=self.now)

    @property
    def pause(self):
        return pauses.of(self.store, "acme")


def test_a_connection_that_a_person_has_to_mend_is_tried_at_growing_intervals_up_to_an_hour(desk):
    began, waits = desk.now, []
    for _ in range(6):
        until = desk.mend()
        waits.append((until - desk.now) / timedelta(minutes=1))
        desk.now = until

    assert waits == [5, 10, 20, 40, 60, 60]
    assert (desk.pause.since, desk.pause.times) == (began, 6)
    assert (desk.pause.reason, desk.pause.fix) == ("It may not write.", "Let it.")


def test_units_that_fail_side_by_side_are_one_try(desk):
    first = desk.mend()
    desk.now += timedelta(seconds=20)

    assert desk.mend() == first
    assert desk.pause.times == 1


def test_a_pause_of_before_the_clock_was_put_back_is_made_anew(desk):
    desk.mend()
    desk.now -= timedelta(days=365)

    assert desk.mend() - desk.now <= timedelta(hours=1)


def test_a_pause_that_ended_begins_anew(desk):
    desk.mend()
    pauses.end(desk.store, "acme")
    desk.now += timedelta(days=1)

    assert pauses.of(desk.store, "acme") is None
    assert desk.mend() - desk.now == timedelta(minutes=5)
    assert desk.pause.since == desk.now


def test_spent_calls_pause_until_they_return(desk):
    began = desk.now
    desk.spend(hours=3)
    desk.now += timedelta(hours=3)
    desk.spend(minutes=15)

    assert (desk.pause.kind, desk.pause.fix, desk.pause.times) == (pauses.QUOTA, "", 2)
    assert (desk.pause.since, desk.pause.until) == (began, desk.now + timedelta(minutes=15))


def test_another_cause_is_told_as_of_now(desk):
    desk.spend(hours=3)
    desk.now += timedelta(hours=3)
    desk.mend()

    assert (desk.pause.kind, desk.pause.since, desk.pause.times) == (pauses.MISCONFIGURED, desk.now, 1)


def test_other_connections_are_not_touched(desk):
    desk.mend()

    pauses.end(desk.store, "globex")

    assert pauses.of(desk.store, "globex") is None
    assert desk.pause is not None
