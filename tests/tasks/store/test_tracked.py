from datetime import UTC, datetime

from connector.crm import Change, Cursor, Entity
from tasks.store import records, snapshots, tracked, write_backs
from tasks.store.backs import Ended, Planned, State
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


def test_what_we_wrote_ourselves_is_no_change_of_the_crm_s(shelf):
    save(shelf, shelf.lead(1, 1, visits="3"), shelf.lead(2, 1, visits="1"))
    now = datetime(2026, 3, 1, tzinfo=UTC)
    with shelf.store.write() as tx:
        planned = [Planned("L0001", "visits", "table", "4"), Planned("L0002", "name", "table", "Bea")]
        write_backs.plan(tx, shelf.name, planned, now=now)
    [back] = write_backs.page(shelf.store, shelf.name, after="", leads=1)["L0001"]
    write_backs.save(shelf.store, shelf.name, [Ended(back, State.WRITTEN, written="4")], now=now)

    save(shelf, shelf.lead(1, 5, visits="4"), shelf.lead(2, 5, name="Bea", visits="2"))

    counted = tracked.changes_by_field(shelf.store, shelf.name, Entity.LEAD, snapshots.SNAPSHOT)
    assert counted == {"visits": 1, "name": 1}
