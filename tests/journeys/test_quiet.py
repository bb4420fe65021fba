"""What a sync asks of a CRM in which nothing has happened, by the simulator's log."""

from datetime import timedelta

import pytest

from connector.clock import MovableClock, SystemClock
from connector.simulator.spec import build
from tasks import run
from tests.journeys.conftest import Installation, spec

EXPIRED = 401  # a session that ended meanwhile: like signing in, no call of the customer's quota


@pytest.fixture(params=["salesforce", "hubspot"])
def quiet(request, tmp_path):
    """An installation that was synced, and whose first poll after its own push is over."""
    clock = MovableClock(SystemClock().now())
    with build(spec(crms=(request.param,), leads=300), clock) as simulator:
        home = Installation(tmp_path / "home", simulator, (request.param,))
        wiring = home.wiring(clock=clock)
        assert home.truegrade("provision", request.param).code == 0
        for _ in range(2):
            clock.advance(timedelta(hours=1))
            run.sync(wiring, request.param)
        clock.advance(timedelta(hours=1))
        yield wiring, request.param, simulator, clock
        wiring.store.close()


def test_a_quiet_sync_makes_at_most_one_call_for_each_entity(quiet):
    wiring, name, simulator, clock = quiet
    entities = wiring.mapping(name).entities
    for _ in range(3):
        simulator.log.clear()

        synced = run.sync(wiring, name)

        asked = [entry for entry in simulator.log.entries(name) if entry.kind != "sign-in" and entry.status != EXPIRED]
        assert synced.pushed.taken == 0
        assert len(asked) <= len(entities), asked
        assert simulator.log.count(name, "sign-in") <= 1
        clock.advance(timedelta(minutes=5))
