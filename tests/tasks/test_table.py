import gzip

import polars as pl
import pytest

from connector.errors import Misconfigured
from tasks.folds import read_folds
from tasks.table import Columns, read, split_names

ROWS = """Lead;Made;Industry;Size;Won;Contacted on
a;2026-01-03;Banking;12;yes;03.01.2026
b;2026-01-01;;1e999;no;04.01.2026
c;2026-01-02;Energy;NA;;05.01.2026
d;2026-01-04;Banking;7.5;no;
"""


def written(tmp_path, text=ROWS):
    path = tmp_path / "leads.csv"
    path.write_text(text, encoding="utf-8")
    return path


def columns(**more):
    return Columns(**({"label": "Won", "positive": "yes", "time": "Made", "id": "Lead"} | more))


def test_rows_come_in_the_order_of_time_and_without_those_that_have_no_outcome(tmp_path):
    table = read(written(tmp_path), columns())

    assert table.rows["id"].to_list() == ["b", "a", "d"]
    assert table.rows["label"].to_list() == [False, True, False]
    assert str(table.rows["created_at"][0]).startswith("2026-01-01")
    assert table.places == [1, 0, 3]
    assert any("1 rows have no Won" in note for note in table.notes)


def test_kinds_are_found_infinities_are_missing_and_dates_are_left_out_in_words(tmp_path):
    table = read(written(tmp_path), columns())

    assert {feature.label: feature.kind for feature in table.features} == {"Industry": "category", "Size": "number"}
    assert table.rows["size"].to_list() == [None, 12.0, 7.5]
    assert any("Contacted on" in note and "dates" in note for note in table.notes)
    assert any("infinities" in note for note in table.notes)


def test_numbers_may_be_names_and_columns_may_be_dropped_or_vouched_for(tmp_path):
    table = read(written(tmp_path), columns(categorical=("Size",), drop=("Contacted on",), keep=("Industry",)))

    assert {feature.label: (feature.kind, feature.trusted) for feature in table.features} == {
        "Industry": ("category", True),
        "Size": ("category", False),
    }


def test_a_rising_number_is_an_order_without_dates(tmp_path):
    table = read(written(tmp_path, "n,y,x\n3,1,a\n1,0,b\n2,0,a\n"), Columns("y", "1", time="n"))

    assert table.in_order
    assert table.rows["x"].to_list() == ["b", "a", "a"]
    assert table.rows["created_at"].null_count() == 3


def test_a_compressed_file_is_read_as_it_is(tmp_path):
    path = tmp_path / "leads.csv.gz"
    path.write_bytes(gzip.compress(ROWS.encode()))

    assert read(path, columns()).rows.height == 3


def test_one_is_one_however_it_is_written(tmp_path):
    table = read(written(tmp_path, "y,x\n1.0,a\n0.0,b\n"), Columns("y", "1"))

    assert table.rows["label"].to_list() == [True, False]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"label": "Wonn"}, "Did you mean Won?"),
        ({"positive": "Yes!"}, "it holds 'no', 'yes'"),
        ({"time": "Industry"}, "neither a date nor a number"),
        ({"drop": ("Sise",)}, "(--drop)"),
        ({"id": "Industry"}, "must tell leads apart"),
        ({"time": "Won"}, "name the same column"),
        ({"drop": ("Won",)}, "names the outcome"),
    ],
)
def test_what_does_not_fit_is_said_with_what_to_do(tmp_path, asked, said):
    with pytest.raises(Misconfigured) as told:
        read(written(tmp_path), columns(**asked))

    assert said in f"{told.value} {told.value.fix}"


@pytest.mark.parametrize("content", [b"", b"\x00\xff\xfe", b"only a heading\n"])
def test_a_file_that_is_no_table_is_said_in_words(tmp_path, content):
    path = tmp_path / "leads.csv"
    path.write_bytes(content)

    with pytest.raises(Misconfigured):
        read(path, Columns("y", "1"))


def test_doubled_ids_are_refused_for_learning_and_noted_for_measuring(tmp_path):
    path, asked = written(tmp_path, "y,n\n1,7\n0,7\n1,8\n"), Columns("y", "1", time="n", id="n")

    table = read(path, asked, measuring=True)

    assert table.rows["id"].n_unique() == 3
    assert any("2 rows share their n" in note for note in table.notes)
    with pytest.raises(Misconfigured, match="must tell leads apart"):
        read(path, asked)


