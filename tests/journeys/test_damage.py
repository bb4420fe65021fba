"""What an admin meets when files of the installation were moved, damaged or lost: a sentence, and a way back."""

import re
import resource
import shutil
import signal
import sqlite3

import pytest

from tests.commandline import truegrade, truegrade_here


@pytest.fixture
def synced(installed):
    home = installed("hubspot", knowing=True)
    assert home.truegrade("provision", "hubspot").code == 0
    assert home.truegrade("sync", "hubspot").code == 0
    return home


def told_to_mend(told, *words):
    assert told.code == 3, told.err
    assert re.search("^truegrade: ", told.err, re.MULTILINE), told.err
    for word in words:
        assert word in told.err


def edit_one(home):
    [lead] = home.simulator.hubspot.pick("contacts", {"lifecyclestage": "lead"})
    home.simulator.hubspot.edit("contacts", lead, {"jobtitle": "Chief Executive Officer"})
    return lead


def test_an_installation_may_be_moved_and_named_from_another_folder(synced, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    lead = edit_one(synced)
    shutil.move(synced.home, elsewhere / "moved")

    told = truegrade_here("sync", "hubspot", "--json", home="moved", cwd=elsewhere)

    assert told.code == 0, told.err
    assert told.json["connections"]["hubspot"]["scored"] == 1
    assert truegrade_here("explain", lead, home=elsewhere / "moved").code == 0


def test_a_lost_model_is_told_and_learned_again(synced):
    edit_one(synced)
    shutil.rmtree(synced.home / "models")

    told_to_mend(synced.truegrade("sync", "hubspot"), "truegrade train")
    assert synced.truegrade("train", "hubspot").code == 0
    assert synced.truegrade("sync", "hubspot").code == 0


def test_a_damaged_database_is_told_and_may_be_built_anew(synced):
    database = synced.home / "truegrade.db"
    before = synced.simulator.hubspot.snapshot("contacts")
    with sqlite3.connect(database) as tx:
        tx.execute("DROP TABLE scores")

    told_to_mend(synced.truegrade("sync", "hubspot"), "move it away")
    for part in synced.home.glob("truegrade.db*"):
        part.unlink()
    anew = synced.truegrade("sync", "hubspot", "--json")

    assert anew.code == 0, anew.err
    assert anew.json["connections"]["hubspot"]["pulled_new"] > 1_200
    after = synced.simulator.hubspot.snapshot("contacts")
    assert {lead: held["tg_grade"] for lead, held in after.items()}.keys() == before.keys()


def test_a_full_disk_is_told_and_loses_nothing(synced):
    lead = edit_one(synced)
    held = synced.simulator.hubspot.read("contacts", lead)["tg_score"]
    size = (synced.home / "truegrade.db").stat().st_size

    def small():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size // 3, size // 3))

    told = truegrade("pull", "hubspot", "--reload", home=synced.home, preexec_fn=small)

    told_to_mend(told, "disk")
    assert synced.simulator.hubspot.read("contacts", lead)["tg_score"] == held
    assert synced.truegrade("sync", "hubspot").code == 0
    assert synced.truegrade("sync", "hubspot", "--json").json["connections"]["hubspot"]["written"] == 0


def test_a_place_that_cannot_be_read_is_mended_by_a_reload(synced):
    with sqlite3.connect(synced.home / "truegrade.db") as tx:
        tx.execute("UPDATE cursors SET position = '{bad'")

    told_to_mend(synced.truegrade("sync", "hubspot"), "pull hubspot --reload")
    assert synced.truegrade("pull", "hubspot", "--reload").code == 0
    assert synced.truegrade("sync", "hubspot", "--json").json["connections"]["hubspot"]["written"] == 0


@pytest.mark.parametrize("kept", [b"{broken", b"\xff\xfe\x00"])
def test_a_damaged_token_file_is_replaced_by_signing_in(installed, kept):
    home = installed("salesforce", leads=100)
    (home.home / "tokens").mkdir()
    (home.home / "tokens" / "salesforce").write_bytes(kept)

    assert home.truegrade("pull", "salesforce").code == 0


def test_a_folder_that_cannot_be_written_is_told(installed):
    home = installed("salesforce", leads=100)
    (home.home / "tokens").write_text("no folder", encoding="utf-8")

    told_to_mend(home.truegrade("pull", "salesforce"), "tokens")


def test_what_holds_leads_is_for_its_owner_alone(synced):
    assert {oct(path.stat().st_mode & 0o077) for path in synced.home.glob("truegrade.db*")} == {"0o0"}
    assert synced.home.stat().st_mode & 0o077 == 0


def test_a_killed_run_is_told_as_such_by_the_next_one(synced):
    with sqlite3.connect(synced.home / "truegrade.db") as tx:
        tx.execute("UPDATE runs SET state = 'running', finished_at = NULL")  # as a kill leaves it

    assert synced.truegrade("sync", "hubspot").code == 0
    latest, killed, *_ = synced.truegrade("status", "--json").json["connections"]["hubspot"]["runs"]

    assert (latest["state"], killed["state"]) == ("succeeded", "failed")
    assert "killed" in killed["error"]
