from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from tasks.store import dictionaries


def add(shelf, text, *, name=None, days=0):
    told = {"version": f"v {text}", "text": text, "applied_by": "ann", "why": "asked"}
    return dictionaries.add(shelf.store, name or shelf.name, **told, now=shelf.now + timedelta(days=days))


def test_a_connection_that_never_promoted_has_none(shelf):
    assert dictionaries.in_force(shelf.store, shelf.name) is None
    assert dictionaries.every(shelf.store, shelf.name) == []


def test_the_newest_is_in_force_and_all_are_kept_as_they_were(shelf):
    kept = [add(shelf, text, days=day) for day, text in enumerate(("one\n", "two: ä\n", "one\n"))]

    assert [one.number for one in kept] == [1, 2, 3]
    assert dictionaries.in_force(shelf.store, shelf.name) == kept[2]
    assert dictionaries.every(shelf.store, shelf.name) == kept[::-1]
    assert dictionaries.numbered(shelf.store, shelf.name, 2) == kept[1]
    assert dictionaries.numbered(shelf.store, shelf.name, 4) is None


def test_each_connection_has_its_own(shelf):
    add(shelf, "mine")

    other = add(shelf, "yours", name="other")

    assert other.number == 1
    assert dictionaries.in_force(shelf.store, shelf.name).text == "mine"


def test_two_who_promote_at_once_get_two_numbers(shelf):
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda number: add(shelf, f"text {number}"), range(12)))

    assert sorted(one.number for one in made) == list(range(1, 13))
