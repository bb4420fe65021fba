"""Activities of several leads in the store: found by each, in whatever order versions come, and none left over."""

from hypothesis import given, settings
from hypothesis import strategies as st

from connector.crm import Entity
from tasks.store import records, stale
from tasks.store.belonging import belonging
from tasks.store.links import several

OWNERS = {f"L{number:04}": f"L{number:04}" for number in range(1, 5)}


def rows(shelf):
    with shelf.store.read() as tx:
        found = tx.exec_driver_sql("SELECT id, link FROM links WHERE connection = '" + shelf.name + "'")
        return sorted(tuple(row) for row in found)


def acted(shelf, owners=OWNERS):
    _, found = belonging(shelf.store, shelf.name, (), owners, [Entity.ACTIVITY])
    return [(row.id, row.link) for row in found[Entity.ACTIVITY]]


def test_only_what_points_to_several_is_split():
    assert several("a;b;a;") == ("a", "b")
    assert several("a") == several("a;") == several(None) == ()


def test_an_activity_is_found_by_each_of_its_leads_and_once_by_a_lead_with_two_ids(shelf):
    shelf.save(shelf.activities(shelf.activity(1, "L0001;L0003"), shelf.activity(2, "L0001")))

    assert acted(shelf) == [("A1", "L0001"), ("A1", "L0003"), ("A2", "L0001")]
    assert acted(shelf, {"L0001": "L0009", "L0003": "L0009"}) == [("A1", "L0009"), ("A2", "L0009")]
    assert rows(shelf) == [("A1", "L0001"), ("A1", "L0003")]


def test_all_its_leads_are_stale_when_it_changes_and_those_that_it_left(shelf):
    shelf.save(shelf.page(*(shelf.lead(number, 1) for number in range(1, 5))))
    shelf.save(shelf.activities(shelf.activity(1, "L0001;L0002", 1)))

    def stale_now():
        stale.mark(shelf.store, shelf.name, model="m")
        with shelf.store.write() as tx:
            chunk = stale.chunk(tx, shelf.name, after="", size=100)
            if chunk:
                stale.done(tx, shelf.name, chunk.span)
        return chunk.ids if chunk else ()

    assert len(stale_now()) == 4
    shelf.save(shelf.activities(shelf.activity(1, "L0001;L0003", 2)))
    assert stale_now() == ("L0001", "L0002", "L0003")
    shelf.save(shelf.activities(shelf.activity(1, None, 3, gone="deleted")))
    assert stale_now() == ("L0001", "L0003")
    assert rows(shelf) == []


LINKS = st.sets(st.integers(1, 4), max_size=3).map(lambda some: ";".join(f"L{number:04}" for number in sorted(some)))
VERSIONS = st.lists(st.tuples(st.integers(1, 2), st.integers(0, 6), LINKS | st.just("gone")), min_size=1, max_size=8)


@settings(max_examples=40)
@given(history=VERSIONS, random=st.randoms(use_true_random=False))
def test_rows_are_those_of_the_newest_version_in_whatever_order_versions_come(new_shelf, history, random):
    versions = {(number, second): link for number, second, link in history}
    shelf = new_shelf()

    for number, second in random.sample(list(versions), len(versions)):
        link = versions[number, second]
        gone = "deleted" if link == "gone" else None
        shelf.save(shelf.activities(shelf.activity(number, None if gone else link or None, second, gone=gone)))

    newest = {number: versions[number, second] for number, second in sorted(versions)}
    told = [(f"A{number}", part) for number, link in newest.items() for part in several(link)]
    assert rows(shelf) == sorted(told)
    parts = [(f"A{number}", part) for number, link in newest.items() if link != "gone" for part in link.split(";")]
    assert acted(shelf) == sorted(one for one in parts if one[1])


def test_a_junction_gives_an_activity_further_leads(shelf):
    junction = Entity.of_object("EventRelation")
    shelf.save(shelf.page(*(shelf.lead(number, 1) for number in range(1, 5))))
    shelf.save(shelf.activities(shelf.activity(1, "L0001", 1)))
    pairs = shelf.activities(shelf.activity(7, "A1"), shelf.activity(8, "A1"), shelf.activity(9, "A1"))
    leads = {"A7": "L0001", "A8": "L0002", "A9": "L0004"}
    joined = type(pairs)(junction, pairs.fields, pairs.records, pairs.cursor)
    told = iter(leads.values())
    records.save_page(shelf.store, shelf.name, joined, identify=lambda values: (values[0], next(told)))

    _, found = belonging(shelf.store, shelf.name, (), OWNERS, [Entity.ACTIVITY], {Entity.ACTIVITY: junction})

    assert [row.link for row in found[Entity.ACTIVITY]] == ["L0001", "L0002", "L0004"]
    stale.mark(shelf.store, shelf.name, model="m")
    with shelf.store.write() as tx:
        tx.exec_driver_sql("DELETE FROM stale")
    shelf.save(shelf.activities(shelf.activity(1, "L0001", 5, status="opened")))
    assert stale.mark(shelf.store, shelf.name, model="m", through={Entity.ACTIVITY: junction}) == 3
