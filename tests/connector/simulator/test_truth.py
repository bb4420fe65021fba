import numpy as np
import polars as pl
import pytest

from connector.simulator.truth import (
    CROSSED,
    EFFECTS,
    campaign_engagement,
    probability,
    size_band,
    web_engagement,
)
from connector.simulator.words import COUNTRIES, DEPARTMENTS, INDUSTRIES, TITLES

PLAIN = {
    "seniority": "manager",
    "department": "it",
    "size": "20-99",
    "source": "Web",
    "industry": "Media",
    "country": "France",
    "free_email": "false",
    "bounced": "false",
    "opted_out": "false",
    "engaged": "false",
}


def seen(*changes):
    return pl.DataFrame([PLAIN | change for change in changes], schema=dict.fromkeys(PLAIN, pl.String))


def log_odds(*changes, engagement=0.0):
    chance = probability(seen(*changes), np.full(len(changes), engagement))
    return np.log(chance / (1 - chance))


def web(**counts):
    names = ("page_views", "form_submissions", "emails_clicked", "emails_replied")
    return float(
        web_engagement(
            pl.DataFrame({name: [counts.get(name)] for name in names}, schema=dict.fromkeys(names, pl.Int64))
        )[0]
    )


def test_the_mean_is_the_base_rate():
    rows = [{"source": source} for source in EFFECTS["source"]] * 50

    chance = probability(seen(*rows), np.zeros(len(rows)), base_rate=0.2)

    assert chance.mean() == pytest.approx(0.2, abs=1e-6)


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"seniority": "vp"}, {"seniority": "junior"}),
        ({"source": "Partner Referral"}, {"source": "Purchased List"}),
        ({"size": "500-1999"}, {"size": "1-19"}),
        ({"country": "Germany"}, {"country": "Nigeria"}),
        ({"free_email": "false"}, {"free_email": "true"}),
        ({"bounced": "false"}, {"bounced": "true"}),
        ({"opted_out": "false"}, {"opted_out": "true"}),
        ({"seniority": None}, {"seniority": "junior"}),
    ],
)
def test_some_values_are_better_than_others(better, worse):
    good, bad = log_odds(better, worse)

    assert good > bad


def test_a_value_without_an_effect_changes_nothing():
    first, second = log_odds({"industry": "Media"}, {"industry": "Shipping"})

    assert first == pytest.approx(second)


def test_two_values_can_be_worth_more_together_than_apart():
    plain, chief, giant, both = log_odds(
        {}, {"seniority": "executive"}, {"size": "10000-"}, {"seniority": "executive", "size": "10000-"}
    )

    assert both - plain > (chief - plain) + (giant - plain) + 0.5


@pytest.mark.parametrize(
    ("column", "words"),
    [("seniority", TITLES), ("department", DEPARTMENTS), ("industry", INDUSTRIES), ("country", COUNTRIES)],
)
def test_every_effect_is_of_a_value_that_occurs(column, words):
    assert {key for key in EFFECTS[column] if key is not None} <= set(words)


def test_every_crossed_effect_is_of_values_with_effects():
    for (left, right), table in CROSSED.items():
        for one, other in table:
            assert one in EFFECTS[left]
            assert right == "engaged" or other in EFFECTS[right]


def test_the_first_response_counts_most_and_silence_counts_against():
    silent, untouched, one, two = campaign_engagement(np.array([2.0, 0, 1, 2]), np.array([0.0, 0, 1, 2]))

    assert silent < untouched < one < two
    assert one - untouched > two - one


def test_web_engagement_saturates():
    assert web() == 0
    assert 0 < web(page_views=1) < web(page_views=10) < web(page_views=100)
    assert web(page_views=100) == web(page_views=1000)
    assert web(form_submissions=2) - web(form_submissions=1) < web(form_submissions=1)
    assert web(emails_replied=1) == web(emails_replied=4) > 1


def test_sizes_fall_into_their_bands():
    sizes = pl.Series([1, 19, 20, 99, 100, 1999, 2000, 9999, 10_000, None], dtype=pl.Int64)

    bands = size_band(sizes).to_list()

    assert bands == ["1-19", "1-19", "20-99", "20-99", "100-499", "500-1999", "2000-9999", "2000-9999", "10000-", None]
