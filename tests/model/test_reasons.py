"""Reasons: which are chosen, what they say, and that what they say is so."""

import re

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.features import Feature
from model.reasons import LEAST, NEGATIVE, POSITIVE, STRUCT, reasons
from model.sentences import how_likely, rounded, said

FEATURES = (
    Feature("industry", "Industry", "category", "fit"),
    Feature("employees", "Employees", "number", "fit", field="size"),
    Feature("size_band", "Company size", "category", "fit", field="size"),
    Feature("has_phone", "Phone number", "boolean", "fit"),
    Feature("secret", "Secret", "number", "engagement", told=False),
    Feature("visits", "Visits", "number", "engagement"),
    Feature("opens", "Opens", "number", "engagement"),
)
FIELDS = ("industry", "size", "size", "has_phone", None, "visits", "opens")
EFFECTS = st.floats(-3, 3).map(lambda effect: round(effect, 2))
LEADS = st.lists(st.lists(EFFECTS, min_size=len(FEATURES), max_size=len(FEATURES)), min_size=1, max_size=8)


def frame(rows=1, **values):
    given_values = {
        "industry": "wind_energy", "employees": 1200.0, "size_band": "large", "has_phone": True,
        "secret": 1.0, "visits": 4.0, "opens": 0.25,
    } | values  # fmt: skip
    kinds = {"number": pl.Float64, "category": pl.String, "boolean": pl.Boolean}
    return pl.DataFrame(
        [pl.Series(f.name, [given_values[f.name]] * rows, dtype=kinds[f.kind]) for f in FEATURES],
    )


def told(*effects, margin=0.0, **values):
    parts = np.array([[*effects, *[0.0] * (len(FEATURES) - len(effects))]])
    return reasons(frame(**values), FEATURES, parts, np.array([margin]))[0].to_list()


def wanted(parts):
    """The choice, written down once more in the plainest way."""
    fields = {}
    for field, part in zip(FIELDS, parts, strict=True):
        if field:
            fields[field] = fields.get(field, 0.0) + part
    strong = sorted((effect for effect in fields.values() if abs(effect) >= LEAST), key=lambda effect: -abs(effect))
    kept = [effect for effect in strong if effect > 0][:POSITIVE] + [effect for effect in strong if effect < 0][
        :NEGATIVE
    ]
    return sorted(kept, key=lambda effect: (-abs(effect), effect < 0))


@given(LEADS)
def test_up_to_three_fields_for_and_two_against_are_told_strongest_first(rows):
    parts = np.array(rows)

    made = reasons(frame(len(rows)), FEATURES, parts, parts.sum(axis=1))

    assert made.dtype == pl.List(STRUCT)
    for row, chosen in zip(rows, made.to_list(), strict=True):
        assert [reason["effect"] for reason in chosen] == pytest.approx(wanted(row))
        assert all(reason["feature"] != "secret" for reason in chosen)
        assert all(reason["code"] == reason["feature"].upper() + "-+"[reason["effect"] > 0] for reason in chosen)


def test_features_of_one_field_are_one_reason_in_the_words_of_the_strongest_in_its_direction():
    [reason] = told(0.0, 0.3, 0.7)
    [other] = told(0.0, -0.2, 0.9)

    assert (reason["code"], reason["effect"]) == ("SIZE_BAND+", pytest.approx(1.0))
    assert reason["text"].startswith("Company size: large (")
    assert (other["code"], other["effect"]) == ("SIZE_BAND+", pytest.approx(0.7))


def test_how_likely_goes_by_the_calibrated_likelihood():
    parts, margins = np.array([[1.0] + [0.0] * 6]), np.array([0.5])

    [[reason]] = reasons(frame(), FEATURES, parts, margins, lambda raw: 2 * raw - 3).to_list()

    assert reason["text"] == f"Industry: wind energy ({(1 + np.exp(4)) / (1 + np.exp(2)):.1f} times as likely)"
    assert reason["effect"] == 1.0


def test_what_may_not_be_told_is_no_reason_however_strong():
    assert told(0.0, 0.0, 0.0, 0.0, 5.0) == []
    hidden = [Feature("visits", "Visits", "number", "engagement", told=False)]
    assert reasons(pl.DataFrame({"visits": [1.0]}), hidden, np.ones((1, 1)), np.ones(1)).to_list() == [[]]


