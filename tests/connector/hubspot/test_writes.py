import orjson
import pytest

from connector.crm import Entity, Outcome, Update, Written
from connector.hubspot import writes
from connector.hubspot.gateway import Gateway
from connector.hubspot.options import HubSpotOptions
from connector.hubspot.signin import StaticToken
from connector.limiter import NoLimiter

UPDATE = "/crm/objects/2026-03/contacts/batch/update"
ONE = "/crm/objects/2026-03/contacts/{}?properties=hs_object_id"


@pytest.fixture
def lazily(scripted, clock):
    """Write to contacts of the scripted HubSpot, as far as outcomes are drawn; an update sets the score to its id."""
    options = HubSpotOptions(batch_rows=4, lanes=1)  # replies are in the order of the script
    gateway = Gateway(
        StaticToken("pat"),
        base_url=scripted.url,
        clock=clock,
        limiter=NoLimiter(),
        jitter=lambda: 0.0,
        vault=None,
        options=options,
    )
    yield lambda ids: writes.write(gateway, "contacts", (update(one) for one in ids), options)
    gateway.close()


@pytest.fixture
def write(lazily):
    return lambda *ids: list(lazily(ids))


def update(record_id):
    return Update(record_id, {"tg_score": int(record_id)})


def says(scripted, *written, errors=(), status=None):
    body = {"status": "COMPLETE", "results": [{"id": record_id, "properties": {}} for record_id in written]}
    if errors:
        body |= {"numErrors": len(errors), "errors": list(errors)}
    scripted.says(status or (207 if errors else 200), orjson.dumps(body))


def refusal(category="VALIDATION_ERROR", message="no", **context):
    return {"status": "error", "category": category, "message": message, "context": context}


def sent(scripted):
    return [
        [one["id"] for one in orjson.loads(asked.body)["inputs"]] if asked.path == UPDATE else asked.path
        for asked in scripted.asked
    ]


def test_a_batch_is_written_as_hubspot_wants_it():
    updates = [
        Update("101", {"tg_score": 87, "tg_likelihood": 0.00001234, "tg_grade": "A", "tg_change": None}),
        Update("102", {"tg_top_reason": 'said "yes"; 5 < 6 — naïve'}),
    ]

    assert orjson.dumps(writes.body(updates)).decode() == (
        '{"inputs":[{"id":"101","properties":{"tg_score":"87","tg_likelihood":"0.00001234","tg_grade":"A",'
        '"tg_change":""},"objectWriteTraceId":"101"},{"id":"102","properties":{"tg_top_reason":'
        '"said \\"yes\\"; 5 < 6 — naïve"},"objectWriteTraceId":"102"}]}'
    )


def test_each_update_has_its_outcome(scripted, write):
    missing = refusal("OBJECT_NOT_FOUND", ids=["2"], objectWriteTraceId=["2"])
    invalid = refusal(objectWriteTraceId=["3"])
    says(scripted, "1", errors=[missing, invalid])
    scripted.says(200, b'{"id":"44"}')

    outcomes = {one.id: (one.outcome, one.code) for one in write("1", "2", "3", "4")}

    assert outcomes == {
        "1": (Outcome.WRITTEN, ""),
        "2": (Outcome.DELETED, "OBJECT_NOT_FOUND"),
        "3": (Outcome.REFUSED, "VALIDATION_ERROR"),
        "4": (Outcome.MERGED, ""),
    }
    assert sent(scripted) == [["1", "2", "3", "4"], ONE.format("4")]


def test_errors_count_whatever_the_status_says(scripted, write):
    says(scripted, "1", errors=[refusal(ids=["2"])], status=200)

    assert [one.outcome for one in write("1", "2")] == [Outcome.REFUSED, Outcome.WRITTEN]


def test_a_row_that_is_nowhere_is_looked_up(scripted, write):
    says(scripted)
    scripted.says(404, b'{"message":"resource not found"}')
    scripted.says(200, b'{"id":"2"}')

    assert write("1", "2") == [
        Written("1", Outcome.DELETED),
        Written(
            "2",
            Outcome.REFUSED,
            code="NO_ANSWER",
            message="HubSpot did not say what became of this record.",
            passing=True,
        ),
    ]


