"""The alert about newly hot leads that the mapping's webhook does not take."""

from datetime import timedelta

import pytest

from mappings.file.load import preset_text
from tasks.store import handovers
from tasks.store.handovers import Rise
from tasks.store.times import to_text
from tasks.watch.alerts import review

DOWN = "The webhook cannot be reached (TimeoutError). Look at its server."
WEBHOOK = "\nhandover:\n  webhook: {url: 'https://hooks.example/hot', secret: 'env:HOOK', grades: [A]}\n"


@pytest.fixture
def waiting(watched):
    """An installation whose mapping has a webhook, and three leads that became hot just now."""
    text, at = preset_text("hubspot") + WEBHOOK, to_text(watched.now)
    row = {"number": 1, "version": "1", "text": text, "applied_by": "me", "why": "", "applied_at": at}
    watched.insert("dictionaries", connection="acme", **row)
    rises = [Rise(f"L{number}", "first", "A", None) for number in range(3)]
    with watched.store.write() as tx:
        handovers.add(tx, "acme", "webhook", rises, now=watched.now)
    return watched


def told(watched):
    return [alert.told for alert in review(watched.wiring, now=watched.now) if alert.kind == "handovers"]


def tried(watched, lead, times):
    """Let a hand-over fail so many times, each at its own time."""
    for _ in range(times):
        watched.later(hours=1)
        [one] = [one for one in handovers.newest(watched.store, "acme", limit=9) if one.rise.lead_id == lead]
        handovers.failed(watched.store, one, DOWN, now=watched.now)
        with watched.store.write() as tx:
            tx.exec_driver_sql(f"UPDATE handovers SET tries = tries + 1 WHERE lead_id = '{lead}'")


def ended(watched, *leads):
    for one in handovers.newest(watched.store, "acme", limit=9):
        if one.rise.lead_id in leads:
            handovers.ended(watched.store, one, handovers.State.SENT)


def test_leads_that_just_became_hot_are_no_alert(waiting):
    waiting.later(minutes=50)

    assert told(waiting) == []


def test_those_that_wait_for_an_hour_are_told_without_any_lead_s_id(waiting):
    waiting.later(hours=1)

    [said] = told(waiting)

    assert "acme: 3 hot leads could not be handed over, the first is hot since 2026-11-03 12:00 UTC." in said
    assert "See that a worker runs" in said or "see that a worker runs" in said
    assert "`truegrade handovers acme --retry`" in said
    assert "L0" not in said


def test_what_the_receiver_says_is_told_and_what_was_given_up(waiting):
    ended(waiting, "L1", "L2")

    tried(waiting, "L0", handovers.MOST_TRIES)

    [said] = told(waiting)
    assert "1 hot lead could not be handed over" in said
    assert DOWN in said
    assert "1 of them tried too often" in said


def test_it_is_over_when_they_are_taken_or_long_past(waiting):
    ended(waiting, "L1", "L2")
    tried(waiting, "L0", handovers.MOST_TRIES)

    waiting.later(days=8)
    assert told(waiting) == []

    handovers.retry(waiting.store, "acme", now=waiting.now)
    assert len(told(waiting)) == 1
    ended(waiting, "L0")
    assert told(waiting) == []


def test_nobody_is_told_of_where_the_mapping_has_no_webhook_any_more(waiting):
    row = {"number": 2, "version": "2", "text": preset_text("hubspot"), "applied_by": "me", "why": ""}
    waiting.insert("dictionaries", connection="acme", **row, applied_at=to_text(waiting.now + timedelta(minutes=1)))
    waiting.later(hours=2)

    assert told(waiting) == []
