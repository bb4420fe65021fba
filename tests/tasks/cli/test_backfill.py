"""The command backfill, on an installation that nobody works for."""

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from connector.clock import SystemClock
from tasks.cli import app
from tasks.cli.endings import exit_code
from tasks.store import backfills, processes, units
from tests.tasks.installation import NAME, made_world, opened

PROGRAM = Path(sys.executable).parent / "truegrade"


@pytest.fixture(scope="module")
def world():
    return made_world(300)


@pytest.fixture
def plant(tmp_path, world):
    with opened(tmp_path / "home", world) as plant:
        yield plant


@pytest.fixture
def command(plant):
    def run(*words):
        return CliRunner().invoke(app, ["backfill", *words, "--home", str(plant.home)])

    return run


@pytest.fixture
def told(command):
    def run(*words):
        done = command(*words, "--json")
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout.splitlines()[-1])

    return run


def at_a_terminal(plant, typed):
    """Run `backfill start` at a terminal on which this is typed; returns exit code and what it said."""
    ours, its = pty.openpty()
    words = [str(PROGRAM), "backfill", "start", NAME, "--home", str(plant.home)]
    with subprocess.Popen(words, stdin=its, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        os.write(ours, typed)
        said = process.communicate(timeout=120)[0].decode()
    for end in (ours, its):
        os.close(end)
    return process.returncode, said


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_a_question_that_nobody_can_answer_is_not_asked(command, plant, more):
    done = command("start", NAME, *more)

    assert exit_code(done.exception) == 3
    assert "Add --yes" in str(done.exception)
    assert backfills.newest(plant.store) == []


@pytest.mark.parametrize(("typed", "code", "begun"), [(b"\x04", 130, 0), (b"n\n", 0, 0), (b"y\n", 0, 1)])
def test_a_question_at_a_terminal_is_answered_or_left(plant, typed, code, begun):
    ended, said = at_a_terminal(plant, typed)

    assert ended == code, said
    assert "Start it?" in said
    assert "Aborted" not in said
    assert len(backfills.newest(plant.store)) == begun


def test_a_window_that_ends_before_it_begins_is_refused_with_the_one_that_was_meant(command):
    done = command("start", NAME, "--yes", "--created-from", "2026-10-01", "--created-to", "2026-01-01")

    assert exit_code(done.exception) == 3
    assert "Write --created-from 2026-01-01 --created-to 2026-10-01" in str(done.exception)


@pytest.mark.parametrize("number", ["-1", str(10**20)])
def test_a_priority_that_no_store_can_hold_is_not_understood(command, plant, number):
    plant.start()

    assert command("start", NAME, "--yes", "--priority", number).exit_code == 2
    assert command("priority", "backfill:acme", "--", number).exit_code == 2


def test_a_start_says_when_nobody_works_and_what_else_is_open(command, told, plant):
    plant.start()

    shown = command("start", NAME, "--yes").stdout
    processes.beat(plant.store, "h:worker:1", "worker", [units.BACKFILL], now=SystemClock().now(), worked=False)
    result = told("start", NAME, "--yes")

    assert "No worker is up: `truegrade up` or `truegrade worker` begins it." in shown
    assert "Open for acme too: backfill:acme (all leads), running." in shown
    assert result["workers_up"]
    assert len(result["also_open"]) == 2


def test_the_priority_of_one_that_has_ended_is_not_changed(command, plant):
    plant.start()
    assert command("priority", "backfill:acme", "7").exit_code == 0
    assert command("cancel", "backfill:acme").exit_code == 0

    done = command("priority", "backfill:acme", "8")

    assert "has ended already: it is cancelled" in str(done.exception)
    assert plant.backfill().priority == 7


def test_one_that_is_done_is_told_in_words_and_no_time_is_left_open(command, told, plant):
    key = plant.start(reload=True, selection={"where": {"country": "DE"}})
    plant.work_off()

    shown = command("show", key).stdout

    [state] = told("show", key)["backfills"]
    assert (state["selection"], state["priority"], state["begun_at"]) == (
        {"where": {"country": "DE"}},
        100,
        "2026-11-03T12:00:00+00:00",
    )
    assert f"{key} (acme, country is DE): done\n" in shown
    assert "begun 2026-11-03 12:00 UTC by me, priority 100, ended 2026-11-03 12:00 UTC" in shown
    assert "looked at" in shown
    assert "same inputs" in shown
    assert not re.search("unknown|looked_at|push_", shown)


def test_ids_are_in_one_piece_however_many_columns_there_are(command, plant):
    key = plant.start(key="backfill:acme:20261103-120000-with-a-long-tail", selection={"created_from": "2026-01-01"})

    assert f"{key} " in command("show").stdout


def test_who_watches_without_a_terminal_gets_a_line_for_each_change(command, plant):
    key = plant.start()
    plant.work_off()
    ended = command("show", key, "--watch")
    plant.start(key="backfill:acme:2")
    words = [str(PROGRAM), "backfill", "show", "--watch", "--home", str(plant.home)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        first = process.stderr.readline()
        plant.work_off()
        said, more = process.communicate(timeout=120)

    assert ended.exit_code == process.returncode == 0
    assert first == "backfill:acme:2 plan: 0 of 1 part\n"
    assert more
    assert "running" not in said
