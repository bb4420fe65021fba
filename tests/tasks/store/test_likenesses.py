import pytest

from connector.crm import Entity
from tasks.store import likenesses
from tasks.store.likenesses import Likeness, Mark
from tests.tasks.store.conftest import hold

LEAD = Entity.LEAD


@pytest.fixture(autouse=True)
def leads(store):
    for connection in ("sf", "hub"):
        hold(store, connection, *"123456789")


@pytest.fixture
def tx(store):
    with store.write() as connection:
        yield connection


def put(tx, *members, kind="e-mail", block="b1"):
    for member in members:
        name, _, record_id = member.partition("/")
        likenesses.replace(tx, name, LEAD, [record_id], [Likeness(member, kind, block, "")])


def test_a_mark_is_as_it_was_kept_and_each_connection_has_its_own(tx):
    likenesses.set_mark(tx, "sf", LEAD, Mark(4, "r", settled=False))
    likenesses.set_mark(tx, "hub", LEAD, Mark(9, "r", settled=True))
    likenesses.set_mark(tx, "sf", LEAD, Mark(5, "r", settled=True))

    assert likenesses.marks(tx, LEAD, lock=True) == {
        "sf": Mark(5, "r", settled=True),
        "hub": Mark(9, "r", settled=True),
    }
    assert likenesses.marks(tx, Entity.COMPANY) == {}


def test_likenesses_take_the_place_of_those_before(tx):
    put(tx, "sf/1", block="old")
    put(tx, "sf/1", block="new")

    assert likenesses.of_members(tx, LEAD, ["sf/1", "hub/1"]) == [Likeness("sf/1", "e-mail", "new", "")]
    assert likenesses.of_blocks(tx, LEAD, ["old"]) == set()


def test_a_block_is_looked_up_across_connections_and_counted_no_further_than_asked(tx):
    put(tx, "sf/1", "sf/2", "hub/1")
    put(tx, "sf/9", block="b2")

    assert likenesses.of_blocks(tx, LEAD, ["b1"]) == {"sf/1", "sf/2", "hub/1"}
    assert likenesses.sizes(tx, LEAD, ["b1", "b2"], most=1) == {"b1": 2, "b2": 1}


def test_only_shared_blocks_of_the_range_are_given_out(tx):
    put(tx, "sf/1", "sf/2", block="3a")
    put(tx, "sf/3", "sf/4", "sf/5", block="3b")
    put(tx, "sf/6", block="3c")
    put(tx, "sf/7", "sf/8", block="9a")

    assert {one.member for one in likenesses.shared(tx, LEAD, low="3", high="8", most=2)} == {"sf/1", "sf/2"}
    assert {one.member for one in likenesses.shared(tx, LEAD, low="9a", high="g", most=2)} == {"sf/7", "sf/8"}
    assert likenesses.shared(tx, LEAD, low="3", high="3a", most=2) == []


def test_records_that_are_gone_are_dropped(shelf):
    shelf.save(shelf.page(shelf.lead(1), shelf.lead(2)))
    with shelf.store.write() as tx:
        put(tx, "salesforce/L0001", "salesforce/L0002", "salesforce/L0003")
        likenesses.drop_gone(tx, "salesforce", LEAD)

        assert likenesses.of_blocks(tx, LEAD, ["b1"]) == {"salesforce/L0001", "salesforce/L0002"}


def test_changes_are_read_in_order_and_to_the_end(shelf):
    shelf.save(shelf.page(shelf.lead(3), shelf.lead(1)))
    shelf.save(shelf.page(shelf.lead(2, gone="deleted")))

    read, after = [], (0, "")
    while rows := likenesses.changed(shelf.store, "salesforce", LEAD, after=after, up_to=2, size=2):
        read += [(row.id, row.version, row.data is None) for row in rows]
        after = (rows[-1].version, rows[-1].id)

    assert read == [("L0001", 1, False), ("L0003", 1, False), ("L0002", 2, True)]


def test_nothing_is_kept_of_a_record_that_went_while_it_was_looked_at(tx):
    put(tx, "sf/1", "sf/gone")

    assert {one.member for one in likenesses.of_members(tx, LEAD, ["sf/1", "sf/gone"])} == {"sf/1"}
