"""A world from a CSV file, so that real tables walk the whole road through a CRM and back.

Every row becomes a lead with a made-up person; each column becomes a custom field. Standard fields that could tell a
model something that the table does not (title, company, source, behaviour) stay empty.
"""

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import numpy as np
import polars as pl

from connector.crm import Kind
from connector.simulator import people
from connector.simulator.behaviour import responses, shown_responses
from connector.simulator.companies import companies
from connector.simulator.draw import DAY_MS, Bools, Ints
from connector.simulator.timeline import Shares, events
from connector.simulator.world import LEAD_COLUMNS, CustomField, World, lived, stamped, truth_frame

_YEARS = 2.0
_SHARES = Shares(lost=0.2, disqualified=1.0)
_MOST_OPTIONS = 60
_LONGEST_OPTION = 255
_LONGEST_NAME = 36  # Salesforce allows 40 with its "__c"
_NUMBER = r"^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$"  # with leading zeros it is a code, not a number
# Standard contact properties of HubSpot whose names tables like to use as well.
_TAKEN = frozenset(
    {
        "address",
        "annualrevenue",
        "city",
        "company",
        "company_size",
        "country",
        "date_of_birth",
        "degree",
        "email",
        "fax",
        "field_of_study",
        "firstname",
        "gender",
        "industry",
        "job_function",
        "jobtitle",
        "lastname",
        "lifecyclestage",
        "marital_status",
        "message",
        "mobilephone",
        "numemployees",
        "phone",
        "relationship_status",
        "salutation",
        "school",
        "seniority",
        "start_date",
        "state",
        "twitterhandle",
        "website",
        "work_email",
        "zip",
    }
)


def load(
    path: str | Path,
    *,
    outcome: str,
    positive: str,
    name: str,
    now: datetime,
    horizon_days: int = 90,
    time: str | None = None,
    sep: str = ",",
    drop: Sequence[str] = (),
) -> World:
    """Read a CSV file (plain or gzip) as a world whose leads are its rows.

    Rows whose `outcome` is `positive` convert and win within the horizon; the others are disqualified or lose a deal;
    all of it before `now`. Creation stamps rise strictly in the order of (`time`, file order), evenly over two years,
    so a split by creation equals a split by a stable sort of the `time` column. Every column but `outcome`, `time` and
    `drop` becomes a custom field; empty values are missing, texts such as "NA" are values. `name` is what the made-up
    addresses end in ("bank" gives "...@bank.example"). The truth is all that is known: the outcome itself, as 0 or 1.

    Raises: ValueError when a column is absent, no row is positive, two columns cannot be told apart as fields, or there
    are more rows than seconds.
    """
    raw = _read(Path(path), sep)
    absent = {outcome, *drop, *([time] if time else [])} - set(raw.columns)
    if absent:
        raise ValueError(f"{Path(path).name} has no column {sorted(absent)}; it has {raw.columns}")
    rows = raw if time is None else raw[_order(raw[time])]
    wins = (rows[outcome] == positive).fill_null(value=False).to_numpy()
    if not wins.any():
        raise ValueError(f"no row of {Path(path).name} has {outcome} = {positive!r}")
    fields = _fields(rows.drop(outcome, *drop, *([time] if time else [])))
    custom = tuple(_described(column) for column in fields)
    columns = [_typed(*pair) for pair in zip(fields, custom, strict=True)]
    return _world(columns, custom, wins=wins, name=name, now=now, horizon=horizon_days)


def api_name(column: str) -> str:
    """Give the column's name as CRMs allow it: letters, digits and single underscores, a letter first, at most 36.

    Salesforce appends "__c", HubSpot lower-cases it. Names of HubSpot's standard properties are avoided.
    """
    plain = unicodedata.normalize("NFKD", column).encode("ascii", "ignore").decode()
    name = re.sub(r"[^A-Za-z0-9]+", "_", plain).strip("_") or "column"
    if not name[0].isalpha():
        name = f"x_{name}"
    if name.lower() in _TAKEN:
        name = f"{name}_column"
    if len(name) > _LONGEST_NAME:
        digest = hashlib.sha256(column.encode()).hexdigest()[:6]
        name = f"{name[: _LONGEST_NAME - 7].rstrip('_')}_{digest}"
    return name


def _read(path: Path, sep: str) -> pl.DataFrame:
    """Read all columns as text; unnamed columns without a value (a comma too many) are left out."""
    frame = pl.read_csv(path, separator=sep, infer_schema=False)
    empty = [column for column in frame.columns if not column.strip() and frame[column].null_count() == frame.height]
    return frame.drop(empty).with_columns(pl.all().replace("", None))


