"""Duplicates found from the store: at once, bit by bit, across connections, and after kills."""

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.crm import Entity, Page, Record
from mappings.duplicates import NOT_SOUGHT, Duplicates, Telling
from mappings.file.load import load_preset
from mappings.matching.sameness import MOST_SHARING
from tasks.store import duplicates as kept
from tasks.store import likenesses, records
from tasks.verbs import clustering, duplicates
from tests.tasks.killing import Killed, die_at

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FIELDS = ("email", "phone", "first", "last", "company")
LEAD = Telling(("email",), ("phone",), ("first", "last"), ("company",))
MAPPING = replace(load_preset("hubspot"), duplicates=Duplicates(lead=LEAD, company=Telling(name=("company",))))
LONGER = timedelta(hours=1)


class Desk:
    """A store into which records of connections come, and what was found there."""

    def __init__(self, store, prefix=""):
        self.store, self.prefix, self._seconds = store, prefix, count()

    def put(self, changes, name="sf", entity=Entity.LEAD):
        """Save a page of {id: values by field, or None for one that is gone}."""
        at = (NOW + timedelta(seconds=next(self._seconds))).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        rows = tuple(
            Record(one, at, tuple((values or {}).get(field) for field in FIELDS), None if values else "deleted")
            for one, values in changes.items()
        )
        page = Page(entity, FIELDS, rows, None)
        return records.save_page(self.store, self.prefix + name, page, identify=lambda _values: (None, None))

    def find(self, name="sf", mapping=MAPPING, now=NOW, **how):
        return duplicates.refresh(self.store, mapping, connection=self.prefix + name, now=now, **how)

    def clusters(self, entity=Entity.LEAD):
        """The clusters as sets of member names, without the prefix."""
        found = {}
        with self.store.read() as tx:
            for member, row in kept.clustered(tx, entity).items():
                if member.startswith(self.prefix):
                    found.setdefault(row.cluster, set()).add(member.removeprefix(self.prefix))
        return sorted(map(sorted, found.values()))

    def whole(self):
        """Everything of the clusters but their moments."""
        with self.store.read() as tx:
            return {
                (entity, member, row.cluster, row.because)
                for entity in duplicates.SOUGHT
                for member, row in kept.clustered(tx, entity).items()
                if member.startswith(self.prefix)
            }


@pytest.fixture
def desk(store):
    return Desk(store)


def kim(**more):
    return {"email": "kim@acme.com", "first": "Kim", "last": "Lindqvist", **more}


def test_the_same_person_is_found_within_a_connection_and_across(desk):
    desk.put({"1": kim(), "2": kim(email="KIM+x@acme.com"), "3": {"email": "pat@acme.com"}})
    desk.put({"9": {"email": "kim@acme.com"}}, name="hub")

    desk.find()
    desk.find("hub")

    assert desk.clusters() == [["hub/9", "sf/1", "sf/2"]]


def test_companies_are_found_beside_leads_with_ids_of_their_own(desk):
    desk.put({"1": kim(), "2": kim()})
    desk.put({"1": {"company": "Acme"}, "2": {"company": "ACME Inc."}}, entity=Entity.COMPANY)

    desk.find()

    assert desk.clusters() == desk.clusters(Entity.COMPANY) == [["sf/1", "sf/2"]]
    assert len({cluster for _, _, cluster, _ in desk.whole()}) == 2


def test_a_second_look_finds_nothing_to_do(desk):
    desk.put({"1": kim(), "2": kim()})
    assert desk.find().moved == 2

    assert desk.find() == duplicates.Looked(0, 0)
    assert desk.find(anew=True, now=NOW + LONGER).moved == 0


def test_only_what_changed_is_looked_at(desk):
    desk.put({str(number): {"email": f"p{number}@acme.com"} for number in range(50)})
    desk.find()
    desk.put({"7": {"email": "p8@acme.com"}})

    assert desk.find() == duplicates.Looked(1, 2)
    assert desk.clusters() == [["sf/7", "sf/8"]]


def test_a_cluster_falls_apart_when_the_record_in_its_middle_goes(desk):
    phone = {"first": "Kim", "last": "Lindqvist", "phone": "+1 212 555 0147"}
    desk.put({"1": {"email": "kim@acme.com"}, "2": kim(phone="2125550147"), "3": phone})
    desk.find()
    assert desk.clusters() == [["sf/1", "sf/2", "sf/3"]]

    desk.put({"2": None})
    desk.find()

    assert desk.clusters() == []


def test_an_edit_takes_a_record_out_of_its_cluster_and_keeps_when_the_others_were_found(desk):
    desk.put({"1": kim(), "2": kim(), "3": kim()})
    desk.find()
    desk.put({"3": {"email": "other@acme.com"}})

    desk.find(now=NOW + LONGER)

    assert desk.clusters() == [["sf/1", "sf/2"]]
    with desk.store.read() as tx:
        assert {row.found_at for row in kept.clustered(tx, Entity.LEAD).values()} == {"2026-03-01T12:00:00.000Z"}


