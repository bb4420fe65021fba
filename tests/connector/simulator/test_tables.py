import gzip
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from connector.crm import Kind
from connector.simulator.tables import api_name, load
from connector.simulator.world import LEAD_COLUMNS, generate

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
SMALL = """Number,Lead Origin,Visits per Day,Code,Notes,city,Converted
3,API,1.5,007,,Köln,1
1,"Web, form",,008,None,Paris,0
2,API,3e2,009,NA,,1
3,"",-4,010,"",Rom,0
"""


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "small.csv"
    path.write_text(SMALL)
    return path


def loaded(path, **more):
    return load(path, **{"outcome": "Converted", "positive": "1", "name": "small", "now": NOW} | more)


def test_every_row_becomes_a_lead_in_order_of_time_then_file(small):
    world = loaded(small, time="Number")

    assert world.leads["Code"].to_list() == ["008", "009", "007", "010"]
    assert world.leads["created_at"].is_sorted()
    assert world.leads["created_at"].is_unique().all()
    assert world.truth["wins"].to_list() == [False, True, True, False]
    assert world.truth["probability"].to_list() == [0, 1, 1, 0]


def test_without_a_time_column_the_file_order_is_the_order(small):
    assert loaded(small).leads["Code"].to_list() == ["007", "008", "009", "010"]


def test_columns_become_fields_of_the_kind_they_hold(small):
    world = loaded(small, time="Number")

    kinds = {field.name: (field.kind, field.options) for field in world.custom}
    assert kinds == {
        "Lead Origin": (Kind.OPTION, ("API", "Web, form")),
        "Visits per Day": (Kind.NUMBER, ()),
        "Code": (Kind.OPTION, ("007", "008", "009", "010")),
        "Notes": (Kind.OPTION, ("NA", "None")),
        "city (table)": (Kind.OPTION, ("Köln", "Paris", "Rom")),
    }
    assert world.leads["Visits per Day"].to_list() == [None, 300.0, 1.5, -4.0]


def test_many_distinct_texts_are_text(tmp_path):
    path = tmp_path / "texts.csv"
    path.write_text("Id,Converted\n" + "".join(f"lead {row},{row % 2}\n" for row in range(100)))

    assert loaded(path).custom[0].kind is Kind.TEXT


def test_empty_is_missing_and_text_that_says_nothing_is_kept(small):
    leads = loaded(small).leads

    assert leads["Notes"].to_list() == [None, "None", "NA", None]
    assert leads["Lead Origin"].to_list() == ["API", "Web, form", "API", None]
    assert leads["city (table)"].to_list() == ["Köln", "Paris", None, "Rom"]


def test_dropped_columns_are_not_there(small):
    world = loaded(small, drop=("Notes", "Code"))

    assert {"Notes", "Code", "Converted"}.isdisjoint(world.leads.columns)


def test_positives_have_won_and_the_others_lost_or_were_disqualified_long_ago(small):
    world = loaded(small)
    ends = world.leads.join(world.deals.select("stage", deal_key="key"), on="deal_key", how="left")

    assert ends.filter(pl.Series(world.truth["wins"]))["stage"].to_list() == ["won", "won"]
    others = ends.filter(~pl.Series(world.truth["wins"]))
    assert ((others["status"] == "disqualified") | (others["stage"] == "lost")).all()
    assert world.leads["created_at"].max() + timedelta(days=90) < NOW
    assert world.deals["closed_at"].null_count() == 0


def test_people_are_made_up_and_tell_nothing(small):
    leads = loaded(small).leads

    assert leads["email"].is_unique().all()
    assert leads["email"].str.ends_with("@small.example").all()
    for column in ("title", "country", "industry", "source", "visits", "company_key", "website"):
        assert leads[column].null_count() == leads.height
    assert leads["company_name"].n_unique() == 1


