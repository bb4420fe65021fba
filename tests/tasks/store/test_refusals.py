from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, update

from connector.crm import Outcome, Written
from tasks.store import refusals
from tasks.store.refusals import FIRST_WAIT, LONGEST_WAIT
from tasks.store.tables import scores
from tasks.store.times import to_text

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Desk:
    """Refused scores of one connection, in the words of these tests."""

    def __init__(self, store, name="acme"):
        self.store, self.name = store, name

    def refuse(self, *leads, code="RULE", passing=False, at=NOW, state="refused", waiting=0):
        with self.store.write() as tx:
            for lead in leads:
                mine = (scores.c.connection == self.name) & (scores.c.lead_id == lead)
                values = {"state": state, "waiting": waiting}
                if not tx.execute(update(scores).where(mine).values(values)).rowcount:
                    row = {"connection": self.name, "lead_id": lead, "model": "m", "inputs_hash": "i", "attempts": 1}
                    tx.execute(insert(scores).values(row | values | {"scored_at": to_text(at)}))
            written = [Written(lead, Outcome.REFUSED, code, f"{code} it says", passing) for lead in leads]
            refusals.add(tx, self.name, written, at=to_text(at))

    def waiting(self):
        mine = (scores.c.connection == self.name) & (scores.c.waiting == 1)
        with self.store.read() as tx:
            return sorted(tx.execute(select(scores.c.lead_id).where(mine)).scalars())

    def due(self, now):
        return refusals.requeue_due(self.store, self.name, now=now)

    def of(self, lead):
        return refusals.of_lead(self.store, self.name, lead)


@pytest.fixture
def desk(store):
    return Desk(store)


@pytest.fixture
def numbered_desks(store):
    """Connections that nobody used before, for the examples of a property."""
    return (Desk(store, f"connection {number}") for number in count())


def test_a_refusal_that_can_pass_waits_longer_each_time(desk):
    waits = []
    for _ in range(9):
        desk.refuse("a", code="LOCKED", passing=True)
        waits.append((datetime.fromisoformat(desk.of("a").next_at) - NOW) / MINUTE)

    assert waits == [5, 10, 20, 40, 80, 160, 320, 360, 360]
    assert desk.of("a").times == 9


@given(st.integers(1, 10**9))
def test_no_number_of_refusals_makes_the_wait_shorter_or_endless(times):
    assert FIRST_WAIT <= refusals.wait(times) <= refusals.wait(times + 1) <= LONGEST_WAIT


def test_a_refusal_that_a_person_must_mend_has_no_next_try(desk):
    desk.refuse("a")

    assert desk.of("a").next_at is None
    assert desk.due(NOW + timedelta(days=400)) == 0
    assert desk.waiting() == []


def test_a_cause_that_has_become_lasting_is_not_tried_again(desk):
    desk.refuse("a", code="LOCKED", passing=True)
    desk.refuse("a", code="RULE")

    assert desk.due(NOW + timedelta(days=1)) == 0


def test_a_refusal_goes_out_again_once_its_wait_is_over(desk):
    desk.refuse("a", "b", code="LOCKED", passing=True)
    desk.refuse("b", code="LOCKED", passing=True)

    early, due = desk.due(NOW + FIRST_WAIT - MINUTE), desk.due(NOW + FIRST_WAIT)

    assert (early, due, desk.waiting()) == (0, 1, ["a"])
    assert desk.due(NOW + FIRST_WAIT) == 0


def test_a_next_try_that_a_wrong_clock_set_does_not_wait_for_that_time(desk):
    desk.refuse("a", code="LOCKED", passing=True, at=NOW + timedelta(days=700))

    assert desk.due(NOW) == 1


def test_a_refusal_of_before_there_were_waits_is_due(desk):
    desk.refuse("a", code="LOCKED", passing=True)
    with desk.store.write() as tx:
        tx.execute(update(refusals.refusals).values(next_at=None))

    assert desk.due(NOW) == 1


@pytest.mark.parametrize("state", ["pending", "parked", "written", "excluded"])
def test_a_score_that_is_not_refused_any_more_is_left_as_it_is(desk, state):
    desk.refuse("a", code="LOCKED", passing=True, state=state)

    assert desk.due(NOW + LONGEST_WAIT) == 0
    assert refusals.requeue(desk.store, desk.name) == 0


def test_other_connections_are_left_alone(desk):
    other = Desk(desk.store, "other")
    other.refuse("a", code="LOCKED", passing=True)

    assert desk.due(NOW + LONGEST_WAIT) == refusals.requeue(desk.store, desk.name) == 0
    assert other.waiting() == desk.waiting() == []


