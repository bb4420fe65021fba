from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from connector.crm import Entity
from mappings.file.load import MappingInvalid, load_preset
from mappings.frames.companies import PARENT_GRACE
from mappings.frames.enriched import with_offline
from mappings.frames.features import feature_frame
from tests.mappings.conftest import frame, mapped

SALESFORCE = load_preset("salesforce")
CREATED = datetime(2026, 3, 1, 12, tzinfo=UTC)


def text(moment):
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


LEADS = [
    {
        "id": "00Q1", "link": "acme.com", "Title": "VP of Sales", "Industry": "Retail", "NumberOfEmployees": "250",
        "AnnualRevenue": "1200000", "Country": "USA", "LeadSource": "Web", "Email": "kim@acme.com", "Phone": "1",
        "Website": "acme.com", "CreatedDate": text(CREATED), "FirstName": "Kim", "LastName": "Lee",
        "Company": "Acme, Inc.",
    },
    {"id": "00Q2", "link": "acme.com", "Title": "Intern", "Email": "lee@acme.com", "CreatedDate": text(CREATED)},
    {
        "id": "00Q3", "Email": "a@gmail.com", "EmailBouncedDate": "2026-03-02T00:00:00.000Z",
        "CreatedDate": text(CREATED),
    },
    {"id": "00Q4"},
]  # fmt: skip
COMPANIES = [
    {
        "id": "001A", "key": "acme.com", "Industry": "Banking", "NumberOfEmployees": "300", "AnnualRevenue": "5000000",
        "BillingCountry": "Deutschland", "CreatedDate": text(CREATED - timedelta(days=400)),
        "YearStarted": "1998", "Ownership": "Public", "ParentId": "001P",
    }
]  # fmt: skip
ACTIVITIES = [
    {"id": "00v1", "link": "00Q1", "HasResponded": "true", "CreatedDate": text(CREATED + timedelta(days=2))},
    {"id": "00v2", "link": "00Q1", "HasResponded": "false", "CreatedDate": text(CREATED - timedelta(days=2))},
    {"id": "00v3", "link": "00Q1", "HasResponded": "true", "CreatedDate": text(CREATED + timedelta(days=15))},
    {"id": "00v4", "link": "00Q1", "HasResponded": "true"},
    {"id": "00v5", "link": "00Q9", "HasResponded": "true", "CreatedDate": text(CREATED)},
]

GOLDEN = """\
id          00Q1           00Q2     00Q3     00Q4
seniority   vp             junior   None     None
department  sales          other    None     None
has_title   True           True     False    False
country     United_States  Germany  None     None
language    en             None     None     None
has_phone   True           False    False    False
industry    Retail         Banking  None     None
employees   250.0          300.0    None     None
annual_revenue 1200000.0   5000000.0 None    None
has_website True           False    False    False
founded     1998.0         1998.0   None     None
ownership   Public         Public   None     None
has_parent  True           True     False    False
legal_form  inc            None     None     None
source      Web            None     None     None
campaign_touches 2.0       0.0      0.0      None
campaign_responses 1.0     0.0      0.0      None
email_bounced False        False    True     False
free_mail   False          False    True     None
mail_kind   company        company  free     None
spam_signs  1.0            0.0      0.0      None
phone_valid False          None     None     None
name_plausible True        None     None     None
"""


def test_a_handful_of_leads_gives_these_features():
    leads = with_offline(SALESFORCE, frame(*LEADS))

    found = feature_frame(SALESFORCE, leads, frame(*COMPANIES), frame(*ACTIVITIES))

    wanted = [line.split() for line in GOLDEN.splitlines()]
    told = [[name, *(str(value).replace(" ", "_") for value in found[name])] for name in found.columns]
    assert told == wanted


def test_columns_are_of_the_kinds_that_a_learner_takes(salesforce, hubspot, nothing):
    types = {"number": pl.Float64, "category": pl.String, "boolean": pl.Boolean}
    for mapping in (salesforce, hubspot):
        for leads in (frame({"id": "1"}), nothing):
            found = feature_frame(mapping, leads, nothing, nothing)

            assert found.schema == {"id": pl.String} | {one.name: types[one.kind] for one in mapping.features}
            assert found.height == leads.height


