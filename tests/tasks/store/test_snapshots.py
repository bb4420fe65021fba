import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.crm import Change, Cursor, Entity
from tasks.store import records, snapshots
from tests.tasks.store.conftest import IDENTIFY, stamp

REMEMBERED = ("name", "visits")


def save(shelf, *leads, remember=REMEMBERED):
    page = shelf.page(*leads)
    return records.save_page(shelf.store, shelf.name, page, identify=IDENTIFY[Entity.LEAD], remember=remember)


def kept(shelf, *ids):
    return snapshots.of(shelf.store, shelf.name, Entity.LEAD, ids or ("L0001", "L0002"))


def told(shelf, *changes, cursor="c1"):
    return snapshots.note_history(
        shelf.store, shelf.name, Entity.LEAD, changes, cursor=Cursor(cursor), fields=REMEMBERED
    )


def test_a_first_load_and_a_record_that_is_the_same_leave_nothing(shelf):
    save(shelf, shelf.lead(1, 1), shelf.lead(2, 1))
    save(shelf, shelf.lead(1, 2), shelf.lead(2, 1))

    assert kept(shelf) == []


def test_a_change_keeps_what_was_there_before_and_repeats_are_harmless(shelf):
    save(shelf, shelf.lead(1, 1, visits="3"), shelf.lead(2, 1))
    for _ in range(2):
        save(shelf, shelf.lead(1, 5, name="Bea", visits=None), shelf.lead(2, 5, company="not remembered"))

    assert kept(shelf) == [Change("L0001", "name", stamp(5), "Ann"), Change("L0001", "visits", stamp(5), "3")]


def test_a_field_that_was_empty_was_null(shelf):
    save(shelf, shelf.lead(1, 1))
    save(shelf, shelf.lead(1, 5, visits="1"))

    assert kept(shelf) == [Change("L0001", "visits", stamp(5), None)]


def test_a_record_that_changes_within_a_page_keeps_every_step(shelf):
    save(shelf, shelf.lead(1, 1))
    save(shelf, shelf.lead(1, 5, name="Bea"), shelf.lead(1, 4, name="late"), shelf.lead(1, 7, name="Cleo"))

    assert [(change.at, change.old) for change in kept(shelf)] == [(stamp(5), "Ann"), (stamp(7), "Bea")]


def test_only_what_was_read_before_and_now_is_remembered(shelf):
    save(shelf, shelf.lead(1, 1))
    save(shelf, shelf.lead(1, 5, name="Bea", visits="2"), remember=("name",))

    assert [change.field for change in kept(shelf)] == ["name"]


def test_a_record_that_is_gone_loses_its_past(shelf):
    save(shelf, shelf.lead(1, 1), shelf.lead(2, 1))
    save(shelf, shelf.lead(1, 5, name="Bea"), shelf.lead(2, 5, name="Bob"))
    told(shelf, Change("L0001", "name", stamp(3), "Eve"))

    save(shelf, shelf.lead(1, 6, gone="deleted"))

    assert {change.id for change in kept(shelf)} == {"L0002"}
    assert told(shelf, Change("L0001", "name", stamp(3), "Eve")) == 0
    save(shelf, shelf.lead(1, 9, name="back"))
    assert {change.id for change in kept(shelf)} == {"L0002"}


def test_history_is_kept_of_records_that_we_hold_with_the_place_to_go_on(shelf):
    save(shelf, shelf.lead(1, 9))
    changes = (Change("L0001", "name", stamp(3), "Eve"), Change("L0009", "name", stamp(3), "Eve"))

    assert told(shelf, *changes, cursor="c7") == 1
    told(shelf, *changes, cursor="c8")

    assert kept(shelf) == [changes[0]]
    assert snapshots.read_until(shelf.store, shelf.name, Entity.LEAD) == snapshots.Read(Cursor("c8"), REMEMBERED)
    assert snapshots.read_until(shelf.store, shelf.name, Entity.COMPANY) is None


@pytest.mark.parametrize(("moment", "times"), [(4, [4]), (5, [5]), (1, [1, 5]), (6, [5, 6])])
def test_the_moment_that_history_tells_replaces_the_snapshot_of_the_same_change(shelf, moment, times):
    save(shelf, shelf.lead(1, 1))
    save(shelf, shelf.lead(1, 5, name="Bea"))

    told(shelf, Change("L0001", "name", stamp(moment), "Ann"))

    assert [change.at for change in kept(shelf)] == [stamp(second) for second in times]


def test_of_two_changes_in_one_second_the_first_is_kept(shelf):
    save(shelf, shelf.lead(1, 9))

    told(shelf, Change("L0001", "name", stamp(3), "first"), Change("L0001", "name", stamp(3), "second"))

    assert [change.old for change in kept(shelf)] == ["first"]


def test_the_changes_of_one_field_are_found_for_all_records(shelf):
    save(shelf, shelf.lead(1, 1), shelf.lead(2, 1))
    save(shelf, shelf.lead(1, 5, name="Bea", visits="2"), shelf.lead(2, 6, name="Bob"))

    found = snapshots.of_field(shelf.store, shelf.name, Entity.LEAD, "name")

    assert [(change.id, change.field) for change in found] == [("L0001", "name"), ("L0002", "name")]


def test_connections_have_pasts_of_their_own(shelf_of):
    one, other = shelf_of("one"), shelf_of("other")
    for shelf in (one, other):
        save(shelf, shelf.lead(1, 1))
    save(one, one.lead(1, 5, name="Bea"))
    save(other, other.lead(1, 6, gone="deleted"))

    assert (len(kept(one)), kept(other)) == (1, [])


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(["Ann", "Bea", None]), st.sampled_from(["1", None])), min_size=1, max_size=8))
def test_what_was_there_at_each_pull_can_be_told_again(new_shelf, versions):
    shelf = new_shelf()
    for second, (name, visits) in enumerate(versions):
        save(shelf, shelf.lead(1, second, name=name, visits=visits))
    changes = kept(shelf)

    for second, values in enumerate(versions):
        for field, value, now in zip(REMEMBERED, values, versions[-1], strict=True):
            later = [change for change in changes if change.field == field and change.at > stamp(second)]
            assert (later[0].old if later else now) == value
