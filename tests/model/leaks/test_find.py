import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.leaks.find import find
from tests.model.leaks.conftest import ROWS, asked, features, hidden, honest, signs, silent


@pytest.fixture(scope="module")
def draw():
    return np.random.default_rng(8)


def with_column(values, name="planted", rows=ROWS):
    frame, label = honest(rows)
    return frame.with_columns(pl.Series(name, values)), label


@pytest.mark.parametrize("seed", range(3))
def test_honest_fields_are_left_alone(seed):
    assert asked(*honest(seed=seed)) == {}


@pytest.mark.parametrize("seed", range(3))
def test_a_table_that_tells_nothing_is_left_alone(seed):
    assert signs(*silent(seed=seed)) == {}


def test_an_identifier_is_found():
    frame, label = with_column([f"00Q{number}" for number in range(ROWS)])

    assert signs(frame, label) == {"planted": "identifier"}


@pytest.mark.parametrize(
    "numbers",
    [np.arange(ROWS) + 1.0, ROWS - np.arange(ROWS, dtype=float), 7.0 * np.arange(ROWS) + np.arange(ROWS) % 5],
    ids=["rising", "falling", "in steps"],
)
def test_the_number_of_the_row_is_found(numbers):
    frame, label = with_column(numbers)

    assert signs(frame, label) == {"planted": "row order"}


def test_an_amount_of_its_own_in_each_row_is_no_row_number(draw):
    frame, label = with_column(draw.permutation(ROWS).astype(float) * 3)

    assert signs(frame, label) == {}


@pytest.mark.parametrize(
    ("ended", "open_"),
    [("Closed - Not Converted", "Working - Contacted"), ("disqualified", "nurturing"), ("Call back later", "Ringing")],
)
def test_what_is_noted_during_the_work_is_found_even_if_it_tells_nothing(ended, open_, draw):
    frame, label = with_column(draw.choice([ended, open_], ROWS))

    found = asked(frame, label)

    assert found["planted"].sign == "words of work"
    assert ended in found["planted"].reason


def test_a_few_words_of_work_in_an_honest_field_do_no_harm(draw):
    frame, label = with_column(draw.choice(["Fair", "Won", "Web", "Partner"], ROWS, p=[0.4, 0.2, 0.2, 0.2]))

    assert signs(frame, label) == {}


def test_what_is_filled_for_winners_alone_is_found(draw):
    frame, label = honest()
    amount = hidden(draw.normal(1_000, 300, ROWS), label == 1)

    found = asked(frame.with_columns(amount.alias("amount")), label)

    assert found["amount"].sign == "filled for one outcome"
    assert "reached the milestone" in found["amount"].reason
    assert found["amount"].evidence["auc_of_filled"] > 0.99


def test_what_is_filled_for_losers_alone_is_found(draw):
    frame, label = honest()
    reason = hidden(draw.choice(["price", "timing"], ROWS), (label == 0) & (draw.random(ROWS) < 0.8))

    found = asked(frame.with_columns(reason.alias("reason")), label)

    assert found["reason"].sign == "filled for one outcome"
    assert "did not" in found["reason"].reason


def test_shares_of_the_same_whole_are_found(draw):
    shares = draw.dirichlet([1, 1, 1], ROWS)
    frame, label = honest()
    frame = frame.with_columns(pl.Series(f"share {place}", shares[:, place]) for place in range(3))

    assert signs(frame, label) == dict.fromkeys(("share 0", "share 1", "share 2"), "shares of a whole")


def test_shares_that_make_no_whole_are_left_alone(draw):
    frame, label = honest()
    frame = frame.with_columns(pl.Series(f"share {place}", draw.random(ROWS)) for place in range(3))

    assert signs(frame, label) == {}


def nested(draw):
    days = draw.integers(0, 200, ROWS).astype(float)
    return days, np.where(draw.random(ROWS) < 0.1, np.floor(days * draw.random(ROWS)), days)


def test_clocks_that_run_together_are_found(draw):
    days, earlier = nested(draw)
    frame, label = honest()

    found = signs(frame.with_columns(pl.Series("until close", days), pl.Series("until contact", earlier)), label)

    assert found == {"until close": "nested counters", "until contact": "nested counters"}


def test_what_only_such_clocks_explain_is_of_the_same_process(draw):
    days, earlier = nested(draw)
    frame, label = honest()
    changes = np.floor(days / 10) + draw.integers(0, 3, ROWS)
    frame = frame.with_columns(
        pl.Series("until close", days), pl.Series("until contact", earlier), pl.Series("changes", changes)
    )

    found = asked(frame, label)

    assert found["changes"].sign == "same process"
    assert found["changes"].evidence["explained"] > found["changes"].evidence["explained_by_others"]


def test_days_that_stopped_when_many_were_closed_at_once_are_found(draw):
    frame, label = honest()
    closing_days = draw.choice(100, 50, replace=False)
    on_such_a_day = draw.choice(closing_days, ROWS)
    others = draw.choice(np.setdiff1d(np.arange(100), closing_days), ROWS)
    days = np.where((draw.random(ROWS) < 0.85) == (label == 1), on_such_a_day, others).astype(float)

    found = asked(frame.with_columns(pl.Series("days", days)), label)

    assert found["days"].sign == "stopped clock"
    assert found["days"].evidence["auc_by_value"] > found["days"].evidence["auc_in_bands"] + 0.1


