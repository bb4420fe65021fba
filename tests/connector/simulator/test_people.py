import numpy as np
import polars as pl
import pytest

from connector.simulator.people import emails, names, phones, titles


@pytest.fixture
def rng():
    return np.random.default_rng(4)


def test_addresses_of_one_domain_are_distinct_and_plain(rng):
    who = names(rng, 30_000)

    addresses = emails(rng, who, pl.Series(["acme.com"]).new_from_index(0, 30_000))

    assert addresses.is_unique().all()
    assert addresses.str.contains(r"^[a-z0-9.]+@acme\.com$").all()


def test_titles_follow_the_ladder(rng):
    low, high = titles(rng, np.full(5000, -1.0)), titles(rng, np.full(5000, 1.0))

    assert (low["seniority"] == "junior").mean() > 0.3
    assert (high["seniority"].is_in(["vp", "executive"])).mean() > 0.3
    assert low["title"].is_not_null().all()


def test_titles_are_typed_in_many_ways(rng):
    typed = titles(rng, np.zeros(5000))["title"]

    assert 300 < typed.n_unique() < 2000
    assert typed.str.contains("^[a-z ]+$").any()
    assert typed.str.contains("^[A-Z ]+$").any()


def test_telephone_numbers_start_with_their_prefix(rng):
    numbers = phones(rng, pl.Series(["+49", "+1"]))

    assert numbers[0].startswith("+49 ")
    assert numbers[1].startswith("+1 ")
