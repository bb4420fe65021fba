"""From an edit of a mapping to its promotion and back, as RevOps do it on the command line."""

import csv
import re
import shlex
from pathlib import Path

import polars as pl
import pytest

from mappings.file.load import preset_text
from tasks.store import audit, models

ROUTED = ("C: nurture, D: nurture", "C: sales, D: sales")


@pytest.fixture
def home(installed):
    home = installed("hubspot", leads=200)
    own = home.home / "own.yaml"
    own.write_text(preset_text("hubspot"), encoding="utf-8")
    connections = home.home / "connections.yaml"
    text = connections.read_text(encoding="utf-8")
    assert "mapping: hubspot" in text
    connections.write_text(text.replace("mapping: hubspot", "mapping: own.yaml"), encoding="utf-8")
    assert home.truegrade("provision", "hubspot").code == 0
    assert home.truegrade("sync", "hubspot").code == 0
    return home


def candidate(home, *change):
    old, new = change or ROUTED
    path = home.home / "candidate.yaml"
    path.write_text(preset_text("hubspot").replace(old, new), encoding="utf-8")
    return path


def in_crm(home):
    held = home.simulator.hubspot.snapshot("contacts")
    return {lead: values["tg_route"] for lead, values in held.items()}


@pytest.mark.timeout(300)
def test_an_edit_is_previewed_promoted_and_rolled_back(home):
    before, path = in_crm(home), candidate(home)

    looked = home.truegrade("preview", "hubspot", "--file", path)
    machine = home.truegrade("preview", "hubspot", "--file", path, "--sample", "all", "--json").json
    assert (looked.code, in_crm(home)) == (0, before), looked.err
    assert "truegrade map promote hubspot" in looked.out
    assert machine["write"] > 0

    promoted = home.truegrade("map", "promote", "hubspot", path, "--because", "Sales wants them all")
    assert promoted.code == 0, promoted.err
    dry = home.truegrade("push", "hubspot", "--dry-run", "--json").json["connections"]["hubspot"]
    assert (dry["rows"], dry["unscored"]) == (0, 200)  # nothing is scored by it yet
    assert "200 leads await scoring first" in home.truegrade("push", "hubspot", "--dry-run").out
    synced = home.truegrade("sync", "hubspot", "--json").json["connections"]["hubspot"]
    assert synced["written"] == machine["write"]
    assert in_crm(home) != before

    told = home.truegrade("map", "history", "hubspot").out
    assert "Sales wants them all" in told
    assert "in force" in told
    back = home.truegrade("map", "rollback", "hubspot", "--because", "Too many")
    assert back.code == 0, back.err
    assert home.truegrade("sync", "hubspot").code == 0
    assert in_crm(home) == before


def test_a_rollback_puts_the_model_back_that_fits(installed):
    home = installed("hubspot", knowing=True)
    path = candidate(home, "\nfeatures:\n", "\nfeatures:\n  - {name: town, kind: category, family: fit, from: city}\n")
    assert home.truegrade("map", "promote", "hubspot", path, "--because", "Towns").code == 0
    wiring = home.wiring()
    fits = models.current(wiring.store, "hubspot")
    card = fits.card | {"features": fits.card["features"] | {"town": 1}}
    now = wiring.clock.now()
    models.register(wiring.store, "hubspot", version="with-towns", path="with-towns", card=card, now=now)

    told = home.truegrade("map", "rollback", "hubspot", "--because", "No towns")

    assert told.code == 0, told.err
    assert f"The model {fits.version}, which fits this mapping, scores again in place of with-towns." in told.out
    assert "truegrade use" not in told.out
    current = models.current(wiring.store, "hubspot")
    assert (current.version, current.told[:27]) == (fits.version, "Put to work by map rollback")
    [line] = [one for one in audit.newest(wiring.store, limit=3) if one.action == "model.use"]
    assert line.detail == {"version": fits.version, "before": "with-towns"}
    wiring.store.close()


def test_an_edited_file_is_told_and_not_used(home):
    assert home.truegrade("map", "promote", "hubspot", home.home / "own.yaml", "--because", "On record").code == 0
    (home.home / "own.yaml").write_text(candidate(home).read_text(encoding="utf-8"), encoding="utf-8")

    status = home.truegrade("status", "hubspot")
    history = home.truegrade("map", "history", "hubspot", "--json").json
    shown = home.truegrade("map", "history", "hubspot", "--show", "1")
    dry = home.truegrade("preview", "hubspot", "--sample", "all", "--json").json

    assert "was edited since it was promoted" in status.out
    assert "truegrade preview hubspot --file" in history["edited"]
    assert shown.out == preset_text("hubspot")
    assert (dry["write"], dry["mapping"]) == (0, "promotion 1")


def test_a_preview_can_be_kept_as_a_file(home):
    path, out = candidate(home), home.home / "preview.csv"

    first = home.truegrade("preview", "hubspot", "--file", path, "--sample", "all", "--out", out)
    again = home.truegrade("preview", "hubspot", "--file", path, "--out", out)
    other = out.with_suffix(".parquet")
    table = home.truegrade("preview", "hubspot", "--file", path, "--sample", "all", "--out", other)

    assert (first.code, again.code, table.code) == (0, 3, 0), first.err + table.err
    assert "--overwrite" in again.err
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    kept = pl.read_parquet(other)
    assert len(rows) == kept.height == 200
    assert {row["lead"]: row["new tg_score"] for row in rows if row["end"] == "write"} == {
        row["lead"]: f"{row['new tg_score']:.0f}" for row in kept.iter_rows(named=True) if row["end"] == "write"
    }
    assert out.stat().st_mode & 0o077 == 0


def test_what_was_mistyped_is_told(home):
    for words, told in (
        (("preview", "hubspot", "--sample", "few"), "Write a number, or all."),
        (("preview", "hubspot", "--file", home.home / "nowhere.yaml"), "Correct the path."),
        (("preview", "hubspot", "--model", "m-1"), "Name one of:"),
        (("preview", "hubspot", "--out", home.home / "preview.xls"), "Give it one of these endings."),
        (("map", "history", "hubspot", "--show", "4"), "has no promotion 4"),
    ):
        done = home.truegrade(*words)
        assert (done.code, told in done.err) == (3, True), done.err


def shown():
    """The words of each line of the README's section, without its comments."""
    readme = (Path(__file__).resolve().parents[2] / "tasks" / "README.md").read_text(encoding="utf-8")
    section = readme.partition("## Preview, promote, roll back")[2].partition("\n## ")[0]
    [block] = re.findall(r"```sh\n(.*?)```", section, flags=re.DOTALL)
    return [shlex.split(line, comments=True) for line in block.splitlines()]


@pytest.mark.timeout(600)
def test_the_lines_of_the_readme_work_one_after_the_other(installed):
    home = installed("salesforce", leads=150)
    for verb in ("provision", "pull", "score"):
        assert home.truegrade(verb, "salesforce").code == 0
    cards = preset_text("salesforce").replace("director, points: 15", "director, points: 45")
    (home.home / "new.yaml").write_text(cards, encoding="utf-8")

    for program, *words in shown():
        told = home.truegrade(*words, cwd=home.home)
        assert (program, told.code) == ("truegrade", 0), f"{words}: {told.out}{told.err}"

    assert (home.home / "preview.csv").exists()
    kept = home.truegrade("map", "history", "salesforce", "--json").json["history"]
    assert [one["number"] for one in kept] == [3, 2, 1]