def test_no_leads_have_no_reasons():
    none = reasons(frame(0), FEATURES, np.zeros((0, len(FEATURES))), np.zeros(0))

    assert none.dtype == pl.List(STRUCT)
    assert none.is_empty()


@given(margin=st.floats(-8, 8), effect=st.floats(-4, 4))
def test_how_likely_is_the_likelihood_with_the_reason_over_the_likelihood_without_it(margin, effect):
    with_it, without = 1 / (1 + np.exp(-margin)), 1 / (1 + np.exp(effect - margin))

    words = how_likely(np.array([margin]), np.array([margin - effect]))[0]

    shown = float((re.search(r"[\d.]+", words) or ["0"])[0])
    if "times" in words:
        assert abs(shown - with_it / without) <= (0.051 if with_it / without < 9.9 else 0.51)
        assert words.endswith("times as likely")
    elif "%" in words:
        assert abs(shown / 100 - (1 - with_it / without)) <= 0.0101
        assert words.endswith("% less likely")
    else:
        assert words == f"slightly {'more' if margin > margin - effect else 'less'} likely"
        assert -0.056 < with_it / without - 1 < 0.056


@pytest.mark.parametrize(
    ("margin", "effect", "words"),
    [
        (0.0, 1.0, "1.9 times as likely"),
        (-5.0, 3.5, "33 times as likely"),
        (5.0, 3.0, "1.1 times as likely"),
        (5.0, 1.0, "slightly more likely"),
        (0.0, -1.0, "32% less likely"),
        (-900.0, -30.0, "99% less likely"),
        (-900.0, 30.0, "over 100 times as likely"),
        (900.0, 1e9, "over 100 times as likely"),
        (1e9, 2e9, "over 100 times as likely"),
    ],
)
def test_how_likely_is_said_in_one_form_for_and_one_against(margin, effect, words):
    assert how_likely(np.array([margin]), np.array([margin - effect]))[0] == words


@pytest.mark.parametrize(
    ("feature", "value", "words"),
    [
        (0, "wind_energy", "Industry: wind energy"),
        (0, "Never seen & <b>", "Industry: Never seen & <b>"),
        (0, None, "Industry: not known"),
        (3, True, "Phone number: yes"),
        (3, False, "Phone number: no"),
        (3, None, "Phone number: not known"),
        (1, 1234.5, "Employees: 1,234"),
        (1, 3_400_000.0, "Employees: 3.4 million"),
        (1, None, "Employees: not known"),
        (1, float("nan"), "Employees: not known"),
        (1, float("inf"), "Employees: without end"),
        (1, -2.0, "Employees: -2"),
    ],
)
def test_a_value_is_said_as_a_colleague_would(feature, value, words):
    kinds = {"number": pl.Float64, "category": pl.String, "boolean": pl.Boolean}
    about = FEATURES[feature]

    assert said(about, pl.Series([value], dtype=kinds[about.kind])).to_list() == [words]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.0, "0"), (7.0, "7"), (7.25, "7.2"), (99.95, "100.0"), (100.4, "100"), (1200.0, "1,200"), (0.04, "0.04"),
        (1e-9, "0"), (999_999.0, "999,999"), (3.4e6, "3.4 million"), (12_345_678.0, "12.3 million"),
        (2e9, "2 billion"),
        (4.5e13, "45,000 billion"), (-1e6, "-1 million"),
    ],
)  # fmt: skip
def test_numbers_are_written_as_people_say_them(value, words):
    assert rounded(value) == words


@given(st.lists(st.floats(-1e12, 1e12), max_size=20))
def test_many_numbers_are_written_as_each_alone(values):
    written = said(FEATURES[1], pl.Series(values, dtype=pl.Float64)).to_list()

    assert all(re.fullmatch(r"Employees: -?[\d.,]+( million| billion)?", words) for words in written)
    for value, words in zip(values, written, strict=True):
        shown = float(words.removeprefix("Employees: ").split(" ")[0].replace(",", ""))
        scale = {"million": 1e6, "billion": 1e9}.get(words.split(" ")[-1], 1.0)
        assert abs(shown * scale - value) <= max(0.0051 * abs(value), 0.051)
