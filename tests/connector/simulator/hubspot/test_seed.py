from datetime import timedelta

import polars as pl
import pytest

from connector.crm import Kind
from connector.simulator.hubspot.portal import HubSpotPortal
from connector.simulator.world import CustomField


@pytest.fixture
def contacts(portal):
    return portal.snapshot("contacts")


def lead_rows(world):
    """Pair each lead of the world with its contact's id."""
    return {str(901 + 50 * row["key"]): row for row in world.leads.iter_rows(named=True)}


def test_every_lead_is_a_contact_in_the_order_of_creation(world, contacts):
    assert list(contacts) == list(lead_rows(world))
    stamps = [one["createdate"] for one in contacts.values()]
    assert stamps == sorted(stamps)


def test_contacts_say_what_the_world_says(world, contacts):
    for record, lead in lead_rows(world).items():
        values = contacts[record]
        assert values["firstname"] == lead["first_name"]
        assert values["jobtitle"] == lead["title"]
        assert values["email"] == (lead["email"].lower() if lead["email"] else None)
        assert values["hs_analytics_num_visits"] == (None if lead["visits"] is None else str(lead["visits"]))
        assert values["hs_email_optout"] == ("true" if lead["opted_out"] else None)
        company = None if lead["company_key"] is None else str(5_790_939_450 + 13 * lead["company_key"])
        assert values["associatedcompanyid"] == company


def test_no_value_breaks_its_own_definition(api, portal):
    for kind in ("contacts", "companies", "deals"):
        listed = api.get(f"/crm/v3/properties/{kind}").json()["results"]
        allowed = {one["name"]: {option["value"] for option in one["options"]} for one in listed if one["options"]}
        for values in portal.snapshot(kind).values():
            assert all(values[name] in options | {None} for name, options in allowed.items())


def test_outcomes_are_told_as_hubspot_tells_them(world, contacts, portal):
    deals = portal.snapshot("deals")
    won = set(world.deals.filter(pl.col("stage") == "won")["lead_key"])
    for record, lead in lead_rows(world).items():
        values = contacts[record]
        assert (values["lifecyclestage"] == "customer") == (lead["key"] in won)
        assert (values["hs_lead_status"] == "UNQUALIFIED") == (lead["status"] == "disqualified")
    assert {one["dealstage"] for one in deals.values() if one["hs_is_closed_won"] == "true"} == {"closedwon"}
    assert {one["dealstage"] for one in deals.values() if one["hs_is_closed_lost"] == "true"} == {"closedlost"}
    assert len([one for one in deals.values() if one["hs_is_closed_won"] == "true"]) == len(won)


def test_head_counts_fall_into_ranges(world, contacts):
    ranges = {"1-5": (0, 5), "5-25": (5, 25), "25-50": (25, 50), "50-100": (50, 100), "100-500": (100, 500),
              "500-1000": (500, 1000), "1000+": (1000, 10**9)}  # fmt: skip
    seen = set()
    for record, lead in lead_rows(world).items():
        value = contacts[record]["numemployees"]
        seen.add(value)
        assert (value is None) == (lead["employees"] is None)
        if value is not None:
            low, high = ranges[value]
            assert low <= lead["employees"] < high
    assert len(seen) > 4


def test_the_truth_goes_by_contact(world, portal):
    truth = portal.truth([*lead_rows(world), "7"])

    expected = {str(901 + 50 * row["lead_key"]): row["probability"] for row in world.truth.iter_rows(named=True)}
    assert truth == expected


def test_columns_of_a_table_become_properties(world, clock):
    leads = world.leads.with_columns(
        pl.lit(1.5).alias("Debt Ratio"),
        pl.lit("b").alias("Grade"),
        pl.lit(value=True).alias("Known"),
        pl.col("created_at").alias("Seen"),
        pl.col("created_at").dt.date().alias("Day"),
    )
    custom = (
        CustomField("Debt Ratio", "Debt ratio", Kind.NUMBER),
        CustomField("Grade", "Grade", Kind.OPTION, ("a", "b")),
        CustomField("Known", "Known", Kind.BOOLEAN),
        CustomField("Seen", "Seen", Kind.INSTANT),
        CustomField("Day", "Day", Kind.DATE),
    )
    changed = type(world)(
        now=world.now + timedelta(0), seed=world.seed, horizon_days=world.horizon_days, companies=world.companies,
        leads=leads, deals=world.deals, responses=world.responses, truth=world.truth, custom=custom,
    )  # fmt: skip
    portal = HubSpotPortal(changed, clock=clock)

    values = portal.snapshot("contacts")["901"]
    portal.close()

    assert (values["debt_ratio"], values["grade"], values["known"]) == ("1.5", "b", "true")
    assert values["seen"] == values["createdate"]
    assert values["day"] == values["createdate"][:10]
