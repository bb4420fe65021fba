"""An admin sets Truegrade up with the checklist beside: each step says what is missing, and where it is mended."""

import pytest

from mappings.file.load import preset_text

SECRETS = ("truegrade-secret", "truegrade-admin-secret", "pat-na1-integration", "pat-na1-admin")


@pytest.fixture
def home(installed):
    return installed("salesforce", "hubspot", leads=300)


def steps(told, name):
    """The states of one connection's steps, by name; "" is the installation itself."""
    return {step["step"]: step["state"] for step in told.json["steps"] if step["connection"] == name}


def of(told, name, step):
    return next(one for one in told.json["steps"] if (one["connection"], one["step"]) == (name, step))


def edited(home, old, new):
    path = home.home / "connections.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize("crm", ["salesforce", "hubspot"])
def test_each_step_is_done_one_after_the_other(home, crm):
    before = home.truegrade("doctor", crm, "--json")
    assert before.code == 3
    found = steps(before, crm)
    assert {found[step] for step in ("secrets", "mapping", "address", "sign-in", "quota", "admin sign-in")} == {"ok"}
    assert [step for step, state in found.items() if state == "not yet"][-2:] == ["views and panel", "model"]
    assert {state for step, state in found.items() if "right: " in step} == {"ok"}
    assert all(step["where"] for step in before.json["steps"] if step["state"] == "not yet")
    assert steps(before, "")["store"] == "ok"
    assert steps(before, "")["workers"] == "not yet"

    assert home.truegrade("provision", crm).code == 0
    after = steps(home.truegrade("doctor", crm, "--json"), crm)

    assert (after["write our fields"], after["views and panel"], after["model"]) == ("ok", "ok", "not yet")


def test_shown_to_a_person_it_names_the_place_and_no_secret(home):
    told = home.truegrade("doctor")

    assert told.code == 3
    assert "Truegrade Integration" in told.out
    assert "Do what is not yet done" in told.out
    assert not [secret for secret in SECRETS if secret in told.out + told.err]


def test_a_missing_secret_is_named_and_nothing_is_asked(home):
    edited(home, "client_secret: ", "client_secret: env:NO_SUCH_VARIABLE #")

    told = home.truegrade("doctor", "salesforce", "--json")

    assert steps(told, "salesforce")["sign-in"] == "cannot tell"
    assert "NO_SUCH_VARIABLE" in of(told, "salesforce", "secrets")["told"]
    assert "External Client App Manager" in of(told, "salesforce", "secrets")["where"]


def test_an_address_where_nobody_answers_is_told_apart_from_a_sign_in_that_is_refused(home):
    home.simulator.salesforce._auth.locked.add("integration")
    refused = home.truegrade("doctor", "salesforce", "--json")
    assert steps(refused, "salesforce")["address"] == "ok"
    assert "locked" in of(refused, "salesforce", "sign-in")["told"]
    assert steps(refused, "salesforce")["quota"] == "cannot tell"

    edited(home, home.simulator.url, "http://127.0.0.1:9")
    unreached = home.truegrade("doctor", "salesforce", "--json")
    assert steps(unreached, "salesforce")["address"] == "not yet"
    assert steps(unreached, "salesforce")["sign-in"] == "cannot tell"


def test_a_user_without_the_api_or_without_a_scope_is_told_which(home):
    home.simulator.salesforce.withhold("integration", "API Enabled")
    home.simulator.hubspot.set_scopes("pat-na1-integration", ["crm.objects.contacts.read", "crm.schemas.contacts.read"])

    told = home.truegrade("doctor", "--json")

    assert "API Enabled" in of(told, "salesforce", "sign-in")["told"]
    assert steps(told, "hubspot")["right: crm.objects.contacts.write"] == "not yet"
    assert steps(told, "hubspot")["read company"] == "not yet"
    assert steps(told, "hubspot")["read lead"] == "ok"


def test_a_permission_that_the_admin_lacks_is_told_before_it_is_needed(home):
    home.simulator.salesforce.withhold("admin", "Assign Permission Sets")

    told = home.truegrade("doctor", "salesforce", "--json")

    assert of(told, "salesforce", "admin right: Assign Permission Sets")["state"] == "not yet"
    assert "Setup, Permission Sets" in of(told, "salesforce", "admin right: Assign Permission Sets")["where"]


def test_settings_that_cannot_be_read_are_a_step_like_any_other(home):
    (home.home / "connections.yaml").write_text("connections: {salesforce: {crm: sales}}\n", encoding="utf-8")

    told = home.truegrade("doctor", "--json")

    assert told.code == 3
    assert steps(told, "") == {"settings": "not yet"}


def test_a_store_that_cannot_be_used_is_a_step_like_any_other(home):
    (home.home / "truegrade.db").write_bytes(b"this is no database" * 100)

    told = home.truegrade("doctor", "--json")

    assert told.code == 3
    assert steps(told, "") == {"store": "not yet"}


def test_a_panel_that_serves_another_prefix_is_told_and_is_no_step_that_is_open(home):
    assert home.truegrade("provision", "salesforce").code == 0
    (home.home / "mine.yaml").write_text(preset_text("salesforce") + "outputs: {prefix: ACME_}\n", encoding="utf-8")
    edited(home, "mapping: salesforce", "mapping: mine.yaml")
    assert home.truegrade("provision", "salesforce").code == 3

    told = of(home.truegrade("doctor", "salesforce", "--json"), "salesforce", "views and panel")

    assert told["state"] == "cannot tell"
    assert "another prefix" in told["told"]
