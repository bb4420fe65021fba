"""The transforms as Polars expressions: a column of text in, a column of the feature's kind out.

Whole columns; no row is looked at alone, so a single lead gets what it gets in a batch.
"""

from collections.abc import Callable, Sequence

import polars as pl

from mappings.frames import amounts, lookups
from mappings.frames.columns import divided, moment
from mappings.frames.lookups import OTHERS
from mappings.links import HOST
from mappings.parts import Step
from mappings.words import MONTHS, TRANSFORMS, WEEKDAYS, Type

TRUE = ("true", "yes", "y", "on", "1")
FALSE = ("false", "no", "n", "off", "0")
AMOUNT = r"([0-9]+(?:\.[0-9]+)?)[ \t\x{a0}\x{202f}]*(?:(k|m|mio|mn|b|bn)(?-u:\b))?"
UNITS = {"k": 1e3, "m": 1e6, "mio": 1e6, "mn": 1e6, "b": 1e9, "bn": 1e9}
USER = r"^(?:mailto:)?([^@\s]+)@"
DAY_ALONE = len("2026-01-02")


def given_by(steps: Sequence[Step], begins: Type = Type.RAW) -> Type:
    """Tell what a value is after these transforms."""
    for step in steps:
        begins = TRANSFORMS[step.name].gives or begins
    return begins


def apply(value: pl.Expr, step: Step, currency: pl.Expr | None = None) -> pl.Expr:
    """Put a column through one transform. The loader has checked that it can take what comes before it.

    `currency` is the column with each value's currency; only the transform of that name looks at it.
    """
    if step.name == "currency":
        unknown = pl.lit(None, dtype=pl.String)
        return _converted(numeric(value), unknown if currency is None else currency, dict(step.rates))
    return COMPILED[step.name](value, step)


def ended(value: pl.Expr, kind: str, given: Type = Type.RAW) -> pl.Expr:
    """Turn what the transforms made, or the CRM's own text, into a column of the feature's kind.

    `given` is what it is after the last of them.
    """
    match kind:
        case "boolean" if given is Type.BOOLEAN:
            return value
        case "number":
            return numeric(value)
        case "boolean":
            return boolean(value)
        case _:
            return value.cast(pl.String)


def numeric(value: pl.Expr) -> pl.Expr:
    """Read numbers; what is none, or not finite, is null."""
    number = value.cast(pl.Float64, strict=False)
    return pl.when(number.is_finite()).then(number)


def boolean(value: pl.Expr) -> pl.Expr:
    """Read true and false in their usual spellings; anything else is null."""
    text = value.cast(pl.String).str.strip_chars().str.to_lowercase()
    return pl.when(text.is_in(TRUE)).then(pl.lit(value=True)).when(text.is_in(FALSE)).then(pl.lit(value=False))


def _filled(text: pl.Expr) -> pl.Expr:
    return pl.when(text != "").then(text)


def _collapsed(value: pl.Expr) -> pl.Expr:
    return _filled(value.str.replace_all(r"\s+", " ").str.strip_chars())


def _clean(value: pl.Expr) -> pl.Expr:
    return value.str.strip_chars().str.to_lowercase()


def _domain(value: pl.Expr) -> pl.Expr:
    return _clean(value).str.extract(HOST, 1)


def _first_number(value: pl.Expr) -> pl.Expr:
    text = amounts.lettered(value.str.to_lowercase()).str.replace_all(r"[,'\x{2019}]", "")
    unit = text.str.extract(AMOUNT, 2).replace_strict(UNITS, default=1.0, return_dtype=pl.Float64)
    return numeric(numeric(text.str.extract(AMOUNT, 1)) * unit)


def _bands(number: pl.Expr, edges: tuple[float, ...]) -> pl.Expr:
    band = pl.lit(f"below {edges[0]:g}")
    for low, high in zip(edges, (*edges[1:], None), strict=True):
        label = f"{low:g} or more" if high is None else f"{low:g} to below {high:g}"
        band = pl.when(number >= low).then(pl.lit(label)).otherwise(band)
    return pl.when(number.is_not_null()).then(band)


