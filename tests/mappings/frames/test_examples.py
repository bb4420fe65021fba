"""Examples hold what was known at their time and nothing later; their outcome is that of today."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from connector.crm import Entity
from mappings.file.load import load_preset, parse, preset_text
from mappings.frames.as_of import CHANGES, Past, unchanged
from mappings.frames.enriched import with_offline
from mappings.frames.examples import examples, funnel
from mappings.frames.features import feature_frame
from mappings.frames.outcomes import outcomes
from model.features import BESIDE
from tests.mappings.conftest import frame

SALESFORCE = load_preset("salesforce")
HUBSPOT = load_preset("hubspot")
CREATED = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOW = datetime(2026, 8, 1, tzinfo=UTC)
LOOKED_AT = timedelta(days=14)  # the preset's longest count
FEATURES = [feature.name for feature in SALESFORCE.features]


def text(moment):
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


LEAD = {
    "id": "L", "link": "acme.com", "Title": "VP of Sales", "Email": "kim@acme.com", "Website": "acme.com",
    "CreatedDate": text(CREATED), "Rating": "Hot", "ConvertedOpportunityId": "D", "LeadSource": "Web",
}  # fmt: skip
COMPANY = {
    "id": "C", "key": "acme.com", "Website": "acme.com", "Industry": "Banking", "NumberOfEmployees": "300",
    "CreatedDate": text(CREATED - timedelta(days=400)),
}  # fmt: skip
ACTIVITY = {"id": "A", "link": "L", "HasResponded": "true", "CreatedDate": text(CREATED + timedelta(days=2))}
DEAL = {"id": "D", "IsWon": "true", "IsClosed": "true", "CloseDate": "2026-04-20", "Amount": "1250.5"}


def changed(*rows):
    return pl.DataFrame(rows, schema=CHANGES, orient="row")


def made(leads=(LEAD,), companies=(COMPANY,), activities=(ACTIVITY,), deals=(DEAL,), past=None, mapping=SALESFORCE):
    return examples(mapping, frame(*leads), frame(*companies), frame(*activities), frame(*deals), now=NOW, past=past)


def told(leads, deals, mapping=SALESFORCE, changes=None):
    return outcomes(mapping, frame(*leads), frame(*deals), now=NOW, changes=changes)


def test_beside_the_features_stand_group_amount_and_priority():
    found = made()

    assert found.columns == ["id", "created_at", "label", "group", "amount", "priority", *FEATURES]
    assert found.select("label", "group", "amount", "priority").row(0) == (True, "acme.com", 1250.5, "Hot")


def test_what_the_crm_lacks_is_null():
    found = made(leads=[{"id": "L", "CreatedDate": text(CREATED)}], companies=(), activities=(), deals=())

    assert found.select("group", "amount", "priority").row(0) == (None, None, None)
    assert found.schema["amount"] == pl.Float64
    assert made(leads=[{"id": "1", "createdate": text(CREATED)}], mapping=HUBSPOT)["priority"].to_list() == [None]


def test_the_amount_is_what_was_won_within_the_horizon():
    deals = [
        {"id": str(number), "associations.contacts": "1", "closedate": closed_at, "dealstage": stage, "amount": amount}
        for number, (closed_at, stage, amount) in enumerate(
            [
                ("2026-04-01T00:00:00.000Z", "closedwon", "100"),
                ("2026-05-01T00:00:00.000Z", "closedwon", "50"),
                ("2026-04-02T00:00:00.000Z", "closedlost", "7"),
                ("2026-07-20T00:00:00.000Z", "closedwon", "1000"),
                ("2026-04-03T00:00:00.000Z", "closedwon", None),
            ]
        )
    ]

    found = made(leads=[{"id": "1", "createdate": text(CREATED)}], deals=deals, mapping=HUBSPOT)

    assert found["amount"].to_list() == [150.0]


@pytest.mark.parametrize(
    ("deal", "changes", "place"),
    [
        ({}, (), "example"),
        ({"CloseDate": "2026-03-14"}, (), "decided"),
        ({"CloseDate": "2026-03-15"}, (), "decided"),  # some time of the day on which the lead is looked at
        ({"CloseDate": "2026-03-16"}, (), "example"),
        ({"CloseDate": "2026-03-10", "IsWon": "false"}, (), "decided"),
        ({"CloseDate": "2026-03-10", "IsWon": "false", "IsClosed": "false"}, (), "example"),
        ({"CloseDate": "2025-03-10"}, (), "before"),
    ],
)
def test_a_lead_that_had_ended_when_it_would_be_looked_at_is_no_example(deal, changes, place):
    assert told([LEAD], [DEAL | deal])["place"].to_list() == [place]


def test_a_lead_is_disqualified_when_its_status_was_last_seen_to_change():
    lead = {"id": "L", "CreatedDate": text(CREATED), "Status": "Unqualified"}
    early, late = (
        changed(("L", "Status", text(CREATED + timedelta(days=day)), "Open - Not Contacted")) for day in (5, 20)
    )

    assert told([lead], [])["place"].to_list() == ["example"]  # nobody knows when
    assert told([lead], [], changes=early)["place"].to_list() == ["decided"]
    assert told([lead], [], changes=late)["place"].to_list() == ["example"]
    assert told([lead], [], changes=late)["outcome_at"].to_list() == [CREATED + timedelta(days=20)]


def test_a_lead_that_is_looked_at_on_its_first_day_has_not_ended_before():
    mapping = parse(preset_text("salesforce").replace("horizon_days: 90", "horizon_days: 90\n  observe_days: 0"), "x")

    assert told([LEAD], [DEAL | {"CloseDate": "2026-03-01"}], mapping)["place"].to_list() == ["example"]


def test_a_won_deal_that_was_reopened_is_no_win_any_more():
    assert made()["label"].to_list() == [True]
    assert made(deals=[DEAL | {"IsWon": "false", "IsClosed": "false"}])["label"].to_list() == [False]


def test_a_conversion_that_was_undone_is_none():
    mapping = parse(preset_text("salesforce").replace("milestone: won", "milestone: converted"), "x")
    converted = LEAD | {"IsConverted": "true", "ConvertedDate": "2026-04-01"}

    assert made(leads=[converted], mapping=mapping)["label"].to_list() == [True]
    assert made(leads=[LEAD | {"ConvertedOpportunityId": None}], mapping=mapping)["label"].to_list() == [False]


def test_an_opportunity_is_a_deal_whatever_becomes_of_it():
    mapping = parse(preset_text("salesforce").replace("milestone: won", "milestone: opportunity"), "x")
    converted = LEAD | {"IsConverted": "true", "ConvertedDate": "2026-04-01"}
    lost = DEAL | {"IsWon": "false"}

    assert made(leads=[converted], deals=[lost], mapping=mapping)["label"].to_list() == [True]
    assert made(leads=[converted | {"ConvertedOpportunityId": None}], mapping=mapping)["label"].to_list() == [False]


def test_a_hubspot_deal_made_before_the_contact_is_not_its_opportunity():
    mapping = parse(preset_text("hubspot").replace("milestone: won", "milestone: opportunity"), "x")
    lead = {"id": "1", "createdate": text(CREATED)}
    old, new = ({"id": day, "associations.contacts": "1", "createdate": day} for day in ("2025-01-01", "2026-04-01"))

    labels = [
        made(leads=[lead], deals=deals, mapping=mapping)["label"].to_list() for deals in ([old], [new], [old, new], [])
    ]

    assert labels == [[], [True], [True], [False]]


@pytest.mark.parametrize(("amount", "label"), [("1250.5", True), ("999.99", False), ("1000", True), (None, False)])
def test_a_deal_won_below_the_amount_is_no_success(amount, label):
    text = preset_text("salesforce").replace("horizon_days: 90", "horizon_days: 90\n  min_amount: 1000")
    mapping = parse(text, "x")

    assert made(deals=[DEAL | {"Amount": amount}], mapping=mapping)["label"].to_list() == [label]
    assert "Amount" not in mapping.optional_fields(Entity.DEAL)


def test_the_priority_is_the_one_that_the_lead_had_then():
    past = Past(changed(("L", "Rating", text(CREATED + timedelta(days=20)), None)), *[changed()] * 2)

    assert made(past=past)["priority"].to_list() == [None]


def test_the_funnel_counts_every_lead_once():
    leads = [
        LEAD,
        LEAD | {"id": "open", "ConvertedOpportunityId": None},
        LEAD | {"id": "young", "CreatedDate": "2026-07-01T00:00:00.000Z"},
        LEAD | {"id": "before", "ConvertedOpportunityId": "OLD"},
        LEAD | {"id": "early", "ConvertedOpportunityId": "EARLY"},
        {"id": "unknown"},
    ]
    deals = [DEAL, DEAL | {"id": "OLD", "CloseDate": "2025-01-01"}, DEAL | {"id": "EARLY", "CloseDate": "2026-03-05"}]

    counted = funnel(SALESFORCE, told(leads, deals))

    assert [(name, rows) for name, rows, _ in counted] == [
        ("all leads", 6), ("of unknown creation", 1), ("inside the horizon", 1), ("won before", 1),
        ("decided before", 1), ("examples", 2), ("examples that reached won", 1),
    ]  # fmt: skip
    assert counted[0][1] == sum(rows for _, rows, _ in counted[1:6])


FIELDS = {
    entity: SALESFORCE.inputs(entity) + extra
    for entity, extra in ((Entity.LEAD, ()), (Entity.COMPANY, ("Website",)), (Entity.ACTIVITY, ()))
}
WORDS = st.sampled_from([None, "Intern", "other.com", "acme.com", "77", "true", "2026-03-02T00:00:00.000Z", "Banking"])
LATER = st.timedeltas(min_value=timedelta(milliseconds=1), max_value=timedelta(days=400)).map(
    lambda after: timedelta(milliseconds=after // timedelta(milliseconds=1))
)


def edits(entity, name):
    fields = [field for field in FIELDS[entity] if (entity, field) != (Entity.LEAD, "CreatedDate")]
    return st.lists(st.tuples(st.sampled_from(fields), LATER, WORDS), max_size=4).map(
        lambda drawn: [(name, field, after, value) for field, after, value in drawn]
    )


def edited(record, drawn):
    """Apply edits in the order of their time; returns the record of today, and what each edit replaced."""
    record, told = dict(record), []
    for _, field, after, value in sorted(drawn, key=lambda edit: edit[2]):
        told.append((record["id"], field, text(CREATED + LOOKED_AT + after), record.get(field)))
        record[field] = value
    return record, told


@given(
    edits(Entity.LEAD, "L"),
    edits(Entity.COMPANY, "C"),
    edits(Entity.ACTIVITY, "A"),
    st.lists(st.tuples(LATER, st.sampled_from(["true", "false"])), max_size=3),
    st.lists(st.tuples(LATER, st.sampled_from(["0", "z"])), max_size=3),
    st.fixed_dictionaries({"StageName": WORDS, "Name": WORDS}),
)
@example([("L", "Website", timedelta(days=1), "other.com")], [], [], [], [], {})
@example([], [("C", "Website", timedelta(days=1), "other.com")], [], [], [], {})
@example([], [], [("A", "HasResponded", timedelta(days=1), None)], [], [], {})
def test_no_fact_of_later_than_an_example_changes_its_features(lead, company, activity, activities, companies, deal):
    before = made()
    (lead, of_lead), (company, of_company), (activity, of_activity) = (
        edited(record, drawn) for record, drawn in ((LEAD, lead), (COMPANY, company), (ACTIVITY, activity))
    )
    link = SALESFORCE.linker(Entity.LEAD, ("Website", "Email"))((lead["Website"], lead["Email"]))[1]
    key = SALESFORCE.linker(Entity.COMPANY, ("Website",))((company["Website"],))[0]
    came = [
        ACTIVITY | {"id": f"A{number}", "HasResponded": responded, "CreatedDate": text(CREATED + LOOKED_AT + after)}
        for number, (after, responded) in enumerate(activities)
    ]
    founded = [
        COMPANY | {"id": f"{prefix}{number}", "Industry": "Later", "CreatedDate": text(CREATED + LOOKED_AT + after)}
        for number, (after, prefix) in enumerate(companies)
    ]

    after = made(
        leads=[lead | {"link": link}],
        companies=[company | {"key": key}, *founded],
        activities=[activity, *came],
        deals=[DEAL | deal],
        past=Past(changed(*of_lead), changed(*of_company), changed(*of_activity)),
    )

    assert_frame_equal(after.select("id", "label", *FEATURES), before.select("id", "label", *FEATURES))


@given(
    st.fixed_dictionaries(dict.fromkeys(("Title", "Industry", "Country", "Phone", "Email"), WORDS)), st.integers(0, 14)
)
def test_where_nothing_has_changed_a_lead_is_learned_from_as_it_is_scored(values, day):
    leads = with_offline(SALESFORCE, frame(LEAD | values))
    activities = frame(ACTIVITY | {"CreatedDate": text(CREATED + timedelta(days=day))})

    live = feature_frame(SALESFORCE, leads, frame(COMPANY), activities)

    assert_frame_equal(feature_frame(SALESFORCE, leads, frame(COMPANY), activities, unchanged()), live)


@given(st.lists(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=200)), max_size=6), st.booleans())
def test_a_lead_inside_its_horizon_is_never_an_example(ages, is_won):
    leads = [LEAD | {"id": str(number), "CreatedDate": text(NOW - age)} for number, age in enumerate(ages)]
    deals = [DEAL | {"CloseDate": f"{NOW:%Y-%m-%d}"}] if is_won else []

    found = made(leads=leads, deals=deals)

    assert all(created_at <= NOW - timedelta(days=90) for created_at in found["created_at"])


def test_an_activity_between_the_time_of_the_example_and_the_end_of_its_window_does_not_count():
    mapping = parse(preset_text("salesforce").replace("horizon_days: 90", "horizon_days: 90\n  observe_days: 1"), "x")

    assert made(mapping=mapping)["campaign_touches"].to_list() == [0.0]
    assert made()["campaign_touches"].to_list() == [1.0]


def test_no_records_give_no_examples():
    found = made((), (), (), ())

    assert found.height == 0
    assert found["label"].dtype == pl.Boolean
    assert set(found.columns) - {feature.name for feature in SALESFORCE.features} <= set(BESIDE)
    assert [rows for _, rows, _ in funnel(SALESFORCE, told([], []))] == [0] * 7