def test_headings_are_told_apart_and_one_without_a_name_has_its_place(tmp_path):
    table = read(written(tmp_path, "y,*,,^.*$,id\n1,a,b,c,d\n0,b,c,d,e\n"), Columns("y", "1"))

    assert [feature.label for feature in table.features] == ["*", "column 3", "^.*$", "id"]
    assert [feature.name for feature in table.features] == ["column", "column_3", "column_2", "id_"]
    with pytest.raises(Misconfigured, match="several columns named 'x'"):
        read(written(tmp_path, "y,x,x \n1,a,b\n"), Columns("y", "1"))


def test_a_file_that_is_not_utf_8_is_read_as_what_it_is(tmp_path):
    path = tmp_path / "leads.csv"
    path.write_bytes("y,city\n1,Köln\n0,Käln\n".encode("latin-1"))

    table = read(path, Columns("y", "1"))

    assert table.rows["city"].to_list() == ["Köln", "Käln"]
    assert any("UTF-8" in note for note in table.notes)


def order_of(tmp_path, *times):
    rows = "".join(f"{number % 2},{time}\n" for number, time in enumerate(times))
    return read(written(tmp_path, f"y,t\n{rows}"), Columns("y", "1", time="t")).places


def test_the_time_of_day_counts_and_days_are_told_from_months(tmp_path):
    assert order_of(tmp_path, "2026-01-01 18:00", "2026-01-01 09:30:15", "2026-01-01") == [2, 1, 0]
    assert order_of(tmp_path, "2026-01-01T18:00:00Z", "2026-01-01T09:00:00Z") == [1, 0]
    assert order_of(tmp_path, "03/02/2026", "13/01/2026") == [1, 0]
    assert order_of(tmp_path, "03.02.2026", "04.01.2026") == [1, 0]
    with pytest.raises(Misconfigured, match="cannot be told from the month"):
        order_of(tmp_path, "03/02/2026", "04/01/2026")


def test_rows_without_a_time_are_left_out_and_told(tmp_path):
    table = read(written(tmp_path, "y,t\n1,3\n0,\n1,2\n"), Columns("y", "1", time="t"))

    assert table.places == [2, 0]
    assert any("1 rows have no t" in note for note in table.notes)
    with pytest.raises(Misconfigured, match="is empty"):
        read(written(tmp_path, "y,t\n1,\n0,\n"), Columns("y", "1", time="t"))


def test_lists_of_columns_may_have_commas_in_names():
    assert split_names('A, "B, C",D') == ("A", "B, C", "D")
    assert split_names(None) == ()


FOLDS = {
    "a number a line": "0\n0\n1\n1\n",
    "with a heading and ids": "id,fold\nw,0\nx,0\ny,1\nz,1\n",
    "a list of numbers": "[0, 0, 1, 1]",
    "lists of tested rows": "[[0, 1], [2, 3]]",
    "both sides": '[{"train": [2, 3], "test": [0, 1]}, {"train": [0, 1], "test": [2, 3]}]',
}


@pytest.mark.parametrize("text", FOLDS.values(), ids=FOLDS)
def test_folds_may_be_written_in_many_ways(tmp_path, text):
    table = read(written(tmp_path, "y,x\n1,a\n0,b\n1,c\n0,d\n"), Columns("y", "1"))
    path = tmp_path / "folds"
    path.write_text(text)

    splits = read_folds(path, table, rows=table.file_rows)

    assert [split.tested.tolist() for split in splits] == [[0, 1], [2, 3]]
    assert [split.learned.tolist() for split in splits] == [[2, 3], [0, 1]]


WRONG = (
    "", "[[0, 99]]", "fold\nx\n", '{"folds": 3}', "[0]", "0\n", "0\ninf\n", "[[0, 0]]", "[[0], [-1]]", "[[0.5]]",
    '[{"train": [0, 1], "test": [1]}]', '["0", "1"]', '{"a": 1}',
)  # fmt: skip


@pytest.mark.parametrize("text", WRONG)
def test_folds_that_do_not_fit_are_said_in_words(tmp_path, text):
    table = read(written(tmp_path, "y,x\n1,a\n0,b\n"), Columns("y", "1"))
    path = tmp_path / "folds"
    path.write_text(text)

    with pytest.raises(Misconfigured):
        read_folds(path, table, rows=table.file_rows)


def test_rows_without_an_outcome_are_in_no_fold(tmp_path):
    table = read(written(tmp_path, "y,x\n1,a\n,b\n1,c\n0,d\n"), Columns("y", "1"))
    path = tmp_path / "folds"
    path.write_text("0\n0\n1\n1\n")

    assert [split.tested.tolist() for split in read_folds(path, table, rows=table.file_rows)] == [[0], [1, 2]]
    assert isinstance(table.rows, pl.DataFrame)
