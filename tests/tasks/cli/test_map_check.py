"""What `truegrade map check` shows: the worst first, lines as numbers, and what is well in one line."""

import pytest
from typer.testing import CliRunner

from mappings.file.load import preset_text
from tasks import run
from tasks.cli import app
from tests.tasks.installation import NAME, made_world, opened

PRESET = preset_text("hubspot")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """An installation with what a check looks at: 300 leads."""
    with opened(tmp_path_factory.mktemp("checked") / "home", made_world(300)) as plant:
        run.pull(plant.wiring, NAME)
        yield plant.home


def checked(home, *words, text=PRESET):
    path = home / "new.yaml"
    path.write_text(text, encoding="utf-8")
    return CliRunner().invoke(app, ["map", "check", NAME, "--file", str(path), "--home", str(home), *words])


def test_errors_come_before_all_else_and_the_last_word_says_whether_it_is_ready(home):
    told = checked(home, text=PRESET.replace("from: jobtitle", "from: jobtitel", 1))

    assert told.exit_code == 3
    assert told.stdout.startswith("error ")
    assert "did you mean jobtitle?" in told.stdout.splitlines()[0]
    assert "Not ready: mend the errors above" in told.stdout.splitlines()[-1]


def test_lines_are_told_as_numbers_whatever_pictures_they_are_the_names_of(home):
    line = next(line for line in PRESET.splitlines() if "name: seniority," in line)
    lines = PRESET.replace(line, line.replace("jobtitle", "jobtitel")).splitlines()
    pushed = ["# a remark"] * (99 - lines.index(line.replace("jobtitle", "jobtitel"))) + lines

    told = checked(home, text="\n".join(pushed))

    assert "new.yaml:100: lead has no field jobtitel" in told.stdout.replace("\n", " ")


def test_features_that_most_leads_have_stand_in_one_line_unless_all_are_asked_for(home):
    short, whole = checked(home), checked(home, "--all")

    assert "`--all` lists them" in short.stdout
    assert "│ points rule │" not in short.stdout
    assert "by source" in short.stdout
    assert "│ feature     │ seniority" in whole.stdout
    assert len(short.stdout.splitlines()) < len(whole.stdout.splitlines()) - 20
    assert short.stdout.count("have a value on none of 300 leads") == 1
