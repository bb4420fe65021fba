import json
from datetime import timedelta

import pytest
import structlog

from tasks.store import alerts as kept
from tasks.store import backfills, leases, pauses
from tasks.store.times import to_text
from tasks.watch import alerts
from tasks.watch.alerts import Kind, review, review_and_deliver


def names(watched):
    return [alert.name for alert in review(watched.wiring, now=watched.now)]


def told(watched, kind):
    return next(alert.told for alert in review(watched.wiring, now=watched.now) if alert.kind == kind)


def schedule(watched, *, last_success):
    """Sync acme every five minutes, on time; the last success is so old."""
    watched.slot("sync:acme", every_s=300, at=watched.ago(minutes=2))
    watched.run(began=watched.ago(**last_success))


def test_a_new_installation_has_nothing_to_tell(watched):
    assert names(watched) == []


def test_a_connection_that_is_synced_on_time_has_nothing_to_tell(watched):
    schedule(watched, last_success={"minutes": 4})

    assert names(watched) == []


def test_a_paused_connection_is_told_with_the_fix(watched):
    pauses.until_mended(watched.store, "acme", reason="It may not write.", fix="Give it edit access.", now=watched.now)

    assert names(watched) == ["paused:acme"]
    assert "It may not write. Give it edit access." in told(watched, "paused")
    assert "2026-11-03 12:05 UTC" in told(watched, "paused")


def test_spent_calls_are_told_with_the_time_they_return(watched):
    pauses.until_quota(watched.store, "acme", reason="All 500 are used.", until=watched.ago(hours=-3), now=watched.now)

    assert names(watched) == ["quota:acme"]
    assert "All 500 are used. Work goes on by itself at 2026-11-03 15:00 UTC" in told(watched, "quota")


def test_runs_that_fail_in_a_row_are_told_once_there_are_enough(watched):
    schedule(watched, last_success={"minutes": 16})
    for minutes in (11, 6):
        watched.run(began=watched.ago(minutes=minutes), state="failed", error="KeyError")
    assert names(watched) == []

    watched.run(began=watched.ago(minutes=1), state="failed", error="KeyError")

    assert names(watched) == ["failing:acme:sync"]
    assert "the last 3 runs of sync failed. KeyError The last success was 2026-11-03 11:44" in told(watched, "failing")


def test_what_a_person_has_to_mend_is_told_as_that_and_not_as_failures_too(watched):
    for minutes in (4, 3, 2):
        watched.run(began=watched.ago(minutes=minutes), state="failed")
    pauses.until_mended(watched.store, "acme", reason="No.", fix="Mend it.", now=watched.now)

    assert names(watched) == ["paused:acme"]


def test_too_little_history_for_a_first_model_is_no_alert(watched):
    watched.slot("train:acme", every_s=300, at=watched.ago(minutes=2))
    for minutes in (300, 200, 100):
        watched.run("train", began=watched.ago(minutes=minutes), state="failed")

    assert names(watched) == []


def test_a_run_is_missing_when_none_succeeds_for_three_periods(watched):
    schedule(watched, last_success={"minutes": 19})
    assert names(watched) == []

    watched.clock.advance(timedelta(minutes=2))

    assert names(watched) == ["missing:acme:sync"]
    assert "no sync has succeeded for 21 min, and one is due every 5 min" in told(watched, "missing")


def test_a_run_that_is_worked_on_is_not_missing(watched):
    schedule(watched, last_success={"minutes": 30})
    lease = {"holds": "sync acme", "host": "h", "until": watched.ago(minutes=-1), "now": watched.now}
    leases.make(watched.store, "t1", **lease)
    watched.unit("u1", state="working", lease="t1")

    assert names(watched) == []


def test_syncs_that_wait_for_a_load_are_not_missing(watched):
    schedule(watched, last_success={"hours": 5})
    new = backfills.New("load:1", "acme", "load", backfills.Stage.BEGIN, {}, {}, "me")
    backfills.start(watched.store, new, now=watched.now)

    assert names(watched) == []


