"""Examples with likelihoods, small enough to count by hand, and large enough to be drawn."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

from model.features import Feature
from model.report.tell import tell

START = datetime(2026, 1, 1, tzinfo=UTC)
FEATURES = (
    Feature("source", "Lead source", "category", "fit"),
    Feature("employees", "Employees", "number", "fit"),
    Feature("phone", "Phone number", "boolean", "fit"),
    Feature("visits", "Visits", "number", "engagement"),
)
CARD = {
    "version": "20260701-abc",
    "milestone": "won",
    "horizon_days": 90,
    "verdict": "Usable: it ranked well.",
    "features": {"visits": 0.6, "employees": 0.3, "source": 0.1},
    "grades": [{"grade": "A", "rate": 0.5, "low": 0.4, "high": 0.6, "bound": "the top 10 %"}],
    "drift_baseline": {"employees": [1, 2]},
}
FUNNEL = [("all leads", 5_000, "all that were pulled"), ("examples", 2_000, "learned from and tested on")]
FINDING = {
    "feature": "tags",
    "label": "Tags",
    "verdict": "dropped",
    "reason": "Filled after the outcome.",
    "evidence": {"auc": 0.97},
}


def examples(rows, *, seed=1, days=365.0, start=START):
    """Leads with a likelihood that is true: the label is drawn by it."""
    draw = np.random.default_rng(seed)
    visits = draw.poisson(3, rows).astype(float)
    likelihood = 1 / (1 + np.exp(-(-1.5 + 0.5 * (visits - 3) + draw.normal(0, 0.3, rows))))
    return pl.DataFrame(
        {
            "id": [f"person-{number}" for number in range(rows)],
            "created_at": [start + timedelta(days=days * number / max(rows, 1)) for number in range(rows)],
            "label": draw.random(rows) < likelihood,
            "source": pl.Series(draw.choice(["web", "fair", "partner", None], rows).tolist(), dtype=pl.String),
            "employees": pl.Series(np.where(draw.random(rows) < 0.1, np.nan, np.exp(draw.normal(5, 1, rows)))),
            "phone": draw.random(rows) < 0.6,
            "visits": visits,
            "likelihood": likelihood,
            "grade": np.where(likelihood > 0.4, "A", np.where(likelihood > 0.25, "B", "D")),
        },
        schema_overrides={"created_at": pl.Datetime("us", "UTC"), "label": pl.Boolean, "grade": pl.String},
    )


def told(learned=None, tested=None, **more):
    learned = examples(2_000) if learned is None else learned
    tested = examples(800, seed=2, start=START + timedelta(days=365)) if tested is None else tested
    given = {"card": CARD, "funnel": FUNNEL, "findings": [FINDING], "features": FEATURES, "rivals": {}} | more
    return tell(learned=learned, tested=tested, **given)


def small(**columns):
    """Ten leads: five won, in the order that the likelihoods say except for one."""
    frame = examples(10).with_columns(
        pl.Series("likelihood", [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05]),
        pl.Series("label", [True, True, True, False, True, True, False, False, False, False]),
        pl.Series("grade", ["A", "B", "B", "C", "C", "C", "D", "D", "D", "D"]),
    )
    return frame.with_columns(pl.Series(name, values) for name, values in columns.items())
