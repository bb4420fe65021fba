"""Learning from a CSV file, and scoring one: the same learner and the same model as for a CRM, kept in a folder."""

from pathlib import Path
from typing import Any

import polars as pl

from connector.clock import Clock
from connector.errors import Misconfigured
from model import learn
from model.card import describe
from model.features import Feature
from model.model import Model, load
from model.recipe import Recipe
from model.report.page import page
from tasks.csvtext import Text, read_text
from tasks.table import PLACE, Columns, features_of, ids_of, read
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
    recipe: Recipe | None = None,
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
        recipe=recipe,
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
    """Score the rows of a table into another: id, score, grade, likelihood and reasons.

    The file must have the columns that the model was learned from. Raises Misconfigured, UnsuitableFrame.
    """
    model, raw = load(folder), read_text(path)
    missing = [feature.label for feature in model.features if feature.label not in raw.names]
    if missing:
        raise Misconfigured(
            f"{path} lacks what the model was learned from: {', '.join(missing)}.",
            fix="Bring these columns, or train again without them.",
        )
    if out.is_dir():
        raise Misconfigured(f"{out} is a folder (--out).", fix="Name a file.")
    if out.resolve() == path.resolve():
        raise Misconfigured(f"{out} is the table itself (--out).", fix="Name another file.")
    notes = list(raw.notes)
    scored = model.score(_frame(raw, model, identifier, notes))
    told = scored.with_columns(pl.col("reasons").list.eval(pl.element().struct.field("text")).list.join(" | "))
    split = {feature.family for feature in model.features}
    text = told.drop("margin", *(() if len(split) > 1 else ("fit", "engagement"))).write_csv()
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Misconfigured(f"{out} cannot be written ({error.strerror}).", fix="Name another --out.") from error
    return {"model": model.version, "scored": scored.height, "path": str(out), "notes": notes}


def _frame(raw: Text, model: Model, identifier: str | None, notes: list[str]) -> pl.DataFrame:
    cells = raw.cells.with_columns(pl.int_range(pl.len()).alias(PLACE))
    _, data = features_of(raw, cells, Columns("", ""), notes, learned=model.features)
    for feature in model.features:
        _require_alike(raw, cells[raw.column(feature.label, option="--csv")], data[feature.name], feature)
        notes += _unseen(data[feature.name], feature, model)
    place = raw.column(identifier, option="--id") if identifier is not None else None
    return data.with_columns(ids_of(raw.path, cells, place, identifier).alias("id"))


def _require_alike(raw: Text, cells: pl.Series, read: pl.Series, feature: Feature) -> None:
    """Refuse a column that held numbers when the model was learned and holds mostly words now."""
    filled, known = len(cells) - cells.null_count(), len(read) - read.null_count()
    if feature.kind == "number" and filled and known < filled / 2:
        raise Misconfigured(
            f"{raw.path}: {feature.label!r} held numbers when the model was learned, and now such as "
            f"{cells.drop_nulls()[0]!r}.",
            fix="Bring the column as it was, or train again.",
        )


def _unseen(read: pl.Series, feature: Feature, model: Model) -> list[str]:
    if feature.kind != "category":
        return []
    filled = read.drop_nulls()
    new = int((~filled.is_in(model.ensemble.known.get(feature.name, []))).sum())
    if new * 2 <= len(filled):
        return []
    return [
        f"{feature.label!r}: {new} of {len(filled)} values were never seen in training; they tell the model nothing."
    ]
