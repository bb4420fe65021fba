"""Two pushes at once: who may send which score, and what of a newer score comes between."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.crm import Outcome, Written
from tasks.store import leases, marks, outcomes, scores, sending, stale
from tasks.store.outcomes import Ended
from tasks.store.scores import Scored, State

LEADS = 4


@pytest.fixture
def desk(shelf):
    return Desk(shelf)


class Desk:
    """Scores of a connection, and pushes that are known by their leases."""

    def __init__(self, shelf):
        self.shelf, self.store, self.name, self.now = shelf, shelf.store, shelf.name, shelf.now
        shelf.save(shelf.page(*(shelf.lead(number, 1) for number in range(1, LEADS + 1))))

    def live(self, token, for_s=60.0):
        until = self.now + timedelta(seconds=for_s)
        leases.make(self.store, token, holds="sync", host="here", until=until, now=self.now)

    def score(self, numbers, value, *, token=None, as_of=50, made_by=None, state=State.PENDING):
        leads = [f"L{number:04}" for number in numbers]
        rows = [Scored(lead, "m", "in", state, 70, "A", 0.5, f'{{"v":"{value}"}}', value) for lead in leads]
        span = stale.Span("", "L9999", as_of)
        return scores.save(self.store, self.name, rows, span=span, now=self.now, made_by=made_by, token=token)

    def claim(self, token, *, own=False, after="", last=None, size=10):
        how = {"own": own, "after": after, "last": last, "size": size, "now": self.now}
        return [int(row.lead_id[1:]) for row in sending.claim_page(self.store, self.name, token=token, **how)]

    def queue(self, token=None):
        return tuple(sending.waiting(self.store, self.name, now=self.now, token=token))

    def wrote(self, number, value):
        ended = [Ended(Written(f"L{number:04}", Outcome.WRITTEN), value)]
        return outcomes.save(self.store, self.name, ended, now=self.now)

    def said(self):
        with self.store.read() as tx:
            found = tx.exec_driver_sql("SELECT lead_id, outputs_hash FROM scores ORDER BY lead_id")
            return {int(row[0][1:]): row[1] for row in found}


def test_what_one_push_has_claimed_no_other_sends(desk):
    desk.live("one")
    desk.live("two")
    desk.score([1, 2, 3], "a")

    assert (desk.claim("one", size=2), desk.claim("two")) == ([1, 2], [3])
    assert (desk.claim("one"), desk.claim("two")) == ([], [])


def test_what_a_run_has_scored_is_its_own(desk):
    desk.live("one")
    desk.live("two")
    desk.score([1, 2], "a", token="one")
    desk.score([3], "a")

    assert (desk.queue("one"), desk.queue("two"), desk.queue()) == ((2, 1), (0, 1), (0, 1))
    assert desk.claim("two") == [3]
    assert desk.claim("one", own=True) == [1, 2]


def test_what_a_push_that_died_had_claimed_is_free(desk):
    desk.live("dead", for_s=60)
    desk.live("me", for_s=600)
    desk.score([1], "a", token="dead")
    desk.score([2], "a")
    desk.claim("dead")
    taken = desk.claim("me")
    desk.now += timedelta(seconds=61)

    assert taken == []
    assert desk.queue("me") == (0, 2)
    assert desk.claim("me") == [1, 2]


def test_claims_of_before_the_clock_was_put_back_are_free(desk):
    desk.live("dead")
    desk.score([1], "a", token="dead")
    desk.now -= timedelta(days=1)

    assert desk.claim("me") == [1]


def test_a_claim_is_held_to_its_bounds(desk):
    desk.score([1, 2, 3, 4], "a")

    assert desk.claim("me", after="L0001", last="L0003") == [2, 3]
    assert desk.claim("me", after="L0001", last="L0003") == []
    assert desk.claim("you", size=1) == [1]


@settings(max_examples=15)
@given(turns=st.lists(st.tuples(st.sampled_from(["one", "two", "three"]), st.integers(1, 3)), max_size=12))
def test_however_pushes_take_turns_each_score_is_claimed_once(new_shelf, turns):
    desk = Desk(new_shelf())
    for token in ("one", "two", "three"):
        leases.end(desk.store, token)
        desk.live(token)
    desk.score(range(1, LEADS + 1), "a")

    claimed = [lead for token, size in turns for lead in desk.claim(token, size=size)]

    assert len(claimed) == len(set(claimed))
    assert sorted([*claimed, *desk.claim("one")]) == list(range(1, LEADS + 1))


def test_a_score_as_of_an_older_change_never_replaces_a_newer_one(desk):
    desk.score([1], "new", as_of=60)

    kept = desk.score([1, 2], "old", as_of=59)

    assert kept.kept == {"L0002"}
    assert desk.said() == {1: "new", 2: "old"}


def test_a_score_as_of_the_same_change_replaces_one(desk):
    desk.score([1], "points", as_of=60)

    desk.score([1], "model", as_of=60)

    assert desk.said() == {1: "model"}


def test_nothing_is_kept_when_another_model_has_taken_over(desk):
    with desk.store.write() as tx:
        marks.set_marked(tx, desk.name, version=1, model="new model")

    assert desk.score([1], "a", made_by="old model") is None
    assert desk.said() == {}
    assert desk.score([1], "a", made_by="new model").kept == {"L0001"}


def test_of_two_that_score_a_lead_from_the_same_inputs_at_once_the_first_counts(desk):
    with desk.store.write() as tx:
        marks.set_marked(tx, desk.name, version=1, model="m")
    desk.score([1], "said by the first", made_by="m", token="one")

    kept = desk.score([1, 2], "said by the second", made_by="m", as_of=60)
    left_alone = desk.score([2], "left alone", made_by="m", as_of=61, state=State.EXCLUDED)

    assert kept.kept == {"L0002"}
    assert left_alone.kept == {"L0002"}
    assert desk.said() == {1: "said by the first", 2: "left alone"}


def test_a_row_that_a_living_push_is_sending_stays_that_push_s(desk):
    desk.live("one")
    desk.live("two")
    desk.score([1], "a", token="one")
    desk.claim("one", own=True)

    kept = desk.score([1], "b", token="two", as_of=51)

    assert (kept.kept, kept.sent_by_others) == ({"L0001"}, {"L0001"})
    assert desk.claim("two", own=True) == desk.claim("two") == []
    assert desk.wrote(1, "a").superseded == 1
    assert desk.claim("two") == [1]  # free again, and the newer values go out


def test_a_row_whose_push_has_died_goes_with_the_new_score(desk):
    desk.live("dead", for_s=60)
    desk.score([1], "a", token="dead")
    desk.now += timedelta(seconds=61)
    desk.live("me")

    kept = desk.score([1], "b", token="me", as_of=51)

    assert kept.sent_by_others == set()
    assert desk.claim("me", own=True) == [1]


def test_what_is_written_is_nobody_s_any_more(desk):
    desk.live("one")
    desk.score([1], "a", token="one")

    assert desk.wrote(1, "a").written == 1
    assert desk.queue("one") == (0, 0)
    desk.score([1], "b", as_of=51)
    desk.live("two")
    assert desk.claim("two") == [1]
