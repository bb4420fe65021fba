"""What holds for every transform and measure, whatever the text. One without laws here fails the first test."""

from dataclasses import dataclass

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings import lexicon
from mappings.frames.transforms import FALSE, TRUE, apply
from mappings.parts import Step
from mappings.words import MONTHS, TRANSFORMS, WEEKDAYS, Argument, Type

SAMPLES = (
    "", " ", "VP of Sales", "Geschäftsführer", "kim@gmail.com", "https://www.acme.co.uk/x", "11-50", "$1.5M", "<1k",
    "EUR 2,5 Mio.", "10,000+", "-5", "1e300", "nan", "inf", "Infinity", "true", "NO", "2026-03-01", "0000-00-00",
    "2026-03-01T12:00:00.000Z", "9999-12-31T23:59:60.000Z", "a;b;;A", ";", "USA", "İstanbul", "ß", "ǆ", "\x00",
    "\u202e", "\U0001f600", "e\u0301",
)  # fmt: skip
TEXTS = (
    st.sampled_from(SAMPLES)
    | st.text(max_size=12)
    | st.from_regex(r"[$€]?\d{1,4}[.,]?\d{0,3} ?(k|M|bn|Mio\.)?", fullmatch=True)
)
NUMBERS = st.none() | st.floats(allow_nan=True, allow_infinity=True) | st.integers(-10, 10_000).map(float)
TYPES = {Type.TEXT: pl.String, Type.NUMBER: pl.Float64, Type.BOOLEAN: pl.Boolean, Type.RAW: pl.String}


@dataclass(frozen=True)
class Laws:
    """What a transform promises beside being total: which values it may give, and whether twice is as once."""

    step: Step
    settles: bool = False  # done to what it gave, it changes nothing
    gives: tuple[object, ...] | None = None  # all values that it can give
    least: float | None = None
    most: float | None = None
    of_nothing: object = None


def levels(name, *more):
    return (*(value for value, _ in lexicon.patterns(name)), *more)


LAWS = (
    Laws(Step("trim"), settles=True),
    Laws(Step("collapse"), settles=True),
    Laws(Step("lower"), settles=True),
    Laws(Step("title")),
    Laws(Step("digits"), settles=True),
    Laws(Step("default", value="other"), settles=True, of_nothing="other"),
    Laws(Step("number")),
    Laws(Step("first_number"), least=0),
    Laws(Step("employees"), least=0),
    Laws(Step("revenue"), least=0),
    Laws(Step("currency", rates=(("eur", 1.08), ("*", 1.0)))),
    Laws(Step("boolean"), gives=(True, False)),
    Laws(Step("present"), gives=(True, False), of_nothing=False),
    Laws(Step("is_in", listed=("a", "b")), gives=(True, False)),
    Laws(Step("has", listed=("a", "b")), gives=(True, False)),
    Laws(Step("picked"), least=0),
    Laws(Step("first_of", listed=("B", "A")), settles=True, gives=("B", "A")),
    Laws(Step("domain")),
    Laws(Step("email_user")),
    Laws(Step("free_mail"), gives=(True, False)),
    Laws(Step("seniority"), gives=levels("seniority", "staff", "unknown")),
    Laws(Step("department"), gives=levels("department", "other", "unknown")),
    Laws(Step("country")),
    Laws(Step("map", words=(("a", "b"), ("*", "c"))), gives=("b", "c")),
    Laws(Step("contains", words=(("vp", "chief"), ("s*", "s"))), gives=("chief", "s")),
    Laws(Step("length"), least=0),
    Laws(Step("year")),
    Laws(Step("month"), gives=MONTHS),
    Laws(Step("weekday"), gives=WEEKDAYS),
    Laws(Step("hour"), least=0, most=23),
    Laws(Step("cap", number=10), settles=True, most=10),
    Laws(Step("at_least", number=10), gives=(True, False)),
    Laws(Step("round", number=1000)),
    Laws(Step("times", number=0.01)),
    Laws(Step("log1p"), least=0),
    Laws(Step("bands", numbers=(20, 100)), gives=("below 20", "20 to below 100", "100 or more")),
)
EACH = pytest.mark.parametrize("laws", LAWS, ids=lambda laws: laws.step.name)


def test_every_transform_has_laws():
    assert sorted(laws.step.name for laws in LAWS) == sorted(TRANSFORMS)


def values_of(step):
    """Draw what the transform takes: a number may come as the CRM's text, too."""
    texts = st.none() | TEXTS
    return st.lists(NUMBERS if TRANSFORMS[step.name].takes is Type.NUMBER else texts, max_size=6)


def column(step, values):
    takes = TRANSFORMS[step.name].takes
    return pl.Series("value", values, dtype=pl.Float64 if takes is Type.NUMBER else pl.String, strict=False)


def through(step, values):
    return values.to_frame("value").select(apply(pl.col("value"), step).alias("value"))["value"]


@EACH
@settings(max_examples=60)
@given(data=st.data())
def test_it_takes_any_value_and_keeps_its_promises(laws, data):
    values = column(laws.step, data.draw(values_of(laws.step)))
    word = TRANSFORMS[laws.step.name]

    found = through(laws.step, values)

    assert len(found) == len(values)
    assert found.dtype == TYPES[word.gives or word.takes]
    for given_value, value in zip(values, found, strict=True):
        if given_value is None:
            assert value == laws.of_nothing
        if value is None:
            continue
        assert laws.gives is None or value in laws.gives
        assert laws.least is None or value >= laws.least
        assert laws.most is None or value <= laws.most
        assert not isinstance(value, float) or abs(value) < float("inf")
    if laws.settles:
        assert through(laws.step, found).equals(found)


@EACH
@settings(max_examples=25)
@given(data=st.data())
def test_a_row_gets_the_same_alone_and_in_any_order(laws, data):
    values = column(laws.step, data.draw(values_of(laws.step)))
    found = through(laws.step, values)
    places = data.draw(st.permutations(range(len(values))))

    assert through(laws.step, values[list(places)]).equals(found[list(places)])
    for place in range(len(values)):
        assert through(laws.step, values[place : place + 1]).equals(found[place : place + 1])


@EACH
def test_a_number_that_a_crm_wrote_as_text_will_do(laws):
    word = TRANSFORMS[laws.step.name]
    if word.takes is not Type.NUMBER:
        return
    texts = pl.Series("value", ["12", "-3.5", "x", "", None, "1e3"])

    as_numbers = through(laws.step, pl.Series("value", [12.0, -3.5, None, None, None, 1000.0]))

    assert through(laws.step, texts).equals(as_numbers)


@pytest.mark.parametrize("name", [name for name, word in TRANSFORMS.items() if word.argument is not Argument.NOTHING])
def test_what_it_may_be_told_is_shown(name):
    from tests.mappings.conftest import mapped

    word = TRANSFORMS[name]
    before = "number, " if word.takes is Type.NUMBER else ""
    kinds = {Type.NUMBER: "number", Type.BOOLEAN: "boolean"}
    kind = kinds.get(word.gives, "category")
    money = ", in: CurrencyIsoCode" if name == "currency" else ""

    mapping = mapped(
        f"{{name: x, kind: {kind}, family: fit, from: A{money}, transforms: [{before}{{{name}: {word.example}}}]}}"
    )

    assert mapping.rules[0].steps[-1].name == name


@given(st.text(max_size=12))
def test_true_and_false_are_never_both(text):
    assert not (set(TRUE) & set(FALSE))
    alone = pl.Series("value", [text])
    assert (
        through(Step("boolean"), alone).to_list() == through(Step("boolean"), through(Step("lower"), alone)).to_list()
    )