def _mapped(value: pl.Expr, words: dict[str, str]) -> pl.Expr:
    text = value.cast(pl.String)
    listed = {word: meant for word, meant in words.items() if word != OTHERS}
    default = pl.when(text.is_not_null()).then(pl.lit(words[OTHERS])) if OTHERS in words else text
    return _clean(text).replace_strict(listed, default=default, return_dtype=pl.String)


def _converted(amount: pl.Expr, currency: pl.Expr, rates: dict[str, float]) -> pl.Expr:
    """Convert amounts; one of an unknown currency is missing, for unconverted it would be another amount."""
    listed = {word: rate for word, rate in rates.items() if word != OTHERS}
    rate = _clean(currency).replace_strict(listed, default=None, return_dtype=pl.Float64)
    return numeric(amount * (rate.fill_null(rates[OTHERS]) if OTHERS in rates else rate))


def _named(number: pl.Expr, names: tuple[str, ...]) -> pl.Expr:
    return number.replace_strict(dict(enumerate(names, 1)), default=None, return_dtype=pl.String)


def _hour(value: pl.Expr) -> pl.Expr:
    return pl.when(value.str.len_bytes() > DAY_ALONE).then(moment(value).dt.hour().cast(pl.Float64))


def _rounded(number: pl.Expr, unit: float) -> pl.Expr:
    return numeric(divided(number, unit).round() * unit)


COMPILED: dict[str, Callable[[pl.Expr, Step], pl.Expr]] = {
    "trim": lambda value, _: _filled(value.str.strip_chars()),
    "collapse": lambda value, _: _collapsed(value),
    "lower": lambda value, _: value.str.to_lowercase(),
    "title": lambda value, _: value.str.to_titlecase(),
    "digits": lambda value, _: _filled(value.str.replace_all("[^0-9]", "")),
    "default": lambda value, step: value.fill_null(pl.lit(step.value)),
    "number": lambda value, _: numeric(value.str.strip_chars()),
    "first_number": lambda value, _: lookups.once(value, _first_number(lookups.TEXT), pl.Float64()),
    "employees": lambda value, _: lookups.head_count(value),
    "revenue": lambda value, _: lookups.once(value, amounts.revenue(lookups.TEXT), pl.Float64()),
    "boolean": lambda value, _: boolean(value),
    "present": lambda value, _: value.is_not_null(),
    "is_in": lambda value, step: _clean(value).is_in([word.strip().lower() for word in step.listed]),
    "has": lambda value, step: lookups.has(value, step.listed),
    "picked": lambda value, _: lookups.picked(value),
    "first_of": lambda value, step: lookups.first_of(value, step.listed),
    "domain": lambda value, _: _domain(value),
    "email_user": lambda value, _: _clean(value).str.extract(USER, 1),
    "free_mail": lambda value, _: lookups.is_free_mail(_domain(value)),
    "seniority": lambda value, _: lookups.titled(value, "seniority", "staff"),
    "department": lambda value, _: lookups.titled(value, "department", "other"),
    "country": lambda value, _: lookups.country(value),
    "map": lambda value, step: _mapped(value, dict(step.words)),
    "contains": lambda value, step: lookups.containing(value, step.words),
    "length": lambda value, _: value.str.len_chars().cast(pl.Float64),
    "year": lambda value, _: moment(value).dt.year().cast(pl.Float64),
    "month": lambda value, _: _named(moment(value).dt.month(), MONTHS),
    "weekday": lambda value, _: _named(moment(value).dt.weekday(), WEEKDAYS),
    "hour": lambda value, _: _hour(value),
    "cap": lambda value, step: numeric(value).clip(upper_bound=step.number),
    "at_least": lambda value, step: numeric(value) >= step.number,
    "round": lambda value, step: _rounded(numeric(value), step.number),
    "times": lambda value, step: numeric(numeric(value) * step.number),
    "log1p": lambda value, _: numeric(value).clip(lower_bound=0).log1p(),
    "bands": lambda value, step: _bands(numeric(value), step.numbers),
}
