"""A market of made-up leads with a known truth."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from model import learn
from model.features import Feature
from model.recipe import QUICK

NOW = datetime(2026, 1, 1, tzinfo=UTC)
FEATURES = (
    Feature("industry", "Industry", "category", "fit"),
    Feature("employees", "Employees", "number", "fit"),
    Feature("has_phone", "Phone number", "boolean", "fit"),
    Feature("visits", "Visits", "number", "engagement"),
)


def leads(rows, seed=1, signal=1.0):
    draw = np.random.default_rng(seed)
    industry = draw.choice(["banking", "energy", "retail", None], rows)
    employees = np.exp(draw.normal(5, 1.5, rows))
    phone = draw.random(rows) < 0.6
    visits = draw.poisson(3, rows).astype(float)
    margin = -1.5 + signal * (1.2 * (industry == "banking") + 0.5 * (np.log(employees) - 5) + 0.4 * (visits - 3))
    return pl.DataFrame(
        {
            "id": [f"L{number}" for number in range(rows)],
            "created_at": [NOW - timedelta(days=100, minutes=rows - number) for number in range(rows)],
            "label": draw.random(rows) < 1 / (1 + np.exp(-margin)),
            "industry": pl.Series(industry.tolist(), dtype=pl.String),
            "employees": pl.Series(np.where(draw.random(rows) < 0.1, np.nan, employees)).fill_nan(None),
            "has_phone": phone,
            "visits": visits,
        }
    )


def train(examples, **more):
    options = {"seed": 3, "now": NOW, "horizon_days": 90, "milestone": "won", "recipe": QUICK} | more
    return learn.train(examples, FEATURES, **options)


@pytest.fixture(scope="session")
def model():
    return train(leads(3_000))
