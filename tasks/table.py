"""A CSV file as examples: the same columns that a CRM's leads become, without a CRM."""

import re
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from connector.errors import Misconfigured
from mappings.problems import nearest
from model.features import Feature

MISSING = ("", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "#N/A", "__NA__")
SEPARATORS = ",;\t|"
NUMERIC = 0.98  # of a column's filled rows that are numbers; the few others count as missing
RESERVED = ("id", "created_at", "label", "group", "amount", "priority", "likelihood", "grade")
DATE = r"^\d{4}-\d{2}-\d{2}([T ].*)?$|^\d{1,2}[./]\d{1,2}[./]\d{2,4}$"
FORMATS = ("%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y")


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


def read(path: Path, columns: Columns) -> Table:
    """Read examples from a file. Raises Misconfigured naming the file, the column, the value and the fix."""
    raw = texts(path)
    _require(path, raw, columns)
    notes: list[str] = []
    kept = raw.with_columns(pl.int_range(pl.len()).alias(PLACE)).filter(pl.col(columns.label).is_not_null())
    if kept.height < raw.height:
        notes.append(f"{raw.height - kept.height} rows have no {columns.label}: not known yet, so left out.")
    order = _order(path, kept, columns.time)
    if order is not None:
        kept = kept.with_columns(order.alias(ORDER)).sort(ORDER, maintain_order=True, nulls_last=False)
    features, data = features_of(kept, columns, notes)
    rows = pl.DataFrame(
        {
            "id": _ids(path, kept, columns.id),
            "created_at": _dates(kept, order),
            "label": _is_positive(kept[columns.label], columns.positive),
            "group": kept[columns.group] if columns.group else pl.Series([None] * kept.height, dtype=pl.String),
        }
    ).hstack(data)
    return Table(rows, features, order is not None, kept[PLACE].to_list(), notes)


PLACE, ORDER = " place", " order"  # no column of a file begins with a blank once it is read


def texts(path: Path) -> pl.DataFrame:
    """Read a CSV file, compressed or not, as text; names and values without blanks around them."""
    if not path.is_file():
        raise Misconfigured(f"There is no file {path}.", fix="Correct --csv.")
    try:
        head = pl.read_csv(path, has_header=False, n_rows=1, separator="\x01", infer_schema=False, quote_char=None)
        line = str(head.row(0)[0])
        separator = max(SEPARATORS, key=line.count)
        raw = pl.read_csv(path, separator=separator, infer_schema=False, encoding="utf8-lossy")
    except (pl.exceptions.PolarsError, OSError, IndexError) as error:
        message = f"{path} is no CSV file that can be read ({error})."
        raise Misconfigured(message, fix="Save it as CSV, UTF-8.") from None
    named = raw.rename({name: name.strip().lstrip("\ufeff") for name in raw.columns})
    stripped = named.with_columns(pl.all().str.strip_chars())
    return stripped.with_columns(pl.when(pl.all().is_in(MISSING)).then(None).otherwise(pl.all()).name.keep())


def _require(path: Path, raw: pl.DataFrame, columns: Columns) -> None:
    asked = {
        "--label": (columns.label,), "--time": (columns.time,), "--group": (columns.group,), "--id": (columns.id,),
        "--drop": columns.drop, "--categorical": columns.categorical, "--keep": columns.keep,
    }  # fmt: skip
    for option, names in asked.items():
        for name in names:
            if name is not None and name not in raw.columns:
                raise Misconfigured(
                    f"{path} has no column {name!r} ({option}).", fix=_sentence(nearest(name, raw.columns))
                )
    values = raw[columns.label].drop_nulls()
    if not _is_positive(values, columns.positive).any():
        common = ", ".join(repr(value) for value in values.value_counts(sort=True)[columns.label].head(5))
        raise Misconfigured(
            f"{path}: no row has {columns.positive!r} in {columns.label!r} (--positive); "
            f"it holds {common or 'nothing'}.",
            fix="Name the value that means success.",
        )


def _sentence(hint: str) -> str:
    return hint[:1].upper() + hint[1:] + ("" if hint.endswith("?") else ".")


def _is_positive(values: pl.Series, positive: str) -> pl.Series:
    """Compare as text, or as numbers where both are: 1 is 1.0."""
    same = values == positive.strip()
    try:
        number = float(positive)
    except ValueError:
        return same
    return same | (values.cast(pl.Float64, strict=False) == number).fill_null(value=False)


