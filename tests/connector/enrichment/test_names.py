"""How often names are taken for nonsense, and nonsense for names: on words that the table was not made with."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.enrichment.names import is_gibberish


def words(name):
    lines = (Path(__file__).parent / f"{name}.txt").read_text(encoding="ascii").splitlines()
    return [word for line in lines if not line.startswith("#") for word in line.split()]


def test_hardly_a_name_is_taken_for_nonsense(record_property):
    names = words("names")
    wrong = [name for name in names if is_gibberish(name)]
    record_property("shown", f"names taken for nonsense: {len(wrong)} of {len(names)}")

    assert len(names) == 1500
    assert len(wrong) <= 6, wrong


def test_four_of_five_mashed_words_are_found(record_property):
    mashed = words("mashes")
    found = sum(map(is_gibberish, mashed))
    record_property("shown", f"mashed words found: {found} of {len(mashed)}")

    assert found / len(mashed) >= 0.8


@pytest.mark.parametrize(
    "name",
    [
        "Nguyễn Thị Hương", "Przybylski", "Mbeki", "Krzysztof", "Ngozi Okonjo-Iweala", "Þórdís", "李明", "Мария",
        "محمد", "O'Brien", "Ng", "Xu", "Szczepański", "Vlk", "J.", "山田", "Tchaikovsky", "Schwarzenegger",
    ],
)  # fmt: skip
def test_names_of_many_languages_are_names(name):
    assert not is_gibberish(name)


@pytest.mark.parametrize(
    "name", ["asdf", "qwerty", "sdfsdf", "test", "xxxx", "zzz", "123", "---", "", "lkjhgf", "hgfdsa"]
)
def test_what_nobody_is_called_is_none(name):
    assert is_gibberish(name)


@given(st.text(max_size=100))
def test_any_text_is_told_of(text):
    assert is_gibberish(text) in {True, False}
