"""Whether a model that was just learned takes over from the one that scores: champion and challenger.

Without a contest it takes over where there is nothing to compare it with: no model, one that cannot be read or does not
fit the mapping any more, or the points model.
"""

from datetime import datetime
from pathlib import Path

import polars as pl

from mappings.file.load import Mapping
from model.challenge import MOST_ROWS, decide
from model.errors import DamagedModel
from model.grades import are_drawn_so
from model.model import Model, load
from tasks.store import models
from tasks.store.engine import Store
from tasks.store.models import Registered, Verdict
from tasks.verbs.fitting import misfit

POINTS = "points"
FIRST = "It is the first model."
ASKED = "It takes over because that was asked for."


def contest(
    store: Store,
    mapping: Mapping,
    challenger: Model,
    examples: pl.DataFrame,
    *,
    connection: str,
    models_folder: Path,
    seed: int,
    force: bool,
) -> tuple[Verdict, str]:
    """Decide on a challenger that was learned from these examples; the verdict, and why in a sentence or two.

    Both are measured on the leads that the challenger's back-test has judged and the champion has not learned from.
    """
    current = models.current(store, connection)
    if current is None:
        return Verdict.CHAMPION, FIRST
    if current.version == challenger.version:
        return current.verdict, current.told
    if force:
        return Verdict.CHAMPION, ASKED
    champion, unfit = _champion(current, mapping, connection, models_folder)
    if champion is None:
        return Verdict.CHAMPION, f"It takes over: {unfit}"
    rows = _later(challenger.backtest, examples, champion)
    likelihood = champion.score(rows)["likelihood"].to_numpy() if rows.height else rows["likelihood"].to_numpy()
    label = rows["label"].cast(pl.Int8).to_numpy()
    decision = decide(label, likelihood, rows["likelihood"].to_numpy(), seed=seed)
    return (Verdict.REPLACED if decision.takes_over else Verdict.STAYED), decision.sentence


def _champion(
    current: Registered, mapping: Mapping, connection: str, models_folder: Path
) -> tuple[Model | None, str | None]:
    """Load the model that scores; None, and why, when it cannot go on."""
    if current.version == POINTS:
        return None, "until now, points were all there was."
    try:
        champion = load(models_folder / current.path)
    except DamagedModel as error:
        return None, f"the old one cannot be read. {error}"
    if unfit := misfit(champion, mapping, connection):
        return None, f"the old one does not fit the mapping. {unfit}"
    if not are_drawn_so(champion.card["grades"], mapping.grades):
        return None, "the mapping asks for other grades than the old one gives."
    return champion, None


def _later(backtest: pl.DataFrame, examples: pl.DataFrame, champion: Model) -> pl.DataFrame:
    """Take the rows of the back-test created after all that the champion has learned from, in the order of time."""
    last = datetime.fromisoformat(champion.card["data"]["last"])
    features = [feature.name for feature in champion.features]
    rows = backtest.select("id", "label", "likelihood").join(
        examples.select("id", "created_at", *features), on="id", how="inner", maintain_order="left"
    )
    later = rows.filter(pl.col("created_at") > last)
    return later.sort("created_at", maintain_order=True)[-MOST_ROWS:]