def _ids(path: Path, kept: pl.DataFrame, name: str | None) -> pl.Series:
    if name is None:
        return kept[PLACE].cast(pl.String)
    column = kept[name].fill_null("")
    twice = column.filter(column.is_duplicated()).unique()
    if len(twice):
        some = ", ".join(repr(value) for value in twice.head(3))
        raise Misconfigured(
            f"{path}: {len(twice)} ids occur more than once in {name!r}, such as {some}.",
            fix="Keep one row for each lead, or name another column with --id.",
        )
    return column


def _order(path: Path, kept: pl.DataFrame, name: str | None) -> pl.Series | None:
    if name is None:
        return None
    column = kept[name]
    dates, numbers = _as_dates(column), column.cast(pl.Float64, strict=False)
    found = dates if dates is not None else numbers
    lost = int(found.null_count() - column.null_count())
    if lost > (1 - NUMERIC) * len(column):
        wrong = column.filter(found.is_null() & column.is_not_null())[0]
        raise Misconfigured(
            f"{path}: {name!r} (--time) holds {wrong!r}, which is neither a date nor a number.",
            fix="Write dates as 2026-01-31, or name a column that rises with time.",
        )
    return found


def _dates(kept: pl.DataFrame, order: pl.Series | None) -> pl.Series:
    if order is not None and ORDER in kept.columns and kept[ORDER].dtype.is_temporal():
        return kept[ORDER].cast(pl.Datetime("us", "UTC"))
    return pl.Series([None] * kept.height, dtype=pl.Datetime("us", "UTC"))


def _as_dates(column: pl.Series) -> pl.Series | None:
    """Read dates, or nothing if the column is none of dates."""
    known = column.drop_nulls()
    if known.is_empty() or known.str.contains(DATE).mean() < NUMERIC:  # type: ignore[operator]  # a mean of booleans
        return None
    days = column.str.slice(0, 10)
    tried = [days.str.to_datetime(form, strict=False, time_zone="UTC") for form in FORMATS]
    tried.append(column.str.to_datetime(strict=False, time_zone="UTC") if known.str.contains("T").all() else tried[0])
    best = min(tried, key=lambda found: found.null_count())
    return best if best.null_count() - column.null_count() <= (1 - NUMERIC) * len(column) else None


def features_of(
    kept: pl.DataFrame, columns: Columns, notes: list[str], *, kinds: dict[str, str] | None = None
) -> tuple[tuple[Feature, ...], pl.DataFrame]:
    """Make a feature of each column that is left; `kinds` gives them as they were when a model was learned."""
    taken = {columns.label, columns.time, columns.group, columns.id, *columns.drop, PLACE, ORDER}
    features, data = [], []
    for name in kept.columns:
        if name in taken:
            continue
        series = kept[name]
        wanted = (kinds or {}).get(_named(name)) or _kind(series, words=name in columns.categorical)
        if wanted == "date":
            notes.append(
                f"{name!r} holds dates, from which nothing can be learned for later: left out. "
                "Give the days between two dates instead, or name it with --time."
            )
            continue
        made = _number(series, notes) if wanted == "number" else series
        features.append(
            Feature(_named(name), name, wanted, "fit", trusted=name in columns.keep)  # type: ignore[arg-type]  # two kinds
        )
        data.append(made.alias(_named(name)))
    return tuple(features), pl.DataFrame(data)


def _named(name: str) -> str:
    plain = re.sub(r"\s+", " ", name)
    return f"{plain}_" if plain in RESERVED else plain


def _kind(series: pl.Series, *, words: bool) -> str:
    if words or series.null_count() == len(series):
        return "category"
    if _as_dates(series) is not None:
        return "date"
    known = series.drop_nulls()
    numbers = known.cast(pl.Float64, strict=False)
    return "number" if numbers.is_not_null().mean() >= NUMERIC else "category"  # type: ignore[operator]  # a mean


def _number(series: pl.Series, notes: list[str]) -> pl.Series:
    numbers = series.cast(pl.Float64, strict=False)
    words = numbers.null_count() - series.null_count()
    endless = int((numbers.is_infinite() | numbers.is_nan()).sum() or 0)
    if words or endless:
        what = " and ".join(f"{count} {kind}" for count, kind in ((words, "words"), (endless, "infinities")) if count)
        notes.append(f"{series.name!r} is a number, but holds {what}: taken as missing.")
    return pl.select(pl.when(numbers.is_finite()).then(numbers))[:, 0] if endless else numbers


def split_names(text: str | None) -> tuple[str, ...]:
    """Read a list of columns: COL,COL; a column with a comma in its name is written in quotes."""
    if not text:
        return ()
    found = re.findall(r'\s*"([^"]*)"\s*|([^,]+)', text)
    return tuple(name for quoted, plain in found if (name := (quoted or plain).strip()))
