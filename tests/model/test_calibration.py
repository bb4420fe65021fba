import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from model.calibration import Calibrator, calibrate, flat
from model.figures import calibration_error


def drawn(rows, shape, seed=1):
    draw = np.random.default_rng(seed)
    margins = draw.normal(-1, 1.5, rows)
    return margins, (draw.random(rows) < 1 / (1 + np.exp(-shape(margins)))).astype(int)


def test_margins_that_are_true_already_are_left_alone():
    assert calibrate(*drawn(20_000, lambda margins: margins), level_too=True).kind == "none"


def test_margins_that_are_too_sure_of_themselves_are_bent_back():
    margins, label = drawn(20_000, lambda margins: 0.4 * margins)

    calibrator = calibrate(margins, label, level_too=True)

    assert calibrator.kind == "line"
    new, happened = drawn(20_000, lambda margins: 0.4 * margins, seed=2)
    assert calibration_error(happened, calibrator.likelihood(new)) < 0.03


def test_a_bend_that_no_line_can_follow_is_drawn_as_a_curve():
    def bent(margins):
        return np.where(margins > 0, 0.1 * margins, 2 * margins)

    calibrator = calibrate(*drawn(60_000, bent), level_too=True)

    assert calibrator.kind == "curve"


@given(st.integers(0, 50), st.floats(0.1, 3), st.floats(-2, 2))
@settings(max_examples=30, deadline=None)
def test_it_never_turns_an_order_round(seed, slope, shift):
    margins, label = drawn(6_000, lambda margins: slope * margins + shift, seed)

    calibrated = calibrate(margins, label, level_too=False).calibrated(np.sort(np.append(margins, [-50.0, 50.0])))

    assert (np.diff(calibrated) >= 0).all()


def test_the_margin_of_a_likelihood_leads_back_to_it():
    calibrator = Calibrator((-2.0, 0.0, 1.0), (-3.0, -1.0, 2.0))

    for likelihood in (0.01, 0.2, 0.5, 0.97):
        assert np.isclose(calibrator.likelihood(np.array([calibrator.margin_of(likelihood)]))[0], likelihood)


def test_without_signal_every_likelihood_is_the_base_rate():
    likelihood = flat(0.3).likelihood(np.array([-3.0, 0.0, 3.0]))

    assert np.allclose(likelihood, 0.3, atol=0.001)
    assert (np.diff(likelihood) > 0).all()


def test_one_outcome_alone_calibrates_nothing():
    assert calibrate(np.arange(10.0), np.ones(10, int), level_too=True).kind == "none"


def test_ends_that_bend_each_by_itself_are_straightened():
    rng = np.random.default_rng(5)
    truth = rng.normal(-1, 1.5, 8_000)
    label = (rng.random(8_000) < 1 / (1 + np.exp(-truth))).astype(int)
    margins = np.where(truth < -1, -1 + (truth + 1) * 0.75, -1 + (truth + 1) * 1.1)  # too mild below, too sure above
    unseen = rng.permutation(8_000)[:2_000]
    learned = np.setdiff1d(np.arange(8_000), unseen)

    calibrator = calibrate(margins[learned], label[learned], level_too=True)

    off = np.abs(calibrator.calibrated(margins[unseen]) - truth[unseen]).mean()
    assert calibrator.kind != "none"
    assert off < np.abs(margins[unseen] - truth[unseen]).mean()


def test_margins_that_are_right_are_left_as_they_are():
    rng = np.random.default_rng(6)
    kept = 0
    for _ in range(20):
        margins = rng.normal(-1, 1.5, 3_000)
        label = (rng.random(3_000) < 1 / (1 + np.exp(-margins))).astype(int)
        kept += calibrate(margins, label, level_too=True).kind == "none"

    assert kept >= 16
