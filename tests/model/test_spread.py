import numpy as np
import pytest

from model.spread import LEAST, MOST, spread


def drawn(values, rows, differ, seed=1):
    """Rows in groups whose log-odds differ by a known standard deviation."""
    draw = np.random.default_rng(seed)
    places = draw.integers(0, values, rows)
    margin = -2 + differ * draw.normal(0, 1, values)[places]
    return places, (draw.random(rows) < 1 / (1 + np.exp(-margin))).astype(np.int8)


@pytest.mark.parametrize(("values", "rows"), [(5, 20_000), (50, 20_000), (5_000, 100_000)])
def test_noise_has_hardly_any_spread(values, rows):
    assert spread(*drawn(values, rows, 0.0)) < 0.15


@pytest.mark.parametrize("differ", [0.3, 0.6])
def test_the_true_spread_is_found_nearly(differ):
    assert spread(*drawn(400, 100_000, differ)) == pytest.approx(differ, rel=0.25)


def test_it_never_exceeds_its_bounds():
    assert spread(*drawn(50, 20_000, 5.0)) == MOST
    assert spread(*drawn(50, 5_000, 0.0, seed=4)) >= LEAST


@pytest.mark.parametrize("label", [np.zeros(9), np.ones(9)])
def test_without_both_outcomes_nothing_is_known(label):
    assert spread(np.arange(9) % 3, label) == MOST
