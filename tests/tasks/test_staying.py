from datetime import UTC, datetime

from tasks.staying import staying
from tasks.store import write_backs
from tasks.store.backs import Ended, Planned, State
from tests.tasks.store.conftest import hold

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def written(store, *rows):
    with store.write() as tx:
        write_backs.plan(tx, "sf", [Planned(lead, field, "towns", "Berlin") for lead, field in rows], now=NOW)
    found = [back for some in write_backs.page(store, "sf", after="", leads=9).values() for back in some]
    write_backs.save(store, "sf", [Ended(back, State.WRITTEN, written="Berlin") for back in found], now=NOW)


def test_it_tells_how_many_values_stay_in_which_fields(store):
    hold(store, "sf", "L1", "L2", "L3")
    written(store, ("L1", "Fax"), ("L2", "Fax"), ("L3", "Town__c"))

    assert "3 enriched values that we wrote stay in the CRM" in staying(store, "sf")
    assert ": Fax (2), Town__c (1)." in staying(store, "sf")
    assert "1 enriched value that we wrote stays" in staying(store, "sf", fields={"Town__c"})
    assert staying(store, "sf", fields={"Title"}) is None
    assert staying(store, "hub") is None


def test_what_people_have_written_over_or_nobody_wrote_yet_is_none(store):
    hold(store, "sf", "L1", "L2")
    written(store, ("L1", "Fax"))
    with store.write() as tx:
        write_backs.plan(tx, "sf", [Planned("L2", "Fax", "towns", "Berlin")], now=NOW)
        write_backs.taken_over(tx, "sf", write_backs.find(tx, "sf", ["L1"]))

    assert staying(store, "sf") is None
