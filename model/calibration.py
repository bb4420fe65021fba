"""Calibration: from the margin that reasons add up to, to a likelihood that comes true. It never turns an order round.

The curve is piecewise linear in log-odds between a few knots; two knots make Platt's line, none leave the margin be.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from sklearn.isotonic import IsotonicRegression

from model.platt import fit_line

BENDS = 25  # groups of equal size that a curve is drawn through
ROWS_PER_BEND = 200  # a curve needs at least so many rows for each
SURE = 2.0  # standard errors by which a calibrator must be better on rows that it was not fitted on
PARAMETERS = 3  # of a beta curve; it has to gain as many nats by Akaike's criterion
Fit = Callable[[np.ndarray, np.ndarray], "Calibrator"]
STEP = 1e-3  # a curve rises by at least this much per unit of margin: ranks stay as they are


@dataclass(frozen=True)
class Calibrator:
    """Knots of the curve from margins to calibrated log-odds, rising in both.

    Beyond the ends it goes on straight, on average as steep.
    """

    margins: tuple[float, ...] = ()
    log_odds: tuple[float, ...] = ()

    @property
    def kind(self) -> str:
        return {0: "none", 2: "line"}.get(len(self.margins), "curve")

    @property
    def _slope(self) -> float:
        """The slope beyond the ends: of a line its own, of a curve its mean, but no steeper than the margins'.

        A curve's last stretch is drawn through few leads; carried on, it made nearly sure of what nobody had seen.
        """
        if len(self.margins) < 2:
            return 1.0
        mean = (self.log_odds[-1] - self.log_odds[0]) / (self.margins[-1] - self.margins[0])
        return mean if self.kind == "line" else min(mean, 1.0)

    def calibrated(self, margins: np.ndarray) -> np.ndarray:
        """Return calibrated log-odds, float64, in the order given."""
        return _through(margins, np.array(self.margins), np.array(self.log_odds), self._slope)

    def likelihood(self, margins: np.ndarray) -> np.ndarray:
        return np.asarray(1 / (1 + np.exp(-self.calibrated(margins))))

    def margin_of(self, likelihood: float) -> float:
        """Return the margin at which the likelihood, between 0 and 1, is reached."""
        wanted = np.array([np.log(likelihood / (1 - likelihood))])
        return float(_through(wanted, np.array(self.log_odds), np.array(self.margins), 1 / self._slope)[0])


def flat(rate: float) -> Calibrator:
    """Make the calibrator of a model without signal: every likelihood is the base rate, next to nothing apart."""
    middle = float(np.log(rate / (1 - rate)))
    return Calibrator((-1.0, 1.0), (middle - STEP, middle + STEP))


def calibrate(margins: np.ndarray, label: np.ndarray, *, level_too: bool) -> Calibrator:
    """Fit the simplest calibrator that nothing beats by more than chance, on rows that the model has not learned from.

    Simplest first: the margins as they are, Platt's line, a curve; where nothing beats the margins by so much, a beta
    curve may, which bends either end by itself. Unless `level_too`, the level is left to the model,
    which in the end learns from these rows too: where they are the latest, only the shape is taken from them.
    """
    if len(label) == 0 or label.min() == label.max():
        return Calibrator()
    level = 0.0 if level_too else level_for(margins, label)
    best, chosen = _losses(_sigmoid(margins + level), label), 0
    for number, fit in enumerate((_line, _curve), start=1):
        losses = _crossed(fit, margins + level, label)
        if losses is not None and _is_better(losses, best):
            best, chosen = losses, number
    match chosen:
        case 0:
            bent = _beta(margins + level, label)
            gain = (best - _losses(bent.likelihood(margins + level), label)).sum()
            return bent if gain > PARAMETERS else Calibrator()
        case 1:
            return _line(margins + level, label)
        case _:
            return _curve(margins + level, label)


def _crossed(fit: Fit, margins: np.ndarray, label: np.ndarray) -> np.ndarray | None:
    """Give each row's loss under a calibrator that was fitted on the other half of the rows."""
    half = np.arange(len(label)) % 2 == 0
    losses = np.zeros(len(label))
    if fit is _curve and len(label) < BENDS * ROWS_PER_BEND:
        return None
    for part in (half, ~half):
        if label[part].min() == label[part].max():
            return None
        fitted = fit(margins[part], label[part])
        losses[~part] = _losses(fitted.likelihood(margins[~part]), label[~part])
    return losses


