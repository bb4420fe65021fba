import json

import numpy as np
import polars as pl
import pytest

from model.errors import UnsuitableFrame
from model.report.page import page
from model.report.tell import FORMAT
from tests.model.report.conftest import CARD, examples, small, told

SECTIONS = [
    "headline", "funnel", "leaks", "backtest", "curves", "calibration", "grades", "money", "rivals", "segments",
    "fairness", "stability", "importances",
]  # fmt: skip


def test_every_section_is_there_and_says_something():
    report = told()

    assert report["format"] == FORMAT
    for name in SECTIONS[1:]:
        assert report[name]["says"], name
    assert "be won within 90 days" in report["headline"]["predicts"]
    assert report["headline"]["verdict"] == CARD["verdict"]


def test_it_is_plain_json_without_nan():
    report = told(
        rivals={"prior": np.full(800, 0.2)}, findings=[{"label": "x", "evidence": {"auc": np.float64("nan")}}]
    )

    assert json.loads(json.dumps(report, allow_nan=False)) == report


def test_it_holds_aggregates_only():
    rare = examples(800, seed=2).with_columns(
        pl.when(pl.int_range(pl.len()) < 4).then(pl.lit("Ada Lovelace")).otherwise("source").alias("source")
    )

    text = json.dumps(told(tested=rare))

    assert "person-" not in text
    assert "Ada Lovelace" not in text
    assert "drift_baseline" not in text


def test_the_order_of_the_rows_does_not_matter():
    tested = examples(800, seed=2)

    one, other = told(tested=tested.sample(fraction=1, shuffle=True, seed=5)), told(tested=tested)

    assert rounded(one) == rounded(other)


def rounded(value):
    """Forget the last digits: sums in another order differ in them."""
    return json.loads(json.dumps(value), parse_float=lambda text: round(float(text), 9))


def test_the_funnel_and_the_findings_are_told_as_given():
    report = told(findings=[{"label": "b", "verdict": "doubted"}, {"label": "a", "verdict": "dropped"}])

    assert report["funnel"]["steps"][0] == {"name": "all leads", "rows": 5_000, "means": "all that were pulled"}
    assert [finding["label"] for finding in report["leaks"]["findings"]] == ["a", "b"]
    assert "1 dropped, 1 doubted" in report["leaks"]["says"]
    assert any("look at them: b" in sentence for sentence in report["headline"]["unknown"])


def test_importances_are_shares_of_the_cards_weights():
    weights = told()["importances"]["features"]

    assert [(item["label"], round(item["share"], 6)) for item in weights] == [
        ("Visits", 0.6),
        ("Employees", 0.3),
        ("Lead source", 0.1),
    ]


@pytest.mark.parametrize(
    ("tested", "words"),
    [
        (examples(0), "No lead was tested"),
        (examples(3), ""),
        (examples(300).with_columns(label=pl.lit(value=False)), "ended alike"),
        (examples(300).with_columns(label=pl.lit(value=True)), "ended alike"),
        (examples(300).with_columns(created_at=pl.lit(None, pl.Datetime("us", "UTC"))), "carry no dates"),
        (examples(300).drop("grade"), "not graded"),
        (examples(300).with_columns(likelihood=pl.lit(0.3)), ""),
        (examples(300).with_columns(employees=pl.lit(float("inf"))), ""),
        (examples(300).with_columns(employees=pl.lit(None, pl.Float64), source=pl.lit(None, pl.String)), ""),
        (examples(300).with_columns(visits=pl.col("visits").cast(pl.Int64)), ""),
    ],
)
def test_whatever_it_is_given_it_gives_a_page_or_says_why_not(tested, words):
    report = told(tested=tested, rivals={"half": np.full(tested.height, 0.5)})

    assert words in json.dumps(report, allow_nan=False)
    assert page(report).rstrip().endswith("</html>")


def test_nothing_to_learn_from_and_an_empty_card_still_make_a_page():
    report = told(learned=examples(0), card={}, funnel=[], findings=[])

    assert "no earlier leads" in report["stability"]["says"]
    assert "names no weights" in report["importances"]["says"]
    assert page(report).rstrip().endswith("</html>")


def test_a_missing_column_is_named():
    with pytest.raises(UnsuitableFrame, match="visits"):
        told(tested=examples(20).drop("visits"))


def test_a_rival_of_other_leads_is_named():
    with pytest.raises(UnsuitableFrame, match="points gives 3 likelihoods for 10"):
        told(tested=small(), rivals={"points": np.array([0.1, 0.2, 0.3])})


def test_no_feature_at_all_is_no_error():
    assert page(told(features=()))
