import csv
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.errors import Misconfigured
from tasks.csvout import COMMANDS, harmless, write_csv


def written(path, *cells, overwrite=False):
    count = write_csv(path, ["words"], [{"words": cell, "more": 1} for cell in cells], overwrite=overwrite)
    with path.open(encoding="utf-8", newline="") as file:
        return count, [line[0] for line in csv.reader(file)]


def test_rows_come_back_as_they_were(tmp_path):
    path = tmp_path / "out.csv"

    count, cells = written(path, 'Ünï, "quoted"\nand broken', 7, "plain")

    assert (count, cells) == (3, ["words", 'Ünï, "quoted"\nand broken', "7", "plain"])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@given(st.text())
def test_no_cell_is_a_formula_and_none_loses_a_character(text):
    cell = harmless(text)

    assert not cell.startswith(COMMANDS)
    assert cell in {text, f"'{text}"}


def test_a_file_that_exists_is_kept_unless_it_is_said_otherwise(tmp_path):
    path = tmp_path / "out.csv"
    path.write_text("mine", encoding="utf-8")

    with pytest.raises(Misconfigured, match="--overwrite"):
        written(path, "new")

    assert path.read_text(encoding="utf-8") == "mine"
    assert written(path, "new", overwrite=True) == (1, ["words", "new"])


def test_a_path_that_cannot_be_a_file_is_told_in_words(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")

    with pytest.raises(Misconfigured, match="is a folder"):
        written(tmp_path)
    for folder in ("nowhere", "file"):
        with pytest.raises(Misconfigured, match="There is no folder"):
            written(tmp_path / folder / "out.csv")
