"""Numbers as people type them: head counts and sums of money, in the spellings of several countries.

A comma or a full stop may part thousands or decimals. What follows it decides: groups of three digits are thousands
("1,500", "1.500.000", "12,34,567"), anything else is a decimal ("2,5"). One full stop and three digits are thousands,
too ("1.500" is 1500), but for a number with a unit ("1.234 bn") or one below 1 ("0.125"). A field of the CRM that holds
numbers needs none of this: the transform `number` reads it.
"""

import polars as pl

HEADS = {"k": 1e3, "tsd": 1e3, "thousand": 1e3, "m": 1e6, "mio": 1e6, "million": 1e6}
MONEY = {
    "k": 1e3, "tsd": 1e3, "thousand": 1e3, "lakh": 1e5, "lakhs": 1e5, "lac": 1e5, "lacs": 1e5,
    "m": 1e6, "mm": 1e6, "mn": 1e6, "mio": 1e6, "mill": 1e6, "mil": 1e6, "million": 1e6, "millions": 1e6,
    "millionen": 1e6, "millones": 1e6, "crore": 1e7, "crores": 1e7, "cr": 1e7,
    "b": 1e9, "bn": 1e9, "billion": 1e9, "billions": 1e9, "mrd": 1e9, "md": 1e9, "milliard": 1e9, "milliards": 1e9,
    "milliarden": 1e9, "t": 1e12, "tn": 1e12, "trillion": 1e12,
}  # fmt: skip

# Letters, digits and blanks are spelled out: the classes of all of Unicode make patterns that take long to compile.
BLANK = r"[ \t\x{a0}\x{202f}]"
FIGURE = r"([0-9][0-9.,]*)"
BETWEEN = r"(?:-|\x{2013}|\x{2014}|to|bis|and|a|e)"
CURRENCY = r"(?:[a-z]{3}|[$\x{a3}\x{a5}\x{20ac}\x{20b9}])?"
UP_TO = r"<|(?:^|[^a-z])(?:less than|fewer than|under|below|up to|at most|bis|weniger als|unter|moins de|menos de) "
ENGLISH = r"^(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,2}(?:,[0-9]{2})+,[0-9]{3})(?:\.[0-9]*)?$"  # the second as in India
CONTINENTAL = r"^[0-9]{1,3}(?:\.[0-9]{3})+(?:,[0-9]*)?$"
BELOW_ONE = r"^0*[.,]"
ACCENTED = r"[\x{c0}-\x{24f}]"
SCIENTIFIC = r"^ *([0-9]+(?:\.[0-9]+)?e[+-]?[0-9]{1,3}) *$"
BELOW_ZERO = r"^[^a-z0-9]*- *[^a-z0-9]?[0-9]|^ *\([^a-z0-9]*[0-9]"  # accountants put a loss in brackets
PARTED = r"([0-9])[ '\x{a0}\x{202f}\x{2019}]([0-9]{3})(?-u:\b)"


def employees(value: pl.Expr) -> pl.Expr:
    """Read head counts: Float64, null where there is no number. A range is its middle."""
    return value.map_batches(lambda texts: _amounts(texts, HEADS), return_dtype=pl.Float64)


def revenue(value: pl.Expr) -> pl.Expr:
    """Read amounts of money, whatever their currency: Float64, null where there is no number. A range is its middle."""
    return value.map_batches(lambda texts: _amounts(texts, MONEY), return_dtype=pl.Float64)


def _amounts(texts: pl.Series, units: dict[str, float]) -> pl.Series:
    """Read amounts; "up to X" is the middle of that, "X+" and "over X" are X, and below zero is none."""
    unit = rf"(?:{BLANK}*({'|'.join(sorted(units, key=len, reverse=True))})(?-u:\b)\.?)?"
    one = FIGURE + unit
    span = rf"{one}{BLANK}*{BETWEEN}{BLANK}*{CURRENCY}{BLANK}*{one}"
    found = pl.DataFrame({"text": texts}).select(_together(pl.col("text").str.to_lowercase()).alias("text"))
    parts = found.with_columns(
        pl.col("text").str.extract_groups(one).struct.rename_fields(["figure", "unit"]).struct.unnest(),
        pl.col("text")
        .str.extract_groups(span)
        .struct.rename_fields(["low", "low_unit", "high", "high_unit"])
        .struct.unnest(),
    )
    shared = pl.coalesce("low_unit", "high_unit")  # 1-5M is 1M to 5M
    read = parts.with_columns(
        _read(pl.col("figure"), pl.col("unit"), units).alias("first"),
        _read(pl.col("low"), shared, units).alias("low"),
        _read(pl.col("high"), pl.col("high_unit"), units).alias("high"),
    )
    return read.select(_chosen().alias("amount"))["amount"]


def _chosen() -> pl.Expr:
    """Choose between a range, a most and a single amount."""
    text, first, low, high = (pl.col(name) for name in ("text", "first", "low", "high"))
    least = pl.when(low <= high).then(low).otherwise(first)
    single = pl.when(text.str.contains(UP_TO) & high.is_null()).then(first / 2).otherwise(first)
    found = pl.when(least <= high).then((least + high) / 2).otherwise(single)
    amount = pl.coalesce(text.str.extract(SCIENTIFIC, 1).cast(pl.Float64, strict=False), found)
    return pl.when(amount.is_finite() & ~text.str.contains(BELOW_ZERO)).then(amount)


def _together(text: pl.Expr) -> pl.Expr:
    """Take out blanks and apostrophes that part thousands. Twice, because a match takes the digits of the next."""
    return lettered(text).str.replace_all(PARTED, "$1$2").str.replace_all(PARTED, "$1$2")


def lettered(text: pl.Expr) -> pl.Expr:
    """Write a plain letter for each accented one, so that a word ends where it ends: 5 Männer are no 5 million."""
    return text.str.replace_all(ACCENTED, "e")


def _read(figure: pl.Expr, unit: pl.Expr, units: dict[str, float]) -> pl.Expr:
    """Read a figure and its unit."""
    plain = figure.str.strip_chars_end(".,")
    dots, commas = plain.str.count_matches(".", literal=True), plain.str.count_matches(",", literal=True)
    is_decimal = (dots == 1) & (commas == 0) & (unit.is_not_null() | plain.str.contains(BELOW_ONE))
    point = (
        pl.when(plain.str.contains(ENGLISH) & ~plain.str.contains(BELOW_ONE))
        .then(plain.str.replace_all(",", "", literal=True))
        .when(plain.str.contains(CONTINENTAL) & ~is_decimal)
        .then(plain.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True))
        .otherwise(plain.str.replace(",", ".", literal=True))
    )
    factor = unit.replace_strict(units, default=None, return_dtype=pl.Float64).fill_null(1.0)
    return point.cast(pl.Float64, strict=False) * factor
