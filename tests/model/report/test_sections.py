"""Sections against figures that were worked out by hand."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score

from model.features import Feature
from model.figures import wilson
from tests.model.report.conftest import FEATURES, examples, small, told


def test_each_month_tells_what_was_said_and_what_happened():
    days = [datetime(2026, 3, 5, tzinfo=UTC)] * 4 + [datetime(2026, 4, 30, 23, tzinfo=UTC)] * 4
    days += [datetime(2026, 5, 1, tzinfo=UTC)] * 2

    found = told(tested=small(created_at=days))["backtest"]

    assert found["unit"] == "month"
    march, april, may = found["periods"]
    assert (march["start"], march["rows"], march["wins"]) == ("2026-03-01", 4, 3)
    assert march["said"] == pytest.approx((0.9 + 0.8 + 0.7 + 0.6) / 4)
    assert (march["low"], march["high"]) == pytest.approx(wilson(3, 4))
    assert (april["start"], april["wins"], may["start"], may["wins"]) == ("2026-04-01", 2, "2026-05-01", 0)
    assert "expected 5 wins; 5 happened" in found["says"]


@pytest.mark.parametrize(("days", "unit"), [(300, "month"), (40, "week"), (6, "day"), (365 * 5, "quarter")])
def test_a_short_or_a_long_test_is_cut_so_that_it_can_be_seen(days, unit):
    assert told(tested=examples(400, days=days))["backtest"]["unit"] == unit


def test_the_time_before_the_test_is_shown_without_a_likelihood():
    before = told()["backtest"]["before"]

    assert len(before) == 12
    assert all("said" not in row for row in before)


def test_the_curves_are_those_of_the_textbook():
    found = told(tested=small())["curves"]

    assert found["auc"] == pytest.approx(23 / 25)
    assert found["gains"]["y"][20] == pytest.approx(2 / 5)
    assert found["gains"]["y"][40] == pytest.approx(3 / 5)
    assert (found["roc"]["x"][0], found["roc"]["y"][0]) == (0, 0)
    assert (found["roc"]["x"][-1], found["roc"]["y"][-1]) == (1, 1)


def test_the_area_under_the_drawn_curve_is_the_auc():
    tested = examples(5_000)

    curve = told(tested=tested)["curves"]["roc"]

    assert len(curve["x"]) <= 101
    exact = roc_auc_score(tested["label"], tested["likelihood"])
    assert np.trapezoid(curve["y"], curve["x"]) == pytest.approx(exact, abs=0.005)


def test_ten_bins_hold_all_leads_in_order():
    found = told(tested=examples(1_234))["calibration"]

    assert sum(row["rows"] for row in found["bins"]) == 1_234
    assert [row["said"] for row in found["bins"]] == sorted(row["said"] for row in found["bins"])
    assert "no more than chance explains" in found["says"]


def test_a_grade_is_held_against_its_promise():
    found = told(tested=small())["grades"]["grades"]

    assert [(row["grade"], row["rows"], row["wins"]) for row in found] == [
        ("A", 1, 1), ("B", 2, 2), ("C", 3, 2), ("D", 4, 0),
    ]  # fmt: skip
    assert found[0]["promised"] == 0.5
    assert found[0]["bound"] == "the top 10 %"
    assert found[1]["promised"] is None
    assert found[3]["share"] == pytest.approx(0.4)


def test_grades_in_the_wrong_order_are_not_to_be_trusted():
    turned = small(grade=["D", "D", "D", "D", "C", "C", "C", "B", "B", "A"])

    assert "Do not trust the grades" in told(tested=turned)["grades"]["says"]


def test_money_is_the_revenue_that_the_top_leads_hold():
    amounts = [100.0, None, 300.0, 999.0, 400.0, 200.0, None, None, None, None]
    later_first = [datetime(2026, 1, 20, tzinfo=UTC) - timedelta(days=day) for day in range(10)]
    tested = small(amount=amounts, created_at=later_first)

    found = told(tested=tested, rivals={"backwards": np.linspace(0, 0.9, 10), "prior": np.full(10, 0.5)})["money"]

    assert found["measure"] == "won revenue"
    assert found["total"] == 1_000
    ways = {way["name"]: way["captured"] for way in found["ways"]}
    assert ways["this score"] == pytest.approx([0.1, 0.1, 0.4])
    assert ways["first come, first served"] == pytest.approx([0, 0, 0])
    assert ways["backwards"] == pytest.approx([0, 0, 0])
    assert "prior" not in ways
    assert "4 of 5 won leads carry an amount" in found["notes"][0]


def test_without_amounts_wins_are_counted_and_it_is_said():
    found = told(tested=small())["money"]

    assert found["measure"] == "wins"
    assert found["ways"][0]["worth"] == pytest.approx([1, 2, 3])
    assert "No amount" in found["notes"][0]


def test_leads_of_the_same_priority_count_with_their_expectation():
    priority = ["Cold", "Hot", "Hot", "Warm", "Hot", "Hot", "Warm", "Cold", None, None]

    found = told(tested=small(priority=priority))["money"]

    ways = {way["name"]: way["captured"] for way in found["ways"]}
    assert ways["the CRM's priority field"] == pytest.approx([0.2, 0.4, 0.8])
    assert any("meaning of its values" in note for note in found["notes"])


def test_a_priority_of_unknown_words_gets_the_order_that_suits_it_best():
    priority = ["blue", "red", "red", "blue", "red", "red", "blue", "blue", "blue", "blue"]

    found = told(tested=small(priority=priority))["money"]

    ways = {way["name"]: way["captured"] for way in found["ways"]}
    assert ways["the CRM's priority field"] == pytest.approx([0.2, 0.4, 0.8])
    assert any("the best it could have done" in note for note in found["notes"])


def test_segments_are_counted_and_compared():
    source = ["web"] * 6 + ["fair", "fair", "call", None]

    (part, size) = told(tested=small(source=source))["segments"]["segments"]

    assert (part["label"], size["label"]) == ("Lead source", "Employees")
    rows = {row["name"]: row for row in part["groups"]}
    assert list(rows) == ["web", "2 other values", "not known"]
    assert (rows["web"]["rows"], rows["web"]["wins"]) == (6, 5)
    assert rows["web"]["gap"] == pytest.approx(5 / 6 - 3.9 / 6)
    assert rows["web"]["auc"] == pytest.approx(3 / 5)
    assert rows["2 other values"]["auc"] is None
    assert rows["web"]["small"]


def test_numbers_are_cut_into_bands_of_equal_size():
    tested = examples(400).with_columns(employees=pl.int_range(400).cast(pl.Float64))

    part = next(part for part in told(tested=tested)["segments"]["segments"] if part["feature"] == "employees")

    assert [row["rows"] for row in part["groups"]] == [100, 100, 100, 100]
    assert [row["name"] for row in part["groups"]] == ["up to 99.8", "99.8 to 200", "200 to 299", "over 299"]


def test_segments_can_be_chosen_and_an_unknown_one_is_said():
    found = told(segments=["phone", "colour"])["segments"]

    assert [part["feature"] for part in found["segments"]] == ["phone"]
    assert {row["name"] for row in found["segments"][0]["groups"]} == {"yes", "no"}
    assert "colour" in found["says"]


def test_without_a_usual_segment_the_heaviest_features_are_shown():
    found = told(features=FEATURES[2:])["segments"]

    assert [part["feature"] for part in found["segments"]] == ["visits", "phone"]
    assert "weigh most" in found["says"]


def test_a_wrong_likelihood_is_found_in_its_segment():
    tested = examples(2_000).with_columns(
        label=pl.when(pl.col("source") == "fair").then(pl.lit(value=True)).otherwise("label")
    )

    says = told(tested=tested)["segments"]["says"]

    assert "Lead source = fair" in says
    assert "too low" in says


def test_steady_features_are_called_steady_and_a_new_market_is_seen():
    moved = examples(800, seed=2).with_columns(
        visits=pl.col("visits") + 4, source=pl.lit("new"), phone=pl.lit(None, pl.Boolean)
    )

    same, other = told()["stability"], told(tested=moved)["stability"]

    assert {item["word"] for item in same["features"]} == {"steady"}
    words = {item["feature"]: item["word"] for item in other["features"]}
    assert words == {"visits": "shifted", "source": "shifted", "phone": "shifted", "employees": "steady"}
    phone = next(item for item in other["features"] if item["feature"] == "phone")
    assert (phone["missing_then"], phone["missing_now"]) == (0, 1)


def test_fairness_is_told_for_what_looks_sensitive_even_when_it_was_kept_out():
    tested = examples(800, seed=2).with_columns(
        gender=pl.when(pl.int_range(800) % 2 == 0).then(pl.lit("f")).otherwise(pl.lit("m"))
    )

    (field,) = told(tested=tested)["fairness"]["fields"]

    women = next(row for row in field["groups"] if row["name"] == "f")
    rows = tested.filter(pl.col("gender") == "f")
    chosen = rows["grade"].is_in(["A", "B"])
    assert not field["in_model"]
    assert women["selected"] == pytest.approx(chosen.mean())
    assert women["found"] == pytest.approx(chosen.filter(rows["label"]).mean())


def test_a_group_that_is_seldom_selected_is_named():
    tested = examples(800, seed=2).with_columns(
        country=pl.when(pl.col("grade") == "D").then(pl.lit("X")).otherwise(pl.lit("Y"))
    )
    features = (*FEATURES, Feature("country", "Land (country)", "category", "fit"))

    found = told(learned=tested, tested=tested, features=features)["fairness"]

    assert "Land (country) = X" in found["says"]
    assert found["fields"][0]["why"] == "stands in"


def test_a_page_view_is_no_age_and_nothing_sensitive_is_said():
    features = (Feature("visits", "PageViews per Stage", "number", "engagement"),)

    found = told(features=features)["fairness"]

    assert found["fields"] == []
    assert "No field looks sensitive" in found["says"]


def test_rivals_stand_beside_ours_with_the_same_figures():
    tested = small()

    found = told(tested=tested, rivals={"same": tested["likelihood"].to_numpy(), "none": np.full(10, np.nan)})["rivals"]

    ours, same = found["models"]
    assert {**ours, "name": ""} == {**same, "name": ""}
    assert ours["brier"] == pytest.approx(
        np.mean((tested["likelihood"] - tested["label"].cast(pl.Float64)).to_numpy() ** 2)
    )
    assert ours["auc_low"] < ours["auc"] < ours["auc_high"]
    assert found["left_out"] == ["none"]


def test_a_better_rival_is_said():
    tested = small()

    says = told(tested=tested, rivals={"oracle": tested["label"].cast(pl.Float64).to_numpy()})["rivals"]["says"]

    assert "Another way ranked better" in says
