"""What a person sees when something is wrong: one clear sentence with the fix, an exit code that says of what kind."""

import re

import pytest
import requests

from mappings.file.load import preset_text
from tests.commandline import truegrade, truegrade_here


def one_sentence(told, code, *words):
    assert told.code == code, told.err
    assert "Traceback" not in told.err
    assert re.search("^truegrade: ", told.err, re.MULTILINE), told.err
    assert "{" not in told.err, "a log line beside the sentence"
    for word in words:
        assert word in told.err


def test_without_an_installation_it_says_how_to_make_one(tmp_path):
    one_sentence(truegrade("status", home=tmp_path / "none"), 3, "truegrade init")


def test_an_unknown_connection_lists_the_known_ones(installed):
    one_sentence(installed("hubspot", leads=100).truegrade("pull", "hubspott"), 3, "hubspott", "hubspot")


def test_a_missing_secret_names_where_it_is_looked_for(installed):
    home = installed("hubspot", leads=100)
    (home.home / "secrets" / "hubspot").unlink()

    one_sentence(home.truegrade("connect", "hubspot"), 3, "token of connection hubspot", "secrets/hubspot")


@pytest.mark.parametrize("crm", ["salesforce", "hubspot"])
def test_wrong_credentials_are_told_and_nothing_is_written(installed, crm):
    home = installed(crm, leads=100)
    (home.home / "secrets" / crm).write_text("pat-na1-wrong", encoding="utf-8")

    told = home.truegrade("connect", crm)

    one_sentence(told, 3)
    assert "pat-na1-wrong" not in told.err + told.out
    assert home.simulator.log.count(crm, "write") == 0


@pytest.mark.parametrize("crm", ["salesforce", "hubspot"])
def test_a_crm_that_answers_html_is_told_to_be_tried_later(installed, crm):
    home = installed(crm, leads=100)
    home.simulator.faults.add(crm, "any", "html", times=1_000)

    told = home.truegrade("connect", crm)

    one_sentence(told, 5)
    assert "<html" not in told.err.lower()


def test_fields_that_were_never_provisioned_are_listed_with_the_fix(installed):
    told = installed("hubspot", leads=100).truegrade("connect", "hubspot")

    assert told.code == 3
    assert "tg_score" in told.out
    assert "truegrade provision" in told.out


def test_a_sync_that_could_not_write_does_not_start(installed):
    home = installed("hubspot", leads=100)

    one_sentence(home.truegrade("sync", "hubspot"), 3, "tg_", "truegrade connect")
    assert home.simulator.log.count("hubspot", "write") == 0
    assert home.simulator.log.count("hubspot", "read") == 0


def test_a_field_hidden_from_the_integration_user_is_named(installed):
    home = installed("salesforce", leads=100)
    assert home.truegrade("provision", "salesforce").code == 0
    home.simulator.salesforce.hide_field("integration", "Lead", "Industry")

    told = home.truegrade("connect", "salesforce")

    assert told.code == 3
    assert "Industry" in told.out


def test_a_mapping_with_a_mistake_is_told_with_file_and_line(installed):
    home = installed("hubspot", leads=100)
    connections = home.home / "connections.yaml"
    connections.write_text(connections.read_text().replace("mapping: hubspot", "mapping: mine.yaml"), encoding="utf-8")
    (home.home / "mine.yaml").write_text("version: 1\ncrm: hubspott\n", encoding="utf-8")

    one_sentence(home.truegrade("pull", "hubspot"), 3, "mine.yaml:2", "hubspot")


def left_with_few(installed):
    """Make an installation on a portal with too few leads to learn from."""
    home = installed("hubspot", leads=1_000)
    assert home.truegrade("provision", "hubspot").code == 0
    for contact in home.simulator.hubspot.pick("contacts", None, limit=900, seed=1):
        home.simulator.hubspot.archive("contacts", [contact])
    return home


def test_too_little_history_is_said_with_its_own_exit_code(installed):
    home = left_with_few(installed)
    assert home.truegrade("pull", "hubspot").code == 0

    one_sentence(home.truegrade("train", "hubspot"), 4, "leads", "A model needs 100")


