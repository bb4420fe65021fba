import json
from pathlib import Path

import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

import tasks.watch.metrics
from tasks.store import backfills, pauses, processes
from tasks.store.times import to_text
from tasks.watch.metrics import NAMES, registry
from tasks.wiring import open_wiring


@pytest.fixture
def scrape():
    def read(wiring):
        text = generate_latest(registry(wiring)).decode()
        return {
            (sample.name.removeprefix("truegrade_"), *sorted(sample.labels.values())): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }

    return read


def test_every_metric_is_documented():
    text = (Path(tasks.watch.metrics.__file__).parents[1] / "README.md").read_text()

    for name, (_, told) in NAMES.items():
        assert f"| `truegrade_{name}` |" in text, name
        assert told in text, name


def test_work_and_runs_are_told_from_the_store_alone(watched, scrape):
    watched.unit("u1", since=watched.ago(seconds=90))
    watched.unit("u2", state="parked")
    watched.run(
        began=watched.ago(minutes=2),
        counts=json.dumps({"written": 7, "refused": 1, "told": "x", "ok": True, "parts": 3}),
    )
    watched.run(began=watched.ago(minutes=1), state="failed")
    pauses.until_mended(watched.store, "globex", reason="No.", fix="Mend it.", now=watched.now)
    watched.slot("sync:acme", every_s=300, at=watched.ago(minutes=2))
    processes.beat(watched.store, "h:worker:1", "worker", ["live"], now=watched.now, worked=False)

    found = scrape(watched.wiring)

    assert found["store_up",] == 1
    assert found["units", "live", "waiting"] == 1
    assert found["units", "live", "parked"] == 1
    assert found["due_seconds", "live"] == 90
    assert found["last_success_timestamp_seconds", "acme", "sync"] == watched.ago(minutes=2).timestamp()
    assert found["failures_in_a_row", "acme", "sync"] == 1
    assert found["rows_last_day", "acme", "written"] == 7
    assert not {("rows_last_day", "acme", term) for term in ("ok", "parts")} & found.keys()
    assert found["unscored_seconds", "acme"] == 120
    assert found["paused", "globex", "misconfigured"] == 1
    assert found["process_seen_timestamp_seconds", "h:worker:1", "worker"] == watched.now.timestamp()
    assert found["schedule_slot_timestamp_seconds", "sync:acme"] == watched.ago(minutes=2).timestamp()


def test_leads_are_counted_and_never_named(watched, scrape):
    score = {
        "model": "m",
        "inputs_hash": "h",
        "waiting": 1,
        "attempts": 0,
        "scored_at": to_text(watched.ago(minutes=5)),
    }
    watched.insert("scores", connection="acme", lead_id="00Q-secret", state="pending", **score)
    watched.insert("stale", connection="acme", lead_id="00Q-secret", version=3)
    refusal = {"message": "Ann Lee is no picklist value", "passing": 0, "times": 1}
    at = to_text(watched.now)
    refusal |= {"first_at": at, "last_at": at}
    watched.insert("refusals", connection="acme", lead_id="00Q-secret", code="INVALID_OPTION", **refusal)

    found = scrape(watched.wiring)

    assert found["scores", "acme", "pending"] == 1
    assert found["unscored_leads", "acme"] == 1
    assert found["unwritten_seconds", "acme"] == 300
    assert found["refusals", "INVALID_OPTION", "acme"] == 1
    assert "secret" not in str(found)
    assert "Ann" not in str(found)


def test_a_backfill_is_told_while_it_runs(watched, scrape):
    new = backfills.New("b1", "acme", "rescore", backfills.Stage.PLAN, {}, {}, "me")
    backfills.start(watched.store, new, now=watched.now)

    assert scrape(watched.wiring)["backfill_units", "acme", "b1", "waiting"] == 1


def test_calls_are_told_against_what_is_granted(watched, scrape):
    at = to_text(watched.now)
    watched.insert("quotas", connection="acme", used=300, granted=1_000, told_at=at)
    watched.insert("calls", connection="acme", hour=at, purpose="live", number=120)

    found = scrape(watched.wiring)

    assert found["calls_used", "acme"] == 300
    assert found["calls_allowed", "acme"] == 1_000
    assert found["calls_own", "acme", "live"] == 120


def test_calls_by_anybody_are_never_fewer_than_our_own(watched, scrape):
    at = to_text(watched.now)
    watched.insert("quotas", connection="acme", used=100, granted=1_000, told_at=at)
    watched.insert("calls", connection="acme", hour=at, purpose="live", number=120)

    assert scrape(watched.wiring)["calls_used", "acme"] == 120


def test_a_store_that_does_not_answer_is_a_figure_and_no_error(watched, scrape):
    settings = watched.wiring.settings.model_copy(update={"database_url": "postgresql://u@127.0.0.1:9/none"})

    assert scrape(open_wiring(settings, clock=watched.clock, migrate=False)) == {("store_up",): 0}