def test_scores_are_stale_when_syncs_lag_behind_the_service_level(watched):
    schedule(watched, last_success={"minutes": 61})

    assert names(watched) == ["missing:acme:sync", "stale:acme"]
    assert "since 2026-11-03 10:59 UTC is not in their scores" in told(watched, "stale")


def test_scores_are_stale_when_they_are_not_written_in_time(watched):
    schedule(watched, last_success={"minutes": 2})
    score = {"model": "m", "inputs_hash": "h", "state": "pending", "waiting": 1, "attempts": 0}
    watched.insert("scores", connection="acme", lead_id="1", scored_at=to_text(watched.ago(minutes=61)), **score)

    assert names(watched) == ["stale:acme"]
    assert "scores of 2026-11-03 10:59 UTC and later are not on the leads" in told(watched, "stale")


def test_what_is_run_by_hand_is_never_missing_or_stale(watched):
    watched.run(began=watched.ago(days=30))

    assert names(watched) == []


@pytest.mark.parametrize(("refused", "is_told"), [(19, False), (20, True)])
def test_a_refusal_rate_counts_a_day_and_not_a_handful(watched, refused, is_told):
    watched.run("push", began=watched.ago(hours=25), counts=json.dumps({"written": 0, "refused": 500}))
    watched.run("push", began=watched.ago(hours=2), counts=json.dumps({"written": 80, "refused": refused}))

    assert (names(watched) == ["refusals:acme"]) is is_told


def test_the_refusals_of_a_backfill_count_too(watched):
    counts = json.dumps({"push_written": 900, "push_refused": 100, "scored": 1_000})
    ended = {"state": "done", "backfill": "b1", "counts": counts, "finished_at": to_text(watched.now)}
    watched.unit("b1:score:1", queue="backfill", verb="backfill.score", **ended)

    assert "refused 100 of 1,000 rows in 24 hours (10%)" in told(watched, "refusals")


def test_a_poison_unit_is_told_with_its_error(watched):
    for number in (1, 2):
        watched.unit(f"b1:score:{number}", verb="backfill.score", state="parked", error="Its worker died each time.")

    assert names(watched) == ["parked:acme:backfill.score"]
    assert "2 units of backfill.score could not be done" in told(watched, "parked")
    assert "Its worker died each time." in told(watched, "parked")


def test_a_poison_unit_that_a_later_run_made_up_for_is_told_no_more(watched):
    watched.unit("sync:acme:1", state="parked", error="KeyError", finished_at=to_text(watched.ago(minutes=20)))
    assert names(watched) == ["parked:acme:sync"]

    watched.run(began=watched.ago(minutes=10))

    assert names(watched) == []


def test_work_that_is_due_and_not_done_is_told_by_queue(watched):
    watched.unit("u1", since=watched.ago(minutes=14))
    watched.unit("u2", queue="backfill", since=watched.ago(minutes=60))
    assert names(watched) == []

    watched.later(minutes=6)

    assert names(watched) == ["stalled:backfill", "stalled:live"]
    assert "1 unit of the queue backfill could have been begun 66 min ago" in told(watched, "stalled")


def test_a_queue_in_which_units_end_does_not_stand_still(watched):
    watched.unit("u1", since=watched.ago(hours=5))
    watched.unit("u2", state="done", finished_at=to_text(watched.ago(minutes=3)))

    assert names(watched) == []


def test_a_schedule_that_does_not_fire_is_told(watched):
    watched.slot("sync:acme", every_s=300, at=watched.ago(minutes=11))
    watched.slot("sync:gone-from-the-settings", every_s=300, at=watched.ago(days=11))

    assert names(watched) == ["beat"]
    assert "sync:acme is 6 min late" in told(watched, "beat")


