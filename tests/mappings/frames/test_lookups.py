"""What is looked up once: the same however few texts there are, and whatever was looked up before."""

import re

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings import lexicon
from mappings.frames import lookups

LEVELS = {"seniority": "staff", "department": "other"}
WORDS = sorted({word for name in LEVELS for _, words in lexicon.patterns(name) for word in re.findall("[a-z]+", words)})
PRINTABLE = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=8)
TITLES = st.lists(st.sampled_from(WORDS) | PRINTABLE, max_size=4).map(" ".join)
TEXT = pl.col("text")


def found(expression, *texts):
    return (
        pl.DataFrame({"text": texts}, schema={"text": pl.String}).select(expression.alias("found"))["found"].to_list()
    )


@pytest.mark.parametrize(("name", "otherwise"), LEVELS.items())
@given(titles=st.lists(TITLES, max_size=6))
def test_a_few_titles_tell_what_many_tell(name, otherwise, titles):
    few = found(lookups.titled(TEXT, name, otherwise), *titles)
    others = [f"Ärztin {place}" for place in range(lookups.FEW + 1)]

    assert found(lookups.titled(TEXT, name, otherwise), *titles, *others)[: len(titles)] == few


def test_what_was_looked_up_before_is_told_again():
    level = lookups.titled(TEXT, "seniority", "staff")

    assert found(level, "VP Sales", None, "Gärtner") == ["vp", None, "staff"]
    assert found(level, "CEO", "VP Sales", "VP Sales", None) == ["c_level", "vp", "vp", None]


def test_no_more_is_kept_than_so_many_short_texts():
    count = lookups.Lookup(TEXT.str.len_chars(), pl.Float64(), most=3)

    for some in (["a", "bb"], ["ccc", "a"], ["d", "e"], [str(number) for number in range(9)], ["x" * 200, "f"]):
        assert count(pl.Series(some, dtype=pl.String)).to_list() == [float(len(text)) for text in some]
        assert len(count.kept) <= 3
        assert all(len(text) <= lookups.LONGEST_KEPT for text in count.kept)
