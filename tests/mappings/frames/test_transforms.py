import math

import polars as pl
import pytest

from mappings import lexicon
from mappings.frames.transforms import COMPILED, apply, ended
from mappings.parts import Step
from mappings.words import TRANSFORMS

TABLE = {
    "trim": {" a b ": "a b", "   ": None, None: None},
    "lower": {"AbÇ": "abç", None: None},
    "number": {"12.5": 12.5, " 7 ": 7.0, "-3": -3.0, "1,000": None, "ten": None, "nan": None, "inf": None, None: None},
    "first_number": {
        "25-50": 25.0, "$1,000+": 1000.0, "1'000": 1000.0, "2.5M": 2.5e6, "10k people": 10_000.0, "1000+": 1000.0,
        "12 mice": 12.0, "none": None, "500": 500.0, None: None,
    },
    "boolean": {"true": True, "YES": True, "1": True, "false": False, "No": False, "0": False, "maybe": None},
    "present": {"x": True, "0": True, None: False},
    "domain": {
        "https://www.Acme.co.uk/a?b": "acme.co.uk", "Kim@Mail.acme.com": "mail.acme.com", "acme.com": "acme.com",
        "mailto:kim@acme.com": "acme.com", "http://acme.com:8080": "acme.com", "büro.de": "büro.de", "acme": None,
        "not a domain": None, "1.2.3.4": None, None: None,
    },
    "free_mail": {"kim@GMAIL.com": True, "kim@acme.com": False, "kim": None, None: None},
    "seniority": {
        "CEO": "c_level", "Chief Marketing Officer": "c_level", "Co-Founder": "c_level", "Managing Director": "c_level",
        "President": "c_level", "Geschäftsführerin": "c_level", "Geschaeftsfuehrer": "c_level", "PDG": "c_level",
        "V.P. Sales": "vp", "Senior Vice President of IT": "vp", "SVP Finance": "vp", "Director of HR": "director",
        "Dir. Brand": "director",
        "Head of Data": "director", "Vertriebsleiter": "director", "Directrice Achats": "director",

        "IT Manager": "manager", "Sales Mgr": "manager", "HR Team Lead": "manager", "Responsable Compras": "manager",
        "Senior Analyst": "senior", "Sr. Buyer": "senior", "Data Analyst": "staff", "Account Executive": "staff",
        "Product Owner": "staff", "Executive Assistant": "junior", "Assistant to the CEO": "junior", "Intern": "junior",
        "Praktikantin": "junior", "Junior Analyst": "junior", "Assistant Director": "director",
        "Test Engineer": "staff",
        "n/a": "unknown", "???": "unknown", "": "unknown", None: None,
    },
    "department": {
        "VP of Sales": "sales", "Revenue Operations Manager": "sales", "Leiter Vertrieb": "sales", "CMO": "marketing",
        "IT Director": "it", "Software Engineer": "it", "CFO": "finance", "Buchhalterin": "finance", "HR Manager": "hr",
        "Directeur des ressources humaines": "hr", "Supply Chain Manager": "operations",
        "Procurement Mgr": "purchasing",
        "Jefe de Compras": "purchasing", "UX Designer": "product", "General Counsel": "legal", "CEO": "management",
        "Mechanical Engineer": "engineering", "Customer Success Manager": "service", "Gardener": "other",
        "-": "unknown", None: None,
    },
    "country": {
        "USA": "United States", "u.s.": "United States", "united states": "United States", "Deutschland": "Germany",
        "ÖSTERREICH": "Austria", "España": "Spain", "NO": "Norway", " nl ": "Netherlands", "Atlantis": "Atlantis",
        "atlantis": "Atlantis", "  ": None, None: None,
    },
    "length": {"abc": 3.0, "äö": 2.0, None: None},
    "collapse": {" a \t b\n": "a b", " \n ": None, None: None},
    "title": {"hELLO world": "Hello World", None: None},
    "digits": {"+49 (30) 12": "493012", "none": None, None: None},
    "employees": {
        "11-50": 30.5, "51\u2013200": 125.5, "5 to 10 people": 7.5, "10,000+": 10_000.0, "10k": 10_000.0,
        "1.000-5.000": 3000.0, "1 000 000": 1e6, "1'000": 1000.0, "12,34,567": 1_234_567.0, "1-5M": 3e6, "<10": 5.0,
        "up to 50": 25.0, "over 100": 100.0, "250": 250.0, "self-employed": 1.0, "Just me": 1.0, "A dozen": 12.0,
        "many": None, "5 Männer": 5.0, "5 à 10": 7.5, "-5": None, "nan": None, "": None, None: None,
    },
    "revenue": {
        "$5M": 5e6, "EUR 2,5 Mio.": 2.5e6, "1.2bn": 1.2e9, "3 crore": 3e7, "5 lakh": 5e5, "Rs. 5 Cr": 5e7,
        "$1M - $5M": 3e6, "500k-1M": 750_000.0, "USD 10-50 million": 3e7, "100 Mio. bis 1 Mrd.": 5.5e8,
        "\u20ac1.234.567,89": 1_234_567.89, "1,234,567.89": 1_234_567.89, "$1,500M": 1.5e9, "1.234 bn": 1.234e9,
        "3.500": 3500.0, "0.125": 0.125, "12.50": 12.5, "1200000": 1.2e6, "1e6": 1e6, "under $1M": 5e5,
        "$5 million+": 5e6, "(5M)": None, "-$5M": None, "1.2.3.4": None, "?": None, "9" * 400: None, None: None,
    },
    "picked": {"a;b": 2.0, "a;;A; ": 1.0, "a": 1.0, "": 0.0, None: None},
    "email_user": {"Kim@acme.com": "kim", "mailto:info@acme.com": "info", "acme.com": None, None: None},
    "year": {"2026-03-01": 2026.0, "2026-12-31T23:59:59.999Z": 2026.0, "soon": None, None: None},
    "month": {"2026-03-01": "march", "2026-12-31T23:59:59.999Z": "december", "2026-13-01": None, None: None},
    "weekday": {"2026-03-01": "sunday", "2026-03-02T00:00:00.000Z": "monday", "x": None, None: None},
    "hour": {"2026-03-01T00:30:00.000Z": 0.0, "2026-03-01T23:59:59.000Z": 23.0, "2026-03-01": None, None: None},
    "log1p": {"0": 0.0, "9": math.log(10), "-5": 0.0, "x": None, None: None},
}  # fmt: skip

