"""Champion and challenger: a new model takes over only if it is better on the latest outcomes by more than noise.

Both are measured on the same leads, which neither has learned from. How far chance alone would move the difference is
told by the paired bootstrap: leads are drawn anew with their two likelihoods together (Efron and Tibshirani 1993).
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from model.drift import Truth, truth

ENOUGH_ROWS, ENOUGH_WINS = 200, 20
MOST_ROWS = 50_000  # of so many leads chance leaves next to nothing; more would only cost time
LESS_AUC = 0.01  # better likelihoods do not make up for a ranking that is worse by more than this
DRAWS = 1_000
AT_ONCE = 4_000_000  # weights in memory at a time


@dataclass(frozen=True, slots=True)
class Contest:
    """One figure of both models, and the challenger's less the champion's with its 95 % interval."""

    champion: float
    challenger: float
    difference: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether the challenger takes over, and why, in a sentence or two with numbers; figures where they were taken."""

    takes_over: bool
    sentence: str
    rows: int = 0
    wins: int = 0
    log_loss: Contest | None = None
    auc: Contest | None = None
    champion_truth: Truth | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return all of it as plain JSON."""
        return asdict(self)


def decide(label: np.ndarray, champion: np.ndarray, challenger: np.ndarray, *, seed: int) -> Decision:
    """Let two models compete: `label` (0 or 1) and both likelihoods of the same leads, in the order of time.

    The challenger takes over when its log-loss is lower by more than noise, or when the champion's likelihoods do not
    come true any more and the challenger's log-loss is not higher by more than noise; but not with a ranking that is
    worse beyond noise by a hundredth of AUC or more. Deterministic by seed.
    """
    label, champion, challenger = (values[-MOST_ROWS:] for values in (label, champion, challenger))
    rows, wins = len(label), int(label.sum())
    if rows < ENOUGH_ROWS or min(wins, rows - wins) < ENOUGH_WINS:
        return Decision(
            False,
            f"The model stays: since it learned, {rows:,} leads have ended, {wins:,} of them won; to compare it with a "
            f"new one takes {ENOUGH_ROWS}, with {ENOUGH_WINS} won and {ENOUGH_WINS} not.",
            rows,
            wins,
        )
    loss, auc = _contests(label, champion, challenger, np.random.default_rng(seed))
    told = truth(label, champion)
    takes_over, sentence = _judged(loss, auc, told, f"{rows:,} leads that ended since")
    return Decision(takes_over, sentence, rows, wins, loss, auc, told)


def _judged(loss: Contest, auc: Contest, told: Truth | None, where: str) -> tuple[bool, str]:
    figures = (
        f"On the {where}, its log-loss is {loss.challenger:.4f} against {loss.champion:.4f} (difference "
        f"{loss.difference:+.4f}, 95 % interval {loss.low:+.4f} to {loss.high:+.4f}), "
        f"its AUC {auc.challenger:.3f} against {auc.champion:.3f}"
    )
    ranks_worse = auc.high < 0 and auc.difference <= -LESS_AUC
    if loss.high < 0 and not ranks_worse:
        return True, f"The new model takes over: it is better by more than noise. {figures}."
    if told and told.is_off and loss.low <= 0 and not ranks_worse:
        came = f"the old one's likelihoods do not come true any more ({told.happened:,} won, not {told.predicted:,.0f})"
        return True, f"The new model takes over: {came}. {figures}."
    found = "ranks worse" if ranks_worse else "is worse" if loss.low > 0 else "is not better"
    return False, f"The model stays: the new one {found} by more than noise. {figures}."


def _contests(
    label: np.ndarray, champion: np.ndarray, challenger: np.ndarray, draw: np.random.Generator
) -> tuple[Contest, Contest]:
    """Measure log-loss and AUC of both, and how far chance would move the differences."""
    losses = [_losses(label, likelihood) for likelihood in (champion, challenger)]
    ordered = [_Ordered.of(label, likelihood) for likelihood in (champion, challenger)]
    once = np.ones((1, len(label)))
    moved_loss, moved_auc = [], []
    size = max(1, AT_ONCE // len(label))
    for start in range(0, DRAWS, size):
        # How often each lead is drawn, for as many drawings at once as fit: Poisson weights stand for multinomial ones.
        weights = draw.poisson(1.0, (min(size, DRAWS - start), len(label))).astype(np.float64)
        moved_loss.append(weights @ (losses[1] - losses[0]) / weights.sum(axis=1))
        moved_auc.append(ordered[1].auc(weights) - ordered[0].auc(weights))
    told = [[float(loss.mean()) for loss in losses], [float(order.auc(once)[0]) for order in ordered]]
    drawn = [np.concatenate(moved) for moved in (moved_loss, moved_auc)]
    loss, auc = (_contest(one, other, moved) for (one, other), moved in zip(told, drawn, strict=True))
    return loss, auc


def _contest(champion: float, challenger: float, drawn: np.ndarray) -> Contest:
    low, high = np.nanquantile(drawn, (0.025, 0.975))
    return Contest(champion, challenger, challenger - champion, float(low), float(high))


def _losses(label: np.ndarray, likelihood: np.ndarray) -> np.ndarray:
    clipped = np.clip(likelihood, 1e-6, 1 - 1e-6)
    return np.asarray(-np.where(label == 1, np.log(clipped), np.log1p(-clipped)))


@dataclass(frozen=True, slots=True)
class _Ordered:
    """Leads in the order of a likelihood; `starts` are where a run of equal ones begins."""

    order: np.ndarray
    is_won: np.ndarray
    starts: np.ndarray

    @classmethod
    def of(cls, label: np.ndarray, likelihood: np.ndarray) -> "_Ordered":
        order = np.argsort(likelihood, kind="stable")
        sorted_by = likelihood[order]
        starts = np.flatnonzero(np.concatenate([[True], sorted_by[1:] != sorted_by[:-1]]))
        return cls(order, (label[order] == 1).astype(np.float64), starts)

    def auc(self, weights: np.ndarray) -> np.ndarray:
        """Area under the curve for each row of weights, (drawings, leads); equal likelihoods count half."""
        mine = weights[:, self.order]
        won = np.add.reduceat(mine * self.is_won, self.starts, axis=1)
        lost = np.add.reduceat(mine * (1 - self.is_won), self.starts, axis=1)
        below = np.cumsum(lost, axis=1) - lost
        pairs = won.sum(axis=1) * lost.sum(axis=1)
        beaten = (won * (below + lost / 2)).sum(axis=1)
        return np.asarray(np.divide(beaten, pairs, out=np.full(len(mine), np.nan), where=pairs > 0))
