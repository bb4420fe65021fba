import re

import numpy as np
import pytest

from model.languages import CODES, language
from model.sentences import how_likely, rounded

NO_BREAK = "\u00a0"
NUMBERS = (0.0, 0.5, 1.0, 7.25, 1234.0, 12_345.0, -1234.0, 1.5e6, 2.1e9, 3.4e12)


@pytest.mark.parametrize(
    ("code", "written"),
    [
        ("en", "0, 0.5, 1, 7.2, 1,234, 12,345, -1,234, 1.5 million, 2.1 billion, 3,400 billion"),
        ("de", "0, 0,5, 1, 7,2, 1.234, 12.345, -1.234, 1,5_Mio., 2,1_Mrd., 3.400_Mrd."),
        ("fr", "0, 0,5, 1, 7,2, 1_234, 12_345, -1_234, 1,5_million, 2,1_milliards, 3_400_milliards"),
        ("es", "0, 0,5, 1, 7,2, 1234, 12.345, -1234, 1,5_millones, 2100_millones, 3.400.000_millones"),
        ("pt", "0, 0,5, 1, 7,2, 1.234, 12.345, -1.234, 1,5_milhão, 2,1_bilhões, 3.400_bilhões"),
    ],
)
def test_numbers_are_written_as_people_of_the_language_do(code, written):
    assert ", ".join(rounded(number, language(code)) for number in NUMBERS).replace(NO_BREAK, "_") == written


@pytest.mark.parametrize(
    ("code", "one", "many"),
    [("en", (1, -1), (0, 0.5, 1.5, 2)), ("de", (1, -1), (0, 0.5, 1.5, 2)), ("es", (1, -1), (0, 0.5, 1.5, 2)),
     ("fr", (1, -1, 0, 0.5, 1.5), (2, -2, 10)), ("pt", (1, -1, 0, 0.5, 1.5), (2, -2, 10))],
)  # fmt: skip
def test_singular_and_plural_go_by_the_language(code, one, many):
    told = language(code)

    assert {told.form(told.points, value) for value in one} == {told.points.one}
    assert {told.form(told.points, value) for value in many} == {told.points.other}


@pytest.mark.parametrize("code", CODES)
def test_an_effect_can_be_taken_apart_without_knowing_the_language(code):
    told = language(code)
    without = -6.0

    for log_odds in (-8.0, -7.0, -6.3, -6.001, -5.999, -5.0, -4.0, -2.0, 6.0):
        effect = how_likely_one(log_odds, without, told)
        assert not set("()+-{}") & set(effect.replace("-mal", " mal"))
        assert bool(re.search(r"\d", effect)) == (told.slightly_more != effect != told.slightly_less)
        assert ("%" in effect) == (log_odds < without and effect != told.slightly_less)


def how_likely_one(log_odds, without, told):
    return how_likely(np.array([log_odds]), np.array([without]), told)[0]