def test_a_lead_alone_gets_what_it_gets_in_a_batch():
    batch = feature_frame(SALESFORCE, frame(*LEADS), frame(*COMPANIES), frame(*ACTIVITIES))

    fields = tuple(frame(*LEADS).columns)
    for place, lead in enumerate(LEADS):
        alone = feature_frame(SALESFORCE, frame(lead, fields=fields), frame(*COMPANIES), frame(*ACTIVITIES))
        assert_frame_equal(alone, batch[place : place + 1])
    turned = feature_frame(SALESFORCE, frame(*LEADS[::-1]), frame(*COMPANIES), frame(*ACTIVITIES[::-1]))
    assert_frame_equal(turned, batch.reverse())


@pytest.mark.parametrize(
    ("made", "counts"),
    [
        (text(CREATED - timedelta(days=900)), True),
        (text(CREATED + PARENT_GRACE), True),
        (text(CREATED + PARENT_GRACE + timedelta(milliseconds=1)), False),
        ("2026-03-02", True),
        ("2026-03-03", False),
        (None, True),
        ("some day", True),
    ],
)
def test_a_company_counts_when_it_was_there_before_the_lead_or_with_it(made, counts):
    company = COMPANIES[0] | {"CreatedDate": made}

    found = feature_frame(SALESFORCE, frame(LEADS[1]), frame(company), frame())

    assert found["employees"].to_list() == [300.0 if counts else None]


def test_a_lead_of_unknown_creation_takes_its_company_as_known():
    lead = {"id": "1", "link": "acme.com"}

    assert feature_frame(SALESFORCE, frame(lead), frame(*COMPANIES), frame())["employees"].to_list() == [300.0]


def test_days_between_are_never_below_zero():
    mapping = mapped("{name: d, label: D, kind: number, family: engagement, days_between: [CreatedDate, First__c]}")
    leads = frame(
        {"id": "1", "CreatedDate": "2026-03-01", "First__c": "2026-03-03T12:00:00.000Z"},
        {"id": "2", "CreatedDate": "2026-03-01", "First__c": "2026-02-01"},
        {"id": "3", "CreatedDate": "2026-03-01"},
    )

    assert feature_frame(mapping, leads, frame(), frame())["d"].to_list() == [2.5, 0.0, None]


@given(st.lists(st.integers(0, 10**9), min_size=2, max_size=20))
def test_days_between_are_the_same_alone_and_in_a_batch(seconds):
    mapping = mapped("{name: d, label: D, kind: number, family: engagement, days_between: [CreatedDate, First__c]}")
    leads = frame(
        *(
            {"id": str(n), "CreatedDate": text(CREATED), "First__c": text(CREATED + timedelta(seconds=after))}
            for n, after in enumerate(seconds)
        )
    )

    batch = feature_frame(mapping, leads, frame(), frame())["d"].to_list()

    alone = [feature_frame(mapping, leads[n : n + 1], frame(), frame())["d"].item() for n in range(len(seconds))]
    assert batch == alone


@pytest.mark.parametrize(
    ("part", "whole", "wanted"),
    [("6", "3", 2.0), ("6", "0", None), ("6", None, None), (None, "3", None), ("x", "3", None), ("1e308", "0.1", None)],
)
def test_a_ratio_is_missing_where_it_cannot_be(part, whole, wanted):
    mapping = mapped("{name: r, label: R, kind: number, family: fit, ratio: [A, B]}")

    found = feature_frame(mapping, frame({"id": "1", "A": part, "B": whole}), frame(), frame())

    assert found["r"].to_list() == [wanted]


def test_an_amount_is_in_the_currency_of_the_record_that_it_is_from():
    mapping = mapped(
        "{name: m, kind: number, family: fit, from: [A, company.A], in: Code, "
        "transforms: [number, {currency: {USD: 1, EUR: 2}}]}"
    )
    company = {"id": "001", "key": "acme.com", "A": "10", "Code": "EUR"}
    leads = frame(
        {"id": "1", "link": "acme.com", "A": "10", "Code": "USD"},
        {"id": "2", "link": "acme.com", "Code": "USD"},
        {"id": "3", "A": "10", "Code": "GBP"},
    )

    assert feature_frame(mapping, leads, frame(company), frame())["m"].to_list() == [10.0, 20.0, None]
    assert set(mapping.source_fields(Entity.LEAD)) >= {"A", "Code"}
    assert set(mapping.source_fields(Entity.COMPANY)) >= {"A", "Code"}


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("from: A, transforms: [number, {currency: {USD: 1}}]", "does not know its currency"),
        ("from: A, in: Code, transforms: [number]", "converts nothing"),
        ("ratio: [A], label: R", "ratio of feature m needs two fields"),
        ("from: A, transforms: [number, {currency: {USD: 0}}]", "a block of words with a number above 0 each"),
        ("from: A, transforms: [number, {round: 0}]", "a number above 0"),
        ("from: A, transforms: [number, {default: none}]", "a value of the same type"),
    ],
)
def test_what_cannot_be_made_is_told(said, message):
    with pytest.raises(MappingInvalid, match=message):
        mapped(f"{{name: m, kind: number, family: fit, {said}}}")


