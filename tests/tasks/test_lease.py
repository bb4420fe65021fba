import threading

import pytest

from connector.clock import SystemClock
from connector.errors import Retryable
from tasks.lease import held
from tasks.store import leases


def test_a_lease_lives_as_long_as_its_block_and_is_told_to_people(store):
    clock = SystemClock()

    with held(store, clock, holds="sync one") as lease:
        [told] = leases.all_living(store, clock.now())
        assert (told.token, told.holds) == (lease.token, "sync one")

    assert leases.all_living(store, clock.now()) == []


def test_a_lease_is_given_back_when_its_block_fails(store):
    clock = SystemClock()

    with pytest.raises(ZeroDivisionError), held(store, clock, holds="sync one"):
        raise ZeroDivisionError

    assert leases.all_living(store, clock.now()) == []


def test_a_lease_is_renewed_while_its_holder_lives(store):
    clock = SystemClock()

    with held(store, clock, holds="sync one", lease_s=0.4) as lease:
        threading.Event().wait(1.2)  # in which it would have ended three times
        assert [told.token for told in leases.all_living(store, clock.now())] == [lease.token]
        lease.require()


def test_a_lease_that_somebody_ended_is_lost(store):
    clock = SystemClock()

    with held(store, clock, holds="sync one", lease_s=0.2) as lease:
        leases.end(store, lease.token)
        threading.Event().wait(0.5)
        with pytest.raises(Retryable):
            lease.require()
