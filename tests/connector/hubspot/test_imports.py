import orjson
import pytest

from connector.crm import Entity, Outcome, Update
from connector.errors import Misconfigured
from connector.hubspot.imports import request, table
from connector.hubspot.objects import TYPES
from connector.hubspot.signin import StaticToken

LEAD = Entity.LEAD
IMPORTS = "/crm/imports/2026-03"
UPDATE = "/crm/objects/2026-03/contacts/batch/update"


@pytest.fixture
def importing(connected):
    """A connection that imports from three updates on, in files of fifty rows."""
    return connected(StaticToken("pat-na1-admin"), import_from=3, import_rows=50)


def updates(ids):
    return [Update(one, {"jobtitle": f'Head of "{one}",\nretired', "hs_lead_status": "OPEN"}) for one in ids]


def outcomes(crm, rows):
    return {one.id: one for one in crm.write(LEAD, rows, expected=len(rows))}


def test_an_import_is_written_as_hubspot_wants_it():
    body = request(TYPES[LEAD], ["tg_grade", "tg_score"], name="Truegrade 2026-11-03 12:00:00")

    assert orjson.dumps(body).decode() == (
        '{"name":"Truegrade 2026-11-03 12:00:00","importOperations":{"0-1":"UPDATE"},"dateFormat":"YEAR_MONTH_DAY",'
        '"files":[{"fileName":"truegrade.csv","fileFormat":"CSV","fileImportPage":{"hasHeader":true,"columnMappings":['
        '{"columnObjectTypeId":"0-1","columnName":"hs_object_id","propertyName":"hs_object_id",'
        '"columnType":"HUBSPOT_OBJECT_ID"},'
        '{"columnObjectTypeId":"0-1","columnName":"tg_grade","propertyName":"tg_grade"},'
        '{"columnObjectTypeId":"0-1","columnName":"tg_score","propertyName":"tg_score"}]}}]}'
    )


def test_a_file_has_a_line_for_each_update():
    rows = [Update("1", {"b": 0.5, "a": 'say "hi",\nbye'}), Update("2", {"b": 7})]

    assert table(rows, ["a", "b"]).decode() == 'hs_object_id,a,b\r\n1,"say ""hi"",\nbye",0.5\r\n2,,7\r\n'


def test_many_updates_are_imported(importing, portal, simulator):
    ids = portal.pick("contacts", limit=120)

    told = outcomes(importing, updates(ids))

    assert set(told) == set(ids)
    assert {one.outcome for one in told.values()} == {Outcome.WRITTEN}
    after = portal.snapshot("contacts")
    assert all(after[one]["jobtitle"] == f'Head of "{one}",\nretired' for one in ids)
    paths = [entry.path for entry in simulator.log.entries() if entry.method == "POST"]
    assert paths == [IMPORTS] * 3


def test_few_updates_go_by_batches(importing, portal, simulator):
    outcomes(importing, updates(portal.pick("contacts", limit=2)))

    assert [entry.path for entry in simulator.log.entries()] == [UPDATE]


def test_what_the_import_refuses_gets_its_outcome_by_batch(importing, portal, simulator):
    good, merged, other, archived, wrong, cleared, unchanged = portal.pick("contacts", limit=7)
    survivor = portal.merge("contacts", merged, other)
    portal.archive("contacts", [archived])
    rows = [
        *updates([good, merged, archived]),
        Update(wrong, {"hs_lead_status": "NO SUCH OPTION"}),
        Update(cleared, {"jobtitle": None}),
        Update(unchanged, {}),
    ]

    told = outcomes(importing, rows)

    assert {one: told[one].outcome for one in told} == {
        good: Outcome.WRITTEN,
        merged: Outcome.MERGED,
        archived: Outcome.DELETED,
        wrong: Outcome.REFUSED,
        cleared: Outcome.WRITTEN,
        unchanged: Outcome.WRITTEN,
    }
    assert told[wrong].code == "INVALID_OPTION"
    assert survivor in told[merged].message
    assert portal.snapshot("contacts")[cleared]["jobtitle"] is None


def test_an_import_that_tarries_gives_way_to_batches(connected, portal, simulator):
    portal.set_option("import_start_s", 100_000.0)
    crm = connected(StaticToken("pat-na1-admin"), import_from=1, import_wait_s=20.0)
    ids = portal.pick("contacts", limit=30)

    told = outcomes(crm, updates(ids))

    assert {one.outcome for one in told.values()} == {Outcome.WRITTEN}
    posts = [entry.path for entry in simulator.log.entries() if entry.method == "POST"]
    assert posts == [IMPORTS, f"{IMPORTS}/3000/cancel", UPDATE]


@pytest.mark.parametrize("kind", ["write", "poll", "read"])
@pytest.mark.parametrize("fault", ["503", "429", "reset", "reset-after", "cut", "html"])
def test_a_fault_on_the_way_changes_nothing(importing, portal, simulator, kind, fault):
    ids = portal.pick("contacts", limit=60)
    simulator.faults.add("hubspot", kind, fault)

    told = outcomes(importing, updates(ids))

    assert set(told) == set(ids)
    assert {one.outcome for one in told.values()} == {Outcome.WRITTEN}
    after = portal.snapshot("contacts")
    assert all(after[one]["jobtitle"] == f'Head of "{one}",\nretired' for one in ids)


def test_an_import_whose_reply_was_lost_is_stopped(importing, portal, simulator):
    portal.set_option("import_start_s", 600.0)
    ids = portal.pick("contacts", limit=30)
    simulator.faults.add("hubspot", "write", "reset-after")

    outcomes(importing, updates(ids))

    posts = [entry.path for entry in simulator.log.entries() if entry.method == "POST"]
    assert posts == [IMPORTS, f"{IMPORTS}/3000/cancel", UPDATE]


def test_a_spent_day_parks_the_rest(importing, portal, simulator):
    ids = portal.pick("contacts", limit=60)
    simulator.faults.add("hubspot", "write", "429-daily", after=1)

    told = [one.outcome for one in importing.write(LEAD, updates(ids), expected=60)]

    assert sorted(told) == [Outcome.PARKED] * 10 + [Outcome.WRITTEN] * 50


def test_the_scope_for_imports_is_named(connected, portal):
    portal.set_scopes("pat-na1-integration", ["crm.objects.contacts.write"])
    crm = connected(import_from=1)

    with pytest.raises(Misconfigured, match=r"crm\.import"):
        outcomes(crm, updates(portal.pick("contacts")))