def test_one_connection_says_nothing_of_another(watched):
    pauses.until_mended(watched.store, "globex", reason="No.", fix="Mend it.", now=watched.now)
    schedule(watched, last_success={"minutes": 2})

    assert [alert.connection for alert in review(watched.wiring, now=watched.now)] == ["globex"]


def test_looking_writes_nothing(watched):
    pauses.until_mended(watched.store, "acme", reason="No.", fix="Mend it.", now=watched.now)

    review(watched.wiring, now=watched.now)

    assert kept.every(watched.store) == []


def test_every_kind_is_in_the_runbook():
    from pathlib import Path

    text = (Path(alerts.__file__).parents[1] / "README.md").read_text()

    for kind in Kind:
        assert f"**{kind.value}**" in text, kind


@pytest.fixture
def telling(installed, hook):
    """An installation with a webhook and a paused connection."""
    watched = installed(alert_webhook="file:hook")
    pauses.until_mended(watched.store, "acme", reason="No.", fix="Mend it.", now=watched.now)

    def look(minutes=1):
        watched.later(minutes=minutes)
        with structlog.testing.capture_logs() as logs:
            review_and_deliver(watched.wiring)
        return logs

    watched.look = look
    return watched


def events(hook):
    return [(body["event"], body["name"]) for body in map(json.loads, hook.bodies)]


def test_an_alert_is_sent_once_and_again_after_a_day(telling, hook):
    for _ in range(10):
        telling.look()
    assert events(hook) == [("raised", "paused:acme")]

    telling.look(minutes=60 * 24)

    assert events(hook) == [("raised", "paused:acme"), ("repeated", "paused:acme")]


def test_what_is_over_is_told_once_after_a_while(telling, hook):
    for _ in range(3):
        telling.look()
    pauses.end(telling.store, "acme")

    for _ in range(10):
        telling.look()

    assert events(hook) == [("raised", "paused:acme"), ("resolved", "paused:acme")]
    assert kept.every(telling.store) == []


def test_what_comes_and_goes_is_told_once(telling, hook):
    for _ in range(3):
        telling.look()
    for _ in range(5):
        pauses.end(telling.store, "acme")
        telling.look()
        pauses.until_mended(telling.store, "acme", reason="No.", fix="Mend it.", now=telling.now)
        telling.look()

    assert events(hook) == [("raised", "paused:acme")]


def test_what_passes_within_a_minute_is_told_to_nobody(telling, hook):
    telling.look()
    pauses.end(telling.store, "acme")

    for _ in range(10):
        telling.look()

    assert events(hook) == []


def test_a_webhook_that_is_down_is_tried_again_with_growing_waits(telling, hook):
    hook.answers.extend([503] * 4)
    tried_after = []

    for minute in range(1, 41):
        before = len(hook.bodies)
        telling.look()
        if len(hook.bodies) > before:
            tried_after.append(minute)

    assert tried_after == [2, 3, 5, 9, 17]
    assert [one.tries for one in kept.every(telling.store)] == [0]


def test_the_log_holds_no_address(telling, hook):
    hook.answers.append(500)

    logs = [*telling.look(), *telling.look()]

    assert {entry["event"] for entry in logs} >= {"alert.raised", "alert.undelivered"}
    assert "s3cret" not in str(logs)


def test_of_many_who_look_one_sends(telling, hook):
    telling.look()
    telling.later(minutes=1)

    for _ in range(5):
        review_and_deliver(telling.wiring)

    assert events(hook) == [("raised", "paused:acme")]


def test_without_anybody_to_tell_alerts_are_kept_and_go_with_their_cause(watched):
    pauses.until_mended(watched.store, "acme", reason="No.", fix="Mend it.", now=watched.now)
    review_and_deliver(watched.wiring)
    assert [one.alert.name for one in kept.every(watched.store)] == ["paused:acme"]

    pauses.end(watched.store, "acme")
    watched.later(minutes=1)
    review_and_deliver(watched.wiring)

    assert kept.every(watched.store) == []