@pytest.mark.parametrize("together", [True, False])
def test_a_value_stops_counting_when_too_many_share_it_and_counts_again_with_fewer(desk, together):
    crowd = {f"{number:03}": {"email": "box@acme.com"} for number in range(MOST_SHARING)}
    desk.put(crowd)
    desk.find()
    assert len(desk.clusters()[0]) == MOST_SHARING

    desk.put({"900": {"email": "box@acme.com"}, **({"901": {"email": "box@acme.com"}} if together else {})})
    desk.find()
    assert desk.clusters() == []

    desk.put({"900": {"email": "else@acme.com"}, **({"901": None} if together else {})})
    desk.find()
    assert len(desk.clusters()[0]) == MOST_SHARING


def test_other_fields_of_the_mapping_find_anew_and_none_forget_it_all(desk):
    desk.put({"1": kim(), "2": kim()})
    desk.find()

    desk.find(mapping=replace(MAPPING, duplicates=Duplicates(lead=Telling(phone=("phone",)))))
    assert desk.clusters() == []
    desk.find()
    assert desk.clusters() == [["sf/1", "sf/2"]]
    desk.find(mapping=replace(MAPPING, duplicates=NOT_SOUGHT))
    assert desk.clusters() == []
    with desk.store.read() as tx:
        assert likenesses.number(tx, Entity.LEAD) == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_many_changes_are_looked_at_in_chunks_and_ranges_with_the_same_end(desk, monkeypatch):
    for start in range(0, 60, 20):
        desk.put({str(n): {"email": f"p{n // 3}@acme.com"} for n in range(start, start + 20)})
    desk.find()
    whole = desk.whole()
    monkeypatch.setattr(duplicates, "CHUNK", 7)
    monkeypatch.setattr(clustering, "RANGE", 5)

    desk.find(anew=True)
    assert desk.whole() == whole
    desk.put({str(n): {"email": f"q{n // 2}@acme.com"} for n in range(20)})
    desk.find()
    bit_by_bit = desk.whole()
    desk.find(anew=True)

    assert desk.whole() == bit_by_bit != whole


PEOPLE = st.fixed_dictionaries(
    {
        "email": st.sampled_from([None, "a@acme.com", "b@acme.com", "c@acme.com"]),
        "phone": st.sampled_from([None, "2125550147", "2125550148"]),
        "first": st.sampled_from(["Kim", "Jim"]),
        "last": st.sampled_from(["Lindqvist", "Roy"]),
        "company": st.sampled_from([None, "Acme", "Beta"]),
    }
)
CHANGES = st.dictionaries(st.sampled_from("123456"), st.none() | PEOPLE, min_size=1, max_size=4)
NAMES = st.sampled_from(["sf", "hub"])


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@settings(max_examples=40)
@given(steps=st.lists(st.tuples(NAMES, CHANGES), max_size=6))
def test_finding_bit_by_bit_is_finding_all_at_once(store, steps):
    with store.write() as tx:
        for table in ("records", "marks", "likenesses", "likeness_marks", "duplicates"):
            tx.exec_driver_sql(f"DELETE FROM {table}")
    desk = Desk(store)
    for name, changes in steps:
        desk.put(changes, name)
        desk.find(name)
    bit_by_bit = desk.whole()

    desk.find("sf", anew=True)
    desk.find("hub", anew=True)

    assert desk.whole() == bit_by_bit


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("first", [True, False])
def test_killed_anywhere_the_next_look_ends_the_same(desk, first, monkeypatch):
    monkeypatch.setattr(duplicates, "CHUNK", 3)
    if not first:
        desk.put({str(number): {"email": f"p{number}@acme.com"} for number in range(8)})
        desk.find()
    desk.put({str(number): {"email": f"p{number // 2}@acme.com"} for number in range(8)})
    for step in count(1):
        stop = die_at(desk.store.engine, step)
        try:
            desk.find()
        except Killed:
            continue
        stop()
        break
    assert step > 3
    found = desk.whole()

    desk.find(anew=True)

    assert len(desk.clusters()) == 4
    assert desk.whole() == found


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_sync_finds_who_is_there_twice_and_writes_nothing_of_it(house):
    house.sync()
    one, other = list(house.portal.snapshot("contacts"))[:2]
    house.clock.advance(timedelta(seconds=1))
    house.portal.edit("contacts", one, {"email": "kim.twice@acme.com"})
    house.portal.edit("contacts", other, {"email": "Kim.Twice+x@acme.com"})

    house.sync()

    desk = Desk(house.store)
    assert sorted([f"{house.name}/{one}", f"{house.name}/{other}"]) in desk.clusters()
    assert house.portal.snapshot("contacts")[other]["email"] == "Kim.Twice+x@acme.com"


def test_a_quiet_look_needs_no_frames():
    program = "import sys, tasks.verbs.duplicates; assert 'polars' not in sys.modules"

    subprocess.run([sys.executable, "-c", program], check=True)
