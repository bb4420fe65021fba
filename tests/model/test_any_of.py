import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model import any_of
from model.any_of import AnyOf

LIKELIHOODS = st.lists(st.floats(0.0, 0.999), min_size=1, max_size=12)
WEIGHT = st.floats(0.0, 3.0)
LINES = st.builds(
    lambda level, apart, joint: AnyOf(level, apart + joint, joint, (1.0, 0.5, 0.1)), st.floats(-4, 4), WEIGHT, WEIGHT
)
NEARLY = 1e-9  # what rounding may take away


@given(LIKELIHOODS)
def test_any_of_independent_leads_is_as_likely_as_the_best_at_least_and_as_all_together_at_most(likelihoods):
    joint = any_of.noisy_or(np.array(likelihoods))

    assert max(likelihoods) - NEARLY <= joint <= min(1.0, sum(likelihoods)) + NEARLY


@given(LINES, LIKELIHOODS, st.floats(0.0, 0.999))
def test_one_more_lead_never_lowers_a_company(line, likelihoods, more):
    assert line.of(np.array([*likelihoods, more])) >= line.of(np.array(likelihoods)) - NEARLY


@given(LINES, LIKELIHOODS, st.data())
def test_a_better_lead_never_lowers_a_company(line, likelihoods, data):
    place = data.draw(st.integers(0, len(likelihoods) - 1))
    better = list(likelihoods)
    better[place] = data.draw(st.floats(better[place], 0.999))

    assert line.of(np.array(better)) >= line.of(np.array(likelihoods)) - NEARLY


@given(st.floats(0.0, 0.999), st.integers(0, 30))
def test_waiting_never_makes_a_lead_more_likely(likelihood, weeks):
    line = AnyOf(0.0, 1.0, 1.0, any_of.late_shares(np.arange(1, 90), horizon_days=90))
    now, later = (line.remaining(np.array([likelihood]), np.array([one]))[0] for one in (weeks, weeks + 1))

    assert later <= now + NEARLY
    assert line.remaining(np.array([likelihood]), np.array([0]))[0] == pytest.approx(likelihood)


@given(LINES)
def test_a_company_without_open_leads_has_no_hope_and_a_line_survives_its_card(line):
    assert line.of(np.array([])) == 0
    assert any_of.read(line.as_dict()) == line


def drawn(companies, *, together, seed=3):
    """Draw companies of one to five leads of known likelihood; `together`: all of one buy or none, as its best does."""
    rng = np.random.default_rng(seed)
    rows = [rng.beta(1, 6, rng.integers(1, 6)) for _ in range(companies)]
    best, joint = np.array([row.max() for row in rows]), np.array([any_of.noisy_or(row) for row in rows])
    return best, joint, rng.random(companies) < (best if together else joint)


def test_leads_that_buy_on_their_own_are_taken_as_independent():
    best, joint, won = drawn(4_000, together=False)

    line = any_of.fit(best, joint, won, companies=4_000, late=(1.0,))

    assert line.joint > 0.7
    assert line.likelihood(best, joint).mean() == pytest.approx(won.mean(), abs=0.01)


def test_leads_that_buy_together_or_not_at_all_are_hardly_more_than_the_best_of_them():
    best, joint, won = drawn(4_000, together=True)

    line = any_of.fit(best, joint, won, companies=4_000, late=(1.0,))

    assert line.joint < 0.3
    assert line.likelihood(best, joint).mean() == pytest.approx(won.mean(), abs=0.01)
    assert np.abs(line.likelihood(best, joint) - best).mean() < np.abs(joint - best).mean() / 2


def test_few_companies_hardly_move_what_independence_says():
    best, joint, won = drawn(10, together=True)

    line = any_of.fit(best, joint, won, companies=10, late=(1.0,))

    assert line.best == pytest.approx(1, abs=0.3)
    assert line.joint == pytest.approx(1, abs=0.3)
