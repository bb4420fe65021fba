import pytest

from tasks.store import backfills, pauses, processes, schedule
from tasks.store.times import to_text
from tasks.watch import standing


def state(watched, name="acme"):
    return standing.of_connection(watched.wiring, name, schedule.all_slots(watched.store), now=watched.now)


def headline(watched):
    found = state(watched)["headline"]
    return found["state"], found["why"]


def test_a_new_connection_says_how_to_begin(watched):
    assert headline(watched) == ("WAITING", "nothing is pulled yet; `truegrade sync acme` does")


def test_a_connection_that_is_synced_is_ok(watched):
    watched.slot("sync:acme", every_s=300, at=watched.ago(minutes=2))
    watched.run(began=watched.ago(minutes=2))

    assert headline(watched) == ("OK", "last sync 2 min ago")


@pytest.mark.parametrize(("is_scheduled", "word"), [(True, "WAITING"), (False, "ATTENTION")])
def test_a_run_that_failed_once_waits_for_the_schedule_or_for_a_person(watched, is_scheduled, word):
    if is_scheduled:
        watched.slot("sync:acme", every_s=300, at=watched.ago(minutes=2))
    watched.run(began=watched.ago(minutes=6))
    watched.run(began=watched.ago(minutes=1), state="failed", error="KeyError")

    found, why = headline(watched)

    assert found == word
    assert why.startswith("the last sync failed: KeyError")


def test_the_first_run_is_told_while_it_is_at_work(watched):
    watched.run(began=watched.ago(minutes=1), state="running")

    assert headline(watched) == ("WAITING", "the first sync is at work")


def test_a_person_is_asked_only_when_one_is_needed(watched):
    pauses.until_quota(watched.store, "acme", reason="Used.", until=watched.ago(hours=-1), now=watched.now)
    assert headline(watched)[0] == "WAITING"

    pauses.until_mended(watched.store, "acme", reason="No.", fix="Mend it.", now=watched.now)

    assert headline(watched)[0] == "PAUSED"
    assert state(watched)["alerts"][0]["kind"] == "paused"


def test_an_alert_asks_for_attention(watched):
    watched.unit("b1:score:1", verb="backfill.score", state="parked", error="KeyError")

    assert headline(watched)[0] == "ATTENTION"
    assert state(watched)["work"] == {"parked": 1}


def test_a_load_says_which_backfill_it_is_and_how_far(watched):
    new = backfills.New("load:1", "acme", "load", backfills.Stage.BEGIN, {}, {}, "me")
    backfills.start(watched.store, new, now=watched.now)

    found = state(watched)

    assert found["headline"] == {"state": "WAITING", "why": "its leads are being loaded by the backfill load:1"}
    assert [(one["id"], one["stage"], one["units"], one["waiting"], one["done"]) for one in found["backfills"]] == [
        ("load:1", "begin", 1, 1, 0)
    ]


def test_a_load_that_is_held_up_says_by_what(watched):
    new = backfills.New("load:1", "acme", "load", backfills.Stage.BEGIN, {}, {}, "me")
    backfills.start(watched.store, new, now=watched.now)
    backfills.set_state(watched.store, "load:1", backfills.State.PAUSED, now=watched.now)

    word, why = headline(watched)

    assert (word, why.partition(", which ")[2]) == ("WAITING", "waits: somebody has paused it")
    assert state(watched)["backfills"][0]["waits_for"] == "somebody has paused it"


def test_it_tells_how_fresh_what_it_cost_and_what_comes_next(watched):
    watched.slot("sync:acme", every_s=300, at=watched.ago(minutes=2))
    watched.slot("train:acme", every_s=300, at=watched.ago(minutes=20))
    watched.run(began=watched.ago(minutes=2))
    watched.insert("stale", connection="acme", lead_id="1", version=1)
    watched.insert("quotas", connection="acme", used=300, granted=1_000, told_at=to_text(watched.now))
    watched.insert("calls", connection="acme", hour=to_text(watched.now), purpose="live", number=120)

    found = state(watched)

    assert found["freshness"]["synced_at"] == "2026-11-03T11:58:00+00:00"
    assert (found["freshness"]["age_s"], found["freshness"]["unscored"]) == (120, 1)
    quota = found["quota"]
    assert (quota["used"], quota["allowed"], quota["granted"], quota["ours"]) == (300, 1_000, 500, {"live": 120})
    assert [(one["verb"], one["next_at"][11:16], one["late"]) for one in found["schedules"]] == [
        ("sync", "12:03", False),
        ("train", "11:45", True),
    ]


