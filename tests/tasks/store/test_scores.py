from datetime import timedelta

import pytest

from connector.crm import Outcome, Written
from tasks.store import outcomes, refusals, scores, sending, stale
from tasks.store.outcomes import Ended
from tasks.store.scores import Scored, State


@pytest.fixture
def desk(shelf):
    shelf.save(shelf.page(*(shelf.lead(number, 1) for number in (1, 2, 3))))
    return Desk(shelf)


class Desk:
    """Scores of one connection, in the words of these tests."""

    def __init__(self, shelf):
        self.shelf, self.store, self.name, self.now = shelf, shelf.store, shelf.name, shelf.now

    def score(self, *hashes, state=State.PENDING):
        rows = [
            Scored(f"L{number:04}", "m1", "in", state, 70, "A", 0.5, f'{{"score":"{value}"}}', value)
            for number, value in enumerate(hashes, start=1)
            if value is not None
        ]
        scores.save(self.store, self.name, rows, span=stale.Span("", "L9999", 99), now=self.now)

    def answer(self, number, outcome, sent, *, passing=False, code="", later=0):
        written = Written(f"L{number:04}", outcome, code, f"{code} it says", passing)
        return outcomes.save(self.store, self.name, [Ended(written, sent)], now=self.now + timedelta(hours=later))

    def known(self, number):
        return scores.known(self.store, self.name, [f"L{number:04}"])[f"L{number:04}"]

    def waiting(self):
        return [row.lead_id for row in self.claim("me")]

    def claim(self, token, *, own=False, after="", last=None, size=10):
        how = {"own": own, "after": after, "last": last, "size": size, "now": self.now}
        return sending.claim_page(self.store, self.name, token=token, **how)


def test_new_scores_wait(desk):
    desk.score("a", "b")

    assert desk.waiting() == ["L0001", "L0002"]
    assert sending.waiting(desk.store, desk.name, now=desk.now).free == 2
    assert scores.by_state(desk.store, desk.name) == {State.PENDING: 2}


def test_waiting_scores_are_read_page_by_page(desk):
    desk.score("a", "b", "c")

    first = desk.claim("me", size=2)
    rest = desk.claim("me", after=first[-1].lead_id, size=2)

    assert [row.outputs_hash for row in (*first, *rest)] == ["a", "b", "c"]


def test_a_lead_that_is_gone_gets_no_score(desk):
    desk.shelf.save(desk.shelf.page(desk.shelf.lead(2, 5, gone="deleted")))

    desk.score("a", "b")

    assert desk.waiting() == ["L0001"]


def test_a_deleted_lead_takes_its_score_and_refusal_along(desk):
    desk.score("a")
    desk.answer(1, Outcome.REFUSED, "a", code="LOCKED")

    desk.shelf.save(desk.shelf.page(desk.shelf.lead(1, 5, gone="deleted")))

    assert scores.known(desk.store, desk.name, ["L0001"]) == {}
    assert refusals.of_lead(desk.store, desk.name, "L0001") is None


def test_what_was_written_waits_no_more_and_the_hash_is_kept(desk):
    desk.score("a")

    assert desk.answer(1, Outcome.WRITTEN, "a").written == 1
    assert desk.waiting() == []
    assert desk.known(1).is_in_crm
    assert desk.known(1).state == State.WRITTEN


def test_a_new_score_keeps_what_is_known_to_be_written(desk):
    desk.score("a")
    desk.answer(1, Outcome.WRITTEN, "a")

    desk.score("b")

    assert (desk.known(1).written_hash, desk.known(1).outputs_hash) == ("a", "b")
    assert desk.waiting() == ["L0001"]


@pytest.mark.parametrize(("outcome", "hash_after"), [(Outcome.WRITTEN, "a"), (Outcome.REFUSED, None)])
def test_a_score_that_was_replaced_on_its_way_is_superseded_and_the_newer_waits(desk, outcome, hash_after):
    desk.score("a")
    desk.score("b")

    assert desk.answer(1, outcome, "a").superseded == 1
    assert desk.waiting() == ["L0001"]
    assert desk.known(1).written_hash == hash_after


def test_a_score_that_looked_written_waits_when_older_values_arrived_meanwhile(desk):
    desk.score("a")
    desk.answer(1, Outcome.WRITTEN, "a")
    desk.score("b")
    desk.answer(1, Outcome.WRITTEN, "b")

    desk.score("a", state=State.WRITTEN)  # made by someone who looked when the CRM held "a"

    assert desk.waiting() == ["L0001"]


def test_a_lead_excluded_while_its_score_was_on_its_way_stays_excluded(desk):
    desk.score("a")
    rows = [Scored("L0001", "m1", "in", State.EXCLUDED)]
    scores.save(desk.store, desk.name, rows, span=stale.Span("", "L9999", 99), now=desk.now)

    assert desk.answer(1, Outcome.WRITTEN, "a").superseded == 1
    assert desk.waiting() == []
    assert desk.known(1).state == State.EXCLUDED