def test_a_count_may_ask_for_several_values_and_go_through_transforms():
    mapping = mapped(
        "{name: n, label: N, kind: number, family: engagement, "
        "count: {at: CreatedDate, window_days: 7, where: {Status: [Responded, attended]}}, transforms: [{cap: 2}]}",
        "{name: b, label: B, kind: category, family: engagement, "
        "count: {at: CreatedDate, window_days: 7}, transforms: [{bands: [1]}]}",
    )
    statuses = ["responded", "Attended", "Sent", "Responded", None]
    activities = frame(
        *(
            {"id": str(n), "link": "1", "Status": status, "CreatedDate": "2026-03-02"}
            for n, status in enumerate(statuses)
        )
    )
    leads = frame({"id": "1", "CreatedDate": "2026-03-01"}, {"id": "2", "CreatedDate": "2026-03-01"})

    found = feature_frame(mapping, leads, frame(), activities)

    assert found.rows() == [("1", 2.0, "1 or more"), ("2", 0.0, "below 1")]


def test_fields_that_a_frame_lacks_are_empty():
    mapping = mapped("{name: a, label: A, kind: number, family: fit, from: [Missing__c, company.Gone__c]}")

    assert feature_frame(mapping, frame({"id": "1"}), frame(), frame())["a"].to_list() == [None]


late = st.timedeltas(min_value=timedelta(days=14, milliseconds=1), max_value=timedelta(days=2000))


@given(
    st.lists(
        st.tuples(late, st.sampled_from(["true", "false"]), st.sampled_from(["00Q1", "00Q2", "00Q3"])), max_size=5
    ),
    st.lists(st.tuples(late, st.sampled_from(["0", "000"]), st.text(max_size=5)), max_size=3),
    st.fixed_dictionaries(
        {
            "IsConverted": st.sampled_from(["true", "false"]),
            "ConvertedDate": st.dates().map(str),
            "ConvertedOpportunityId": st.text(max_size=5),
            "Status": st.text(max_size=5),
        }
    ),
)
def test_no_later_fact_changes_a_feature(activities, companies, outcome):
    before = feature_frame(SALESFORCE, frame(*LEADS), frame(*COMPANIES), frame(*ACTIVITIES))
    later = [
        {"id": f"L{n}", "link": lead, "HasResponded": responded, "CreatedDate": text(CREATED + after)}
        for n, (after, responded, lead) in enumerate(activities)
    ]
    made = [
        {"id": prefix + str(n), "key": "acme.com", "Industry": word, "CreatedDate": text(CREATED + after)}
        for n, (after, prefix, word) in enumerate(companies)
    ]
    leads = [lead | outcome for lead in LEADS]

    after = feature_frame(SALESFORCE, frame(*leads), frame(*COMPANIES, *made), frame(*ACTIVITIES, *later))

    # A lead of unknown creation is no example: nothing can be called later than it.
    assert_frame_equal(after.filter(pl.col("id") != "00Q4"), before.filter(pl.col("id") != "00Q4"))


VALUES = st.sampled_from(
    [None, "VP", "12", "-3.5", "nan", "true", "a@gmail.com", "www.acme.com", "usa", " ", "2026-03-01"]
)
ROWS = st.fixed_dictionaries(dict.fromkeys(("link", *SALESFORCE.source_fields(Entity.LEAD)), VALUES))


@given(st.lists(ROWS, min_size=1, max_size=4))
def test_any_lead_alone_gets_what_it_gets_in_any_batch(rows):
    leads = [row | {"id": str(place)} for place, row in enumerate(rows)]
    company = COMPANIES[0] | {"key": "VP"}

    batch = feature_frame(SALESFORCE, frame(*leads), frame(company), frame())

    for place, lead in enumerate(leads):
        assert_frame_equal(feature_frame(SALESFORCE, frame(lead), frame(company), frame()), batch[place : place + 1])
