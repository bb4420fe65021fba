"""Values for fields of the CRM's own, as the store keeps them."""

from datetime import UTC, datetime, timedelta

import pytest

from tasks.store import records, write_backs
from tasks.store.backs import Ended, Planned, State
from tasks.store.refusals import FIRST_WAIT
from tests.tasks.store.conftest import hold

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def leads(store):
    hold(store, "sf", "L1", "L2", "L3")


def plan(store, *rows, now=NOW):
    with store.write() as tx:
        return write_backs.plan(tx, "sf", [Planned(lead, field, "p", value) for lead, field, value in rows], now=now)


def waiting(store, after="", leads=10):
    return {
        lead: [(back.field, back.value, back.state) for back in some]
        for lead, some in write_backs.page(store, "sf", after=after, leads=leads).items()
    }


def end(store, state, lead="L1", field="A", **how):
    back = write_backs.of(store, "sf", [lead])[lead][field]
    write_backs.save(store, "sf", [Ended(back, state, **how)], now=NOW)


def test_what_is_planned_waits_by_lead_and_is_planned_once(store):
    assert plan(store, ("L1", "A", "x"), ("L1", "B", "y"), ("L3", "A", "z"), ("L9", "A", "gone")) == 3
    assert plan(store, ("L1", "A", "x")) == 0

    assert waiting(store) == {"L1": [("A", "x", "pending"), ("B", "y", "pending")], "L3": [("A", "z", "pending")]}
    assert waiting(store, leads=1).keys() == {"L1"}
    assert waiting(store, after="L1").keys() == {"L3"}
    assert write_backs.waiting(store, "sf") == 2
    assert plan(store, ("L1", "A", "newer")) == 1
    assert waiting(store)["L1"][0] == ("A", "newer", "pending")


def test_what_was_written_is_known_as_ours_from_then_on(store):
    plan(store, ("L1", "A", "250.0"))
    [back] = write_backs.page(store, "sf", after="", leads=1)["L1"]
    write_backs.begin(store, "sf", [back])
    assert waiting(store) == {"L1": [("A", "250.0", "sending")]}

    end(store, State.WRITTEN, written="250")

    assert waiting(store) == {}
    assert plan(store, ("L1", "A", "300")) == 1
    kept = write_backs.of(store, "sf", ["L1"])["L1"]["A"]
    assert (kept.written, kept.value, kept.state) == ("250", "300", State.PENDING)
    write_backs.leave(store, "sf", [kept])
    kept = write_backs.of(store, "sf", ["L1"])["L1"]["A"]
    assert (kept.written, kept.value, kept.state) == ("250", "250", State.WRITTEN)


def test_what_was_never_written_leaves_nothing_when_it_is_left(store):
    plan(store, ("L1", "A", "x"))

    write_backs.leave(store, "sf", write_backs.page(store, "sf", after="", leads=1)["L1"])

    assert write_backs.of(store, "sf", ["L1"]) == {}


def test_a_refusal_that_can_pass_is_tried_again_by_itself_and_others_when_somebody_asks(store):
    plan(store, ("L1", "A", "x"), ("L2", "A", "y"))
    end(store, State.REFUSED, code="LOCK", message="locked", passing=True)
    end(store, State.REFUSED, "L2", code="RULE", message="no", passing=False)

    assert plan(store, ("L1", "A", "x"), ("L2", "A", "y")) == 0
    assert write_backs.requeue(store, "sf", now=NOW) == 0
    assert {(one.code, one.leads, one.message) for one in write_backs.refused(store, "sf")} == {
        ("LOCK", 1, "locked"), ("RULE", 1, "no"),
    }  # fmt: skip
    assert write_backs.requeue(store, "sf", now=NOW + FIRST_WAIT) == 1
    assert waiting(store).keys() == {"L1"}
    end(store, State.REFUSED, code="LOCK", message="locked", passing=True)
    assert write_backs.requeue(store, "sf", now=NOW + FIRST_WAIT) == 0  # it waits twice as long
    assert write_backs.requeue(store, "sf", now=NOW + timedelta(days=1), asked=True) == 2