def test_a_refusal_is_kept_in_the_words_of_the_crm_and_counted(desk):
    desk.score("a")

    assert desk.answer(1, Outcome.REFUSED, "a", code="RULE").refused == 1
    desk.answer(1, Outcome.REFUSED, "a", code="LOCKED", passing=True, later=2)

    refusal = refusals.of_lead(desk.store, desk.name, "L0001")
    assert (refusal.code, refusal.message, refusal.times) == ("LOCKED", "LOCKED it says", 2)
    assert (refusal.first_at, refusal.last_at) == ("2026-03-01T12:00:00.000Z", "2026-03-01T14:00:00.000Z")
    assert refusals.newest(desk.store, desk.name, limit=5) == [refusal]


def test_only_a_refusal_whose_cause_can_pass_is_sent_again_when_its_time_has_come(desk):
    desk.score("a", "b")

    desk.answer(1, Outcome.REFUSED, "a", code="LOCKED", passing=True)
    desk.answer(2, Outcome.REFUSED, "b", code="RULE")

    assert desk.waiting() == []
    assert refusals.requeue_due(desk.store, desk.name, now=desk.now + timedelta(minutes=10)) == 1
    assert desk.waiting() == ["L0001"]
    assert refusals.by_code(desk.store, desk.name) == {"LOCKED": 1, "RULE": 1}


def test_refused_scores_can_be_queued_again(desk):
    desk.score("a", "b")
    desk.answer(2, Outcome.REFUSED, "b", code="RULE")

    assert refusals.requeue(desk.store, desk.name) == 1
    assert desk.waiting() == ["L0001", "L0002"]


def test_a_refusal_is_forgotten_when_the_score_is_written_at_last(desk):
    desk.score("a")
    desk.answer(1, Outcome.REFUSED, "a", code="LOCKED", passing=True)
    desk.score("b")

    desk.answer(1, Outcome.WRITTEN, "b")

    assert refusals.of_lead(desk.store, desk.name, "L0001") is None


def test_parked_scores_wait(desk):
    desk.score("a")

    assert desk.answer(1, Outcome.PARKED, "a").parked == 1
    assert desk.waiting() == ["L0001"]
    assert desk.known(1).state == State.PARKED


@pytest.mark.parametrize("outcome", [Outcome.CONVERTED, Outcome.DELETED, Outcome.MERGED])
def test_leads_to_be_left_alone_wait_no_more(desk, outcome):
    desk.score("a")

    counts = desk.answer(1, outcome, "a")

    assert counts.excluded == getattr(counts, outcome) == counts.total == 1
    assert desk.waiting() == []


def test_an_outcome_for_a_lead_that_was_erased_counts_as_deleted(desk):
    assert desk.answer(9, Outcome.WRITTEN, "a").deleted == 1


def test_saving_outcomes_again_changes_nothing(desk):
    desk.score("a", "b")
    for _ in range(2):
        desk.answer(1, Outcome.WRITTEN, "a")
        desk.answer(2, Outcome.PARKED, "b")

    assert desk.waiting() == ["L0002"]
    assert desk.known(1).is_in_crm


def test_what_the_crm_holds_already_is_noted(desk):
    desk.score("a", "b")

    still = outcomes.save_unchanged(desk.store, desk.name, [("a", "L0001")])

    assert (still, desk.waiting()) == (1, ["L0002"])


def test_a_newer_score_waits_though_the_crm_holds_the_older_one(desk):
    desk.score("a")
    desk.score("b")

    still = outcomes.save_unchanged(desk.store, desk.name, [("a", "L0001")])

    assert (still, desk.waiting()) == (0, ["L0001"])


def test_the_hottest_come_first(desk):
    desk.score("a", "b")

    hot = scores.hottest(desk.store, desk.name, limit=1)

    assert [(row.lead_id, row.score, row.grade, row.outputs) for row in hot] == [("L0001", 70, "A", {"score": "a"})]


def test_the_newest_leads_are_those_created_last_between_two_instants(desk):
    rows = [
        Scored(f"L{number:04}", "m1", "in", State.EXCLUDED, lead_created_at=f"2026-01-0{day}T00:00:00.000Z")
        for number, day in ((1, 3), (2, 1), (3, 4))
    ]
    scores.save(desk.store, desk.name, rows, span=stale.Span("", "L9999", 99), now=desk.now)

    def newest(after, before, limit=9):
        return scores.newest_leads(desk.store, desk.name, after=after, before=before, limit=limit)

    assert newest("", "9") == ["L0003", "L0001", "L0002"]
    assert newest("", "9", limit=1) == ["L0003"]
    assert newest("2026-01-01T00:00:00.000Z", "2026-01-03T00:00:00.000Z") == ["L0001"]


def test_what_a_score_was_made_from_is_kept_and_goes_with_the_lead(desk):
    own = Scored("L0001", "m1", "in", State.PENDING, 70, "A", 0.5, "{}", "a", None, '{"x":1}', 60, "then", '{"x":0}')
    scores.save(desk.store, desk.name, [own], span=stale.Span("", "L9999", 99), now=desk.now)

    assert (desk.known(1).inputs, desk.known(1).previous_inputs) == ('{"x":1}', '{"x":0}')

    desk.shelf.save(desk.shelf.page(desk.shelf.lead(1, 5, gone="deleted")))
    with desk.store.read() as tx:
        assert tx.exec_driver_sql("SELECT count(*) FROM scores").scalar() == 0
