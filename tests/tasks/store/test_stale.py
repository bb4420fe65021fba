import pytest

from tasks.store import stale


@pytest.fixture
def queue(shelf):
    return Queue(shelf)


class Queue:
    def __init__(self, shelf):
        self.shelf = shelf

    def mark(self, model="m1"):
        return stale.mark(self.shelf.store, self.shelf.name, model=model)

    def ids(self, size=100):
        with self.shelf.store.read() as tx:
            chunk = stale.chunk(tx, self.shelf.name, after="", size=size)
        return [] if chunk is None else list(chunk.ids)

    def empty(self, chunk=None):
        with self.shelf.store.write() as tx:
            chunk = chunk or stale.chunk(tx, self.shelf.name, after="", size=10_000)
            if chunk:
                stale.done(tx, self.shelf.name, chunk.span)

    def chunk(self, size):
        with self.shelf.store.read() as tx:
            return stale.chunk(tx, self.shelf.name, after="", size=size)


@pytest.fixture
def scored(shelf, queue):
    """Three leads of two companies with activities, all scored."""
    shelf.save(shelf.companies(shelf.company("acme.com", 1), shelf.company("other.com", 1)))
    leads = (shelf.lead(1, 1, company="acme.com"), shelf.lead(2, 1, company="acme.com"), shelf.lead(3, 1))
    shelf.save(shelf.page(*leads))
    shelf.save(shelf.activities(shelf.activity(1, "L0003", 1)))
    queue.mark()
    queue.empty()
    return shelf


def test_all_leads_are_stale_at_first_and_none_afterwards(shelf, queue):
    shelf.save(shelf.page(shelf.lead(1), shelf.lead(2), shelf.lead(3, gone="deleted")))

    assert queue.mark() == 2
    assert queue.ids() == ["L0001", "L0002"]
    queue.empty()
    assert queue.mark() == 0


def test_a_changed_lead_is_stale_and_a_newer_stamp_alone_is_not(scored, queue):
    scored.save(scored.page(scored.lead(2, 5, company="acme.com", visits="4"), scored.lead(3, 5)))

    assert queue.mark() == 1
    assert queue.ids() == ["L0002"]


def test_a_changed_company_makes_its_leads_stale(scored, queue):
    scored.save(scored.companies(scored.company("acme.com", 5, size="99")))

    queue.mark()

    assert queue.ids() == ["L0001", "L0002"]


def test_a_company_that_leads_waited_for_makes_them_stale(scored, queue):
    scored.save(scored.page(scored.lead(3, 5, company="late.com")))
    queue.mark()
    queue.empty()

    scored.save(scored.companies(scored.company("late.com", 6)))

    queue.mark()
    assert queue.ids() == ["L0003"]


@pytest.mark.parametrize("moved", ["to another key", "deleted"])
def test_the_leads_that_a_company_leaves_are_stale(scored, queue, moved):
    new_key = scored.company("new.com", 5, number="acme.com")
    deleted = scored.company("acme.com", 5, gone="deleted")

    scored.save(scored.companies(deleted if moved == "deleted" else new_key))

    queue.mark()

    assert queue.ids() == ["L0001", "L0002"]


def test_a_new_activity_makes_its_lead_stale(scored, queue):
    scored.save(scored.activities(scored.activity(9, "L0001", 5)))

    queue.mark()

    assert queue.ids() == ["L0001"]


def test_an_activity_that_moves_makes_both_leads_stale_and_one_that_is_deleted_its_own(scored, queue):
    scored.save(scored.activities(scored.activity(1, "L0002", 5)))
    queue.mark()
    assert queue.ids() == ["L0002", "L0003"]
    queue.empty()

    scored.save(scored.activities(scored.activity(1, "L0002", 6, gone="deleted")))
    queue.mark()
    assert queue.ids() == ["L0002"]


def test_another_model_makes_all_stale(scored, queue):
    assert queue.mark("m2") == 3
    queue.empty()

    assert queue.mark("m2") == 0
    assert queue.mark("m1") == 3


def test_what_is_marked_again_while_it_is_scored_stays_in_the_queue(scored, queue):
    scored.save(scored.page(scored.lead(1, 5, visits="1"), scored.lead(2, 5, visits="1")))
    queue.mark()
    chunk = queue.chunk(10)

    scored.save(scored.page(scored.lead(2, 6, visits="2")))
    queue.mark()
    queue.empty(chunk)

    assert queue.ids() == ["L0002"]


def test_a_killed_scoring_goes_on_with_what_is_left(scored, queue):
    queue.mark("m2")
    queue.empty(queue.chunk(2))

    assert queue.mark("m2") == 1
    assert queue.ids() == ["L0003"]


def test_a_lead_that_is_deleted_leaves_the_queue(scored, queue):
    queue.mark("m2")

    scored.save(scored.page(scored.lead(1, 9, gone="deleted")))

    assert queue.ids() == ["L0002", "L0003"]


def test_those_that_a_scoring_would_look_at_are_counted_and_none_is_queued(shelf, queue, scored):
    assert stale.due(shelf.store, shelf.name, model="m1") == 0
    shelf.save(shelf.page(shelf.lead(2, 5, company="acme.com", visits="4")))

    assert stale.due(shelf.store, shelf.name, model="m1") == 1
    assert stale.due(shelf.store, shelf.name, model="m2") == 3
    assert queue.ids() == []
    assert queue.mark() == stale.due(shelf.store, shelf.name, model="m1") == 1
