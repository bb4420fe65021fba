"""What the learner chooses, each on rows that the choosing models had not seen: see recipe.py for the thresholds."""

import numpy as np

from model.calibration import level_for
from model.figures import auc, auc_interval
from model.fitting import Setting, Shape, Split, line, losses, pool, stop
from model.trees_fit import mean_margins

WEIGHTS = (0.0, 0.25, 0.5)  # that the linear half may have where no time tells


def pairs_pay(setting: Setting, split: Split) -> bool:
    """Judge whether statistics of pairs of categories are better by more than chance, and by enough."""
    categories = sum(feature.kind == "category" for feature in setting.features)
    early, late = split
    if categories < 2 or len(late) < 1_000:
        return False
    early = early[-setting.recipe.judge_rows :]
    shape: Shape = {"depth": 6}
    stopped = [stop(setting, early, late, None, shape=shape, seed=setting.seed, pairs=way) for way in (False, True)]
    judged = pool(setting, late)
    lost = [losses(mean_margins([member], judged), setting.label[late]) for member in stopped]
    gain = lost[0] - lost[1]
    spread = float(gain.std()) / np.sqrt(len(gain))
    return bool(gain.mean() > 2 * spread and gain.mean() > setting.recipe.pairs_gain * lost[0].mean())


def has_signal(setting: Setting, margins: np.ndarray, label: np.ndarray) -> bool:
    """Tell whether margins surely rank rows that were not learned from better than chance.

    On the latest slice or, where the market may have moved, among rows of the same time.
    """
    if _ranks(margins, label, setting.recipe.signal):
        return True
    if not setting.in_time:
        return False
    _, late, label = _today(setting)
    return _ranks(_trees_today(setting), label, setting.recipe.signal) if len(late) else False


def _ranks(margins: np.ndarray, label: np.ndarray, least: float) -> bool:
    if label.min() == label.max():
        return False
    wins = int(label.sum())
    return auc_interval(auc(label, margins), wins=wins, losses=len(label) - wins)[0] >= least


def share_in_time(setting: Setting, margins: np.ndarray, lines: np.ndarray, latest: np.ndarray) -> float:
    """Weigh the linear half by what it explains of the same time, unless it went astray on the latest slice."""
    recipe = setting.recipe
    if losses(lines, latest).mean() > recipe.linear_worse * losses(margins, latest).mean():
        return 0.0
    levelled = [losses(found + level_for(found, latest), latest).mean() for found in (lines, margins)]
    if levelled[0] <= levelled[1]:
        return recipe.linear_share
    early, late, label = _today(setting)
    if not len(late):
        return 0.0
    told = _trees_today(setting), line(setting, early, None).margins(setting.frame[late])
    skills = [_skill(margin, label) for margin in told]
    return recipe.linear_share if skills[1] >= recipe.linear_skill * skills[0] else 0.0


def _today(setting: Setting) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Split some rows by chance, whatever their time: early, late, and the late ones' labels; none if all are alike."""
    rows = np.random.default_rng(setting.seed).permutation(len(setting.label))[: setting.recipe.judge_rows]
    cut = int(len(rows) * (1 - setting.recipe.latest_share))
    early, late = rows[:cut], rows[cut:]
    label = setting.label[late]
    return (early, late, label) if label.min() != label.max() else (early, late[:0], label[:0])


def _trees_today(setting: Setting) -> np.ndarray:
    early, late, _ = _today(setting)
    member = stop(setting, early, late, None, shape={"depth": 6}, seed=setting.seed)
    return mean_margins([member], pool(setting, late))


def share_held_out(margins: np.ndarray, lines: np.ndarray, label: np.ndarray) -> float:
    """Weigh the linear half by what served best on the rows held out, if that is more than chance."""
    alone = losses(margins, label)
    lost = {share: losses((1 - share) * margins + share * lines, label) for share in WEIGHTS}
    best = min(lost, key=lambda share: float(lost[share].mean()))
    gain = alone - lost[best]
    return best if gain.mean() > gain.std() / np.sqrt(len(gain)) else 0.0


def _skill(margins: np.ndarray, label: np.ndarray) -> float:
    """Tell which share of the prior's log-loss the margins save."""
    rate = label.mean()
    prior = -(rate * np.log(rate) + (1 - rate) * np.log(1 - rate))
    return float(1 - losses(margins, label).mean() / prior)
