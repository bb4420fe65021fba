import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.crm import Cursor, Entity
from tasks.store import cursors, records
from tasks.store.belonging import belonging
from tasks.store.records import PageCounts


def test_a_new_page_is_new_and_the_same_page_again_is_not(shelf):
    page = shelf.page(shelf.lead(1), shelf.lead(2, name=None))

    assert shelf.save(page) == PageCounts(new=2)
    assert shelf.save(page) == PageCounts(unchanged=2)
    assert [(row.id, orjson.loads(row.data)) for row in shelf.rows()] == [("L0001", {"name": "Ann"}), ("L0002", {})]


def test_other_values_change_and_a_newer_stamp_alone_does_not(shelf):
    shelf.save(shelf.page(shelf.lead(1, 5), shelf.lead(2, 5)))

    counts = shelf.save(shelf.page(shelf.lead(1, 6, name="Bea"), shelf.lead(2, 6)))

    assert counts == PageCounts(changed=1, unchanged=1)
    assert shelf.save(shelf.page(shelf.lead(2, 5, name="late"))) == PageCounts(unchanged=1)


def test_an_older_stamp_never_replaces_a_newer_one(shelf):
    shelf.save(shelf.page(shelf.lead(1, 9, name="new")))

    assert shelf.save(shelf.page(shelf.lead(1, 3, name="old"))) == PageCounts(unchanged=1)
    assert orjson.loads(shelf.rows()[0].data) == {"name": "new"}


def test_the_same_stamp_with_other_values_changes(shelf):
    shelf.save(shelf.page(shelf.lead(1, 5)))

    assert shelf.save(shelf.page(shelf.lead(1, 5, name="Bea"))) == PageCounts(changed=1)


def test_a_record_may_come_twice_in_a_page(shelf):
    page = shelf.page(shelf.lead(1, 5), shelf.lead(1, 7), shelf.lead(1, 6, name="late"), shelf.lead(1, 8, name="Bea"))

    assert shelf.save(page) == PageCounts(new=1, unchanged=2, changed=1)
    assert orjson.loads(shelf.rows()[0].data) == {"name": "Bea"}
    assert shelf.save(shelf.page(shelf.lead(1, 7))) == PageCounts(unchanged=1)


def test_what_is_deleted_keeps_no_data_and_comes_back_only_with_a_newer_stamp(shelf):
    shelf.save(shelf.page(shelf.lead(1, 5, company="acme.com"), shelf.lead(2, 5)))
    gone = shelf.page(shelf.lead(1, 6, gone="deleted"), shelf.lead(2, 6, gone="merged", into="L0001"))

    assert shelf.save(gone) == PageCounts(deleted=1, merged=1)
    assert shelf.save(gone) == PageCounts(unchanged=2)
    assert shelf.rows() == []
    with shelf.store.read() as tx:
        kept = tx.exec_driver_sql("SELECT id, key, link, content_hash, data, merged_into FROM records ORDER BY id")
        assert kept.all() == [("L0001", None, None, None, None, None), ("L0002", None, None, None, None, "L0001")]

    assert shelf.save(shelf.page(shelf.lead(1, 5))) == PageCounts(unchanged=1)
    assert shelf.save(shelf.page(shelf.lead(1, 7))) == PageCounts(new=1)
    assert shelf.save(shelf.page(shelf.lead(1, 6, gone="deleted"))) == PageCounts(unchanged=1)
    assert [row.id for row in shelf.rows()] == ["L0001"]


def test_a_look_up_that_finds_nothing_deletes_whatever_the_stamp(shelf):
    shelf.save(shelf.page(shelf.lead(1, 5)))

    assert shelf.save(shelf.page(records.Record("L0001", "", (), "deleted"), fields=())) == PageCounts(deleted=1)
    assert shelf.save(shelf.page(shelf.lead(1, 5))) == PageCounts(unchanged=1)
    assert shelf.rows() == []


def test_the_cursor_moves_with_its_page(shelf):
    shelf.begin()

    shelf.save(shelf.page(shelf.lead(1), at="after 1"), cursor=Cursor("after 1"))
    shelf.save(shelf.page(shelf.lead(2)))

    assert cursors.get(shelf.store, shelf.name, Entity.LEAD).cursor == Cursor("after 1")


def test_a_page_without_records_moves_the_cursor_too(shelf):
    shelf.begin()

    assert shelf.save(shelf.page(), cursor=Cursor("later")).total == 0
    assert cursors.get(shelf.store, shelf.name, Entity.LEAD).cursor == Cursor("later")


def test_connections_do_not_see_each_other(shelf_of):
    one, other = shelf_of("one"), shelf_of("other")

    one.save(one.page(one.lead(1)))

    assert other.save(other.page(other.lead(1, gone="deleted"))) == PageCounts(deleted=1)
    assert len(one.rows()) == 1


def test_chunks_walk_all_in_order_of_id(shelf):
    shelf.save(shelf.page(*(shelf.lead(number) for number in (5, 3, 1, 4, 2))))

    sizes = [len(chunk) for chunk in records.chunks(shelf.store, shelf.name, Entity.LEAD, size=2)]

    assert sizes == [2, 2, 1]
    assert [row.id for row in shelf.rows()] == ["L0001", "L0002", "L0003", "L0004", "L0005"]


def test_what_belongs_to_leads_is_found(shelf):
    shelf.save(shelf.page(shelf.lead(1, company="acme.com"), shelf.lead(2)))
    shelf.save(shelf.companies(shelf.company("acme.com"), shelf.company("other.com")))
    shelf.save(shelf.activities(shelf.activity(1, "L0002"), shelf.activity(2, "L0009"), shelf.activity(3, "L0001")))

    owners = {"L0001": "L0001", "L0002": "L0002", "L0009": "L0001"}
    companies, activities = belonging(shelf.store, shelf.name, {"acme.com"}, owners, [Entity.ACTIVITY])

    assert [row.key for row in companies] == ["acme.com"]
    found = [(row.id, row.link) for row in activities[Entity.ACTIVITY]]
    assert found == [("A1", "L0002"), ("A2", "L0001"), ("A3", "L0001")]


def test_the_living_are_counted(shelf):
    shelf.save(shelf.page(shelf.lead(1), shelf.lead(2), shelf.lead(3, gone="deleted")))
    shelf.save(shelf.companies(shelf.company("acme.com")))

    assert records.count(shelf.store, shelf.name) == {Entity.LEAD: 2, Entity.COMPANY: 1}


VERSIONS = st.lists(
    st.tuples(st.integers(1, 3), st.integers(0, 8), st.sampled_from(["deleted", "a", "b"])), min_size=1, max_size=12
)


@settings(max_examples=60)
@given(history=VERSIONS, random=st.randoms(use_true_random=False))
def test_the_newest_version_wins_in_whatever_order_and_how_often_versions_come(new_shelf, history, random):
    # A stamp names one version, as it does in a CRM that is read after the stamp's second has passed.
    versions = {(number, second): name for number, second, name in history}
    one, other = new_shelf(), new_shelf()

    def saved(shelf, order):
        pages, counts = [], PageCounts()
        for number, second in order:
            name = versions[number, second]
            pages.append(shelf.lead(number, second, name=name, gone="deleted" if name == "deleted" else None))
        for start in range(0, len(pages), 3):
            counts += shelf.save(shelf.page(*pages[start : start + 3]))
        assert counts.total == len(pages)
        return shelf.rows()

    twice = [*versions, *versions]

    assert saved(one, sorted(versions)) == saved(other, random.sample(twice, len(twice)))
