import gzip
import json

import polars as pl
import pytest

from tasks.verbs.short_ids import naming


@pytest.fixture
def put(tmp_path):
    def write(name, text):
        path = tmp_path / name
        if name.endswith(".gz"):
            path.write_bytes(gzip.compress(text.encode()))
        else:
            path.write_text(text)
        return path

    return write


def stands(path):
    return list(naming([path], ["39"])) == [path]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "Record ID,Name\n38,x\n39,y\n"),
        ("a.csv", "name;lead_id\nx;39\n"),
        ("a.tsv", "contactId\tn\n 39 \tx\n"),
        ("a.csv.gz", "id,n\n39,1\n"),
        ("a.json", json.dumps({"leads": [{"lead": "39"}]})),
        ("a.json", json.dumps({"id": 39, "n": 1})),
        ("run.log", "push.row.refused lead_id=39 code=X"),
        ("a.jsonl", '{"x": 1}\n{"contact_id": 39}\n'),
    ],
)
def test_it_is_found_where_ids_stand(put, name, text):
    assert stands(put(name, text))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "id,employees\n7,39\n"),
        ("a.csv", "id,n\n139,1\n390,1\n"),
        ("a.csv", ""),
        ("a.json", json.dumps({"rows": 39, "id": 390, "paid": 39, "valid": 39})),
        ("run.log", "run=39 lead_id=39.5 id=39-7"),
        ("a.bin", "id=39"),
        ("a.csv.gz.bak", "id\n39\n"),
    ],
)
def test_it_is_not_found_in_other_numbers(put, name, text):
    assert not stands(put(name, text))


def test_a_table_of_columns_is_looked_at_by_their_names(tmp_path):
    path = tmp_path / "a.parquet"
    for held, found in (
        ({"lead": [1, 39]}, True),
        ({"id": ["39"]}, True),
        ({"n": [39]}, False),
        ({"id": [0.39]}, False),
    ):
        pl.DataFrame(held).write_parquet(path)
        assert stands(path) == found, held
    path.write_bytes(b"PAR1 damaged")
    assert not stands(path)
