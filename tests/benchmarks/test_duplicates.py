import json

from tests.benchmarks.duplicates import main, show
from tests.benchmarks.twins import NOTHING, WAYS, people, with_twins


def test_twins_are_planted_beside_everybody_and_each_differs_in_one_way():
    rows = with_twins(people(2_000, 1), 2)
    counts = dict(rows.group_by("way").len().iter_rows())

    assert rows.height == 2_100
    assert rows["id"].n_unique() == rows.height
    assert counts.keys() == {"", *WAYS}
    assert rows["person"].n_unique() == 2_000


def test_what_was_planted_is_found_and_little_else(capsys):
    assert main(["--leads", "2000", "--json"]) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])["2000"]

    assert found["twins"] == 100
    assert found["recall_by_way"][NOTHING] == 0
    assert min(share for way, share in found["recall_by_way"].items() if way != NOTHING) > 0.7
    assert found["precision"] > 0.9
    assert (found["first"]["looked_at"], found["poll"]["looked_at"], found["quiet"]["looked_at"]) == (2_100, 100, 0)
    show({2_000: found})
    assert "2,100" in capsys.readouterr().out
