import numpy as np
import polars as pl
import pytest

from model.leaks.settled import settles, settles_both_ways
from tests.model.leaks.conftest import ROWS, asked, hidden, honest

WINS = 0.125


@pytest.fixture
def label():
    return (np.random.default_rng(2).random(4_000) < WINS).astype(np.int8)


def test_a_field_that_is_empty_for_all_who_are_still_open_settles(label):
    still_open = (label == 0) & (np.arange(4_000) % 2 == 0)
    days = hidden(np.arange(4_000) % 90 + 1.0, ~still_open)

    told = settles(days, label)

    assert (told.where, told.outcome, told.seen) == ("empty", 1, 0)
    assert told.expected == pytest.approx(still_open.sum() * label.mean())


def test_a_reason_that_only_some_of_the_lost_have_settles(label):
    reasons = hidden(np.array(["price", "timing"])[np.arange(4_000) % 2], (label == 0) & (np.arange(4_000) % 6 == 0))

    assert settles(reasons, label).where == "filled"


def test_a_number_whose_usual_value_never_wins_settles(label):
    changed = np.where((label == 1) | (np.arange(4_000) % 3 == 0), np.arange(4_000) % 60 + 1.0, 0.0)

    assert settles(pl.Series(changed), label).where == "0"


def test_a_slip_of_the_hand_does_not_hide_it(label):
    still_open = (label == 0) & (np.arange(4_000) % 3 > 0)
    still_open[np.flatnonzero(label)[0]] = True

    assert settles(hidden(np.ones(4_000), ~still_open), label).seen == 1


def test_what_only_moves_the_odds_settles_nothing(label):
    draw = np.random.default_rng(3)
    bounced = pl.Series(np.where(draw.random(4_000) < np.where(label == 1, 0.05, 0.5), 1.0, 0.0))

    assert settles(bounced, label) is None


def test_few_leads_settle_nothing(label):
    rare = hidden(np.ones(4_000), (label == 0) & (np.arange(4_000) < 200))

    assert settles(rare, label) is None


@pytest.mark.parametrize("column", [pl.Series([1.0] * 4_000), pl.Series([None] * 4_000, dtype=pl.String)])
def test_a_column_of_one_value_settles_nothing(column, label):
    assert settles(column, label) is None


def test_it_is_dropped_with_the_numbers_behind_it():
    frame, label = honest()
    reason = hidden(np.array(["price", "timing"])[np.arange(ROWS) % 2], (label == 0) & (np.arange(ROWS) % 8 == 0))

    found = asked(frame.with_columns(reason.alias("reason")), label)

    assert (found["reason"].verdict, found["reason"].sign) == ("dropped", "settles the outcome")
    assert found["reason"].evidence["seen"] == 0
    assert "where it is filled, 0 leads reached the milestone" in found["reason"].reason


def test_a_status_in_any_language_settles_the_outcome_both_ways():
    draw = np.random.default_rng(1)
    label = (draw.random(2_000) < 0.4).astype(int)
    german = [draw.choice(["Gewonnen", "Angebot"]) if won else draw.choice(["Verloren", "Angebot"]) for won in label]
    honest = [draw.choice(["gut", "gut", "schlecht"] if won else ["gut", "schlecht", "schlecht"]) for won in label]

    assert settles_both_ways(pl.Series(german), label) == ("Gewonnen", "Verloren")
    assert settles_both_ways(pl.Series(honest), label) is None
    assert settles_both_ways(pl.Series(["never wins"] * 2_000), np.zeros(2_000, int)) is None
