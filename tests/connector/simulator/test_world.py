from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from connector.simulator.world import COMPANY_COLUMNS, LEAD_COLUMNS, generate

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
HORIZON = timedelta(days=90)
FRAMES = ("companies", "leads", "deals", "responses", "truth")


def auc(wins, score):
    order = np.argsort(score)
    rank = np.empty(len(score))
    rank[order] = np.arange(1, len(score) + 1)
    won = wins.sum()
    return (rank[wins].sum() - won * (won + 1) / 2) / (won * (len(wins) - won))


@pytest.fixture(scope="module", params=["salesforce", "hubspot"])
def world(request):
    return generate(leads=20_000, seed=3, now=NOW, shown=request.param)


def test_the_same_seed_makes_the_same_world():
    first, second = (generate(leads=300, seed=8, now=NOW) for _ in range(2))

    for name in FRAMES:
        assert_frame_equal(getattr(first, name), getattr(second, name))


def test_another_seed_makes_another_world():
    first, second = (generate(leads=300, seed=seed, now=NOW) for seed in (8, 9))

    assert not first.leads.equals(second.leads)


@pytest.mark.parametrize("leads", [1, 2, 40])
def test_a_tiny_world_is_a_world(leads):
    world = generate(leads=leads, seed=1, now=NOW)

    assert world.leads.height == world.truth.height == leads


def test_frames_have_the_promised_columns(world):
    assert tuple(world.companies.columns) == COMPANY_COLUMNS
    assert tuple(world.leads.columns) == LEAD_COLUMNS
    assert world.deals.columns == [
        "key",
        "lead_key",
        "company_key",
        "name",
        "amount",
        "stage",
        "created_at",
        "closed_at",
    ]
    assert world.responses.columns == ["key", "lead_key", "responded", "status", "created_at"]
    stamps = [world.leads[name].dtype for name in LEAD_COLUMNS if name.endswith("_at")]
    assert set(stamps) == {pl.Datetime("us", "UTC")}


def test_keys_rise_with_creation(world):
    for frame in (world.leads, world.deals, world.responses):
        assert frame["key"].to_list() == list(range(frame.height))
        assert frame["created_at"].is_sorted()
    assert world.truth["lead_key"].equals(world.leads["key"].alias("lead_key"))


def test_nothing_has_happened_after_now(world):
    for frame in (world.companies, world.leads, world.deals, world.responses):
        for column in frame.select(pl.col(pl.Datetime)):
            latest = column.max()
            assert latest is None or latest < NOW, column.name


def test_stamps_are_whole_milliseconds(world):
    for column in world.leads.select(pl.col(pl.Datetime)):
        assert (column.dt.epoch("us") % 1000 == 0).all(), column.name


def test_a_lead_was_updated_by_the_last_thing_that_happened_to_it(world):
    happened = world.leads.select(pl.max_horizontal("created_at", "converted_at", "disqualified_at"))
    last = happened.to_series()

    assert (world.leads["updated_at"] >= last).all()
    assert (world.leads["created_at"] >= NOW - timedelta(days=2 * 365.25, seconds=1)).all()


def test_a_company_is_older_than_its_leads(world):
    first = world.leads.group_by("company_key").agg(pl.col("created_at").min())
    pairs = first.join(world.companies, left_on="company_key", right_on="key")

    assert (pairs["created_at_right"] <= pairs["created_at"]).all()


def test_names_domains_and_addresses_are_distinct(world):
    assert world.companies["name"].is_unique().all()
    assert world.companies["domain"].is_unique().all()
    assert world.leads["email"].drop_nulls().is_unique().all()


def test_every_reference_leads_somewhere(world):
    assert world.leads["company_key"].drop_nulls().is_in(world.companies["key"].implode()).all()
    assert world.responses["lead_key"].is_in(world.leads["key"].implode()).all()
    both = world.leads.join(world.deals, left_on="deal_key", right_on="key")
    assert both.height == world.deals.height
    assert (both["lead_key"] == both["key"]).all()


def test_mature_winners_have_won_within_the_horizon_and_nobody_else_has(world):
    whole = world.leads.join(world.truth, left_on="key", right_on="lead_key").join(
        world.deals.select("stage", "closed_at", deal_key="key"), on="deal_key", how="left"
    )
    mature = whole.filter(pl.col("created_at") + HORIZON <= NOW)
    won = mature.filter(pl.col("stage") == "won")

    assert mature["wins"].equals((mature["stage"].fill_null("none") == "won").alias("wins"))
    assert (won["closed_at"] <= won["created_at"] + HORIZON).all()
    assert (won["converted_at"] < won["closed_at"]).all()
    assert not whole.filter(~pl.col("wins"))["stage"].eq("won").any()