TOLD = {
    Step("cap", number=10): {"7": 7.0, "11": 10.0, "x": None, None: None},
    Step("bands", numbers=(20, 100)): {
        "19.9": "below 20", "20": "20 to below 100", "100": "100 or more", "nan": None, None: None,
    },
    Step("default", value="other"): {"a": "a", "": "", None: "other"},
    Step("is_in", listed=("Info", "sales")): {" INFO ": True, "kim": False, "": False, None: None},
    Step("has", listed=("News", "Web inars")): {
        "x;NEWS": True, "y; web inars ": True, "new": False, "": False, None: None,
    },
    Step("first_of", listed=("Team", "Free")): {"free;TEAM": "Team", "x;free": "Free", "x": None, "": None, None: None},
    Step("contains", words=(("supply  chain", "logistics"), ("engineer*", "tech"), ("c++", "tech"), ("it", "it"))): {
        "Head of Supply Chain": "logistics", "Sales ENGINEERING": "tech", "C++ developer": "tech", "IT": "it",
        "Capital": None, "Ing\u00e9nieur": None, None: None,
    },
    Step("contains", words=(("*", "other"),)): {"x": "other", "": "other", None: None},
    Step("at_least", number=50): {"50": True, "49.9": False, "x": None, None: None},
    Step("round", number=1000): {"1499": 1000.0, "1500": 2000.0, "-600": -1000.0, None: None},
    Step("times", number=0.01): {"50": 0.5, "1e308": 1e306, "x": None, None: None},
    Step("map", words=(("hot", "3"), ("cold", "1"))): {"Hot": "3", " cold ": "1", "Warm": "Warm", None: None},
    Step("map", words=(("hot", "3"), ("*", "0"))): {"Hot": "3", "Warm": "0", None: None},
}  # fmt: skip

