"""What commands do with a CSV file instead of a connection: evaluate, train and score."""

from pathlib import Path
from typing import Annotated, Any

import typer

from connector.clock import SystemClock
from connector.errors import Misconfigured
from model.recipe import RECIPES
from tasks.cli.options import Home, Json, settings_of
from tasks.screens import as_json, counted, progress, say, table, verbatim
from tasks.table import Columns, Table, read, split_names

FOLDS = 5

Csv = Annotated[Path | None, typer.Option("--csv", help="Learn from this table instead of a CRM.")]
Label = Annotated[str | None, typer.Option("--label", help="With --csv: the column of the outcome.")]
Positive = Annotated[str | None, typer.Option("--positive", help="With --csv: the outcome that means success.")]
Time = Annotated[str | None, typer.Option("--time", help="With --csv: the column that tells the order in time.")]
Group = Annotated[str | None, typer.Option("--group", help="With --csv: what leads of one company share.")]
Id = Annotated[str | None, typer.Option("--id", help="With --csv: the column of the leads' ids.")]
Drop = Annotated[str | None, typer.Option("--drop", help="With --csv: columns to leave out, a comma between.")]
Categorical = Annotated[str | None, typer.Option("--categorical", help="With --csv: columns whose numbers are names.")]
Keep = Annotated[str | None, typer.Option("--keep", help="With --csv: columns you vouch for; no finding drops them.")]

Models = Annotated[Path | None, typer.Option("--out", help="With --csv: the folder that the model is kept in.")]
Model = Annotated[Path | None, typer.Option("--model", help="With --csv: the folder of the model.")]
Unscored = Annotated[Path | None, typer.Option("--csv", help="Score this table instead of a CRM's leads.")]
Scored = Annotated[Path | None, typer.Option("--out", help="With --csv: the file that scores are written to.")]


def columns_of(
    label: str | None,
    positive: str | None,
    time: str | None,
    group: str | None,
    identifier: str | None,
    drop: str | None,
    categorical: str | None,
    keep: str | None,
) -> Columns:
    """Put the options together. Raises Misconfigured when one that is needed is missing."""
    for option, value in (("--label", label), ("--positive", positive)):
        if value is None:
            raise Misconfigured(f"--csv needs {option}.", fix=f"Add {option}.")
    assert label is not None
    assert positive is not None
    lists = (split_names(text) for text in (drop, categorical, keep))
    return Columns(label, positive, time, group, identifier, *lists)


def trained(path: Path, columns: Columns, *, out: Path | None, home: Home, json: Json) -> None:
    """Learn a model from a file and keep it in a folder with its report."""
    from tasks.verbs.csvtrain import train_csv  # noqa: PLC0415  a status need not load the learner

    settings = settings_of(home)
    folder = out or settings.home / "csv-models"
    with progress(f"{path.name}:") as on_progress:
        told = train_csv(
            path, columns, folder=folder, clock=SystemClock(), seed=settings.seed, threads=settings.threads,
            recipe=RECIPES[settings.recipe], on_progress=on_progress,
        )  # fmt: skip
    if json:
        as_json(told)
        return
    for note in told["notes"]:
        say(verbatim(note))
    say(verbatim(told["told"]))
    say(f"Kept in {told['path']}; its report: {told['report']}")


def scored(path: Path, model: Path | None, out: Path | None, *, identifier: str | None, json: bool) -> None:
    """Score a file with a model that was kept in a folder."""
    from tasks.verbs.csvtrain import score_csv  # noqa: PLC0415  a status need not load the learner

    for option, value in (("--model", model), ("--out", out)):
        if value is None:
            raise Misconfigured(f"Scoring a table needs {option}.", fix=f"Add {option}.")
    assert model is not None
    assert out is not None
    told = score_csv(path, model, out, identifier=identifier)
    if json:
        as_json(told)
        return
    for note in told["notes"]:
        say(verbatim(note))
    say(f"{counted(told['scored'], 'row')} scored by model {told['model']}, into {told['path']}.")


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(evaluate)


