"""What a field is good for, judged by its values before its kind and by its kind before its name.

A field is kept as a feature of some kind, or left out for a reason that people can check. What the values cannot tell
is told by lists: fields that know the outcome (forbidden.py), and those that name a person.
"""

import re
from dataclasses import dataclass

import polars as pl

from connector.crm import Entity, Kind
from mappings.checks.unread import OUR_OWN, POINTS, WHO, is_personal
from mappings.drafts.profile import Profile
from mappings.drafts.survey import Column
from mappings.forbidden import knows_the_outcome
from mappings.frames.columns import instant

NEARLY_EMPTY = 0.02
CONSTANT = 0.995
ALIKE = 0.8  # of the values have the shape of an address or a number of a telephone
UNIQUE = 0.5  # of the filled rows with a value of their own: no word that repeats, so nothing can be learned of it
MOST_VALUES = 200
MOST_OPTIONS = 8  # of a field of several, that get a feature of their own
SENTENCE = 3.0  # words
LEAST = 20  # filled values, below which nothing is judged by its shape
PRESENT = (0.05, 0.95)  # share of filled rows between which it tells something that there is a value

DOES = re.compile(
    r"visit|click|open|repl|respon|call|meeting|webinar|session|page|view|submi|scan|attend|download|scroll|touch",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Role:
    """What a field is: `kept` as a feature of a `kind` with these `steps`, or left out; `why` in words.

    `name` is one of "feature", "leak", "knows the outcome", "our own", "read already", "identifier", "free text",
    "constant", "nearly empty", "too many values", "personal", "date". `between`: the days between two fields.
    `options`: a feature for each of these, whether it is chosen.
    """

    name: str
    why: str
    kind: str = ""
    steps: tuple[str, ...] = ()
    between: tuple[str, str] | None = None
    options: tuple[str, ...] = ()

    @property
    def kept(self) -> bool:
        return self.name == "feature"


def role_of(column: Column, found: Profile, *, crm: str, read: frozenset[str], created: pl.Series, own: str) -> Role:
    """Judge one field. `read` are paths that the mapping reads already, `own` is what our fields' names begin with."""
    name = column.field.name
    if name.lower().startswith(own.lower()):
        return Role(*OUR_OWN)
    if knows_the_outcome(crm, column.entity, name):
        return Role("knows the outcome", "the CRM, or work on the lead, fills it or moves it as the story goes on")
    if column.path in read:
        return Role("read already", "a feature above, the links or the outcome read it")
    if is_personal(column.entity, column.field):
        return Role(*WHO)
    return _by_amount(column, found) or _by_values(column, found, created)


def family_of(column: Column, kind: str) -> str:
    """Tell whether a feature is about what a lead does. Data cannot tell that: by the words of name and label."""
    words = f"{column.field.name} {column.field.label}"
    return "engagement" if kind != "category" and column.entity is Entity.LEAD and DOES.search(words) else "fit"


def _by_amount(column: Column, found: Profile) -> Role | None:
    if found.filled < NEARLY_EMPTY:
        return Role("nearly empty", f"{found.filled:.1%} filled")
    if column.field.kind is Kind.REFERENCE:
        return Role(*POINTS)
    if found.distinct == 1 and found.filled < 1 - NEARLY_EMPTY:
        return Role("feature", "one value or none: whether there is one", "boolean", ("present",))
    if found.usual * found.filled >= CONSTANT or found.usual >= CONSTANT:
        return Role(
            "constant", "all have the same value" if found.distinct == 1 else f"{found.usual:.1%} have the same"
        )
    return None


def _by_values(column: Column, found: Profile, created: pl.Series) -> Role:
    match column.field.kind:
        case Kind.BOOLEAN:
            return Role("feature", "yes or no", "boolean")
        case Kind.DATE | Kind.INSTANT:
            return _date(column, created)
        case Kind.NUMBER:
            return _number(column, found, created)
        case Kind.OPTIONS:
            return _options(column)
        case Kind.OPTION:
            return _category(found, ())
        case _:
            return _text(found)


def _options(column: Column) -> Role:
    """Ask for each frequent option of a field of several whether it is chosen: a set of them is no word of its own."""
    chosen = column.values.drop_nulls().str.split(";").list.eval(pl.element().str.strip_chars()).list.unique().explode()
    counts = chosen.alias("option").value_counts().sort("count", "option", descending=[True, False])
    low, high = NEARLY_EMPTY * column.rows, (1 - NEARLY_EMPTY) * column.rows
    told = counts.filter(pl.col("count").is_between(low, high) & (pl.col("option") != ""))["option"]
    frequent = tuple(told.head(MOST_OPTIONS))
    if not frequent:
        return Role("feature", "several options, none of them frequent: whether any is chosen", "boolean", ("present",))
    rest = f", the {MOST_OPTIONS} most frequent" if len(told) > MOST_OPTIONS else ""
    return Role("feature", f"several options: whether each{rest} is chosen", "boolean", ("has",), options=frequent)


def _number(column: Column, found: Profile, created: pl.Series) -> Role:
    if found.rows * found.filled >= LEAST and found.unique >= 1 - NEARLY_EMPTY and found.whole == 1:
        both = pl.DataFrame({"at": created, "number": column.values.cast(pl.Float64, strict=False)}).drop_nulls()
        order = both.select(pl.corr(pl.col("at").rank(), pl.col("number").rank())).item()
        if order is not None and abs(order) > 1 - NEARLY_EMPTY:
            return Role("identifier", "it counts the records: it rises or falls with their creation")
    return Role("feature", "a quantity", "number")


def _date(column: Column, created: pl.Series) -> Role:
    frame = pl.DataFrame({"created": created, "moment": column.values})
    later = frame.select((instant("moment") >= instant("created")).mean()).item()
    if later is None:
        return Role("date", "no date in it can be read")
    if column.entity is Entity.COMPANY:
        return Role("date", "dates of companies are left to you")
    if later >= UNIQUE:
        return Role("feature", "a date, mostly after the lead's creation: days until then", "number", (), ("", "it"))
    return Role("feature", "a date, mostly before the lead's creation: days since then", "number", (), ("it", ""))


def _text(found: Profile) -> Role:
    if found.rows * found.filled < LEAST:
        return _category(found, ("trim",))
    for shape, share in (
        ("e-mail addresses", found.mail),
        ("web addresses", found.web),
        ("numbers to call", found.phone),
    ):
        if share >= ALIKE:
            return _address(found, shape)
    if found.titles >= UNIQUE and found.distinct > LEAST:
        return Role("feature", "job titles: their level", "category", ("seniority",))
    if (
        found.numeric >= 1 - NEARLY_EMPTY
        and found.distinct > LEAST
        and not (found.unique > UNIQUE and found.whole == 1)
    ):
        return Role("feature", "numbers in a text field", "number", ("first_number",))
    if found.unique > UNIQUE:
        return _of_its_own(found)
    return _category(found, ("trim",))


def _address(found: Profile, shape: str) -> Role:
    low, high = PRESENT
    if low <= found.filled <= high:
        return Role("feature", f"{shape}: whether there is one", "boolean", ("present",))
    return Role("identifier", f"{shape}, each of its own")


def _of_its_own(found: Profile) -> Role:
    told = f"{min(found.unique, 1):.0%} of the values are there once"
    if found.words >= SENTENCE:
        return Role("free text", f"{told}, with {found.words:.0f} words each")
    return Role("identifier", told)


def _category(found: Profile, steps: tuple[str, ...]) -> Role:
    if found.distinct > MOST_VALUES:
        if found.words >= SENTENCE:
            return Role("free text", f"{found.distinct:,} values, with {found.words:.0f} words each")
        return Role("too many values", f"{found.distinct:,} values")
    return Role("feature", "one of several words", "category", steps)
