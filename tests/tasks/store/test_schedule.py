from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from tasks.store import schedule


def test_a_slot_is_claimed_once(shelf):
    def claim(after_s):
        return schedule.claim(shelf.store, "sync", every_s=300, now=shelf.now + timedelta(seconds=after_s))

    assert [claim(second) for second in (0, 10, 299, 300, 301, 1000)] == [True, False, False, True, False, True]


def test_one_of_many_beats_claims_a_slot(shelf):
    with ThreadPoolExecutor(8) as beats:
        claimed = list(beats.map(lambda _: schedule.claim(shelf.store, "sync", every_s=60, now=shelf.now), range(24)))

    assert claimed.count(True) == 1


def test_each_name_has_slots_of_its_own(shelf):
    assert schedule.claim(shelf.store, "sync", every_s=60, now=shelf.now)
    assert schedule.claim(shelf.store, "train", every_s=60, now=shelf.now)

    assert {name: every_s for name, (every_s, _) in schedule.all_slots(shelf.store).items()} == {
        "sync": 60,
        "train": 60,
    }


def test_another_interval_counts_from_the_next_slot(shelf):
    schedule.claim(shelf.store, "sync", every_s=60, now=shelf.now)

    assert not schedule.claim(shelf.store, "sync", every_s=3600, now=shelf.now + timedelta(minutes=5))
    assert schedule.claim(shelf.store, "sync", every_s=3600, now=shelf.now + timedelta(hours=1))
    assert schedule.claim(shelf.store, "sync", every_s=60, now=shelf.now + timedelta(hours=1, minutes=1))


def test_what_shall_not_begin_at_once_begins_with_the_next_slot(shelf):
    def claim(after_s):
        at = shelf.now + timedelta(seconds=after_s)
        return schedule.claim(shelf.store, "train", every_s=300, now=at, at_once=False)

    assert [claim(second) for second in (0, 10, 300, 310, 600)] == [False, False, True, False, True]


def test_a_clock_that_was_put_back_holds_nothing_up(shelf):
    def claim(after_s):
        return schedule.claim(shelf.store, "sync", every_s=300, now=shelf.now + timedelta(seconds=after_s))

    put_back_by_a_day = [claim(second) for second in (0, -86_400, -86_390, -86_100)]

    assert put_back_by_a_day == [True, True, False, True]


def test_a_clock_that_was_put_back_by_less_than_a_slot_claims_no_slot_twice(shelf):
    def claim(after_s):
        return schedule.claim(shelf.store, "sync", every_s=300, now=shelf.now + timedelta(seconds=after_s))

    assert [claim(second) for second in (0, 300, 299, 301, 599, 600)] == [True, True, False, False, False, True]


def test_the_slot_is_told_to_the_one_who_has_claimed_it(shelf):
    def claim(after_s):
        with shelf.store.write() as tx:
            return schedule.claim_slot(tx, "sync", every_s=300, now=shelf.now + timedelta(seconds=after_s))

    began = int(shelf.now.timestamp())

    assert [claim(second) for second in (1, 2, 310)] == [began, None, began + 300]