def test_a_count_with_a_smooth_effect_is_no_clock(draw):
    frame, label = honest()
    days = np.clip(np.round(draw.normal(50 + 12 * label, 15, ROWS)), 0, 99)

    assert signs(frame.with_columns(pl.Series("days", days)), label) == {}


def test_a_copy_of_the_outcome_with_slips_is_found(draw):
    frame, label = honest()
    nearly = (label == 1) ^ (draw.random(ROWS) < 0.02)

    found = asked(frame.with_columns(pl.Series("nearly", nearly)), label)

    assert found["nearly"].sign == "too good"
    assert found["nearly"].evidence["auc_alone"] > 0.95


def test_leaks_that_hide_each_other_are_all_found(draw):
    frame, label = honest()
    leaks = {f"nearly {place}": (label == 1) ^ (draw.random(ROWS) < 0.04) for place in range(3)}

    found = signs(frame.with_columns(pl.Series(name, values) for name, values in leaks.items()), label)

    assert found == dict.fromkeys(leaks, "too good")


def test_a_number_that_says_much_more_than_all_others_is_found(draw):
    frame, label = honest()

    found = signs(frame.with_columns(pl.Series("seconds", draw.normal(1.6 * label, 1, ROWS))), label)

    assert found == {"seconds": "too good"}


def test_a_strong_honest_field_is_left_alone(draw):
    frame, label = honest()

    assert signs(frame.with_columns(pl.Series("fit", draw.normal(0.9 * label, 1, ROWS))), label) == {}


def test_one_number_that_speaks_where_all_others_are_silent_is_found(draw):
    frame, label = silent()

    found = signs(frame.with_columns(pl.Series("days open", draw.normal(0.5 * label, 1, ROWS))), label)

    assert found == {"days open": "alone in silence"}


def test_what_is_filled_in_the_very_same_rows_as_a_leak_is_found(draw):
    frame, label = honest()
    touched = draw.random(ROWS) < 0.5
    frame = frame.with_columns(
        hidden(draw.choice(["Hot", "Cold"], ROWS), touched).alias("quality"),
        hidden(draw.normal(0, 1, ROWS), touched).alias("index"),
    )

    assert signs(frame, label) == {"quality": "words of work", "index": "filled together"}


def test_what_may_be_filled_late_is_doubted_and_used(draw):
    frame, label = honest()
    told = draw.random(ROWS) < np.where(label == 1, 0.8, 0.45)
    frame = frame.with_columns(hidden(draw.choice(["low", "high"], ROWS), told).alias("budget"))

    found = asked(frame, label)

    assert (found["budget"].verdict, found["budget"].sign) == ("doubted", "filled late")


def test_what_people_vouch_for_is_kept_and_still_listed(draw):
    frame, label = honest()
    frame = frame.with_columns(
        pl.Series("row", np.arange(ROWS, dtype=float)), pl.Series("nearly", (label == 1) ^ (draw.random(ROWS) < 0.02))
    )

    found = asked(frame, label, kept=("nearly", "visits"))

    assert {name: finding.verdict for name, finding in found.items()} == {"row": "dropped", "nearly": "kept by hand"}
    assert found["nearly"].reason == asked(frame, label)["nearly"].reason


def test_findings_come_in_the_order_of_the_features_with_words_and_numbers(draw):
    frame, label = honest()
    nearly = pl.Series("nearly", (label == 1) ^ (draw.random(ROWS) < 0.02))
    frame = frame.with_columns(nearly, pl.Series("identifier", [f"L{place}" for place in range(ROWS)]))

    found = find(frame, features(frame)[::-1], label, seed=1)

    assert [finding.feature for finding in found] == ["identifier", "nearly"]
    assert [finding.label for finding in found] == ["Identifier", "Nearly"]
    assert all(finding.reason.endswith(".") and finding.evidence for finding in found)
    assert found[0].as_dict()["verdict"] == "dropped"


def test_the_same_table_and_seed_give_the_same_findings(draw):
    frame, label = honest()
    frame = frame.with_columns(pl.Series("nearly", (label == 1) ^ (draw.random(ROWS) < 0.02)))

    assert asked(frame, label, seed=5) == asked(frame, label, seed=5)


@pytest.mark.parametrize("label", [np.zeros(400, np.int8), np.ones(400, np.int8)])
def test_leads_that_all_ended_alike_accuse_nobody(label):
    frame, _ = honest(400)

    assert asked(frame, label) == {}


ODD = st.sampled_from([None, float("nan"), float("inf"), float("-inf"), 0.0, 1.0, 2.5, 1e300])


@settings(max_examples=25)
@given(
    numbers=st.lists(ODD, min_size=1, max_size=40),
    words=st.lists(st.none() | st.text(max_size=5), min_size=1, max_size=20),
    rows=st.sampled_from([1, 2, 299, 320]),
)
def test_any_table_has_findings_of_its_own_features_alone(numbers, words, rows):
    repeats = rows // min(len(numbers), len(words)) + 1
    frame = pl.DataFrame(
        {
            "number": pl.Series((numbers * repeats)[:rows], dtype=pl.Float64),
            "word": pl.Series((words * repeats)[:rows], dtype=pl.String),
            "flag": pl.Series([None, True, False][: min(3, rows)] * rows, dtype=pl.Boolean)[:rows],
        }
    )
    label = np.arange(rows) % 2

    assert set(asked(frame, label)) <= set(frame.columns)
