"""How likely it is that any of a company's open leads wins: leads of one company are not independent.

The start is the union of independent events, 1 - (1 - r1)(1 - r2)... (the noisy-or of Pearl 1988, "Probabilistic
Reasoning in Intelligent Systems", 4.3.2). Colleagues buy together or not at all, so that it is too high; the best
lead alone, max(r), is too low. Between the two stands a logistic line on the log-odds of both, fitted on past
companies (`model.windows`):

    log-odds = level + best * logit(max r) + joint * (logit(noisy-or) - logit(max r)),   0 <= joint <= best

With joint = best the leads are independent, with joint = 0 they are as good as one. Both logits rise with every
likelihood and with every further lead, and the bounds keep their weights from falling below zero: a better lead, or one
more, never lowers the result. `r` is a lead's likelihood of winning in what is left of its horizon:

    r = p * late / (1 - p * (1 - late))

by Bayes' rule, where p is its likelihood of winning within the whole horizon and `late` the share of winners that have
stayed open leads for longer than it has waited already.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize

LEAST = 1e-6  # of a likelihood, so that its log-odds are finite
PRIOR_WEIGHT = 10.0  # how hard few companies are drawn towards independence, in squared log-odds
STEP_DAYS = 7  # a lead's waiting is counted in whole weeks, so that a likelihood moves once a week at most
START = np.array([0.0, 1.0, 1.0])


@dataclass(frozen=True, slots=True)
class AnyOf:
    """The line: `best` and `joint` as above. `late`: the share of winners still open after 0, 1, 2... whole weeks."""

    level: float
    best: float
    joint: float
    late: tuple[float, ...]

    def remaining(self, likelihood: np.ndarray, weeks: np.ndarray) -> np.ndarray:
        """Turn likelihoods within the whole horizon, (n,), into those of winning from now on; `weeks`: waited."""
        late = np.asarray(self.late)[np.minimum(weeks, len(self.late) - 1)]
        return remaining(likelihood, late)

    def likelihood(self, best: np.ndarray, joint: np.ndarray) -> np.ndarray:
        """Calibrate companies: `best` is the likelihood of the best lead, `joint` the noisy-or of all, each (n,)."""
        return np.asarray(1 / (1 + np.exp(-_columns(best, joint) @ [self.level, self.best - self.joint, self.joint])))

    def of(self, rest: np.ndarray) -> float:
        """Give one company's likelihood from its leads' remaining ones, (n,); 0 without any."""
        if not len(rest):
            return 0.0
        return float(self.likelihood(rest.max(keepdims=True), np.array([noisy_or(rest)]))[0])

    def as_dict(self) -> dict[str, Any]:
        """Give it as plain JSON, for a model's card."""
        return asdict(self)


def read(told: Mapping[str, Any]) -> AnyOf:
    """Make the line of what `as_dict` gave."""
    return AnyOf(told["level"], told["best"], told["joint"], tuple(told["late"]))


def noisy_or(rest: np.ndarray) -> float:
    """Give the likelihood that any of independent leads wins, from theirs, (n,); exact for very small ones, too."""
    return float(-np.expm1(np.log1p(-np.minimum(rest, 1 - 1e-12)).sum()))


def remaining(likelihood: np.ndarray, late: np.ndarray) -> np.ndarray:
    """Give the likelihoods of winning from now on, (n,); `late`: the share of winners that are open still by now."""
    return np.asarray(likelihood * late / (1 - likelihood * (1 - late)))


def late_shares(open_days: np.ndarray, *, horizon_days: int) -> tuple[float, ...]:
    """Tell which share of winners stays open longer than 0, 1, 2... weeks, up to the horizon; all, if there are none.

    `open_days`, (n,): how long each winner was an open lead. Half a winner is added at the horizon's end, so that a
    lead that waits still never is quite without hope.
    """
    weeks = np.arange(horizon_days // STEP_DAYS + 1) * STEP_DAYS
    later = (open_days[None, :] > weeks[:, None]).sum(axis=1)
    return tuple(((later + 0.5) / (len(open_days) + 0.5)).tolist())


def fit(best: np.ndarray, joint: np.ndarray, label: np.ndarray, *, companies: int, late: tuple[float, ...]) -> AnyOf:
    """Fit the line on companies at past times, (n,) each: the smallest log-loss, few drawn towards independence.

    `companies` is how many there are: the same one at several times tells hardly more than once.
    """
    columns, won, worth = _columns(best, joint), label.astype(float), companies / len(label)
    start = np.array([START[0], START[1] - START[2], START[2]])

    def cost(at: np.ndarray) -> tuple[float, np.ndarray]:
        log_odds = columns @ at
        off = 1 / (1 + np.exp(-log_odds)) - won
        drawn = at - start
        loss = (np.logaddexp(0, log_odds) - won * log_odds).sum() * worth + PRIOR_WEIGHT / 2 * (drawn @ drawn)
        return float(loss), columns.T @ off * worth + PRIOR_WEIGHT * drawn

    level, apart, together = minimize(
        cost, start, jac=True, method="L-BFGS-B", bounds=[(None, None), (0, None), (0, None)]
    ).x.tolist()
    return AnyOf(level, apart + together, together, late)


def _columns(best: np.ndarray, joint: np.ndarray) -> np.ndarray:
    return np.column_stack([np.ones(len(best)), _logit(best), _logit(joint)])


def _logit(likelihood: np.ndarray) -> np.ndarray:
    clipped = np.clip(likelihood, LEAST, 1 - LEAST)
    return np.asarray(np.log(clipped / (1 - clipped)))