def test_too_little_history_is_no_reason_not_to_score_and_the_points_say_why(installed):
    home = left_with_few(installed)

    first = home.truegrade("sync", "hubspot")
    again = home.truegrade("sync", "hubspot", "--json").json["connections"]["hubspot"]

    assert first.code == 0, first.err
    assert "A model needs 100" in " ".join(first.out.split())
    assert "told" not in again
    assert again["scored"] == 0
    [lead] = home.simulator.hubspot.pick("contacts", {"lifecyclestage": "lead"})
    held = home.simulator.hubspot.read("contacts", lead)
    assert (held["tg_model"], held["tg_likelihood"]) == ("points", None)
    status = home.truegrade("status")
    assert "model: points (no model yet" in " ".join(status.out.split())
    told = home.truegrade("explain", lead, "--json").json
    assert str(told["score"]) == held["tg_score"]
    assert sum(told["contributions"].values()) + told["base"] == pytest.approx(told["margin"])
    assert "in points" in home.truegrade("explain", lead).out
    german = home.truegrade("explain", lead, "--language", "de", "--json").json
    assert german["score"] == told["score"]
    assert [one["code"] for one in german["reasons"]] == [one["code"] for one in told["reasons"]]
    assert all(one["text"].endswith(("Punkte)", "Punkt)")) for one in german["reasons"])
    assert german["labels"]["seniority"] == "Hierarchieebene"
    assert home.truegrade("explain", lead, "--language", "it").code == 2


def test_a_wrong_option_is_a_usage_error():
    told = truegrade_here("demo", "--leads", "5")

    assert told.code == 2


def test_for_machines_the_error_is_the_last_line_of_json(tmp_path):
    told = truegrade_here("status", "--json", home=tmp_path / "none")

    assert told.code == 3
    assert told.json["exit_code"] == 3
    assert "truegrade init" in told.json["message"]


def test_a_wrong_integration_user_is_told_before_a_field_is_made(installed):
    home = installed("salesforce", leads=100)
    connections = home.home / "connections.yaml"
    text = connections.read_text()
    connections.write_text(text.replace("integration@truegrade.invalid", "nobody@truegrade.invalid"), encoding="utf-8")

    one_sentence(home.truegrade("provision", "salesforce"), 3, "integration_username")
    assert home.simulator.log.count("salesforce", "write") == 0
    connections.write_text(text, encoding="utf-8")
    assert len(home.truegrade("provision", "salesforce", "--dry-run", "--json").json["created"]) == 12


def test_where_no_integration_user_is_named_the_missing_key_is(installed):
    home = installed("salesforce", leads=100)
    connections = home.home / "connections.yaml"
    text = connections.read_text(encoding="utf-8")
    connections.write_text(text.replace("integration_username:", "# integration_username:"), encoding="utf-8")

    assert "integration_username: NAME" in home.truegrade("provision", "salesforce", "--dry-run").out
    done = home.truegrade("provision", "salesforce")
    assert (done.code, "integration_username: NAME" in done.out) == (3, True)
    assert "no integration_username" in home.truegrade("doctor", "salesforce").out


WRONG_CONNECTIONS = {
    "a template's address": ("url: http", "url: https://YOUR-DOMAIN.my.salesforce.com #", "My Domain"),
    "no address": ("url: http", "url: not an address #", "web address"),
    "no port": ("url: http", "url: http://127.0.0.1:99999 #", "web address"),
    "a bracket too few": ("url: http", "url: 'http://[::1' #", "web address"),
    "no date": ("crm: salesforce", "crm: 2026-13-01", "2026-13-01"),
    "a key twice": ("crm: salesforce", "crm: salesforce\n    crm: hubspot", "twice"),
    "a name that is a path": ("  salesforce:", "  ../../elsewhere:", "letters, digits"),
    "none": ("connections:", "connections: {}\nothers:", "one entry"),
    "deep": ("connections:", "connections: " + "[" * 3_000 + "\nothers:", "connections.yaml"),
}


@pytest.mark.parametrize("case", WRONG_CONNECTIONS)
def test_a_wrong_connections_file_is_told_and_nothing_is_asked_of_the_crm(installed, case):
    home = installed("salesforce", leads=100)
    connections = home.home / "connections.yaml"
    before, after, word = WRONG_CONNECTIONS[case]
    connections.write_text(connections.read_text().replace(before, after, 1), encoding="utf-8")

    told = home.truegrade("connect", "salesforce")

    assert (told.code, told.err.startswith("truegrade: ")) == (3, True), told.err
    assert "Traceback" not in told.err
    assert word in told.err
    assert home.simulator.log.counts() == {}


def test_a_secret_that_is_no_text_is_told_without_it(installed):
    home = installed("hubspot", leads=100)
    (home.home / "secrets" / "hubspot").write_bytes(b"\xff\xfe\x00pat")

    one_sentence(home.truegrade("connect", "hubspot"), 3, "token of connection hubspot", "no text")


def mistype(home, right, wrong):
    """Give the connection a mapping of its own with one word changed."""
    connections = home.home / "connections.yaml"
    connections.write_text(connections.read_text().replace("mapping: hubspot", "mapping: mine.yaml"), encoding="utf-8")
    text = preset_text("hubspot")
    assert right in text
    (home.home / "mine.yaml").write_text(text.replace(right, wrong), encoding="utf-8")


