"""Reading by queries: the calls to the letter, and the corner cases of one call. Laws are proved on the simulator."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import responses

from connector.crm import Cursor, Entity, Part, Record
from connector.errors import Misconfigured, Retryable
from connector.salesforce import cursors
from connector.salesforce.cursors import Resting, Walking
from tests.connector.salesforce.conftest import NOW, ROOT

DATE = {"Date": "Fri, 02 Jan 2026 12:00:00 GMT"}
LOW = Resting("2026-01-02T11:00:00.000Z")
NAMES = ("Email", "NumberOfEmployees")
KINDS = {
    "Id": "id",
    "SystemModstamp": "datetime",
    "IsDeleted": "boolean",
    "MasterRecordId": "reference",
    "Email": "email",
    "NumberOfEmployees": "int",
}
FIELDS = [
    {"name": name, "label": name, "type": kind, "updateable": True, "length": 0, "custom": False}
    | {"calculated": False, "picklistValues": []}
    for name, kind in KINDS.items()
]
EXPIRED = [{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}]
LOST = [{"errorCode": "INVALID_QUERY_LOCATOR", "message": "invalid query locator"}]


@pytest.fixture(autouse=True)
def described(wire):
    wire.get(f"{ROOT}/sobjects/Lead/describe", json={"fields": FIELDS})


def row(number, stamp="2026-01-02T11:30:00.000+0000", **more):
    return {
        "attributes": {"type": "Lead", "url": "/x"},
        "Id": f"00Q{number:012}EAA",
        "SystemModstamp": stamp,
        "IsDeleted": False,
        "MasterRecordId": None,
        "Email": f"{number}@acme.test",
        "NumberOfEmployees": number,
        **more,
    }


def page(rows, following=None):
    content = {"totalSize": len(rows), "done": following is None, "records": rows}
    return content if following is None else {**content, "nextRecordsUrl": f"/services/data/v59.0/query/{following}"}


def queries(wire):
    return [call.request.params["q"] for call in wire.calls if "queryAll/" in call.request.url]


def changed(crm, since=LOW, names=NAMES):
    return list(crm.changed(Entity.LEAD, names, cursors.write(since)))


def test_a_quiet_crm_takes_one_call(crm, wire):
    wire.get(f"{ROOT}/queryAll/", json=page([]), headers=DATE)
    crm.describe(Entity.LEAD)
    before = len(wire.calls)

    [only] = changed(crm)

    assert only.records == ()
    assert cursors.read(only.cursor) == Resting("2026-01-02T11:45:00.000Z")
    [query] = queries(wire)
    assert query == (
        "SELECT Id,SystemModstamp,IsDeleted,MasterRecordId,Email,NumberOfEmployees FROM Lead"
        " WHERE SystemModstamp >= 2026-01-02T11:00:00Z ORDER BY SystemModstamp,Id"
    )
    assert len(wire.calls) - before == 1
    assert wire.calls[-1].request.headers["Sforce-Query-Options"] == "batchSize=2000"


def test_records_are_canonical_and_what_is_gone_is_told(crm, wire):
    rows = [
        row(1, Email=None),
        row(2, IsDeleted=True),
        row(3, IsDeleted=True, MasterRecordId="00Q000000000001EAA"),
    ]
    wire.get(f"{ROOT}/queryAll/", json=page(rows), headers=DATE)

    [only] = changed(crm)

    stamp = "2026-01-02T11:30:00.000Z"
    assert only.records == (
        Record("00Q000000000001EAA", stamp, (None, "1")),
        Record("00Q000000000002EAA", stamp, (None, None), gone="deleted"),
        Record("00Q000000000003EAA", stamp, (None, None), gone="merged", merged_into="00Q000000000001EAA"),
    )


def test_a_column_is_never_asked_for_twice(crm, wire):
    wire.get(f"{ROOT}/queryAll/", json=page([row(1)]), headers=DATE)

    [only] = changed(crm, names=("Id", "Email", "SystemModstamp"))

    assert queries(wire)[0].startswith("SELECT Id,SystemModstamp,IsDeleted,MasterRecordId,Email FROM")
    assert only.records[0].values == ("00Q000000000001EAA", "1@acme.test", "2026-01-02T11:30:00.000Z")


def test_text_is_cleaned_as_the_bulk_road_does(crm, wire):
    wire.get(f"{ROOT}/queryAll/", json=page([row(1, Email="a\0b\r\nc")]), headers=DATE)

    [only] = changed(crm)

    assert only.records[0].values[0] == "ab\nc"


def test_a_lost_place_is_found_again_by_the_last_record(crm, wire):
    wire.get(f"{ROOT}/queryAll/", json=page([row(1), row(2)], "01g-2"), headers=DATE)
    wire.get(f"{ROOT}/query/01g-2", json=LOST, status=400)
    wire.get(f"{ROOT}/queryAll/", json=page([row(3)]), headers=DATE)

    pages = changed(crm)

    assert [record.id[14] for one in pages for record in one.records] == ["1", "2", "3"]
    place = Walking("2026-01-02T11:30:00.000Z", "00Q000000000002EAA", "2026-01-02T12:00:00.000Z")
    assert cursors.read(pages[0].cursor) == place
    assert queries(wire)[1].partition("WHERE ")[2] == (
        "(SystemModstamp > 2026-01-02T11:30:00Z"
        " OR (SystemModstamp = 2026-01-02T11:30:00Z AND Id > '00Q000000000002EAA'))"
        " AND SystemModstamp <= 2026-01-02T12:00:00Z ORDER BY SystemModstamp,Id"
    )


def test_a_new_token_loses_the_place_too(crm, wire):
    wire.get(f"{ROOT}/queryAll/", json=page([row(1)], "01g-2"), headers=DATE)
    wire.get(f"{ROOT}/query/01g-2", json=EXPIRED, status=401)
    wire.get(f"{ROOT}/queryAll/", json=page([row(2)]), headers=DATE)

    pages = changed(crm)

    assert [record.id[14] for one in pages for record in one.records] == ["1", "2"]
    assert sum("01g-2" in call.request.url for call in wire.calls) == 1


def test_a_row_that_shows_a_new_stamp_in_its_old_place_is_no_position(crm, wire):
    rows = [row(1), row(2, stamp="2026-01-02T12:00:00.000+0000")]
    wire.get(f"{ROOT}/queryAll/", json=page(rows, "01g-2"), headers=DATE)
    wire.get(f"{ROOT}/query/01g-2", json=page([row(3)]))

    pages = changed(crm)

    assert cursors.read(pages[0].cursor) == Walking(
        "2026-01-02T11:30:00.000Z", "00Q000000000001EAA", "2026-01-02T12:00:00.000Z"
    )


def test_a_place_that_is_lost_for_ever_is_left_to_a_later_run(crm, wire):
    wire.get(f"{ROOT}/queryAll/", json=page([row(1, stamp="2026-01-02T12:00:00.000+0000")], "01g-2"), headers=DATE)
    wire.get(f"{ROOT}/query/01g-2", json=LOST, status=400)

    with pytest.raises(Retryable, match="no headway"):
        changed(crm)


def test_a_query_that_takes_too_long_is_asked_in_smaller_portions(crm, wire):
    slow = [{"errorCode": "QUERY_TIMEOUT", "message": "Your query request was running for too long."}]
    wire.get(f"{ROOT}/queryAll/", json=slow, status=400)
    wire.get(f"{ROOT}/queryAll/", json=page([row(1)]), headers=DATE)

    [only] = changed(crm)

    assert queries(wire)[1].endswith(" LIMIT 10000")
    assert cursors.read(only.cursor) == Resting("2026-01-02T11:45:00.000Z")


def test_fields_that_are_not_described_are_all_named_with_their_fix(crm, wire):
    detail = "\nERROR at Row:1:Column:12\nNo such column 'Shoe_Size__c' on entity 'Lead'."
    wire.get(f"{ROOT}/queryAll/", json=[{"errorCode": "INVALID_FIELD", "message": detail}], status=400)

    with pytest.raises(Misconfigured, match=r"Lead\.Shoe_Size__c, Lead\.Hat__c.*Truegrade Integration"):
        changed(crm, names=("Email", "Shoe_Size__c", "Hat__c"))


def test_a_field_that_disappears_is_named_with_its_fix(crm, wire):
    detail = "\nSELECT Id,Email FROM Lead\n       ^\nERROR at Row:1:Column:12\nNo such column 'Email' on entity 'Lead'."
    wire.get(f"{ROOT}/queryAll/", json=[{"errorCode": "INVALID_FIELD", "message": detail}], status=400)

    with pytest.raises(Misconfigured, match=r"Lead\.Email .*Truegrade Integration"):
        changed(crm)


def test_an_object_that_is_not_shown_is_named(crm, wire):
    wire.get(
        f"{ROOT}/sobjects/Opportunity/describe",
        json=[{"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}],
        status=404,
    )

    with pytest.raises(Misconfigured, match="Opportunity"):
        crm.describe(Entity.DEAL)


def test_everything_goes_on_after_the_last_id(crm, wire):
    wire.get(f"{ROOT}/query/", json=page([row(1), row(2)], "01g-2"), headers=DATE)
    wire.get(f"{ROOT}/query/01g-2", json=LOST, status=400)
    wire.get(f"{ROOT}/query/", json=page([row(3)]), headers=DATE)

    pages = list(crm.everything(Entity.LEAD, NAMES, Part()))

    asked = [call.request.params["q"] for call in wire.calls if "/query/?" in call.request.url]
    assert asked == [
        "SELECT Id,SystemModstamp,Email,NumberOfEmployees FROM Lead ORDER BY Id",
        "SELECT Id,SystemModstamp,Email,NumberOfEmployees FROM Lead WHERE Id > '00Q000000000002EAA' ORDER BY Id",
    ]
    assert [record.id[14] for one in pages for record in one.records] == ["1", "2", "3"]
    assert {cursors.read(one.cursor) for one in pages} == {Resting("2026-01-02T11:45:00.000Z")}


def test_records_are_fetched_by_id_in_order_and_those_that_are_not_there_are_gone(crm, wire):
    asked = []

    def answer(request):
        body = json.loads(request.body)
        asked.append(len(body["ids"]))
        numbers = [int(record_id[3:15]) for record_id in body["ids"]]
        return 200, {}, json.dumps([None if number == 7 else row(number) for number in numbers])

    wire.add_callback(responses.POST, f"{ROOT}/composite/sobjects/Lead", callback=answer)
    ids = [f"00Q{number:012}EAA" for number in (9, 7, *range(10, 2_010))]

    got = crm.get(Entity.LEAD, NAMES, [*ids, ids[0], "00Q000000000009"])

    assert [record.id for record in got.records] == ids
    assert got.records[1] == Record(ids[1], "", (None, None), gone="deleted")
    assert asked == [2_000, 2]
    body = json.loads(wire.calls[-1].request.body)
    assert body["fields"] == ["Id", "SystemModstamp", "IsDeleted", "MasterRecordId", "Email", "NumberOfEmployees"]


@pytest.fixture
def log(wire):
    """The log of deletions, asked for window by window."""
    asked = []
    wire.get("https://acme.my.salesforce.com/services/data/", json=[], headers=DATE)

    def serve(answer):
        def reply(request):
            window = tuple(datetime.fromisoformat(request.params[name]) for name in ("start", "end"))
            asked.append(window)
            return answer(*window)

        wire.add_callback(responses.GET, f"{ROOT}/sobjects/Lead/deleted/", callback=reply)
        return asked

    return serve


def deleted(*numbers):
    rows = [{"id": f"00Q{number:012}EAA", "deletedDate": "2026-01-02T03:04:05.000+0000"} for number in numbers]
    return 200, DATE, json.dumps({"deletedRecords": rows, "earliestDateAvailable": "", "latestDateCovered": ""})


def error(code):
    return 400, DATE, json.dumps([{"errorCode": code, "message": ""}])


def test_deletions_are_read_from_the_log(crm, log):
    asked = log(lambda *_: deleted(1, 2))

    [only] = crm.removed(Entity.LEAD, NOW - timedelta(days=1))

    assert asked == [(NOW - timedelta(days=1), NOW)]
    assert only.records == tuple(
        Record(f"00Q{number:012}EAA", "2026-01-02T03:04:05.000Z", (), gone="deleted") for number in (1, 2)
    )


@pytest.mark.parametrize(
    ("since", "start"),
    [(NOW - timedelta(days=90), NOW - timedelta(days=15) + timedelta(minutes=5)), (NOW, NOW - timedelta(minutes=2))],
)
def test_the_window_is_one_that_salesforce_takes(crm, log, since, start):
    asked = log(lambda *_: deleted())

    [only] = crm.removed(Entity.LEAD, since)

    assert asked == [(start, NOW)]
    assert only.records == ()


def test_too_many_deletions_are_read_by_halves(crm, log):
    def answer(start, end):
        return error("EXCEEDED_ID_LIMIT") if end - start > timedelta(hours=6) else deleted(start.hour)

    asked = log(answer)

    pages = list(crm.removed(Entity.LEAD, NOW - timedelta(hours=12)))

    assert len(asked) == 3
    assert [record.id[13:15] for one in pages for record in one.records] == ["00", "06"]


def test_a_log_that_was_cut_is_read_as_far_as_it_goes(crm, log):
    asked = log(lambda start, _: error("INVALID_REPLICATION_DATE") if NOW - start > timedelta(days=3) else deleted(1))

    [only] = crm.removed(Entity.LEAD, NOW - timedelta(days=10))

    assert [NOW - start for start, _ in asked] == [timedelta(days=10), timedelta(days=5), timedelta(days=2.5)]
    assert len(only.records) == 1


def test_the_start_is_salesforces_time_less_the_overlap(crm, wire):
    wire.get(
        "https://acme.my.salesforce.com/services/data/", json=[], headers={"Date": "Fri, 02 Jan 2026 12:30:00 GMT"}
    )

    assert cursors.read(crm.start(Entity.LEAD)) == cursors.resting(datetime(2026, 1, 2, 12, 30, tzinfo=UTC))


def test_the_start_is_taken_from_a_reply_of_the_last_minute(crm, wire, clock):
    wire.upsert(
        responses.GET,
        f"{ROOT}/sobjects/Lead/describe",
        json={"fields": []},
        headers={"Date": "Fri, 02 Jan 2026 11:59:00 GMT"},
    )
    wire.get(
        "https://acme.my.salesforce.com/services/data/", json=[], headers={"Date": "Fri, 02 Jan 2026 12:01:00 GMT"}
    )
    crm.describe(Entity.LEAD)

    clock.sleep(60)
    soon = cursors.read(crm.start(Entity.LEAD))
    clock.sleep(1)
    later = cursors.read(crm.start(Entity.LEAD))

    assert soon == cursors.resting(datetime(2026, 1, 2, 11, 59, tzinfo=UTC))
    assert later == cursors.resting(datetime(2026, 1, 2, 12, 1, tzinfo=UTC))


def test_a_reply_without_a_date_tells_no_start(crm, wire):
    wire.get(f"{ROOT}/sobjects/Lead/describe", json={"fields": []})
    wire.get(
        "https://acme.my.salesforce.com/services/data/", json=[], headers={"Date": "Fri, 02 Jan 2026 11:58:00 GMT"}
    )
    crm.describe(Entity.LEAD)

    assert cursors.read(crm.start(Entity.LEAD)) == cursors.resting(datetime(2026, 1, 2, 11, 58, tzinfo=UTC))


def test_a_strange_cursor_is_told_with_what_mends_it(crm):
    with pytest.raises(Misconfigured, match="--reload"):
        list(crm.changed(Entity.LEAD, NAMES, Cursor("yesterday")))


def test_records_are_counted_by_one_query(crm, wire):
    wire.get(f"{ROOT}/query/", json={"totalSize": 4711, "done": True, "records": []})

    assert crm.count(Entity.LEAD) == 4711
    assert wire.calls[-1].request.params["q"] == "SELECT COUNT() FROM Lead"


def test_what_takes_too_long_to_count_is_not_told(crm, wire):
    wire.get(f"{ROOT}/query/", json=[{"errorCode": "QUERY_TIMEOUT", "message": "running for too long"}], status=400)

    assert crm.count(Entity.LEAD) is None


def test_counting_what_is_not_shown_names_it(crm, wire):
    wire.get(f"{ROOT}/query/", json=[{"errorCode": "INVALID_TYPE", "message": "not supported"}], status=400)

    with pytest.raises(Misconfigured, match="Opportunity"):
        crm.count(Entity.DEAL)