def _is_better(losses: np.ndarray, best: np.ndarray) -> bool:
    gain = best - losses
    spread = float(gain.std()) / np.sqrt(len(gain))
    return bool(spread > 0 and gain.mean() > SURE * spread)


def _line(margins: np.ndarray, label: np.ndarray) -> Calibrator:
    line = fit_line(margins, label.astype(bool))
    if line.slope <= 0:
        return Calibrator()
    ends = np.array([-1.0, 1.0])
    return Calibrator(tuple(ends.tolist()), tuple(line.log_odds(ends).tolist()))


def _beta(margins: np.ndarray, label: np.ndarray) -> Calibrator:
    """Fit log-odds = a ln(p) - b ln(1 - p) + c with a and b above zero, p the likelihood of the margin.

    Kull, Silva Filho and Flach, "Beta calibration" (AISTATS 2017). It is kept as knots, even steps of margin apart.
    """
    won, lost = -np.logaddexp(0, -margins), -np.logaddexp(0, margins)

    def cost(at: np.ndarray) -> tuple[float, np.ndarray]:
        a, b = np.exp(at[:2])
        log_odds = a * won - b * lost + at[2]
        off = _sigmoid(log_odds) - label
        slopes = np.array([a * (off * won).mean(), -b * (off * lost).mean(), off.mean()])
        return float((np.logaddexp(0, log_odds) - label * log_odds).mean()), slopes

    a, b, c = minimize(cost, np.zeros(3), jac=True, method="L-BFGS-B", bounds=[(-1, 1), (-1, 1), (None, None)]).x
    at = np.linspace(margins.min(), margins.max(), BENDS)
    if at[0] == at[-1]:
        return Calibrator()
    log_odds = -np.exp(a) * np.logaddexp(0, -at) + np.exp(b) * np.logaddexp(0, at) + c
    return Calibrator(tuple(at.tolist()), tuple(log_odds.tolist()))


def _curve(margins: np.ndarray, label: np.ndarray) -> Calibrator:
    """Draw the curve: rates of groups of equal size, made to rise (isotonic regression), as log-odds."""
    groups = [group for group in np.array_split(np.argsort(margins, kind="stable"), BENDS) if len(group)]
    at = np.array([margins[group].mean() for group in groups])
    rates = np.array([(label[group].sum() + 0.5) / (len(group) + 1) for group in groups])
    at, first = np.unique(at, return_index=True)
    risen = IsotonicRegression().fit_transform(at, rates[first])
    log_odds = np.maximum.accumulate(np.log(risen / (1 - risen))) + STEP * (at - at[0])
    return Calibrator(tuple(at.tolist()), tuple(log_odds.tolist()))


def _through(values: np.ndarray, xs: np.ndarray, ys: np.ndarray, slope: float) -> np.ndarray:
    if len(xs) < 2:
        return np.asarray(values, float)
    low, high = ys[0] + (values - xs[0]) * slope, ys[-1] + (values - xs[-1]) * slope
    return np.asarray(np.where(values < xs[0], low, np.where(values > xs[-1], high, np.interp(values, xs, ys))))


def level_for(margins: np.ndarray, label: np.ndarray) -> float:
    """Find what to add to the margins so that their mean likelihood is the rate of wins, by halving."""
    low, high, rate = -20.0, 20.0, label.mean()
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if _sigmoid(margins + middle).mean() < rate else (low, middle)
    return (low + high) / 2


def _losses(likelihood: np.ndarray, label: np.ndarray) -> np.ndarray:
    clipped = np.clip(likelihood, 1e-6, 1 - 1e-6)
    return np.asarray(-np.log(np.where(label == 1, clipped, 1 - clipped)))


def _sigmoid(margins: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-margins)))
