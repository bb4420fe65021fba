from connector.crm import Change, Cursor, Entity
from tasks.store import records, snapshots, tracked
from tests.tasks.store.conftest import IDENTIFY, stamp

REMEMBERED = ("name", "visits")


def save(shelf, *leads):
    page = shelf.page(*leads)
    records.save_page(shelf.store, shelf.name, page, identify=IDENTIFY[Entity.LEAD], remember=REMEMBERED)


def test_changes_are_counted_by_field_and_by_who_told_them(shelf):
    save(shelf, shelf.lead(1, 1, visits="3"), shelf.lead(2, 1, visits="1"))
    save(shelf, shelf.lead(1, 5, name="Bea", visits="4"), shelf.lead(2, 5, visits="2"))
    known = [Change("L0001", "name", stamp(5), "Ann")]
    snapshots.note_history(shelf.store, shelf.name, Entity.LEAD, known, cursor=Cursor("c1"), fields=REMEMBERED)

    counted = {
        source: tracked.changes_by_field(shelf.store, shelf.name, Entity.LEAD, source)
        for source in (snapshots.SNAPSHOT, snapshots.HISTORY)
    }

    assert counted == {"snapshot": {"name": 1, "visits": 2}, "history": {"name": 1}}
