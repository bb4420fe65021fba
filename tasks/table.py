"""A CSV file as examples: the same columns that a CRM's leads become, without a CRM."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import polars as pl

from connector.errors import Misconfigured
from model.features import BESIDE, Feature, Kind
from tasks.csvtext import Text, read_text
from tasks.dates import are_dates, read_dates

NUMERIC = 0.98  # of a column's filled rows that are numbers; the few others count as missing
PLACE, ORDER = "place", "order"


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column of the file is what; `drop` are not read, `categorical` are words whatever they look like.

    `keep` are vouched for: no leak detector leaves them out.
    """

    label: str
    positive: str
    time: str | None = None
    group: str | None = None
    id: str | None = None
    drop: tuple[str, ...] = ()
    categorical: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """Examples: id, created_at (null where the time is only an order), label, group, and a column for each feature.

    In the order of time if there is one (`in_order`), else of the file; `places` are the rows' places in the file.
    `notes` tell what was not taken as it stands.
    """

    rows: pl.DataFrame
    features: tuple[Feature, ...]
    in_order: bool
    places: list[int]
    notes: list[str] = field(default_factory=list)
    file_rows: int = 0


def read(path: Path, columns: Columns, *, measuring: bool = False) -> Table:
    """Read examples from a file. Raises Misconfigured naming the file, the column, the value and the fix.

    Ids must tell leads apart; for `measuring` alone, doubles are noted and each counted.
    """
    text = read_text(path)
    found = _found(text, columns)
    label = _outcomes(text, found["label"], columns)
    notes = list(text.notes)
    kept = text.cells.with_columns(pl.int_range(pl.len()).alias(PLACE), label).filter(pl.col("label").is_not_null())
    if kept.height < text.cells.height:
        notes.append(f"{text.cells.height - kept.height} rows have no {columns.label}: not known yet, so left out.")
    if columns.time is not None:
        kept = _ordered(text, kept, found["time"], columns.time, notes)
    features, data = features_of(text, kept, columns, notes)
    if measuring and "id" in found:
        twice = int(kept[found["id"]].is_duplicated().sum())
        notes += [f"{twice} rows share their {columns.id} with another: each is counted."] if twice else []
        ids = kept[PLACE].cast(pl.String)
    else:
        ids = ids_of(path, kept, found.get("id"), columns.id)
    rows = pl.DataFrame(
        {
            "id": ids,
            "created_at": _stamps(kept),
            "label": kept["label"],
            "group": kept[found["group"]] if "group" in found else pl.Series([None] * kept.height, dtype=pl.String),
        }
    ).hstack(data)
    return Table(rows, features, columns.time is not None, kept[PLACE].to_list(), notes, text.cells.height)


def _found(text: Text, columns: Columns) -> dict[str, str]:
    """Find the columns that options name; the outcome's has no other meaning."""
    roles = {"label": columns.label, "time": columns.time, "group": columns.group, "id": columns.id}
    found = {role: text.column(name, option=f"--{role}") for role, name in roles.items() if name is not None}
    for role, place in found.items():
        if role != "label" and place == found["label"]:
            message = f"--label and --{role} name the same column, {columns.label!r}."
            raise Misconfigured(message, fix="Name different columns.")
    for option, names in (("drop", columns.drop), ("categorical", columns.categorical), ("keep", columns.keep)):
        for name in names:
            if text.column(name, option=f"--{option}") == found["label"]:
                raise Misconfigured(f"--{option} names the outcome, {name!r}.", fix=f"Leave it out of --{option}.")
    return found


def _outcomes(text: Text, place: str, columns: Columns) -> pl.Series:
    values = text.cells[place]
    told = _is_positive(values, columns.positive)
    if not told.any():
        common = ", ".join(repr(value) for value in values.drop_nulls().value_counts(sort=True)[place].head(5))
        raise Misconfigured(
            f"{text.path}: no row has {columns.positive!r} in {columns.label!r} (--positive); "
            f"it holds {common or 'nothing'}.",
            fix="Name the value that means success.",
        )
    return told.alias("label")


def _is_positive(values: pl.Series, positive: str) -> pl.Series:
    """Compare as text, or as numbers where both are: 1 is 1.0. Null where there is no outcome."""
    same = values == positive.strip()
    try:
        number = float(positive)
    except ValueError:
        return same
    return same | (values.cast(pl.Float64, strict=False) == number).fill_null(value=False)


