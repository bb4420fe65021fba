import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.lanes import in_lanes


@given(items=st.lists(st.integers(), max_size=30), lanes=st.integers(1, 6))
def test_results_come_in_the_order_of_the_items(items, lanes):
    assert list(in_lanes(lambda item: item * 2, items, lanes=lanes)) == [item * 2 for item in items]


def test_calls_are_on_their_way_at_one_time():
    together = threading.Barrier(3, timeout=10)

    assert list(in_lanes(lambda item: together.wait() >= 0 and item, range(6), lanes=3)) == list(range(6))


def test_items_are_taken_only_as_fast_as_results_are():
    taken = []

    results = in_lanes(str, (taken.append(item) or item for item in range(100)), lanes=4)
    first = [next(results), next(results)]

    assert first == ["0", "1"]
    assert len(taken) <= 4 + 1


@pytest.mark.parametrize(("errors_last", "results"), [(True, [0, 1, 3]), (False, [0, 1])])
def test_an_error_ends_it_after_what_was_begun(errors_last, results):
    together = threading.Barrier(2, timeout=10)
    begun, found = [], []

    def call(item):
        begun.append(item)
        if item in {2, 3}:
            together.wait()
        if item == 2:
            raise KeyError(item)
        return item

    with pytest.raises(KeyError):
        found.extend(in_lanes(call, range(100), lanes=2, errors_last=errors_last))

    assert found == results
    assert sorted(begun) == [0, 1, 2, 3]
