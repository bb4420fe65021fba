import os

import polars as pl
import pytest

from connector.enrichment.sources import KeyedBy, TableSource
from connector.enrichment.table import fingerprint, opened
from connector.errors import Misconfigured

SOURCE = TableSource(
    "firms", "firms.csv", KeyedBy("exact", ("Code",)), "Code", (("industry", "Industry"), ("zip", "Zip"))
)
TEXT = "Code,Industry,Zip\nA,Tools,01234\n b ,Mining,\nA,Other,9\n,None,1\n"


def lower(text):
    return (text or "").strip().lower() or None


def test_rows_come_by_key_as_text(tmp_path):
    (tmp_path / "firms.csv").write_text(TEXT)

    table = opened(SOURCE, tmp_path, lower)

    assert list(table.told(["b", "a", "x"])) == [
        ("b", {"industry": "Mining"}), ("a", {"industry": "Tools", "zip": "01234"}), ("x", None),
    ]  # fmt: skip
    assert (table.rows, table.doubled, table.keyless) == (4, 1, 1)


def test_values_come_without_control_characters_and_with_line_feeds_alone(tmp_path):
    (tmp_path / "firms.csv").write_bytes(b'Code,Industry,Zip\nA,"To\x00ols\r\nand\tRoads\r","\x00\x07"\n')

    assert list(opened(SOURCE, tmp_path, lower).told(["a"])) == [("a", {"industry": "Tools\nand\tRoads"})]


def test_parquet_says_the_same(tmp_path):
    (tmp_path / "firms.csv").write_text(TEXT)
    pl.read_csv(tmp_path / "firms.csv", infer_schema=False).write_parquet(tmp_path / "firms.parquet")
    source = TableSource("firms", "firms.parquet", SOURCE.key, "Code", SOURCE.fields)

    assert opened(source, tmp_path, lower).frame.equals(opened(SOURCE, tmp_path, lower).frame)


def test_a_changed_file_is_read_again(tmp_path):
    path = tmp_path / "firms.csv"
    path.write_text(TEXT)
    before = opened(SOURCE, tmp_path, lower), fingerprint(SOURCE, tmp_path)
    path.write_text(TEXT.replace("Tools", "Roads"))
    os.utime(path, ns=(1, 1))

    assert dict(opened(SOURCE, tmp_path, lower).told(["a"]))["a"]["industry"] == "Roads"
    assert fingerprint(SOURCE, tmp_path) != before[1]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "No such file"), (b"", "no CSV"), (b"Code,Industry\nA,B\n", "no column Zip"),
        (b"Code,Industry,Zip\nA,\xff\xfe,1\n", "no CSV"), (b"Code,Industry,Zip\n1,2,3,4,5\n", "no CSV"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_such_table_is_named_with_what_to_do(tmp_path, content, why):
    if content is not None:
        (tmp_path / "firms.csv").write_bytes(content)

    with pytest.raises(Misconfigured, match=why) as caught:
        opened(SOURCE, tmp_path, lower)

    assert "firms.csv" in str(caught.value)


@pytest.mark.parametrize(
    "first", ["zoe.quill@second.example,Berlin", "Zoe Quill,+44 20 7946 0991", "Code,0991-22", "Quill,1.2.1990", "Zoe,"]
)
def test_a_first_line_of_data_is_not_told_as_names(tmp_path, first):
    (tmp_path / "firms.csv").write_text(f"{first}\n")

    with pytest.raises(Misconfigured, match="2 columns, holds what looks like data, not names") as caught:
        opened(SOURCE, tmp_path, lower)

    assert not [part for part in first.split(",") if part not in ("", "Code") and part in str(caught.value)]


def test_a_head_of_names_is_told_by_number(tmp_path):
    (tmp_path / "firms.csv").write_text("Code,Industry,Post code\n")

    with pytest.raises(Misconfigured, match="1 Code, 2 Industry, 3 Post code"):
        opened(SOURCE, tmp_path, lower)


def test_a_row_that_cannot_be_read_is_not_told(tmp_path):
    (tmp_path / "firms.csv").write_text("Code,Industry,Zip\nzoe@acme.example,2,3,4,5\n")

    with pytest.raises(Misconfigured) as caught:
        opened(SOURCE, tmp_path, lower)

    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    assert "zoe" not in str(caught.value)
