"""What nobody sees is no part of a text that people read."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.features import Feature
from model.sentences import spoken
from model.visible import visible


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("\u202egnp", "gnp"),
        ("\u2066a\u2069\u200b", "a"),
        ("\ufeffBern\u00ad", "Bern"),
        ("a\nb\u2028c\x85d\x00e", "a b c d e"),
        ("12\u00a0%", "12\u00a0%"),
        ("\u05e9\u05dc\u05d5\u05dd \u0645\u06cc\u200c\u062e", "\u05e9\u05dc\u05d5\u05dd \u0645\u06cc\u200c\u062e"),
        ("\U0001f600 e\u0301", "\U0001f600 e\u0301"),
    ],
)
def test_only_what_is_seen_stays(text, seen):
    assert visible(text) == seen


@given(st.text())
def test_it_is_done_once(text):
    assert visible(visible(text)) == visible(text)


def test_a_value_of_hidden_characters_alone_is_not_known():
    told = spoken(Feature("city", "City", "category", "fit"), pl.Series(["\u200b\u200b", "Be\u200brn", None]))

    assert told.to_list() == ["not known", "Bern", "not known"]
