import pytest

from tasks.store import backfills, pauses, schedule
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
    assert (found["quota"]["used"], found["quota"]["calls"], found["quota"]["ours"]) == (300, 500, {"live": 120})
    assert [(one["verb"], one["next_at"][11:16], one["late"]) for one in found["schedules"]] == [
        ("sync", "12:03", False),
        ("train", "11:45", True),
    ]


def test_what_concerns_all_connections_is_told_once(watched):
    watched.slot("sync:acme", every_s=300, at=watched.ago(minutes=20))

    assert [alert["kind"] for alert in standing.of_all(watched.wiring, now=watched.now)] == ["beat"]