def test_an_error_without_a_name_is_pinned_down(scripted, write):
    nameless = refusal("OBJECT_NOT_FOUND", ids=[""])
    says(scripted, "1", "3", errors=[nameless])
    says(scripted, errors=[nameless])

    outcomes = {one.id: one.outcome for one in write("1", "2", "3")}

    assert outcomes == {"1": Outcome.WRITTEN, "2": Outcome.DELETED, "3": Outcome.WRITTEN}
    assert sent(scripted) == [["1", "2", "3"], ["2"]]


def test_a_batch_refused_as_a_whole_is_halved(scripted, write):
    whole = orjson.dumps(refusal(message="bad value"))
    scripted.says(400, whole)
    says(scripted, "1", "2")
    scripted.says(400, whole)
    scripted.says(400, whole)
    says(scripted, "4")

    outcomes = {one.id: (one.outcome, one.message) for one in write("1", "2", "3", "4")}

    assert sent(scripted) == [["1", "2", "3", "4"], ["1", "2"], ["3", "4"], ["3"], ["4"]]
    assert outcomes["3"] == (Outcome.REFUSED, "bad value")
    assert [outcomes[one][0] for one in ("1", "2", "4")] == [Outcome.WRITTEN] * 3


def test_a_spent_day_parks_the_rest_untried(scripted, write):
    says(scripted, "1", "2", "3", "4")
    scripted.says(429, b'{"policyName":"DAILY"}')

    outcomes = [one.outcome for one in write(*map(str, range(1, 11)))]

    assert outcomes == [Outcome.WRITTEN] * 4 + [Outcome.PARKED] * 6
    assert len(scripted.asked) == 2


def test_a_day_spent_within_a_batch_keeps_what_was_told(scripted, write):
    says(scripted, "1")
    scripted.says(404, b'{"message":"resource not found"}')
    scripted.says(429, b'{"policyName":"DAILY"}')

    outcomes = {one.id: one.outcome for one in write("1", "2", "3")}

    assert outcomes == {"1": Outcome.WRITTEN, "2": Outcome.DELETED, "3": Outcome.PARKED}


def test_nothing_is_drawn_ahead_of_the_batch(scripted, lazily):
    drawn = []

    def ids():
        for number in range(1, 9):
            drawn.append(number)
            yield str(number)

    says(scripted, "1", "2", "3", "4")
    outcomes = [outcome for _, outcome in zip(range(4), lazily(ids()), strict=False)]

    assert [one.id for one in outcomes] == ["1", "2", "3", "4"]
    assert drawn == [1, 2, 3, 4]
    assert len(scripted.asked) == 1


def test_an_update_without_values_makes_no_call(crm, simulator):
    assert list(crm.write(Entity.LEAD, [Update("1", {})], expected=1)) == [Written("1", Outcome.WRITTEN)]
    assert simulator.log.count() == 0


def test_what_is_written_is_there(crm, portal):
    ids = portal.pick("contacts", limit=230)
    updates = [Update(one, {"jobtitle": f"Head of {one}", "numemployees": None}) for one in ids]

    outcomes = list(crm.write(Entity.LEAD, updates, expected=len(ids)))

    assert sorted(one.id for one in outcomes) == sorted(ids)
    assert {one.outcome for one in outcomes} == {Outcome.WRITTEN}
    after = portal.snapshot("contacts")
    assert all(after[one]["jobtitle"] == f"Head of {one}" for one in ids)


def test_bad_rows_do_not_hold_up_the_good_ones(crm, portal):
    good, merged, other, archived, locked, wrong = portal.pick("contacts", limit=6)
    survivor = portal.merge("contacts", merged, other)
    portal.archive("contacts", [archived])
    portal.fail_row(locked, "The row is locked.", category="LOCKED")
    updates = [Update(one, {"jobtitle": "Head"}) for one in (good, merged, archived, locked)]
    updates.append(Update(wrong, {"numberofpets": 3}))

    outcomes = {one.id: one for one in crm.write(Entity.LEAD, updates, expected=5)}

    assert outcomes[good].outcome is Outcome.WRITTEN
    assert outcomes[merged] == Written(merged, Outcome.MERGED, message=f"merged into {survivor}")
    assert outcomes[archived].outcome is Outcome.DELETED
    assert outcomes[locked] == Written(
        locked, Outcome.REFUSED, code="LOCKED", message="The row is locked.", passing=True
    )
    assert outcomes[wrong].code == "PROPERTY_DOESNT_EXIST"
    assert outcomes[wrong].message == 'Property "numberofpets" does not exist'
    after = portal.snapshot("contacts")
    assert after[good]["jobtitle"] == "Head"
    assert after[survivor]["jobtitle"] != "Head"
