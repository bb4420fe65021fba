"""Learning: a back-test forward in time for the card and the report, then the same recipe on all rows."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import polars as pl

from model import linear, naive_bayes
from model.card import card
from model.drift import baseline
from model.ensemble import Ensemble
from model.errors import NotEnoughHistory
from model.features import Feature
from model.figures import base_rate, figures
from model.grades import DEFAULT, Grades, bands
from model.learner import Learned, fit
from model.model import Model
from model.points import Points, calibrated, default_points
from model.recipe import Recipe
from model.reference import Drawing, Reference, of, rate_a_week
from model.report.tell import tell
from model.screening import Screened, screened
from model.shrinking import shrunk
from model.splits import Split, later
from model.suitable import suitable

MIN_APART = 50  # leads that teach the back-test once those of tested companies are left out
MIN_EXAMPLES, MIN_EACH = 200, 40
MIN_BESIDE_RULES, MIN_EACH_BESIDE_RULES = 100, 20  # with rules to lean on, less is enough to begin with

OnStep = Callable[[str, float], None]
Stage = tuple[str, int, str]


def train(
    examples: pl.DataFrame,
    features: Sequence[Feature],
    *,
    seed: int,
    now: datetime,
    horizon_days: int | None,
    milestone: str,
    threads: int = 2,
    grades: Grades = DEFAULT,
    points: Points | None = None,
    recipe: Recipe | None = None,
    funnel: Sequence[Stage] = (),
    in_order: bool = False,
    ruled: Mapping[str, str] | None = None,
    on_step: OnStep | None = None,
) -> Model:
    """Learn a model from mature leads: id, created_at, label, and a column for each feature.

    Also read, where there: `group` (what all leads of one company share), `amount` and `priority` (for the report).
    The first four fifths in time teach, the last fifth judges: its figures are the card's, and nothing of it is used
    before. Without times, chance draws the fifth. Then the recipe is run on all rows. `points` are the mapping's rules:
    few outcomes shrink towards them (shrinking.py), and they are a rival in the report; `funnel` tells where the leads
    went that are no examples; `in_order`, that the rows are in the order of time, whatever created_at says; `ruled`, by
    id, the grades that hard rules give, whatever is learned: grades are drawn among the other leads.
    Deterministic by rows, seed and now. Raises NotEnoughHistory in plain words, and UnsuitableFrame
    naming the column (doubles among the ids, outcomes not known, columns missing or of another kind).
    """
    recipe, step = recipe or Recipe(), on_step or (lambda _step, _share: None)
    sound = suitable(examples, features)
    rows = sound if in_order else sound.sort("created_at", maintain_order=True)
    rules = points if points and points.scorecard.rules else None
    _require_enough(rows, beside_rules=rules is not None)
    split = later(rows, share=recipe.test_share, seed=seed, in_order=in_order)
    _require_apart(split)
    _require_both(rows[split.learned]["label"], share=1 - recipe.latest_share if split.in_time else 1.0)
    step("leaks", 0.0)
    chosen = screened(rows[split.learned], features, seed=seed)
    _require_fields(chosen)
    step("back-test", 0.0)

    def learned_from(some: pl.DataFrame) -> Learned:
        found = fit(some, chosen.used, recipe=recipe, seed=seed, threads=threads, in_time=split.in_time)
        return shrunk(found, rules, some)

    tested = learned_from(rows[split.learned]).ensemble
    backtest = _backtest(tested, rows[split.tested])
    step("model", 0.0)
    learned = learned_from(rows)
    step("report", 0.0)
    drawn = Drawing(grades, ruled or {})
    model = _made(rows, split, chosen, learned, backtest, drawn, now=now, parts_of=(seed, horizon_days, milestone))
    report = _report(model, rows, split, chosen, rules, funnel)
    step("report", 1.0)
    return Model(model.version, model.card, model.ensemble, model.reference, model.backtest, report)


def _made(
    rows: pl.DataFrame,
    split: Split,
    chosen: Screened,
    learned: Learned,
    backtest: pl.DataFrame,
    drawn: Drawing,
    *,
    now: datetime,
    parts_of: tuple[int, int | None, str],
) -> Model:
    """Put the model together: its reference population are all rows."""
    seed, horizon_days, milestone = parts_of
    ensemble = learned.ensemble
    parts, base = ensemble.contributions(rows)
    reference = _reference(rows, ensemble, parts, base, drawn)
    label = backtest["label"].cast(pl.Int8).to_numpy()
    before = base_rate(rows["label"][split.learned])
    starts = ensemble.calibrator.calibrated(reference.bounds).tolist()
    told = card(
        rows, split, chosen, learned, parts,
        measured=figures(label, backtest["likelihood"].to_numpy(), base_rate=before),
        seed=seed, now=now, horizon_days=horizon_days, milestone=milestone,
        grades=bands(drawn.grades, starts, backtest),
        drift_baseline=baseline(rows, chosen.used, ensemble.calibrator.likelihood(parts.sum(axis=1) + base)),
    )  # fmt: skip
    version = _version(now, parts, told)
    return Model(version, told | {"version": version}, ensemble, reference, backtest)


def _reference(rows: pl.DataFrame, ensemble: Ensemble, parts: np.ndarray, base: float, drawn: Drawing) -> Reference:
    families = [
        [place for place, feature in enumerate(ensemble.features) if feature.family == family]
        for family in ("fit", "engagement")
    ]
    split = (parts[:, places].sum(axis=1) + base for places in families)
    margins = parts.sum(axis=1) + base
    return of(
        margins,
        *split,
        drawn=drawn.grades,
        ruled=drawn.given(rows["id"]),
        leads_a_week=rate_a_week(rows["created_at"]),
        margin_of=ensemble.calibrator.margin_of,
    )


def _backtest(tested: Ensemble, rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select("id", "label").with_columns(
        pl.Series("likelihood", tested.likelihood(rows), dtype=pl.Float64),
    )


def _report(
    model: Model,
    rows: pl.DataFrame,
    split: Split,
    chosen: Screened,
    points: Points | None,
    funnel: Sequence[Stage],
) -> dict[str, Any]:
    """Tell the report: the back-tested model and its rivals, all learned from the same rows."""
    early, late = rows[split.learned], rows[split.tested]
    judged = late.with_columns(model.backtest["likelihood"], _graded(model).alias("grade"))
    return tell(
        card=model.card,
        funnel=funnel or [("examples", rows.height, "learned from and tested on")],
        findings=[finding.as_dict() for finding in (*chosen.findings, *chosen.sensitive)],
        learned=early,
        tested=judged,
        features=chosen.used,
        rivals=rivals(early, late, chosen.used, points),
    )


def _graded(model: Model) -> pl.Series:
    """Grade the back-test as the card's promises do: by the likelihoods from which its grades begin."""
    starts = np.array([band["from"] for band in model.card["grades"]])
    places = (model.backtest["likelihood"].to_numpy()[:, None] < starts[None, :]).sum(axis=1)
    letters = pl.Series([band["grade"] for band in model.card["grades"]], dtype=pl.String)
    return letters.gather(np.minimum(places, len(starts) - 1))