def evaluate(
    csv: Annotated[Path, typer.Option("--csv", help="The table: CSV with a heading, plain or compressed.")],
    label: Annotated[str, typer.Option("--label", help="The column of the outcome.")],
    positive: Annotated[str, typer.Option("--positive", help="The outcome that means success.")],
    time: Time = None,
    group: Group = None,
    identifier: Id = None,
    drop: Drop = None,
    categorical: Categorical = None,
    keep: Keep = None,
    split: Annotated[
        str | None, typer.Option("--split", help="forward (needs --time) or cv5; else forward if there is a time.")
    ] = None,
    folds: Annotated[Path | None, typer.Option("--folds", help="A file of folds instead of --split.")] = None,
    screening: Annotated[bool, typer.Option("--screening/--all-columns", help="Leave out what leaks, or not.")] = True,
    home: Home = None,
    json: Json = False,
) -> None:
    """Measure the model and everything it has to beat on a table, all on the same rows and columns."""
    from model.evaluation import evaluate as measured  # noqa: PLC0415  a status need not load the learner

    settings = settings_of(home)
    asked = columns_of(label, positive, time, group, identifier, drop, categorical, keep)
    found = read(csv, asked, measuring=True)
    _require_both(csv, found)
    splits = _splits(found, split, folds, rows=found.file_rows)
    _require_rows(csv, found, splits)
    with progress(f"{csv.name}:") as on_progress:
        told = measured(
            found.rows, found.features, splits, seed=settings.seed, threads=settings.threads, screening=screening,
            recipe=RECIPES[settings.recipe],
            on_step=lambda name, done, total: on_progress(f"evaluate: {name}", done, total),
        )  # fmt: skip
    told |= {"file": csv.name, "notes": found.notes}
    if json:
        as_json(told)
    else:
        show(told)


def _require_both(path: Path, found: Table) -> None:
    wins, rows = int(found.rows["label"].sum() or 0), found.rows.height
    if not found.features:
        raise Misconfigured(f"{path} has no column to learn from.", fix="Give more columns, or drop fewer.")
    fewest = 25
    if min(wins, rows - wins) < fewest:
        raise Misconfigured(
            f"{path} has {rows} rows with an outcome, {wins} of them a success: too few to measure anything.",
            fix=f"Bring at least {fewest} of each outcome.",
        )


def _require_rows(path: Path, found: Table, splits: list[Any]) -> None:
    """Refuse splits of which nothing can be learned or measured, such as those that one giant company leaves."""
    label = found.rows["label"].to_numpy()
    for part, what, fewest in (("learned", "learn from", 20), ("tested", "test on", 1)):
        for split in splits:
            wins, rows = int(label[getattr(split, part)].sum()), len(getattr(split, part))
            if min(wins, rows - wins) < fewest:
                raise Misconfigured(
                    f"{path}: a split leaves {rows} rows to {what}, {wins} of them a success: too few.",
                    fix="Choose another --split, --group or --folds, or bring more rows.",
                )


def _splits(found: Table, split: str | None, folds: Path | None, *, rows: int) -> list[Any]:
    from model import splits  # noqa: PLC0415  a status need not load scikit-learn
    from tasks.folds import read_folds  # noqa: PLC0415  the same

    if folds is not None:
        return read_folds(folds, found, rows=rows)
    match split or ("forward" if found.in_order else "cv5"):
        case "forward" if found.in_order:
            return [splits.forward(found.rows)]
        case "forward":
            raise Misconfigured("--split forward needs to know the time.", fix="Add --time, or use --split cv5.")
        case "cv5" if found.rows["group"].n_unique() < FOLDS and found.rows["group"].null_count() == 0:
            raise Misconfigured(f"--group has fewer than {FOLDS} groups.", fix="Leave --group out, or use --folds.")
        case "cv5":
            return splits.five_fold(found.rows, seed=splits.FOLD_SEED)
        case other:
            raise Misconfigured(f"There is no split {other!r}.", fix="Use --split forward or --split cv5.")


def show(told: dict[str, Any]) -> None:
    """Show an evaluation to people."""
    about = told["about"]
    for note in told["notes"]:
        say(verbatim(note))
    for finding in told["findings"]:
        say(verbatim(f"{finding['label']}: {finding['verdict']}. {finding['reason']}"))
    models = {name: values for name, values in told.items() if isinstance(values, dict) and "log_loss" in values}
    how = "forward in time" if about["in_time"] else f"{about['splits']} splits by chance"
    table(
        f"{told['file']}: {counted(about['rows'], 'row')}, {how}",
        ("model", "AUC", "PR-AUC", "log-loss", "Brier", "calibration (chance)", "lift 10 %", "fit CPU s", "rows/s"),
        [_row(name, values) for name, values in models.items()],
        right=(1, 2, 3, 4, 5, 6, 7, 8),
    )
    say(told["verdict"])


def _row(name: str, values: dict[str, Any]) -> tuple[str, ...]:
    ranked = ["-" if values[key] is None else f"{values[key]:.4f}" for key in ("auc", "pr_auc", "log_loss", "brier")]
    error = f"{values['ece']:.3f} ({values['ece_floor']:.3f})"
    speed = (f"{values['lift_10']:.2f}", f"{values['fit_cpu_s']:.1f}", f"{values['rows_per_cpu_s']:,.0f}")
    return (name.replace("_", " "), *ranked, error, *speed)