def _order(column: pl.Series) -> Ints:
    """Give the stable order by the column: as numbers when all of it are numbers, missing ones first."""
    keys = column.cast(pl.Float64) if _numeric(column) else column
    ordered = pl.DataFrame({"key": keys}).with_row_index().sort("key", nulls_last=False, maintain_order=True)
    return ordered["index"].cast(pl.Int64).to_numpy()


def _fields(columns: pl.DataFrame) -> list[pl.Series]:
    """Name the columns so that they clash neither with a lead's own columns nor, as fields, with each other."""
    fields = [of.alias(f"{of.name} (table)") if of.name in LEAD_COLUMNS else of for of in columns]
    called: dict[str, str] = {}
    for of in fields:
        other = called.setdefault(api_name(of.name).lower(), of.name)
        if other != of.name:
            raise ValueError(f"the columns {other!r} and {of.name!r} would be one field; rename one of them")
    return fields


def _described(column: pl.Series) -> CustomField:
    if _numeric(column):
        return CustomField(column.name, column.name, Kind.NUMBER)
    options = tuple(column.drop_nulls().unique().sort().to_list())
    if 0 < len(options) <= _MOST_OPTIONS and max(map(len, options)) <= _LONGEST_OPTION:
        return CustomField(column.name, column.name, Kind.OPTION, options)
    return CustomField(column.name, column.name, Kind.TEXT)


def _numeric(column: pl.Series) -> bool:
    values = column.drop_nulls()
    return len(values) > 0 and bool(values.str.contains(_NUMBER).all())


def _typed(column: pl.Series, field: CustomField) -> pl.Series:
    return column.cast(pl.Float64) if field.kind is Kind.NUMBER else column


def _world(
    columns: Sequence[pl.Series],
    custom: tuple[CustomField, ...],
    *,
    wins: Bools,
    name: str,
    now: datetime,
    horizon: int,
) -> World:
    count = len(wins)
    seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big")
    rng = np.random.default_rng(seed)
    now_ms = round(now.timestamp() * 1000)
    created_ms = _created(count, now_ms - round(1.5 * horizon * DAY_MS))
    chance = wins.astype(np.float64)
    later = events(rng, created_ms, wins, np.full(count, 0.1), horizon_days=horizon, shares=_SHARES)
    known = _people(rng, count, name).with_columns(columns)
    nobody = np.full(count, np.nan)
    leads, deals = lived(rng, known, later, created_ms, visited_ms=nobody, moves_on_visits=False)
    firms = stamped(rng, companies(rng, 1), leads, now_ms=now_ms, start_ms=int(created_ms[0])).clear()
    silence = shown_responses(responses(rng, nobody[:0], created_ms[:0]), now_ms)
    return World(now, seed, horizon, firms, leads, deals, silence, truth_frame(chance, wins), custom)


def _created(count: int, end_ms: int) -> Ints:
    """Spread the stamps evenly, in whole seconds: the finest that Salesforce keeps."""
    span_s = round(_YEARS * 365.25 * DAY_MS) // 1000
    if count > span_s:
        raise ValueError(f"{count} rows are more than the {span_s} seconds they would be created in")
    return (end_ms // 1000 - span_s + np.arange(count) * span_s // count) * 1000


def _people(rng: np.random.Generator, count: int, name: str) -> pl.DataFrame:
    """Make up who the rows are: names and addresses; every other standard column is missing or the same for all."""
    who = people.names(rng, count)
    domain = pl.Series([f"{name}.example"]).new_from_index(0, count)
    texts = ("title", "phone", "website", "country", "state", "city", "industry", "source", "rating")
    counts = ["company_key", "employees", "annual_revenue", "page_views", "visits", "form_submissions"]
    counts += [f"emails_{done}" for done in ("delivered", "opened", "clicked", "replied")]
    return pl.DataFrame(
        {"first_name": who.first, "last_name": who.last, "email": people.emails(rng, who, domain)}
    ).with_columns(
        pl.lit(f"{name} table").alias("company_name"),
        pl.lit(value=False).alias("email_bounced"),
        pl.lit(value=False).alias("opted_out"),
        *(pl.lit(None, dtype=pl.String).alias(text) for text in texts),
        *(pl.lit(None, dtype=pl.Int64).alias(number) for number in counts),
    )