def rivals(
    early: pl.DataFrame, late: pl.DataFrame, used: Sequence[Feature], points: Points | None
) -> Mapping[str, np.ndarray]:
    """Return the likelihoods of what a model has to beat, on the rows of `late`, each learned from `early`."""
    label = early["label"].cast(pl.Int8).to_numpy()
    rate = float(label.mean())
    rules = calibrated(points or default_points(early, used), early)
    told = {
        "the average rate": np.full(late.height, rate),
        "points": np.nan_to_num(rules.likelihood(late), nan=rate),
        "logistic regression": 1 / (1 + np.exp(-linear.fit(early, used, label, None).margins(late))),
    }
    if any(feature.kind != "number" for feature in used):
        told["naive Bayes, as in Odoo"] = naive_bayes.fit(early, used).likelihood(late)
    return told


def _require_enough(rows: pl.DataFrame, *, beside_rules: bool) -> None:
    least, each = (MIN_BESIDE_RULES, MIN_EACH_BESIDE_RULES) if beside_rules else (MIN_EXAMPLES, MIN_EACH)
    wins = int(rows["label"].sum() or 0) if rows.height else 0
    if rows.height < least or wins < each or rows.height - wins < each:
        raise NotEnoughHistory(
            f"There are {rows.height} leads whose outcome is known, {wins} of them won. "
            f"A model needs {least}, with {each} won and {each} not.",
            fix="Wait for more leads to end, pull more history, or choose an earlier milestone in the mapping.",
        )


def _require_apart(split: Split) -> None:
    if split.left_out and len(split.learned) < MIN_APART:
        raise NotEnoughHistory(
            f"{split.left_out:,} of the earlier leads are of companies that are tested on, which leaves "
            f"{len(split.learned):,} to learn from.",
            fix="Group leads by something smaller, or not at all.",
        )


def _require_both(label: pl.Series, *, share: float) -> None:
    """Go on only if the first share of the leads ended both ways: on these, members learn before they are stopped."""
    first = label.head(int(len(label) * share))
    if first.n_unique() < len(("won", "lost")):
        who = "all" if len(first) and first[0] else "none"
        raise NotEnoughHistory(
            f"Of the first {len(first)} leads to learn from, {who} won: there is nothing to compare.",
            fix="Pull more history, or choose a milestone in the mapping that leads have reached all along.",
        )


def _require_fields(chosen: Screened) -> None:
    if chosen.used:
        return
    left_out = [finding.label for finding in (*chosen.findings, *chosen.sensitive) if finding.verdict == "dropped"]
    because = f" Left out, because they know the outcome or are sensitive: {', '.join(left_out)}." if left_out else ""
    raise NotEnoughHistory(
        f"No mapped field is left to learn from: all others hold the same value in all leads.{because}",
        fix="Map fields that are filled early, and check that this user may see them.",
    )


def _version(now: datetime, parts: np.ndarray, told: dict[str, object]) -> str:
    content = np.round(parts[:1_000], 6).tobytes() + json.dumps(told, sort_keys=True, default=str).encode()
    return f"{now:%Y%m%d}-{hashlib.sha256(content).hexdigest()[:8]}"
