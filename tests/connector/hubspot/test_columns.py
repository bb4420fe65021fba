from connector.crm import Entity, Field, Kind, Record
from connector.hubspot.columns import columns
from connector.hubspot.objects import CONTACTS_OF

SCORE = Field("score", "Score", Kind.NUMBER)
NAME = Field("name", "Name", Kind.TEXT)
MERGES = Field("hs_merged_object_ids", "Merged", Kind.TEXT)
LINK = Field(CONTACTS_OF, "Contacts", Kind.REFERENCE)


def result(record_id, **properties):
    return {"id": record_id, "updatedAt": "2026-01-02T03:04:05Z", "properties": properties}


def test_values_come_in_the_order_of_the_fields():
    plan = columns(Entity.LEAD, [SCORE, NAME], [SCORE, NAME])

    (record,) = plan.records([result("7", name="Ada", score="1.50", other="x")])

    assert record == Record("7", "2026-01-02T03:04:05.000Z", ("1.5", "Ada"))


def test_null_and_absent_are_the_same():
    plan = columns(Entity.LEAD, [NAME], [NAME])

    records = plan.records([result("1", name=None), result("2"), result("3", name="")])

    assert [record.values for record in records] == [(None,)] * 3


def test_no_field_at_all_still_gives_the_records():
    plan = columns(Entity.LEAD, [], [])

    assert [record.values for record in plan.records([result("1"), result("2")])] == [(), ()]
    assert plan.properties == ("hs_object_id",)


def test_a_survivor_tells_of_those_merged_into_it():
    plan = columns(Entity.LEAD, [NAME], [NAME, MERGES])

    merged = list(plan.merged([result("3", name="Ada", hs_merged_object_ids="1;2;3")]))

    assert merged == [
        Record("1", "2026-01-02T03:04:05.000Z", (None,), "merged", "3"),
        Record("2", "2026-01-02T03:04:05.000Z", (None,), "merged", "3"),
    ]


def test_merges_are_asked_for_where_the_portal_has_them():
    assert columns(Entity.LEAD, [NAME], [NAME, MERGES]).and_merges == ("name", "hs_merged_object_ids")
    assert columns(Entity.LEAD, [NAME], [NAME]).and_merges == ("name",)


def test_a_deal_has_its_contacts_where_they_were_asked_for():
    plan = columns(Entity.DEAL, [LINK, NAME], [LINK, NAME])

    records = plan.records([result("1", name="a"), result("2", name="b")], {"1": "10;9"})

    assert [record.values for record in records] == [("10;9", "a"), (None, "b")]
    assert plan.properties == ("name",)
