"""The laws of reading, as properties against the simulated org: nothing is missed, a quiet org stays quiet."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from connector.crm import Entity, Part

LEAD = Entity.LEAD
NAMES = ("Title", "Description")

targets = st.integers(min_value=0, max_value=10_000)
edits = st.tuples(st.just("edit"), targets)
bulk_edits = st.tuples(st.just("same stamp"), targets)
late = st.tuples(st.just("late"), targets)
deletions = st.tuples(st.just("delete"), targets)
merges = st.tuples(st.just("merge"), targets)
logins = st.tuples(st.just("expire"), targets)
pauses = st.tuples(st.just("pause"), st.integers(min_value=1, max_value=900))
deeds = st.lists(st.one_of(edits, bulk_edits, late, deletions, merges, logins, pauses), max_size=4)


class Mirror:
    """What a reader knows who stores each page and its cursor, and who may be killed between two pages."""

    def __init__(self, crm, cursor):
        self.crm = crm
        self.cursor = cursor
        self.rows = {}

    def keep(self, page):
        for record in page.records:
            if record.gone:
                self.rows.pop(record.id, None)
            else:
                self.rows[record.id] = record.values

    def pull(self, *, pages=None, between=()):
        """Read what changed; stop after so many pages, and let deeds happen between them."""
        happening = iter(between)
        for count, page in enumerate(self.crm.changed(LEAD, NAMES, self.cursor), start=1):
            self.keep(page)
            self.cursor = page.cursor
            if pages is not None and count >= pages:
                return
            for deed in next(happening, ()):
                deed()


class People:
    """What others do to the org meanwhile."""

    def __init__(self, org, clock):
        self.org = org
        self.clock = clock
        self.count = 0

    def do(self, what, number):
        living = sorted(self.org.snapshot("Lead"))
        one, other = living[number % len(living)], living[(number * 7 + 1) % len(living)]
        self.count += 1
        values = {"Title": f"title {self.count}"}
        match what:
            case "edit":
                self.org.edit("Lead", one, values)
            case "same stamp":
                for at in range(90):
                    self.org.edit("Lead", living[(number + at) % len(living)], values)
            case "late":
                self.org.late_commit("Lead", one, values, stamp_age_s=number % 600)
            case "delete":
                self.org.delete("Lead", one)
            case "merge" if one != other:
                self.org.merge(one, [other])
            case "expire":
                self.org.expire_tokens()
            case "pause":
                self.clock.advance(timedelta(seconds=number))


@settings(max_examples=40)
@given(
    rounds=st.lists(
        st.tuples(deeds, st.lists(deeds, max_size=5), st.none() | st.integers(1, 4)), min_size=1, max_size=5
    )
)
def test_nothing_is_missed(rounds, connected, org, clock):
    crm = connected()
    people = People(org, clock)
    mirror = Mirror(crm, crm.start(LEAD))
    for page in crm.everything(LEAD, NAMES, Part()):
        mirror.keep(page)

    for before, between, pages in rounds:
        for deed in before:
            people.do(*deed)
        mirror.pull(pages=pages, between=[[lambda deed=deed: people.do(*deed) for deed in some] for some in between])
    clock.advance(timedelta(minutes=10))
    mirror.pull()
    mirror.pull()

    truth = {one: tuple(row[name] for name in NAMES) for one, row in org.snapshot("Lead").items()}
    assert mirror.rows == truth


def test_a_quiet_org_takes_one_call(connected, org, clock, simulator):
    crm = connected()
    cursor = crm.start(LEAD)
    crm.describe(LEAD)
    clock.advance(timedelta(minutes=20))
    simulator.log.clear()

    [page] = crm.changed(LEAD, NAMES, cursor)

    assert page.records == ()
    assert len(simulator.log.entries()) == 1


def test_hard_deletions_are_found_by_the_sweep(connected, org, clock):
    crm = connected()
    [soft, hard] = org.pick("Lead", limit=2)
    clock.advance(timedelta(minutes=5))
    org.delete("Lead", soft)
    org.hard_delete("Lead", hard)
    clock.advance(timedelta(minutes=5))

    pages = crm.removed(LEAD, clock.now() - timedelta(hours=1))

    assert {record.id: record.gone for page in pages for record in page.records} == {soft: "deleted", hard: "deleted"}


def test_all_roads_give_the_same_records(connected, org):
    names = ("Email", "Title", "NumberOfEmployees", "AnnualRevenue", "IsConverted", "CreatedDate", "Description")
    rest, bulk = connected(), connected(bulk_reads=True, bulk_page_rows=70)

    def records(pages):
        return {record.id: record for page in pages for record in page.records}

    by_query = records(rest.everything(LEAD, names, Part()))

    assert len(by_query) == len(org.snapshot("Lead"))
    assert records(bulk.everything(LEAD, names, Part())) == by_query
    assert records([rest.get(LEAD, names, list(by_query))]) == by_query
    parts = [records(rest.everything(LEAD, names, Part(index, 3))) for index in range(3)]
    assert parts[0] | parts[1] | parts[2] == by_query
    assert all(len(part) < len(by_query) for part in parts)


def test_what_an_admin_tracks_is_told_and_what_was_before_is_not(connected, org, clock):
    lead, other = org.pick("Lead", {"IsConverted": False}, limit=2)
    org.edit("Lead", lead, {"Title": "before"})
    org.track("Lead", ["Title"])
    org.edit("Lead", lead, {"Title": "after"})
    org.edit("Lead", other, {"Title": "x", "Fax": "1"})
    org.delete("Lead", other)
    crm = connected()

    told = [change for one in crm.history(Entity.LEAD, ("Title", "Fax"), None) for change in one.changes]

    assert (lead, "Title", "before") in [(change.id, change.field, change.old) for change in told]
    assert {change.field for change in told} == {"Title"}
