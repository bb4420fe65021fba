from datetime import timedelta

from connector.crm import Cursor, Entity
from tasks.store import cursors
from tests.tasks.store.conftest import FIELDS


def get(shelf, entity=Entity.LEAD):
    return cursors.get(shelf.store, shelf.name, entity)


def test_a_load_is_remembered_as_unfinished_until_it_ends(shelf):
    assert get(shelf) is None

    shelf.begin(at="start")
    assert not get(shelf).is_loaded
    assert get(shelf).fields == ("name", "company", "visits")

    cursors.end_load(shelf.store, shelf.name, Entity.LEAD, fields=FIELDS)
    assert get(shelf).is_loaded
    assert get(shelf).cursor == Cursor("start")


def test_loading_again_keeps_the_older_cursor(shelf):
    shelf.begin(at="start")
    cursors.end_load(shelf.store, shelf.name, Entity.LEAD, fields=FIELDS)

    shelf.begin(at="later")

    assert not get(shelf).is_loaded
    assert get(shelf).cursor == Cursor("start")


def test_the_time_of_the_first_load_counts_as_the_first_sweep(shelf):
    shelf.begin()
    assert get(shelf).swept_at == shelf.now

    cursors.set_swept(shelf.store, shelf.name, Entity.LEAD, shelf.now + timedelta(days=1))
    assert get(shelf).swept_at == shelf.now + timedelta(days=1)


def test_fields_can_be_noted_anew(shelf):
    shelf.begin()

    cursors.set_fields(shelf.store, shelf.name, Entity.LEAD, ("name",))

    assert get(shelf).fields == ("name",)


def test_entities_have_cursors_of_their_own(shelf):
    shelf.begin(Entity.LEAD)

    assert get(shelf, Entity.COMPANY) is None