def test_a_schedule_that_never_ran_has_no_last_time(watched):
    watched.slot("sync:acme", every_s=300, at=watched.ago(minutes=2))
    watched.slot("train:acme", every_s=604_800, at=watched.ago(days=6))  # the slot of the week it was set up in
    watched.run(began=watched.ago(minutes=1))

    last = {one["verb"]: one["last_at"] for one in state(watched)["schedules"]}

    assert last == {"sync": "2026-11-03T11:59:00+00:00", "train": None}


def test_it_tells_who_is_there_twice_where_that_is_looked_for(watched):
    assert state(watched)["duplicates"] is None
    watched.run(began=watched.ago(minutes=2))
    row = {"connection": "acme", "because": "e-mail", "cluster": "lead:acme/1"}
    for lead, minutes in (("1", 90), ("2", 30)):
        watched.insert("duplicates", **row, entity="lead", id=lead, found_at=to_text(watched.ago(minutes=minutes)))
    watched.insert("likeness_marks", entity="lead", connection="acme", version=1, rules="r", settled=1)

    assert state(watched)["duplicates"] == {
        "found": {"lead": {"records": 2, "clusters": 1}},
        "newest_at": "2026-11-03T11:30:00+00:00",
        "looked_at": "2026-11-03T11:58:00+00:00",
    }
    assert state(watched, "globex")["duplicates"] is None


def test_all_integrations_together_never_made_fewer_calls_than_we_did(watched):
    watched.insert("quotas", connection="acme", used=100, granted=1_000, told_at=to_text(watched.ago(minutes=30)))
    watched.insert("calls", connection="acme", hour=to_text(watched.now), purpose="live", number=120)

    assert state(watched)["quota"]["used"] == 120


def test_leads_that_the_crm_refused_are_told_where_all_else_is_well(watched):
    watched.slot("sync:acme", every_s=300, at=watched.ago(minutes=2))
    watched.run(began=watched.ago(minutes=2))
    at = to_text(watched.now)
    score = {"model": "m", "inputs_hash": "h", "waiting": 0, "attempts": 1, "scored_at": at}
    watched.insert("scores", connection="acme", lead_id="1", state="refused", **score)
    refusal = {"code": "BAD", "message": "No.", "passing": 0, "times": 1, "first_at": at, "last_at": at}
    watched.insert("refusals", connection="acme", lead_id="1", **refusal)

    assert headline(watched) == (
        "OK",
        "last sync 2 min ago; 1 lead refused by the CRM, see `truegrade refusals acme`",
    )


def test_a_worker_is_up_for_its_queues_while_it_is_heard_of(watched):
    processes.beat(watched.store, "h:worker:1", "worker", ["live"], now=watched.ago(seconds=20), worked=False)
    processes.beat(watched.store, "h:worker:2", "worker", ["backfill"], now=watched.ago(minutes=3), worked=True)

    assert standing.is_served(watched.wiring, "live", now=watched.now)
    assert not standing.is_served(watched.wiring, "backfill", now=watched.now)
    assert [(one["name"], one["up"]) for one in standing.of_workers(watched.wiring, now=watched.now)] == [
        ("h:worker:1", True),
        ("h:worker:2", False),
    ]


def test_an_alert_names_the_connection_in_what_is_to_be_typed(watched):
    pauses.until_mended(watched.store, "acme", reason="No.", fix="Run `truegrade provision`.", now=watched.now)

    assert "Run `truegrade provision acme`." in headline(watched)[1]


def test_what_concerns_all_connections_is_told_once(watched):
    watched.slot("sync:acme", every_s=300, at=watched.ago(minutes=20))

    assert [alert["kind"] for alert in standing.of_all(watched.wiring, now=watched.now)] == ["beat"]
