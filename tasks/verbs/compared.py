"""New leads, and leads that have ended since, held against a model: what `tasks.verbs.drift` keeps."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from mappings.file.load import Mapping
from model.drift import drift, truth
from model.model import load
from tasks.store.engine import Store
from tasks.verbs.examples import examples_among
from tasks.verbs.fitting import require_fit


def compared(
    store: Store,
    mapping: Mapping,
    path: Path,
    leads: Sequence[str],
    ended: Sequence[str],
    *,
    connection: str,
    now: datetime,
    chunk: int,
) -> dict[str, Any]:
    """Measure the inputs and scores of `leads`, and what became of those `ended`, as `model.drift.Drift` in plain JSON.

    Raises DamagedModel, and Misconfigured when the model does not fit the mapping any more.
    """
    model = require_fit(load(path), mapping, connection)
    # As if all their horizons had passed: inputs do not depend on how a lead ends.
    later = now + timedelta(days=mapping.outcome.horizon_days)
    among = sorted({*leads, *ended})
    rows = examples_among(store, mapping, among, connection=connection, now=later, chunk_leads=chunk)
    likelihood = model.score(rows)["likelihood"] if rows.height else pl.Series("likelihood", [], dtype=pl.Float64)
    new, old = (rows["id"].is_in(list(some)) for some in (leads, ended))
    found = drift(model.card["drift_baseline"], rows.filter(new), likelihood.filter(new).to_numpy())
    told = truth(rows["label"].filter(old).cast(pl.Int8).to_numpy(), likelihood.filter(old).to_numpy())
    return replace(found, truth=told).as_dict()