@settings(max_examples=20)
@given(st.lists(st.integers(1, 500), max_size=12))
def test_whenever_pushes_come_a_row_waits_its_time_and_is_never_forgotten(numbered_desks, minutes):
    desk, at, tries = next(numbered_desks), NOW, [NOW]
    desk.refuse("a", code="LOCKED", passing=True)

    for step in minutes:
        at += step * MINUTE
        waited = at - tries[-1] >= refusals.wait(len(tries))
        assert desk.due(at) == int(waited)
        if waited:
            tries.append(at)
            desk.refuse("a", code="LOCKED", passing=True, at=at)

    assert desk.due(at + LONGEST_WAIT) == 1


def test_somebody_who_asks_gets_all_queued_or_a_code_or_some_leads(desk):
    desk.refuse("a", "b", "c")
    desk.refuse("d", "e", code="LOCKED", passing=True)

    by_code = refusals.requeue(desk.store, desk.name, code="LOCKED", leads=["a", "d"])
    some = refusals.requeue(desk.store, desk.name, leads=["a", "nobody", *(str(n) for n in range(1_200)), "b"])
    again = refusals.requeue(desk.store, desk.name, leads=["a"])
    none = refusals.requeue(desk.store, desk.name, leads=[])
    rest = refusals.requeue(desk.store, desk.name)

    assert (by_code, some, again, none, rest) == (1, 2, 0, 0, 2)
    assert desk.waiting() == ["a", "b", "c", "d", "e"]


def test_refusals_are_grouped_by_code_with_the_first_next_try(desk):
    desk.refuse("a", "b", code="LOCKED", passing=True)
    desk.refuse("b", code="LOCKED", passing=True, at=NOW + MINUTE)
    desk.refuse("c", at=NOW - MINUTE)
    refusals.requeue(desk.store, desk.name, leads=["a"])

    locked, rule = refusals.groups(desk.store, desk.name)

    assert (locked.code, locked.leads, locked.passing, locked.queued) == ("LOCKED", 2, 2, 1)
    assert (locked.first_at, locked.last_at) == (to_text(NOW), to_text(NOW + MINUTE))
    assert locked.next_at == to_text(NOW + 11 * MINUTE)
    assert (rule.code, rule.leads, rule.passing, rule.queued, rule.next_at) == ("RULE", 1, 0, 0, None)
    assert refusals.by_code(desk.store, desk.name) == {"LOCKED": 2, "RULE": 1}
    assert [group.code for group in refusals.groups(desk.store, desk.name, leads=["c"])] == ["RULE"]


def test_what_reached_the_crm_in_another_way_or_is_left_alone_is_shown_no_more(desk):
    desk.refuse("a")
    desk.refuse("b", state="written")
    desk.refuse("c", state="excluded")

    assert refusals.by_code(desk.store, desk.name) == {"RULE": 1}
    assert [row.lead_id for row in refusals.every(desk.store, desk.name)] == ["a"]
    assert desk.of("b") is None


def test_every_refusal_is_read_in_pages(desk, monkeypatch):
    monkeypatch.setattr(refusals, "ROWS_AT_ONCE", 2)
    desk.refuse("e", "b", "a", "c", "d")
    desk.refuse("f", code="LOCKED", passing=True)

    every = [row.lead_id for row in refusals.every(desk.store, desk.name)]
    locked = [row.lead_id for row in refusals.every(desk.store, desk.name, code="LOCKED")]

    assert (every, locked) == (["a", "b", "c", "d", "e", "f"], ["f"])


def test_the_newest_come_first_and_say_whether_they_are_queued(desk):
    desk.refuse("a")
    desk.refuse("b", at=NOW + MINUTE, state="pending", waiting=1)

    first, second = refusals.newest(desk.store, desk.name, limit=5)

    assert (first.lead_id, first.queued, second.lead_id, second.queued) == ("b", True, "a", False)
    assert refusals.newest(desk.store, desk.name, limit=1) == [first]


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)  # SQLite has one writer at a time
def test_a_row_that_somebody_is_scoring_holds_nobody_up(desk):
    desk.refuse("a", "b", code="LOCKED", passing=True)

    with desk.store.write() as tx:
        tx.execute(update(scores).where(scores.c.lead_id == "a").values(state="pending", waiting=1))
        queued = desk.due(NOW + FIRST_WAIT)

    assert (queued, desk.waiting()) == (1, ["a", "b"])
