"""A portal that shows the happenings of a world: over the wire, read by our own adapter."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import polars as pl
import pytest

from connector.clock import MovableClock
from connector.crm import Entity, Kind, Part
from connector.hubspot.adapter import connect
from connector.hubspot.signin import StaticToken
from connector.limiter import NoLimiter
from connector.simulator.families import alive
from connector.simulator.hubspot.families import company_properties, contact_properties
from connector.simulator.hubspot.portal import HubSpotPortal
from connector.simulator.server import Simulator

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
SOCIAL = [f"hs_social_{name}_clicks" for name in ("linkedin", "facebook", "twitter")]


@pytest.fixture(scope="module")
def world():
    return alive(leads=400, seed=6, now=NOW, horizon_days=90, years=2.0, shown="hubspot")


@pytest.fixture(scope="module")
def portal(world):
    portal = HubSpotPortal(world, clock=MovableClock(NOW))
    yield portal
    portal.close()


@pytest.fixture(scope="module")
def simulator(portal):
    with Simulator(salesforce=None, hubspot=portal, clock=MovableClock(NOW)) as simulator:
        yield simulator


@pytest.fixture(scope="module")
def crm(simulator):
    clock = MovableClock(NOW)
    crm = connect(
        StaticToken("pat-na1-integration"), base_url=simulator.url, clock=clock, limiter=NoLimiter(), jitter=float
    )
    yield crm
    crm.close()


def table(crm, entity, *names):
    pages = crm.everything(entity, names, Part())
    rows = [record.values for page in pages for record in page.records]
    return pl.DataFrame(rows, schema=list(names), orient="row", infer_schema_length=None)


def instants(frame, name):
    return frame[name].str.to_datetime("%Y-%m-%dT%H:%M:%S%.3fZ", time_zone="UTC")


def test_every_property_is_described_and_filled(crm):
    for entity, properties in ((Entity.LEAD, contact_properties()), (Entity.COMPANY, company_properties())):
        names = [one.name for one in properties]
        fields = {field.name: field for field in crm.describe(entity)}
        filled = table(crm, entity, *names)

        assert fields.keys() >= set(names)
        assert all(filled[name].null_count() < filled.height for name in names)
    assert fields["is_public"].kind == Kind.BOOLEAN


def test_clicks_of_the_networks_add_up_and_the_last_is_dated(crm, world):
    shown = table(crm, Entity.LEAD, *SOCIAL, "hs_social_num_broadcast_clicks", "hs_social_last_engagement")
    numbers = shown.select(pl.col(name).cast(pl.Int64) for name in (*SOCIAL, "hs_social_num_broadcast_clicks"))

    assert (numbers.select(pl.sum_horizontal(SOCIAL)).to_series() == numbers["hs_social_num_broadcast_clicks"]).all()
    assert numbers["hs_social_num_broadcast_clicks"].sum() == world.happenings.touches.height
    has = numbers["hs_social_num_broadcast_clicks"] > 0
    assert (shown["hs_social_last_engagement"].is_not_null() == has).all()


def test_the_last_page_is_that_of_the_last_visit(crm, world):
    shown = table(crm, Entity.LEAD, "hs_analytics_last_url", "hs_analytics_num_event_completions")
    last = world.happenings.visits.group_by("lead_key").agg(pl.col("page").last())
    page = world.leads.join(last, left_on="key", right_on="lead_key", how="left", maintain_order="left")["page"]

    told = shown["hs_analytics_last_url"].str.split("/").list.last().replace("", "home")
    assert told.equals(page, check_names=False)
    assert (
        shown["hs_analytics_num_event_completions"].is_null().equals(world.leads["visits"].is_null(), check_names=False)
    )


def test_moments_are_in_the_order_of_what_they_tell(crm):
    names = [f"hs_email_{which}_date" for which in ("first_send", "first_open", "first_click", "last_click")]
    shown = table(crm, Entity.LEAD, "createdate", *names)
    moments = [instants(shown, name) for name in ("createdate", *names)]

    for earlier, later in pairwise(moments):
        assert (earlier <= later).drop_nulls().all()
    assert (moments[-1] - moments[0]).max() < timedelta(days=14)


def test_a_machine_is_told_by_its_first_click(crm):
    names = ("hs_email_first_send_date", "hs_email_first_click_date", "hs_email_click", "hs_analytics_num_visits")
    shown = table(crm, Entity.LEAD, *names)
    after = instants(shown, names[1]) - instants(shown, names[0])
    fast = shown.filter(after < timedelta(seconds=15))

    assert fast.height > 0
    assert set(fast["hs_analytics_num_visits"]) == {"0"}
    assert fast["hs_email_click"].cast(pl.Int64).min() > 3


def test_a_value_is_what_it_was_at_the_end_of_the_first_days(portal, crm):
    """No later write changed it, so that its history has one value: what holds as of 14 days on."""
    touched = {key for key, values in portal.snapshot("contacts").items() if values["hs_social_last_engagement"]}
    names = ("hs_social_last_engagement", "hs_social_linkedin_clicks", "lifecyclestage")

    changes = [change for page in crm.history(Entity.LEAD, names, None) for change in page.changes]

    assert touched & {change.id for change in changes}
    assert {change.field for change in changes} == {"lifecyclestage"}


def test_companies_name_their_parents(crm, world):
    shown = table(crm, Entity.COMPANY, "hs_object_id", "hs_parent_company_id", "founded_year", "name")

    parents = shown["hs_parent_company_id"].drop_nulls()
    assert len(parents) == world.companies["parent_key"].count() > 0
    assert set(parents) <= set(shown["hs_object_id"])
    assert shown["name"].str.contains(r" (Inc\.|LLC|GmbH|Ltd|Corp\.)$").any()
