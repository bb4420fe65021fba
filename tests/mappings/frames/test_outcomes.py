from datetime import UTC, datetime

import pytest

from mappings.file.load import load_preset, parse, preset_text
from mappings.frames.outcomes import outcomes, writable
from tests.mappings.conftest import frame

NOW = datetime(2026, 8, 1, tzinfo=UTC)
CREATED = "2026-03-01T12:00:00.000Z"  # its horizon ends on 30 May
SALESFORCE = load_preset("salesforce")
HUBSPOT = load_preset("hubspot")
CONVERTED = {"IsConverted": "true", "ConvertedDate": "2026-03-20"}


def lead(deal=None, **values):
    return {"id": "L", "CreatedDate": CREATED, "ConvertedOpportunityId": deal} | values


def deal(closed_at, *, won="true", closed="true"):
    return {"id": "D", "IsWon": won, "IsClosed": closed, "CloseDate": closed_at}


def told(mapping, leads, deals):
    row = outcomes(mapping, frame(*leads), frame(*deals), now=NOW).row(0, named=True)
    at = row["outcome_at"]
    return row["outcome"], at and at.date().isoformat(), row["reached"], row["mature"]


@pytest.mark.parametrize(
    ("one", "deals", "wanted"),
    [
        (lead(), [], ("open", None, False, True)),
        (lead("D"), [deal("2026-04-01")], ("won", "2026-04-01", True, True)),
        (lead("D"), [deal("2026-05-30")], ("won", "2026-05-30", True, True)),
        (lead("D"), [deal("2026-05-31")], ("won", "2026-05-31", False, True)),
        (lead("D"), [deal("2026-03-01")], ("won", "2026-03-01", True, True)),
        (lead("D"), [deal("2025-12-24")], ("won", "2025-12-24", False, True)),
        (lead("D"), [deal("2026-04-01", won="false")], ("lost", "2026-04-01", False, True)),
        (
            lead("D", **CONVERTED),
            [deal("2026-09-01", won="false", closed="false")],
            ("converted", "2026-03-20", False, True),
        ),
        (lead(**CONVERTED), [], ("converted", "2026-03-20", False, True)),
        (lead(Status="closed - not converted"), [], ("disqualified", None, False, True)),
        (lead(CreatedDate="2026-05-04T00:00:00.000Z"), [], ("open", None, False, False)),
        (lead(CreatedDate="2026-05-03T00:00:00.000Z"), [], ("open", None, False, True)),
        (lead(CreatedDate=None), [], ("open", None, False, False)),
    ],
)
def test_the_end_of_a_salesforce_lead(one, deals, wanted):
    assert told(SALESFORCE, [one], deals) == wanted


def contact(**values):
    return {"id": "1", "createdate": CREATED} | values


def portal_deal(number, closed_at, **values):
    return {"id": str(number), "associations.contacts": "1;7", "closedate": closed_at} | values


WON = {"hs_is_closed_won": "true", "hs_is_closed": "true"}
LOST = {"hs_is_closed_won": "false", "hs_is_closed": "true"}
OPEN = {"hs_is_closed_won": "false", "hs_is_closed": "false"}
APRIL, MAY, JULY = "2026-04-01T09:00:00.000Z", "2026-05-01T09:00:00.000Z", "2026-07-01T09:00:00.000Z"


@pytest.mark.parametrize(
    ("deals", "wanted"),
    [
        ([portal_deal(1, APRIL, **WON)], ("won", "2026-04-01", True)),
        ([portal_deal(1, APRIL, dealstage="closedwon")], ("won", "2026-04-01", True)),
        ([portal_deal(1, APRIL, dealstage="closedlost")], ("lost", "2026-04-01", False)),
        ([portal_deal(1, APRIL, dealstage="closedwon", **LOST)], ("lost", "2026-04-01", False)),
        ([portal_deal(1, APRIL, **LOST), portal_deal(2, MAY, **WON)], ("won", "2026-05-01", True)),
        ([portal_deal(1, JULY, **WON), portal_deal(2, MAY, **WON)], ("won", "2026-05-01", True)),
        ([portal_deal(1, "2025-01-01T00:00:00.000Z", **WON), portal_deal(2, MAY, **WON)], ("won", "2026-05-01", True)),
        ([portal_deal(1, APRIL, **LOST), portal_deal(2, None, **OPEN)], ("open", None, False)),
        ([portal_deal(1, APRIL, **WON) | {"associations.contacts": "7"}], ("open", None, False)),
        ([portal_deal(1, APRIL, **WON) | {"associations.contacts": None}], ("open", None, False)),
    ],
)
def test_the_end_of_a_hubspot_contact(deals, wanted):
    assert told(HUBSPOT, [contact()], deals)[:3] == wanted


def test_a_milestone_of_conversion_is_reached_by_the_first_deal_made():
    mapping = parse(preset_text("hubspot").replace("milestone: won", "milestone: converted"), "x")
    made = portal_deal(1, None, createdate=APRIL, **OPEN)

    assert told(mapping, [contact()], [made]) == ("converted", "2026-04-01", True, True)
    assert told(mapping, [contact()], [made | {"createdate": JULY}]) == ("converted", "2026-07-01", False, True)


def test_a_mapping_without_deals_tells_conversion_alone():
    text = preset_text("salesforce").replace("milestone: won", "milestone: converted")
    start, end = text.index("  deal:\n"), text.index("features:")
    mapping = parse(text[:start] + text[end:], "x")

    assert told(mapping, [lead(**CONVERTED)], []) == (
        "converted",
        "2026-03-20",
        True,
        True,
    )
    assert told(mapping, [lead()], []) == ("open", None, False, True)


def test_rows_keep_the_order_of_the_leads():
    leads = frame(*({"id": name, "CreatedDate": CREATED} for name in "cab"))

    assert outcomes(SALESFORCE, leads, frame(), now=NOW)["id"].to_list() == ["c", "a", "b"]


def test_converted_leads_and_customers_are_left_alone():
    leads = frame({"id": "1", "IsConverted": "true"}, {"id": "2", "IsConverted": "false"}, {"id": "3"})
    contacts = frame({"id": "1", "lifecyclestage": "customer"}, {"id": "2", "lifecyclestage": "lead"}, {"id": "3"})

    assert writable(SALESFORCE, leads).to_list() == [False, True, True]
    assert writable(HUBSPOT, contacts).to_list() == [False, True, True]