def _ordered(text: Text, kept: pl.DataFrame, place: str, name: str, notes: list[str]) -> pl.DataFrame:
    """Put the rows in the order of time; those whose time is not known are left out."""
    column, where = kept[place], f"{text.path}: {name!r} (--time)"
    found = read_dates(column, where=where) if are_dates(column) else column.cast(pl.Float64, strict=False)
    wrong = column.filter(found.is_null() & column.is_not_null())
    if len(wrong) > (1 - NUMERIC) * len(column):
        raise Misconfigured(
            f"{where} holds {wrong[0]!r}, which is neither a date nor a number.",
            fix="Write dates as 2026-01-31, or name a column that rises with time.",
        )
    unknown = found.null_count()
    if unknown == len(found):
        raise Misconfigured(f"{where} is empty.", fix="Name a column that is filled, or leave --time out.")
    if unknown:
        notes.append(f"{unknown} rows have no {name} that can be read: left out.")
    return kept.with_columns(found.alias(ORDER)).drop_nulls(ORDER).sort(ORDER, maintain_order=True)


def ids_of(path: Path, kept: pl.DataFrame, place: str | None, name: str | None) -> pl.Series:
    """Return the leads' ids, or their places in the file. Raises Misconfigured where ids do not tell leads apart."""
    if place is None:
        return kept[PLACE].cast(pl.String)
    column = kept[place]
    gaps, twice = column.null_count(), int(column.is_duplicated().sum())
    if gaps or twice:
        what = f"{gaps} rows have none" if gaps else f"{twice} rows share theirs with another"
        raise Misconfigured(
            f"{path}: ids in {name!r} must tell leads apart, but {what}.",
            fix="Keep one row for each lead, or name another column with --id.",
        )
    return column


def _stamps(kept: pl.DataFrame) -> pl.Series:
    if ORDER in kept.columns and kept[ORDER].dtype.is_temporal():
        return kept[ORDER].cast(pl.Datetime("us", "UTC"))
    return pl.Series([None] * kept.height, dtype=pl.Datetime("us", "UTC"))


def features_of(
    text: Text, kept: pl.DataFrame, columns: Columns, notes: list[str], *, learned: tuple[Feature, ...] | None = None
) -> tuple[tuple[Feature, ...], pl.DataFrame]:
    """Make a feature of each column that is left, or those that were `learned` of the columns of their headings."""
    if learned is not None:
        made = [_made(text, kept, feature, notes) for feature in learned]
        return learned, pl.DataFrame(made)
    taken = {columns.label, columns.time, columns.group, columns.id, *columns.drop}
    features: list[Feature] = []
    for place, name in enumerate(text.names):
        if name in taken:
            continue
        kind = _kind(kept[f"c{place}"], words=name in columns.categorical)
        if kind == "date":
            notes.append(
                f"{name!r} holds dates, from which nothing can be learned for later: left out. "
                "Give the days between two dates instead, or name it with --time."
            )
            continue
        named = _named(name, {feature.name for feature in features})
        features.append(Feature(named, name, kind, "fit", trusted=name in columns.keep))
    return tuple(features), pl.DataFrame([_made(text, kept, feature, notes) for feature in features])


def _named(heading: str, known: set[str]) -> str:
    """Name a feature as a mapping would: small letters, digits and underscores, unlike all others."""
    plain = re.sub(r"\W+", "_", heading.lower()).strip("_") or "column"
    named, number = f"{plain}_" if plain in BESIDE else plain, 2
    while named in known:
        named, number = f"{plain}_{number}", number + 1
    return named


def _kind(series: pl.Series, *, words: bool) -> Kind | Literal["date"]:
    if words or series.null_count() == len(series):
        return "category"
    if are_dates(series):
        return "date"
    numbers = series.drop_nulls().cast(pl.Float64, strict=False)
    return "number" if int(numbers.is_not_null().sum()) >= NUMERIC * len(numbers) else "category"


def _made(text: Text, kept: pl.DataFrame, feature: Feature, notes: list[str]) -> pl.Series:
    series = kept[text.column(feature.label, option="--csv")]
    if feature.kind != "number":
        return series.alias(feature.name)
    numbers = series.cast(pl.Float64, strict=False)
    words = numbers.null_count() - series.null_count()
    endless = int((~numbers.is_finite()).sum() or 0)
    if words or endless:
        what = " and ".join(f"{count} {kind}" for count, kind in ((words, "words"), (endless, "infinities")) if count)
        notes.append(f"{feature.label!r} is a number, but holds {what}: taken as missing.")
    return pl.select(pl.when(numbers.is_finite()).then(numbers)).to_series().alias(feature.name)


def split_names(text: str | None) -> tuple[str, ...]:
    """Read a list of columns: COL,COL; a column with a comma in its name is written in quotes."""
    if not text:
        return ()
    found = re.findall(r'\s*"([^"]*)"\s*|([^,]+)', text)
    return tuple(name for quoted, plain in found if (name := (quoted or plain).strip()))