def test_its_frames_have_the_columns_of_a_made_up_world(small):
    real, made_up = loaded(small), generate(leads=10, seed=1, now=NOW)

    assert dict(real.leads.select(LEAD_COLUMNS).schema) == dict(made_up.leads.schema)
    for name in ("companies", "deals", "responses", "truth"):
        assert getattr(real, name).schema == getattr(made_up, name).schema


def test_compressed_and_differently_separated_files_are_read(tmp_path, small):
    path = tmp_path / "small.csv.gz"
    path.write_bytes(gzip.compress(b'"a";"Converted"\n"x, y";"1"\n"z";"0"\n'))

    assert loaded(path, sep=";").leads["a"].to_list() == ["x, y", "z"]


def test_a_comma_too_many_in_every_line_is_no_column(tmp_path):
    path = tmp_path / "commas.csv"
    path.write_text("a,Converted,\nx,1,\ny,0,\n")

    assert [field.name for field in loaded(path).custom] == ["a"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"outcome": "Won"}, r"no column \['Won'\]"),
        ({"drop": ("Nots",)}, r"no column \['Nots'\]"),
        ({"positive": "yes"}, "no row of small.csv has Converted = 'yes'"),
    ],
)
def test_a_wrong_description_is_refused(small, changes, words):
    with pytest.raises(ValueError, match=words):
        loaded(small, **changes)


def test_columns_that_would_be_one_field_are_refused(tmp_path):
    path = tmp_path / "twins.csv"
    path.write_text("Lead Source,lead-source,Converted\na,b,1\n")

    with pytest.raises(ValueError, match="'Lead Source' and 'lead-source' would be one field"):
        loaded(path)


@pytest.mark.parametrize(
    ("column", "name"),
    [
        ("Lead Origin", "Lead_Origin"),
        ("emp.var.rate", "emp_var_rate"),
        ("Client Size By Revenue (USD)", "Client_Size_By_Revenue_USD"),
        ("2nd visit", "x_2nd_visit"),
        ("Größe__in m ", "Groe_in_m"),
        ("City", "City_column"),
        ("...", "column"),
    ],
)
def test_api_names_are_what_crms_allow(column, name):
    assert api_name(column) == name


def test_long_names_stay_distinct():
    first, second = (api_name(f"Total Days Identified Through {end}") for end in ("Closing", "Qualified"))

    assert first != second
    assert max(len(first), len(second)) <= 36


@pytest.mark.tables
@pytest.mark.parametrize(
    ("path", "description", "rows", "fields", "rate"),
    [
        ("x_education/Leads.csv", {"time": "Lead Number"}, 9240, 35, 0.385),
        (
            "ibm_winloss/sales_win_loss_78025.csv.gz",
            {"outcome": "Opportunity Result", "positive": "Won", "time": "Opportunity Number"},
            78_025,
            17,
            0.226,
        ),
        (
            "bank_marketing/bank-additional-full.csv.gz",
            {"outcome": "y", "positive": "yes", "sep": ";"},
            41_188,
            20,
            0.113,
        ),
    ],
)
def test_real_tables_are_worlds(real_tables, path, description, rows, fields, rate):
    world = loaded(real_tables / path, **description)

    assert world.leads.height == rows
    assert len(world.custom) == fields
    assert world.truth["wins"].mean() == pytest.approx(rate, abs=0.001)
    assert world.leads["created_at"].is_unique().all()


@pytest.mark.tables
def test_a_split_by_creation_is_a_split_by_a_stable_sort_of_the_time_column(real_tables):
    path = real_tables / "ibm_winloss/sales_win_loss_78025.csv.gz"
    number = pl.read_csv(path)["Opportunity Number"]
    amounts = pl.read_csv(path)["Opportunity Amount USD"].to_numpy()[number.to_numpy().argsort(kind="stable")]

    world = loaded(path, outcome="Opportunity Result", positive="Won", time="Opportunity Number")

    assert (world.leads.sort("created_at")["Opportunity Amount USD"].to_numpy() == amounts).all()
