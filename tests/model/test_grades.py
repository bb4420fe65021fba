import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.errors import UnsuitableFrame
from model.figures import wilson
from model.grades import DEFAULT, Grades, are_drawn_so, bands, likelihood, supplied
from model.reference import bounds, grades, of, rate_a_week
from tests.model.conftest import leads, train

EVEN = np.linspace(-4, 4, 1_001)
START = datetime(2026, 1, 1, tzinfo=UTC)
DRAWN = st.one_of(
    st.tuples(st.floats(1, 60), st.floats(1, 60), st.floats(1, 60)).map(
        lambda parts: Grades("share", *(part * 100 / max(100, sum(parts)) for part in parts))
    ),
    st.lists(st.floats(0.001, 0.999), min_size=3, max_size=3, unique=True).map(
        lambda parts: Grades("likelihood", *sorted(parts, reverse=True))
    ),
    st.tuples(st.floats(1, 500), st.floats(1, 500), st.floats(1, 500)).map(lambda parts: Grades("capacity", *parts)),
)


def graded(drawn, margins, **how):
    reference = of(margins, margins, margins, drawn=drawn, **how)
    return reference, grades(margins, reference)


def test_by_share_each_grade_has_its_share_of_the_reference():
    _, found = graded(DEFAULT, np.random.default_rng(1).normal(size=20_000))

    assert [round(found.eq(grade).mean(), 2) for grade in "ABCD"] == [0.1, 0.2, 0.3, 0.4]


def test_by_likelihood_a_grade_begins_at_its_likelihood():
    reference, found = graded(Grades("likelihood", 0.3, 0.15, 0.05), EVEN)

    likely = 1 / (1 + np.exp(-EVEN))
    assert found.to_list() == ["A" if p >= 0.3 else "B" if p >= 0.15 else "C" if p >= 0.05 else "D" for p in likely]
    assert np.allclose([likelihood(bound) for bound in reference.bounds], [0.3, 0.15, 0.05])


def test_by_capacity_a_week_brings_as_many_of_each_grade_as_the_team_can_work():
    _, found = graded(
        Grades("capacity", 40, 100, 200), np.random.default_rng(1).normal(size=50_000), leads_a_week=1_000
    )

    assert [round(found.eq(grade).mean() * 1_000) for grade in "ABCD"] == [40, 100, 200, 660]


def test_leads_that_a_rule_sends_to_the_bottom_take_no_places_of_the_others():
    margins = np.random.default_rng(1).normal(size=50_000)
    junk = pl.Series([("D" if margin > 0.5 else None) for margin in margins], dtype=pl.String)

    _, found = graded(Grades("capacity", 40, 100, 200), margins, leads_a_week=1_000, ruled=junk)
    _, shared = graded(DEFAULT, margins, ruled=junk)

    free = junk.is_null()
    assert [round((found.eq(grade) & free).mean() * 1_000) for grade in "ABC"] == [40, 100, 200]
    assert [round(shared.filter(free).eq(grade).mean(), 2) for grade in "ABCD"] == [0.1, 0.2, 0.3, 0.4]


def test_leads_that_a_rule_makes_an_a_take_their_places_from_the_team_s_week():
    margins = np.random.default_rng(1).normal(size=50_000)
    key = pl.Series(
        [("A" if place % 100 < 3 else None) for place in range(50_000)], dtype=pl.String
    )  # 30 of 1,000 each week

    _, found = graded(Grades("capacity", 40, 100, 200), margins, leads_a_week=1_000, ruled=key)
    _, none = graded(Grades("capacity", 20, 100, 200), margins, leads_a_week=1_000, ruled=key)

    free = key.is_null()
    assert [round((found.eq(grade) & free).mean() * 1_000) for grade in "ABC"] == [10, 100, 200]
    assert not (none.eq("A") & free).any()


def test_a_team_that_can_work_all_leads_has_no_d_however_unlikely_a_lead_is():
    reference, _ = graded(Grades("capacity", 40, 100, 2_000), EVEN, leads_a_week=1_000)

    assert grades(np.array([-700.0]), reference).to_list() == ["C"]
    json.dumps(reference.bounds.tolist(), allow_nan=False)


def test_without_times_nobody_knows_how_many_leads_a_week_brings():
    with pytest.raises(UnsuitableFrame, match="by: share"):
        graded(Grades("capacity", 1, 2, 3), EVEN)


