"""How likelihoods of leads become those of companies: the line on a model's card, fitted on its back-test's leads.

A new model gets its line as it is learned. The model that scores may have none, for the mapping gave companies nothing
when it was learned: then it gets one from its kept back-test, so that no model has to be forced to score for its sake.
"""

from dataclasses import replace
from pathlib import Path

import polars as pl

from mappings.file.load import Mapping
from model.errors import DamagedModel
from model.model import Model, load
from model.windows import measured
from tasks.store import models
from tasks.store.engine import Store
from tasks.verbs.score import POINTS

BY_CHANCE = (
    "How likely any lead of a company wins is not told: it is fitted on leads in the order of time, and the model was "
    "measured on leads that were picked by chance, for too few of their times are known."
)


def with_line(model: Model, mapping: Mapping, ends: pl.DataFrame) -> Model:
    """Put on the card how likelihoods of leads become those of companies, or why they do not.

    `ends` is that of `tasks.verbs.examples.gathered`. A back-test by chance tells nothing of past times.
    """
    if not mapping.companies:
        return model
    if not model.card["split"]["in_time"]:
        return replace(model, card=model.card | {"companies": {"told": BY_CHANCE}})
    # Of a lead that is looked at several times, the first look: what was known when it began to count.
    told = model.backtest.select("id", "likelihood").unique("id", keep="first", maintain_order=True)
    leads = ends.join(told, on="id", how="left", maintain_order="left")
    days: dict[str, int] = {"horizon_days": mapping.outcome.horizon_days, "observe_days": mapping.observe_days}
    return replace(model, card=model.card | {"companies": measured(leads, **days).card})


def make_up(store: Store, mapping: Mapping, ends: pl.DataFrame, *, connection: str, models_folder: Path) -> str | None:
    """Give the model that scores its line where it has none; says how that went, None where nothing was to be done.

    The card in the store alone gets it: that beside the model is what the model was learned with.
    """
    current = models.current(store, connection)
    if not mapping.companies or current is None or current.version == POINTS:
        return None
    if "line" in current.card.get("companies", {}):
        return None
    try:
        model = load(models_folder / current.path)
    except DamagedModel:  # told by whoever scores with it
        return None
    found = with_line(replace(model, card=current.card), mapping, ends).card
    models.describe(store, connection, current.version, card=found)
    return f"For companies, by the model that scores, {current.version}: {found['companies']['told']}"