def test_outcomes_have_the_shares_of_a_sales_team(world):
    mature = world.leads.filter(pl.col("created_at") + 2 * HORIZON <= NOW)
    share = {status: count / mature.height for status, count in mature["status"].value_counts().iter_rows()}
    lost = world.deals.filter(pl.col("stage") == "lost").height / world.leads.height

    assert 0.1 < world.truth["wins"].mean() < 0.15
    assert share["converted"] == pytest.approx(0.245, abs=0.03)
    assert share["disqualified"] == pytest.approx(0.35, abs=0.03)
    assert lost == pytest.approx(0.11, abs=0.02)


def test_a_status_says_what_the_stamps_say(world):
    leads = world.leads

    assert (leads["status"] == "converted").equals(leads["converted_at"].is_not_null().alias("status"))
    assert (leads["status"] == "disqualified").equals(leads["disqualified_at"].is_not_null().alias("status"))
    assert leads["deal_key"].is_null().equals(leads["converted_at"].is_null().alias("deal_key"))


def test_most_young_leads_are_still_open(world):
    young = world.leads.filter(pl.col("created_at") > NOW - timedelta(days=20))

    assert young["status"].is_in(["new", "working"]).mean() > 0.8


def test_the_truth_can_be_ranked_well_but_not_perfectly(world):
    wins, probability = world.truth["wins"].to_numpy(), world.truth["probability"].to_numpy()

    assert 0.80 < auc(wins, probability) < 0.87


def test_the_truth_is_calibrated(world):
    tenth = (pl.col("probability").rank("ordinal") * 10 // (pl.len() + 1)).alias("tenth")
    means = world.truth.group_by(tenth).agg(pl.col("probability", "wins").mean())

    assert (means["probability"] - means["wins"]).abs().max() < 0.05


def test_imports_have_equal_stamps(world):
    largest = world.leads["created_at"].value_counts()["count"].max()

    assert largest > 100


def test_data_is_messy(world):
    missing = {name: world.leads[name].null_count() / world.leads.height for name in LEAD_COLUMNS}

    assert missing["last_name"] == missing["company_name"] == 0
    for name in (
        "title",
        "country",
        "industry",
        "employees",
        "annual_revenue",
        "source",
        "visits",
        "company_key",
        "email",
    ):
        assert 0.01 < missing[name] < 0.75, name
    assert {"USA", "United States"} <= set(world.leads["country"])
    assert world.leads["email"].str.ends_with("@gmail.com").mean() > 0.03


def test_behaviour_is_consistent(world):
    known = world.leads.drop_nulls(["visits", "emails_delivered"])

    assert (known["page_views"] >= known["visits"]).all()
    assert (known["visits"] >= known["form_submissions"]).all()
    assert (known["emails_delivered"] >= known["emails_opened"]).all()
    assert (known["emails_opened"] >= known["emails_clicked"]).all()
    assert known.filter("email_bounced")["emails_delivered"].sum() == 0
    assert known["last_visit_at"].is_null().equals((known["visits"] == 0).alias("last_visit_at"))


def test_campaign_responses_come_in_the_first_days(world):
    pairs = world.responses.join(world.leads, left_on="lead_key", right_on="key")
    after = pairs["created_at"] - pairs["created_at_right"]

    assert 0.5 < world.responses.height / world.leads.height < 0.7
    assert after.min() >= timedelta(0)
    assert after.max() <= timedelta(days=5)
    assert (pairs["responded"] == (pairs["status"] == "Responded")).all()


def test_a_hubspot_contacts_firm_is_told_by_its_company_alone():
    world = generate(leads=2000, seed=3, now=NOW, shown="hubspot")
    without = world.leads.filter(pl.col("company_key").is_null())

    assert without["employees"].null_count() == without["industry"].null_count() == without.height


def test_a_salesforce_lead_that_opted_out_is_no_worse_because_nobody_sees_it():
    means = {}
    for shown in ("salesforce", "hubspot"):
        world = generate(leads=20_000, seed=3, now=NOW, shown=shown)
        by = world.truth.group_by(world.leads["opted_out"]).agg(pl.col("probability").mean())
        means[shown] = dict(by.iter_rows())

    assert means["salesforce"][True] == pytest.approx(means["salesforce"][False], abs=0.02)
    assert means["hubspot"][True] < means["hubspot"][False] - 0.03