CASES = [
    pytest.param(step, given, wanted, id=f"{step.name}-{given}")
    for step, table in {**{Step(name): table for name, table in TABLE.items()}, **TOLD}.items()
    for given, wanted in table.items()
]


@pytest.mark.parametrize(
    ("amount", "currency", "rates", "wanted"),
    [
        ("100", "EUR", {"eur": 1.5}, 150.0),
        ("100", " eur ", {"eur": 1.5}, 150.0),
        ("100", "GBP", {"eur": 1.5}, None),
        ("100", "GBP", {"eur": 1.5, "*": 1.0}, 100.0),
        ("100", None, {"eur": 1.5}, None),
        ("100", None, {"*": 2.0}, 200.0),
        ("x", "EUR", {"eur": 1.5}, None),
        (None, "EUR", {"eur": 1.5}, None),
    ],
)
def test_an_amount_is_converted_by_its_own_currency(amount, currency, rates, wanted):
    frame = pl.DataFrame(
        {"value": [amount], "currency": [currency]}, schema=dict.fromkeys(("value", "currency"), pl.String)
    )

    found = frame.select(apply(pl.col("value"), Step("currency", rates=tuple(rates.items())), pl.col("currency")))

    assert found.item() == (None if wanted is None else pytest.approx(wanted))


def through(step, values):
    frame = pl.DataFrame({"value": pl.Series(values, dtype=pl.String)})
    return frame.select(apply(pl.col("value"), step)).to_series().to_list()


@pytest.mark.parametrize(("step", "given", "wanted"), CASES)
def test_a_transform_gives(step, given, wanted):
    assert through(step, [given]) == [pytest.approx(wanted) if isinstance(wanted, float) else wanted]


@pytest.mark.parametrize("step", [*map(Step, TABLE), *TOLD], ids=lambda step: step.name)
def test_a_batch_gives_what_its_rows_give_alone(step):
    values = list({**{Step(name): table for name, table in TABLE.items()}, **TOLD}[step])

    assert through(step, values) == [through(step, [value])[0] for value in values]
    assert through(step, []) == []


def test_each_transform_of_the_vocabulary_is_there_and_tried():
    assert {*COMPILED, "currency"} == set(TRANSFORMS)
    assert set(TABLE) | {step.name for step in TOLD} | {"currency"} == set(TRANSFORMS)


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("number", {"1": 1.0, "1e3": 1000.0, "inf": None, "x": None, None: None}),
        ("boolean", {"true": True, "false": False, "x": None, None: None}),
        ("category", {"a": "a", None: None}),
    ],
)
def test_a_raw_value_becomes_what_the_kind_asks(kind, values):
    frame = pl.DataFrame({"value": pl.Series(list(values), dtype=pl.String)})

    assert frame.select(ended(pl.col("value"), kind)).to_series().to_list() == list(values.values())


def test_a_boolean_may_be_a_category():
    frame = pl.DataFrame({"value": ["x", None]})

    found = frame.select(ended(apply(pl.col("value"), Step("present")), "category")).to_series()

    assert found.to_list() == ["true", "false"]


def test_no_spelling_stands_for_two_countries():
    seen = {}
    for spelling, name in lexicon.countries().items():
        assert seen.setdefault(spelling, name) == name
    assert lexicon.countries()["no"] == "Norway"
    listed = sum(len(value) for value in _spellings().values())
    assert len(lexicon.countries()) > listed  # each country's own name beside its spellings


def _spellings():
    import yaml

    return yaml.load(lexicon._text("countries"), Loader=yaml.BaseLoader)


def test_spellings_are_listed_once():
    known = _spellings()
    plain = [lexicon.plain(spelling) for name, spellings in known.items() for spelling in (name, *spellings)]

    assert sorted(plain) == sorted(set(plain))
