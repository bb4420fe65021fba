from datetime import UTC, datetime

from sqlalchemy import insert, select

from connector.crm import Entity
from tasks.store import audit, erasing, people, records, tables, traces, withheld
from tasks.store.records import PageCounts

NOW = datetime(2026, 11, 3, tzinfo=UTC)
SORTED_IN = (
    *people.OF_LEADS,
    *people.OF_RECORDS,
    *people.NAMING,
    *people.BY_KEY,
    *people.OF_COMPANIES,
    *people.OF_NOBODY,
)


def forget(shelf, lead_id):
    with shelf.store.write() as tx:
        who = people.person(tx, shelf.name, lead_id)
        withheld.withhold(tx, shelf.name, [(Entity(entity), one) for entity, one in who.records])
        return erasing.erase(tx, who)


def test_every_table_has_its_place_and_one_only():
    assert sorted(table.name for table in SORTED_IN) == sorted(tables.metadata.tables)


def test_a_person_goes_with_what_belongs_to_it_and_nobody_else(shelf):
    shelf.save(shelf.page(shelf.lead(1, name="Ann"), shelf.lead(2, name="Bob")))
    shelf.save(shelf.activities(shelf.activity(1, "L0001"), shelf.activity(2, "L0002")))

    assert forget(shelf, "L0001") == {"records": 2}
    assert forget(shelf, "L0001") == {}

    assert [row.id for row in shelf.rows()] == ["L0002"]
    assert [row.id for row in shelf.rows(Entity.ACTIVITY)] == ["A2"]
    assert traces.naming(shelf.store, "Ann") == {}


def test_pages_do_not_bring_an_erased_person_back_nor_its_activities(shelf):
    shelf.save(shelf.page(shelf.lead(1), shelf.lead(2)))
    shelf.save(shelf.activities(shelf.activity(1, "L0001")))
    forget(shelf, "L0001")

    assert shelf.save(shelf.page(shelf.lead(1, 9), shelf.lead(2, 9))) == PageCounts(unchanged=2)
    assert shelf.save(shelf.activities(shelf.activity(1, "L0001", 9), shelf.activity(7, "L0001"))).total == 2
    assert shelf.save(shelf.page(shelf.lead(1, 10, gone="deleted"))) == PageCounts(unchanged=1)
    assert shelf.save(shelf.page(shelf.lead(1, 11))) == PageCounts(unchanged=1)

    assert [row.id for row in shelf.rows()] == ["L0002"]
    assert shelf.rows(Entity.ACTIVITY) == []
    assert traces.naming(shelf.store, "L0001") == {}
    assert withheld.still_in_crm(shelf.store, shelf.name) == {"activity": 2}


def test_a_deal_of_several_leads_loses_the_erased_one_for_good(shelf):
    def deals(second, leads):
        values = (leads, "won")
        return records.Page(
            Entity.DEAL, ("leads", "stage"), (records.Record("D1", shelf.stamp(second), values),), records.Cursor("c")
        )

    def save(page):
        return records.save_page(shelf.store, shelf.name, page, identify=lambda values: (None, values[0]))

    shelf.save(shelf.page(shelf.lead(1), shelf.lead(2)))
    save(deals(1, "L0001;L0002"))

    assert forget(shelf, "L0001") == {"records": 1, "deals": 1}
    assert save(deals(2, "L0001;L0002")) == PageCounts(unchanged=1)

    [deal] = shelf.rows(Entity.DEAL)
    assert deal.link == "L0002"
    assert traces.naming(shelf.store, "L0001") == {}


def test_another_connection_keeps_its_person_of_the_same_id(shelf_of):
    one, other = shelf_of("one"), shelf_of("other")
    one.save(one.page(one.lead(1)))
    other.save(other.page(other.lead(1)))

    forget(one, "L0001")

    assert len(other.rows()) == 1
    assert other.save(other.page(other.lead(1, 5, name="Cy"))) == PageCounts(changed=1)


def test_a_value_is_found_whatever_its_case_and_only_as_a_whole(shelf):
    shelf.save(shelf.page(shelf.lead(1, name="Ann@x.org"), shelf.lead(2, name="joann@x.org"), shelf.lead(3, name="%")))

    assert people.holding(shelf.store, shelf.name, " ANN@X.org") == ["L0001"]
    assert people.holding(shelf.store, shelf.name, "%") == ["L0003"]


def test_a_line_that_names_a_person_stays_without_the_name(shelf):
    line = {"at": shelf.stamp(1), "actor": "me", "action": "override.set", "subject": "salesforce L0001"}
    with shelf.store.write() as tx:
        tx.execute(insert(tables.audit).values(**line, detail='{"because": "Ann said so"}'))

    forget(shelf, "L0001")

    with shelf.store.read() as tx:
        [row] = tx.execute(select(tables.audit.c.subject, tables.audit.c.detail)).all()
    assert tuple(row) == ("salesforce (erased)", '{"erased":true}')


def test_an_answer_goes_with_the_last_record_that_it_was_asked_for(shelf):
    answer = {"source": "provider", "key_hash": "h", "data": "{}", "asked_at": shelf.stamp(1)}
    added = {"connection": shelf.name, "entity": "lead", "source": "provider", "key_hash": "h", "due_at": ""}
    shelf.save(shelf.page(shelf.lead(1), shelf.lead(2)))
    with shelf.store.write() as tx:
        tx.execute(insert(tables.answers).values(**answer))
        for lead in ("L0001", "L0002"):
            tx.execute(insert(tables.enrichments).values(**added, id=lead))

    assert forget(shelf, "L0001") == {"records": 1, "enrichments": 1}
    assert shelf.save(shelf.page(shelf.lead(2, 5, gone="deleted"))) == PageCounts(deleted=1)

    assert traces.naming(shelf.store, "provider") == {}


def test_an_id_is_a_word_of_its_own_in_lines_and_no_part_of_another_person_s(shelf):
    def add(subject, **detail):
        audit.add(shelf.store, audit.Line(NOW, "me", "said", subject, detail))

    name = shelf.name
    add(f"{name} erasure 39ab", tables=39, files=[139])
    add(f"{name} 39", route="north")
    add("other 39", route="north")
    add(f"{name} 1039", told={"after": "39", "number": 39})
    add(name, because="39 leads asked")

    for nobody in ("", " ", "e", "_", "9"):
        assert forget(shelf, nobody) == {}
    assert forget(shelf, "39") == {"audit": 2}

    erased = {"erased": True}
    assert [(line.subject, line.detail) for line in audit.newest(shelf.store, limit=9)] == [
        (name, {"because": "39 leads asked"}), (f"{name} 1039", erased), ("other 39", {"route": "north"}),
        (f"{name} (erased)", erased), (f"{name} erasure 39ab", {"tables": 39, "files": [139]}),
    ]  # fmt: skip


def test_a_namesake_s_name_is_nobody_s_trace(shelf):
    values = ("Bo", "Li", "Mia Lang")
    record = records.Record("L0001", shelf.stamp(1), values)
    page = records.Page(Entity.LEAD, ("firstname", "lastname", "other"), (record,), records.Cursor("c"))
    records.save_page(shelf.store, shelf.name, page, identify=lambda _values: (None, None))

    with shelf.store.read() as tx:
        assert traces.shared(tx, ["bo li", "Li, Bo", "Mia Lang", "Bo Lang", "Bo Mia Lang", "Li"]) == {
            "bo li", "Li, Bo", "Mia Lang", "Bo Mia Lang", "Li",
        }  # fmt: skip