def test_a_mistyped_field_scores_nothing_until_it_is_pulled(installed):
    home = installed("hubspot", knowing=True)
    assert home.truegrade("provision", "hubspot").code == 0
    assert home.truegrade("sync", "hubspot").code == 0
    home.simulator.log.clear()
    mistype(home, "hs_email_replied", "hs_email_replid")

    for verb in ("score", "train", "pull"):
        one_sentence(home.truegrade(verb, "hubspot"), 3, "hs_email_replid")
    assert home.truegrade("push", "hubspot", "--json").json["connections"]["hubspot"]["taken"] == 0
    assert home.simulator.log.count("hubspot", "write") == 0


def test_another_horizon_wants_another_model(installed):
    home = installed("hubspot", knowing=True)
    assert home.truegrade("provision", "hubspot").code == 0
    assert home.truegrade("sync", "hubspot").code == 0
    mistype(home, "horizon_days: 90", "horizon_days: 60")

    one_sentence(home.truegrade("score", "hubspot"), 3, "90 days", "60 days", "truegrade train")
    assert home.truegrade("train", "hubspot").code == 0
    assert home.truegrade("sync", "hubspot").code == 0


@pytest.mark.parametrize("crm", ["salesforce", "hubspot"])
def test_an_address_where_nobody_answers_is_named(installed, crm):
    home = installed(crm, leads=100)
    connections = home.home / "connections.yaml"
    text = connections.read_text().replace(home.simulator.url, "http://127.0.0.1:9")
    connections.write_text(text, encoding="utf-8")

    one_sentence(home.truegrade("connect", crm), 5, "127.0.0.1:9", "url")


def test_options_that_an_admin_took_away_are_missed_before_a_row_is_refused(installed):
    home = installed("hubspot", knowing=True)
    assert home.truegrade("provision", "hubspot").code == 0
    only = {"options": [{"value": "Z", "label": "Z", "displayOrder": 0, "hidden": False}]}
    address = f"{home.simulator.url}/crm/v3/properties/contacts/tg_grade"
    asked = requests.patch(address, json=only, headers={"Authorization": "Bearer pat-na1-admin"}, timeout=10)
    assert asked.status_code == 200, asked.text
    home.simulator.log.clear()

    assert "lacks the options A" in home.truegrade("connect", "hubspot").out
    one_sentence(home.truegrade("sync", "hubspot"), 3, "tg_grade", "truegrade provision")
    assert home.simulator.log.count("hubspot", "write") == 0
    assert home.truegrade("provision", "hubspot").code == 0
    assert home.truegrade("sync", "hubspot").code == 0


WRONG_SETTINGS = {
    "TRUEGRADE_SEED": "-1",
    "TRUEGRADE_THREADS": "100000",
    "TRUEGRADE_SWEEP_EVERY_S": "9999999999999999",
    "TRUEGRADE_REDIS_URL": "http://me:hunter2@here",
    "TRUEGRADE_DATABASE_URL": "postgresql://me:hunter2@127.0.0.1:abc/x",
    "TRUEGRADE_LOG_LEVEL": "loud",
}


@pytest.mark.parametrize("name", WRONG_SETTINGS)
def test_a_wrong_setting_is_told_without_a_password(installed, name):
    told = installed("hubspot", leads=100).truegrade("status", **{name: WRONG_SETTINGS[name]})

    one_sentence(told, 3)
    assert "hunter2" not in told.err


def test_a_redis_that_is_not_there_is_named(installed):
    told = installed("hubspot", leads=100).truegrade("connect", "hubspot", TRUEGRADE_REDIS_URL="redis://127.0.0.1:9/0")

    assert told.code == 3
    assert "TRUEGRADE_REDIS_URL" in told.out


@pytest.mark.parametrize("words", [("--outcome", "Wonn"), ("--outcome", "Won", "--positive", "Yes")])
def test_a_table_that_cannot_be_served_is_told(tmp_path, words):
    (tmp_path / "leads.csv").write_text("Size,Won\n1,1\n2,0\n", encoding="utf-8")

    one_sentence(truegrade_here("simulator", "--csv", str(tmp_path / "leads.csv"), *words), 3, "--outcome")


def test_all_scopes_that_are_missing_are_listed_at_once(installed):
    home = installed("hubspot", leads=100)
    home.simulator.hubspot.set_scopes("pat-na1-integration", ["crm.objects.contacts.read"])

    told = home.truegrade("connect", "hubspot")

    assert told.code == 3
    assert "companies.read" in told.out
    assert "deals.read" in told.out
