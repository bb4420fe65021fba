import numpy as np
import polars as pl
import pytest

from connector.simulator import family_truth as truth
from connector.simulator.firmographics import FORMS

NONE = np.array([np.nan])


def value(worth):
    return float(worth[0])


def one(number):
    return np.array([float(number)])


def test_two_signs_of_junk_are_worse_than_twice_one():
    none, single, two, three = truth.junk(np.array([0, 1, 2, 3]))

    assert none == 0
    assert two < 2 * single < 0
    assert three < two


def test_what_happened_late_counts_more_and_halves_with_each_half_life():
    early, late, never = truth.fading(np.array([2.0, 2.0 + truth.HALF_LIFE_DAYS, np.nan]))

    assert (late, never) == (pytest.approx(2 * early), 0)
    assert late < 1


def test_inactivity_lets_online_behaviour_fade():
    page = pl.Series(["home"])

    fresh, old = (value(truth.online(one(2), one(0), one(day), page)) for day in (13, 1))

    assert fresh > old > 0


def test_pages_of_high_value_count_and_nothing_counts_without_a_visit():
    plain, prices = (value(truth.online(one(3), one(high), one(3), pl.Series(["home"]))) for high in (0, 1))

    assert prices > plain
    assert value(truth.online(one(0), one(0), NONE, pl.Series([None], dtype=pl.String))) == 0


def test_networks_differ_in_worth():
    worth = {
        name: value(truth.social({other: one(other == name) for other in truth.NETWORKS}, one(5)))
        for name in truth.NETWORKS
    }

    assert worth["LinkedIn"] > worth["Twitter"] > worth["Facebook"]
    assert value(truth.social(dict.fromkeys(truth.NETWORKS, one(0)), NONE)) == 0


def test_a_lead_without_a_company_has_no_worth_of_one():
    schema = {"founded": pl.Int64, "ownership": pl.String, "parent_key": pl.Int64, "form": pl.Int64}
    firms = pl.DataFrame([{}, {"founded": 2018, "ownership": "Public", "parent_key": 7, "form": 0}], schema=schema)

    unknown, known = truth.company(firms, 2026)

    assert unknown == 0
    assert known == pytest.approx(0.4 + truth.PUBLIC + truth.PARENT + truth.FORMS[0])


def test_each_country_has_a_name_for_each_form():
    assert {len(forms) for forms in FORMS.values()} == {len(truth.FORMS)}
