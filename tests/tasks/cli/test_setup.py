"""The first connections.yaml: ready for what is told, and read by what reads it."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

import tasks
from tasks.cli import app
from tasks.cli.first_connections import SIGN_INS, connections_text, secrets_of
from tasks.connections import load_connections
from tasks.settings import SettingsInvalid


def init(folder, *words):
    return CliRunner().invoke(app, ["init", str(folder), *words])


@pytest.mark.parametrize("sign_in", SIGN_INS)
def test_what_init_is_told_stands_in_connections_yaml_and_nothing_is_left_to_be_edited(tmp_path, sign_in):
    told = init(tmp_path / "new", "--salesforce", "acme.my.salesforce.com", "--hubspot", "--sign-in", sign_in)

    assert told.exit_code == 0, told.output
    found = load_connections(tmp_path / "new")
    assert set(found) == {"salesforce", "hubspot"}
    assert (found["salesforce"].url, found["salesforce"].sign_in.kind) == ("https://acme.my.salesforce.com", sign_in)
    text = (tmp_path / "new" / "connections.yaml").read_text(encoding="utf-8")
    assert "YOUR-DOMAIN" not in text
    assert all(secret in told.output.replace("\n", " ") for secret in secrets_of(text))


def test_one_crm_alone_is_written_alone(tmp_path):
    init(tmp_path / "one", "--hubspot")
    init(tmp_path / "other", "--salesforce", "https://acme.my.salesforce.com", "--integration-user", "tg@acme.example")

    assert set(load_connections(tmp_path / "one")) == {"hubspot"}
    assert load_connections(tmp_path / "other")["salesforce"].integration_username == "tg@acme.example"


def test_told_of_neither_both_are_there_with_places_to_fill_in(tmp_path):
    told = init(tmp_path / "new")

    assert "Next: edit" in told.output
    assert set(load_connections(tmp_path / "new")) == {"salesforce", "hubspot"}


@pytest.mark.parametrize("typed", ["https://acme.lightning.force.com/lightning/page/home", "acme", "two words.com"])
def test_an_address_that_is_none_is_told_with_what_to_write(typed):
    with pytest.raises(SettingsInvalid, match=r"https://acme\.my\.salesforce\.com"):
        connections_text(salesforce=typed, hubspot=False)


def test_a_path_behind_the_address_is_left_out():
    assert "url: https://acme.my.salesforce.com\n" in connections_text(
        salesforce="https://acme.my.salesforce.com/home/home.jsp", hubspot=False
    )


def test_the_connections_of_the_readme_are_read_as_they_stand(tmp_path):
    readme = Path(tasks.__file__).with_name("README.md").read_text(encoding="utf-8")
    [shown, *_] = re.findall(r"```yaml\n(connections:\n.*?)```", readme, flags=re.DOTALL)
    (tmp_path / "connections.yaml").write_text(shown, encoding="utf-8")

    found = load_connections(tmp_path)

    kinds = {
        (one.crm, sign_in.kind) for one in found.values() for sign_in in (one.sign_in, one.admin_sign_in) if sign_in
    }
    assert kinds == {("salesforce", kind) for kind in SIGN_INS} | {("hubspot", "token")}
