"""A person with a table and no CRM: what it can tell, a model from it, and scores."""

import csv
import random

import pytest

from tests.commandline import truegrade_here

WORDS = ("Banking", "Energy", "Retail")


def table(path, rows=900, **columns):
    """Write leads whose industry and visits matter; `columns` are made from (row number, won)."""
    draw = random.Random(3)
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["Industry", "Visits", "Made", "Converted", *columns])
        for number in range(rows):
            industry, visits = draw.choice(WORDS), draw.randrange(10)
            won = draw.random() < (0.6 if industry == "Banking" else 0.1) + 0.03 * visits
            line = [industry, visits, f"2026-{1 + number * 12 // rows:02d}-01", int(won)]
            out.writerow([*line, *(make(number, won) for make in columns.values())])
    return path


ASKED = ("--label", "Converted", "--positive", "1")


@pytest.mark.timeout(300)
def test_the_lines_of_the_readme_go_from_a_table_to_scores(tmp_path):
    table(tmp_path / "leads.csv")
    table(tmp_path / "new.csv", rows=50)

    measured = truegrade_here("evaluate", "--csv", "leads.csv", *ASKED, "--json", cwd=tmp_path)
    trained = truegrade_here("train", "--csv", "leads.csv", *ASKED, "--out", "trial-model", "--json", cwd=tmp_path)
    model = f"trial-model/{trained.json['version']}"
    scored = truegrade_here("score", "--csv", "new.csv", "--model", model, "--out", "scored.csv", cwd=tmp_path)

    assert measured.code == trained.code == scored.code == 0, measured.err + trained.err + scored.err
    assert measured.json["truegrade"]["auc"] > 0.7 > measured.json["prior"]["auc"]
    assert measured.json["usable"]
    with (tmp_path / "scored.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 50
    assert {"id", "score", "grade", "likelihood", "reasons"} <= rows[0].keys()
    assert any("times as likely" in row["reasons"] for row in rows)
    assert "<svg" in (tmp_path / model / "report.html").read_text()


@pytest.mark.timeout(300)
def test_forward_in_time_the_latest_fifth_is_tested_and_leaks_are_said(tmp_path):
    table(tmp_path / "leads.csv", Status=lambda _number, won: "Closed - Converted" if won else "Not interested")

    told = truegrade_here("evaluate", "--csv", "leads.csv", *ASKED, "--time", "Made", cwd=tmp_path)

    assert told.code == 0, told.err
    assert "forward in time" in told.out
    assert "Status: dropped." in told.out


BAD = {
    "one outcome": (lambda *_: "", ("--label", "Industry", "--positive", "Mining"), "it holds"),
    "a missing column": (lambda *_: "", ("--label", "Convertd", "--positive", "1"), "Converted"),
    "no time": (lambda *_: "", (*ASKED, "--split", "forward"), "--time"),
    "an odd split": (lambda *_: "", (*ASKED, "--split", "loo"), "cv5"),
}


@pytest.mark.parametrize(("make", "asked", "said"), BAD.values(), ids=BAD)
def test_what_cannot_be_done_is_said_in_a_sentence(tmp_path, make, asked, said):
    table(tmp_path / "leads.csv", rows=60, Extra=make)

    told = truegrade_here("evaluate", "--csv", "leads.csv", *asked, cwd=tmp_path)

    assert told.code == 3
    assert said in told.err
    assert "Traceback" not in told.err


def test_ten_rows_are_too_few_to_learn_from_or_to_measure(tmp_path):
    table(tmp_path / "leads.csv", rows=10)

    measured = truegrade_here("evaluate", "--csv", "leads.csv", *ASKED, cwd=tmp_path)
    trained = truegrade_here("train", "--csv", "leads.csv", *ASKED, cwd=tmp_path)

    assert (measured.code, trained.code) == (3, 4)
    assert "too few" in measured.err
    assert "A model needs" in trained.err


@pytest.mark.timeout(200)
def test_a_column_that_vanished_since_training_is_named(tmp_path):
    table(tmp_path / "leads.csv")
    (tmp_path / "new.csv").write_text("Industry\nBanking\n")
    trained = truegrade_here("train", "--csv", "leads.csv", *ASKED, "--out", "kept", "--json", cwd=tmp_path)

    told = truegrade_here(
        "score", "--csv", "new.csv", "--model", trained.json["path"], "--out", "out.csv", cwd=tmp_path
    )

    assert told.code == 3
    assert "Visits" in told.err
