import polars as pl
import pytest

from model.leaks.words import words_of_work


@pytest.mark.parametrize(
    "value",
    [
        "Closed - Not Converted", "Working - Contacted", "CLOSED LOST", "closed_won", "disqualified", "no answer",
        "Not interested", "Invalid  number", "Follow-up next week", "Hot", "warm lead", "Negotiation/Review",
        "Email opened", "SMS Sent", "Meeting scheduled", "Proposal sent", "01.High", "Low in Relevance",
        "Wrong e-mail address", "Unsubscribed",
    ],
)  # fmt: skip
def test_words_that_the_work_on_a_lead_leaves_are_known(value):
    share, examples = words_of_work(pl.Series([value, None, value]))

    assert (share, examples) == (1.0, [value])


@pytest.mark.parametrize(
    "value",
    [
        "Web", "Partner Referral", "Banking", "United Kingdom", "Director", "Low-cost carrier", "Newsletter",
        "Wonder Ltd", "Lostwithiel", "Contact form", "Hotel", "Coldstores", "Other", "Unemployed", "High school",
    ],
)  # fmt: skip
def test_words_of_who_a_lead_is_are_none(value):
    assert words_of_work(pl.Series([value])) == (0.0, [])


def test_the_most_frequent_words_are_named():
    column = pl.Series(["won"] * 3 + ["lost"] * 5 + ["Web"] * 2)

    assert words_of_work(column) == (0.8, ["lost", "won"])


def test_an_empty_column_has_no_words():
    assert words_of_work(pl.Series([None, None], dtype=pl.String)) == (0.0, [])
