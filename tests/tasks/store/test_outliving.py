"""What is known as ours when a lead is gone, for whoever it comes back as."""

from datetime import UTC, datetime

from sqlalchemy import delete

from tasks.store import outliving, tables, write_backs
from tasks.store.backs import Planned

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def wrote(shelf, *numbers):
    """Let these leads be here, a value of ours on its way to each."""
    shelf.save(shelf.page(*map(shelf.lead, numbers)))
    planned = [Planned(f"L{one:04}", "A", "p", f"Town {one}") for one in numbers]
    with shelf.store.write() as tx:
        write_backs.plan(tx, shelf.name, planned, now=NOW)
    for backs in write_backs.page(shelf.store, shelf.name, after="", leads=9).values():
        write_backs.begin(shelf.store, shelf.name, backs)


def known(shelf, *leads):
    """Tell the numbers of the towns that may be ours, by lead."""
    kept = write_backs.of(shelf.store, shelf.name, leads)
    return {lead: [one for one in range(1, 5) if back["A"].may_hold(f"Town {one}")] for lead, back in kept.items()}


def test_digests_of_what_is_ours_outlive_a_lead_for_it_can_come_back(shelf):
    wrote(shelf, 1)

    for _ in range(2):  # a page can come twice
        shelf.save(shelf.page(shelf.lead(1, 5, gone="deleted")))

    assert known(shelf, "L0001") == {"L0001": [1]}
    back = write_backs.of(shelf.store, shelf.name, ["L0001"])["L0001"]["A"]
    assert (back.value, back.written, back.state) == ("", None, "known")
    assert write_backs.waiting(shelf.store, shelf.name) == 0


def test_what_is_ours_is_so_in_the_lead_that_others_were_merged_into_one_after_the_other(shelf):
    wrote(shelf, 1, 2, 3)
    merged = [shelf.lead(1, 5, gone="merged", into="L0002"), shelf.lead(2, 5, gone="merged", into="L0004")]

    shelf.save(shelf.page(*merged))
    shelf.save(shelf.page(shelf.lead(3, 5, gone="merged", into="L0004"), shelf.lead(4)))

    assert known(shelf, "L0004") == {"L0004": [1, 2, 3]}
    assert write_backs.waiting(shelf.store, shelf.name) == 0


def test_merges_are_followed_over_pages_however_they_come(shelf):
    wrote(shelf, 1, 2)
    shelf.save(shelf.page(shelf.lead(4)))

    shelf.save(shelf.page(shelf.lead(3, 5, gone="merged", into="L0004")))
    shelf.save(shelf.page(shelf.lead(2, 5, gone="merged", into="L0003")))
    shelf.save(shelf.page(shelf.lead(1, 6, gone="merged", into="L0002")))

    assert known(shelf, "L0004") == {"L0004": [1, 2]}


def test_what_is_ours_is_known_where_the_lead_that_others_were_merged_into_comes_back(shelf):
    wrote(shelf, 1)
    shelf.save(shelf.page(shelf.lead(4, 4, gone="deleted")))

    shelf.save(shelf.page(shelf.lead(1, 5, gone="merged", into="L0004")))

    assert known(shelf, "L0004") == {"L0004": [1]}


def test_what_was_never_sent_is_not_kept(shelf):
    shelf.save(shelf.page(shelf.lead(1)))
    with shelf.store.write() as tx:
        write_backs.plan(tx, shelf.name, [Planned("L0001", "A", "p", "Town 1")], now=NOW)

    shelf.save(shelf.page(shelf.lead(1, 5, gone="merged", into="L0004"), shelf.lead(4)))

    assert known(shelf, "L0001", "L0004") == {}


def test_digests_go_with_the_lead_s_id(shelf):
    wrote(shelf, 1, 2)
    shelf.save(shelf.page(shelf.lead(1, 5, gone="deleted")))
    assert outliving.forget(shelf.store) == 0
    with shelf.store.write() as tx:
        tx.execute(delete(tables.records).where(tables.records.c.id == "L0001"))

    assert outliving.forget(shelf.store) == 1

    assert known(shelf, "L0001", "L0002") == {"L0002": [2]}