def test_it_goes_with_its_lead(shelf):
    shelf.save(shelf.page(shelf.lead(1)))
    with shelf.store.write() as tx:
        write_backs.plan(tx, shelf.name, [Planned("L0001", "A", "p", "x")], now=NOW)

    shelf.save(shelf.page(shelf.lead(1, 5, gone="deleted")))

    assert write_backs.of(shelf.store, shelf.name, ["L0001"]) == {}
    assert records.count(shelf.store, shelf.name) == {}


def sent(store, value, lead="L1", *, written=True):
    """Plan a value and send it; without `written`, whoever sent it was stopped before its outcome was kept."""
    plan(store, (lead, "A", value))
    write_backs.begin(store, "sf", write_backs.page(store, "sf", after="", leads=9)[lead], {lead: "2026"})
    if written:
        end(store, State.WRITTEN, lead, written=value)
    return write_backs.of(store, "sf", [lead])[lead]["A"]


def ours(back, *values):
    return [back.may_hold(value) for value in values], [back.was_ours(value) for value in values]


def test_all_that_was_ever_written_was_ours_and_the_last_of_it_may_stand_there(store):
    sent(store, "Berlin")

    assert ours(sent(store, "Oslo"), "Berlin", "Oslo ", "Rome", None) == (
        [False, True, False, False], [True, True, False, False],
    )  # fmt: skip
    assert ours(sent(store, "Berlin"), "Berlin", "Oslo") == ([True, False], [True, True])


def test_what_was_on_its_way_may_be_ours_whatever_is_planned_or_left_then(store):
    back = sent(store, "Berlin", written=False)
    assert (back.state, back.stamp_at, back.value) == (State.SENDING, "2026", "Berlin")

    plan(store, ("L1", "A", "Oslo"))
    [back] = write_backs.page(store, "sf", after="", leads=1)["L1"]
    assert (back.state, *ours(back, "Berlin", "Oslo")) == (State.PENDING, [True, False], [True, False])
    write_backs.leave(store, "sf", [back])

    back = write_backs.of(store, "sf", ["L1"])["L1"]["A"]
    assert (back.state, back.written, *ours(back, "Berlin")) == (State.KNOWN, None, [True], [True])
    assert ours(sent(store, "Rome"), "Berlin", "Rome") == ([False, True], [True, True])


def test_what_the_crm_refused_is_not_ours(store):
    sent(store, "Berlin")
    plan(store, ("L1", "A", "Oslo"))
    [back] = write_backs.page(store, "sf", after="", leads=1)["L1"]
    write_backs.begin(store, "sf", [back])

    write_backs.save(store, "sf", [Ended(back, State.REFUSED, code="RULE", message="no")], now=NOW)

    assert ours(write_backs.of(store, "sf", ["L1"])["L1"]["A"], "Berlin", "Oslo") == ([True, False], [True, False])


def test_what_people_took_over_is_theirs_and_is_planned_no_more(store):
    back = sent(store, "Berlin")
    with store.write() as tx:
        write_backs.taken_over(tx, "sf", [back])

    assert plan(store, ("L1", "A", "Oslo")) == 0
    back = write_backs.of(store, "sf", ["L1"])["L1"]["A"]
    assert (back.state, *ours(back, "Berlin")) == (State.THEIRS, [False], [True])


def test_values_for_fields_that_are_asked_for_no_more_wait(store):
    plan(store, ("L1", "A", "x"), ("L2", "B", "y"))

    assert write_backs.page(store, "sf", after="", leads=9, fields={"B"}).keys() == {"L2"}
    assert [write_backs.waiting(store, "sf", fields=some) for some in ((), {"A"}, {"A", "B"})] == [0, 1, 2]
