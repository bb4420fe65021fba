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
