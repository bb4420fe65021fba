"""An hour in which nothing happens, with a real broker, beat and workers: what it costs, by the simulator's log."""

from collections import Counter
from datetime import timedelta

import pytest

from tasks.settings import load_settings
from tasks.wiring import open_wiring
from tests.processes import MACHINE
from tests.rehearsal import World, begun, now_text, prepare, settle

SYNC_EVERY_S = 300
SYNCS = 12
WORKERS = 2
ENDED = 401  # a session that ended meanwhile: like signing in, no call of the customer's quota
LOOK_EVERY_S = 0.1
PATIENCE_S = 60
SYNCED = "SELECT DISTINCT connection FROM runs WHERE verb = 'sync' AND state = 'succeeded' AND started_at > %s"
LOADING = "SELECT count(*) FROM backfills WHERE state NOT IN ('done', 'cancelled')"
BUSY = "SELECT count(*) FROM units WHERE state = 'working'"


@pytest.fixture
def idle(tmp_path):
    """A cluster that has scored and written everything, the first poll after its own push over."""
    world = World(tmp_path, 300, 0, workers=WORKERS, sync_every_s=SYNC_EVERY_S)
    prepare(world)
    with begun(world, "idle") as rehearsal:
        while rehearsal.admin_asks() or rehearsal.ask(LOADING)[0][0]:
            MACHINE.sleep(LOOK_EVERY_S)
        one_sync_more(rehearsal)
        settle(rehearsal, lambda _: None)
        one_sync_more(rehearsal)
        rehearsal.remote.clear_log()
        yield rehearsal


def one_sync_more(rehearsal):
    """Let the time of the next sync come, and wait until each connection has had one."""
    rehearsal.clock.advance(timedelta(seconds=SYNC_EVERY_S))
    since = now_text(rehearsal.clock.now() - timedelta(seconds=1))
    until = MACHINE.now() + timedelta(seconds=PATIENCE_S)
    while {row[0] for row in rehearsal.ask(SYNCED, [since])} != set(rehearsal.crms) or rehearsal.ask(BUSY)[0][0]:
        assert MACHINE.now() < until, rehearsal.ask("SELECT connection, verb, state, error FROM runs")
        MACHINE.sleep(LOOK_EVERY_S)


@pytest.mark.timeout(280)
def test_an_idle_hour_costs_a_call_for_each_entity_and_sync_and_writes_nothing(idle, record_property):
    wiring = open_wiring(load_settings(idle.cluster.home), clock=idle.clock)
    entities = {crm: len(wiring.mapping(crm).entities) for crm in idle.crms}
    wiring.store.close()
    held = {crm: idle.remote.operate(crm, "writes") for crm in idle.crms}

    for _ in range(SYNCS):
        one_sync_more(idle)

    asked = [entry for entry in idle.remote.entries() if entry["status"] != ENDED]
    calls = Counter((entry["crm"], entry["kind"]) for entry in asked)
    told = ", ".join(f"{crm} {kind} {number}" for (crm, kind), number in sorted(calls.items()))
    record_property("shown", f"An idle hour of {SYNCS} syncs: {told}; nothing written")
    assert {crm: idle.remote.operate(crm, "writes") for crm in idle.crms} == held
    assert {kind for _, kind in calls} <= {"read", "poll", "describe", "sign-in"}
    for crm in idle.crms:
        assert SYNCS <= calls[crm, "read"] + calls[crm, "poll"] <= SYNCS * entities[crm], told
        assert calls[crm, "describe"] <= WORKERS * entities[crm], told  # a worker asks once in its life