def test_a_usual_week_is_one_of_the_latest_quarter():
    slow = [START + timedelta(days=day) for day in range(300)]
    fast = [START + timedelta(days=300, minutes=10 * number) for number in range(13 * 7 * 144)]

    assert rate_a_week(pl.Series([*slow, *fast])) == pytest.approx(1_008)
    assert rate_a_week(pl.Series([START] * 5)) == 5
    assert rate_a_week(pl.Series([None], dtype=pl.Datetime("us", "UTC"))) is None


@given(DRAWN, st.lists(st.floats(-6, 6), min_size=2, max_size=50))
def test_a_higher_margin_never_has_a_lower_grade(drawn, margins):
    margins = np.sort(np.array(margins))

    reference, found = graded(drawn, margins, leads_a_week=100.0)

    assert found.is_sorted(descending=True)
    assert (np.diff(reference.bounds) <= 0).all()


@given(DRAWN, st.integers(0, 80))
def test_what_grades_promise_is_counted_with_the_very_bounds_and_adds_up(drawn, rows):
    draw = np.random.default_rng(rows)
    margins = draw.normal(-1, 1.5, rows)
    backtest = pl.DataFrame({"likelihood": 1 / (1 + np.exp(-margins)), "label": draw.random(rows) < 0.3})
    reference, _ = graded(drawn, EVEN, leads_a_week=100.0)

    told = bands(drawn, reference.bounds.tolist(), backtest)

    found = grades(margins, reference)
    for band in told:
        own = backtest.filter(found == band["grade"])
        assert (band["rows"], band["wins"]) == (own.height, own["label"].sum())
        assert (band["low"], band["high"]) == wilson(band["wins"], band["rows"])
    assert sum(band["rows"] for band in told) == rows
    assert are_drawn_so(json.loads(json.dumps(told)), drawn)
    assert not are_drawn_so(told, Grades("share", 11, 20, 30))


def test_bounds_are_said_in_words():
    nobody = pl.DataFrame({"likelihood": [], "label": []}, schema={"likelihood": pl.Float64, "label": pl.Boolean})

    def said(drawn):
        return [band["bound"] for band in bands(drawn, [0.0, -1.0, -2.0], nobody)]

    assert said(DEFAULT)[0] == "the top 10 % of the reference population, which are likely to at least 50.0%"
    assert said(Grades("likelihood", 0.3, 0.125, 0.005))[:3] == [
        "likely to at least 30 %", "likely to at least 12.5 %", "likely to at least 0.5 %",
    ]  # fmt: skip
    assert said(Grades("capacity", 40, 100, 200))[1].startswith("the next 100 new leads of a usual week")
    assert said(DEFAULT)[3] == "all the rest"


def test_a_model_keeps_its_bounds_and_its_card_what_they_promise():
    drawn = Grades("likelihood", 0.5, 0.3, 0.1)
    model = train(leads(1_500), grades=drawn)

    scored = model.score(leads(300, seed=8))

    lowest = scored.filter(pl.col("grade") == "A")["likelihood"].min()
    assert lowest >= 0.5 - 1e-9
    assert scored.filter(pl.col("grade") != "A")["likelihood"].max() < 0.5
    assert are_drawn_so(model.card["grades"], drawn)
    assert sum(band["rows"] for band in model.card["grades"]) == model.card["split"]["tested_on"]


def test_bounds_never_rise():
    assert bounds(Grades("share", 10, 20, 30), EVEN).tolist() == sorted(bounds(DEFAULT, EVEN), reverse=True)


def test_naming_grades_loads_nothing_else():
    code = "import sys, model.grades; sys.exit(bool({'catboost', 'polars', 'numpy', 'sklearn'} & set(sys.modules)))"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_capacity_is_held_against_the_supply():
    drawn = Grades("capacity", 40, 100, 200)

    assert supplied(drawn, None) is supplied(Grades(), 5.0) is None
    assert supplied(drawn, 19.2).count("A takes in all that are left, and no lead becomes B or C or D") == 1
    assert "C takes in all that are left, and no lead becomes D" in supplied(drawn, 300.0)
    assert supplied(drawn, 1_000.0).endswith("A 40, B 100, C 200 of them, and the rest are D.")
