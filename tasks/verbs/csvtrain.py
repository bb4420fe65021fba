"""Learning from a CSV file, and scoring one: the same learner and the same model as for a CRM, kept in a folder."""

from pathlib import Path
from typing import Any

import polars as pl

from connector.clock import Clock
from connector.errors import Misconfigured
from model import learn
from model.card import describe
from model.model import Model, load
from model.report.page import page
from tasks.table import Columns, features_of, read, texts
from tasks.verbs.counts import OnProgress, silent

MILESTONE = "success"


def train_csv(
    path: Path,
    columns: Columns,
    *,
    folder: Path,
    clock: Clock,
    seed: int,
    threads: int,
    on_progress: OnProgress = silent,
) -> dict[str, Any]:
    """Learn a model from a table and keep it in `folder`/VERSION with report.html. Raises NotEnoughHistory."""
    found = read(path, columns)
    model = learn.train(
        found.rows,
        found.features,
        seed=seed,
        now=clock.now(),
        horizon_days=None,
        milestone=MILESTONE,
        threads=threads,
        in_order=found.in_order,
        on_step=lambda step, share: on_progress(f"train: {step}", round(share * 100), 100),
    )
    where = folder / model.version
    if not where.exists():
        folder.mkdir(parents=True, exist_ok=True)
        model.save(where)
    report = where / "report.html"
    assert model.report is not None
    report.write_text(page(model.report), encoding="utf-8")
    return {
        "version": model.version,
        "path": str(where),
        "report": str(report),
        "card": model.card,
        "figures": model.card["figures"],
        "findings": model.card["leaks"],
        "verdict": model.card["verdict"],
        "told": describe(model.card),
        "notes": found.notes,
    }


def score_csv(path: Path, folder: Path, out: Path, *, identifier: str | None) -> dict[str, Any]:
    """Score the rows of a table into another: id, score, grade, likelihood, fit, engagement and reasons.

    The file must have the columns that the model was learned from. Raises Misconfigured, UnsuitableFrame.
    """
    model, raw = load(folder), texts(path)
    missing = [feature.label for feature in model.features if feature.label not in raw.columns]
    if missing:
        raise Misconfigured(
            f"{path} lacks what the model was learned from: {', '.join(missing)}.",
            fix="Bring these columns, or train again without them.",
        )
    if identifier is not None and identifier not in raw.columns:
        raise Misconfigured(f"{path} has no column {identifier!r} (--id).", fix="Correct --id.")
    notes: list[str] = []
    scored = model.score(_frame(raw, model, identifier, notes))
    told = scored.with_columns(pl.col("reasons").list.eval(pl.element().struct.field("text")).list.join(" | "))
    told.drop("margin").write_csv(out)
    return {"model": model.version, "scored": scored.height, "path": str(out), "notes": notes}


def _frame(raw: pl.DataFrame, model: Model, identifier: str | None, notes: list[str]) -> pl.DataFrame:
    wanted = raw.select(feature.label for feature in model.features)
    kinds = {feature.name: feature.kind for feature in model.features}
    _, data = features_of(wanted, Columns("", ""), notes, kinds=dict(kinds))
    ids = raw[identifier] if identifier else pl.int_range(raw.height, eager=True).cast(pl.String)
    return data.with_columns(ids.alias("id"))
