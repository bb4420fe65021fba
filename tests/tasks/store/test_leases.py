from datetime import timedelta

import pytest

from tasks.store import leases


@pytest.fixture
def desk(store, shelf):
    return Desk(store, shelf.now)


class Desk:
    def __init__(self, store, now):
        self.store, self.now = store, now

    def make(self, token, *, holds="sync acme", host="here", for_s=60.0):
        until = self.now + timedelta(seconds=for_s)
        leases.make(self.store, token, holds=holds, host=host, until=until, now=self.now)

    def living(self, **later):
        return {lease.token for lease in leases.all_living(self.store, self.now + timedelta(**later))}

    def is_alive(self, token, **later):
        return token in self.living(**later)


def test_a_lease_lives_until_its_time(desk):
    desk.make("one")

    assert [desk.is_alive("one", seconds=after) for after in (0, 59, 60, 61)] == [True, True, False, False]
    assert (desk.living(), desk.living(seconds=60)) == ({"one"}, set())


def test_nobody_s_lease_does_not_live(desk):
    assert not desk.is_alive(None)
    assert not desk.is_alive("never made")


def test_a_lease_that_is_renewed_lives_on(desk):
    desk.make("one")

    assert leases.renew(desk.store, "one", until=desk.now + timedelta(seconds=100))
    assert desk.is_alive("one", seconds=99)


def test_a_lease_that_was_ended_is_not_renewed(desk):
    desk.make("one")
    leases.end(desk.store, "one")

    assert not desk.is_alive("one")
    assert not leases.renew(desk.store, "one", until=desk.now + timedelta(seconds=100))


def test_a_lease_of_before_the_clock_was_put_back_has_ended(desk):
    desk.make("one")

    assert not desk.is_alive("one", days=-1)
    assert desk.living(days=-1) == set()


def test_the_leases_of_a_dead_machine_s_work_end_and_no_others(desk):
    desk.make("mine")
    desk.make("other work", holds="train acme")
    desk.make("other machine", host="there")

    leases.end_of_host(desk.store, "here", ["sync acme", "pull acme"])

    assert desk.living() == {"other work", "other machine"}


def test_leases_that_ended_long_ago_are_forgotten(desk):
    desk.make("old")
    desk.now += timedelta(days=2)
    desk.make("new")

    with desk.store.read() as tx:
        assert tx.exec_driver_sql("SELECT token FROM leases").scalars().all() == ["new"]
