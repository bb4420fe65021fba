"""Which models there are, why one scores and not another, and how an admin puts an old one back."""

import pytest

from mappings.file.load import preset_text
from tasks.store import audit


def test_an_old_model_is_put_back_with_one_command_and_all_leads_are_scored_with_it(installed):
    home = installed("hubspot")
    assert home.truegrade("provision", "hubspot").code == 0
    assert home.truegrade("sync", "hubspot").code == 0
    first = home.truegrade("models", "hubspot", "--json").json["models"][0]

    stayed = home.truegrade("train", "hubspot", "--json").json["connections"]["hubspot"]
    forced = home.truegrade("train", "hubspot", "--force", "--json").json["connections"]["hubspot"]
    told = home.truegrade("models", "hubspot", "--json").json["models"]
    shown = home.truegrade("models", "hubspot")

    assert (stayed["verdict"], forced["verdict"]) == ("stayed", "champion")
    assert [(one["version"], one["state"], one["verdict"]) for one in told] == [
        (forced["model"], "current", "champion"), (stayed["model"], "kept", "stayed"),
        (first["version"], "kept", "champion"),
    ]  # fmt: skip
    assert all(one["version"] in shown.out for one in told)
    assert "The model stays" in shown.out
    assert 0.5 < first["auc"] < 1
    assert first["rows"] > 500

    assert home.truegrade("sync", "hubspot").code == 0
    used = home.truegrade("use", "hubspot", first["version"], "--json").json
    again = home.truegrade("use", "hubspot", first["version"])
    synced = home.truegrade("sync", "hubspot", "--json").json["connections"]["hubspot"]

    assert used == {"connection": "hubspot", "model": first["version"], "before": forced["model"]}
    assert "scores already" in again.out
    assert synced["scored"] > 500
    status = home.truegrade("status", "--json").json["connections"]["hubspot"]
    assert (status["model"], status["drift"]["model"]) == (first["version"], first["version"])
    [line] = audit.newest(home.wiring().store, limit=5)
    assert (line.action, line.subject, line.detail["version"]) == ("model.use", "hubspot", first["version"])


@pytest.mark.parametrize("crm", ["salesforce", "hubspot"])
def test_on_the_first_day_points_score_and_are_written_without_a_likelihood(installed, crm):
    home = installed(crm, leads=300)
    assert home.truegrade("provision", crm).code == home.truegrade("pull", crm).code == 0

    scored = home.truegrade("score", crm, "--json").json["connections"][crm]
    pushed = home.truegrade("push", crm, "--json").json["connections"][crm]

    assert pushed["written"] == scored["pending"] > 100
    assert home.truegrade("status", "--json").json["connections"][crm]["model"] == "points"
    kind, score, likelihood = {
        "salesforce": ("Lead", "TG_Score__c", "TG_Likelihood__c"),
        "hubspot": ("contacts", "tg_score", "tg_likelihood"),
    }[crm]
    leads = getattr(home.simulator, crm).snapshot(kind).values()
    held = [values for values in leads if values[score] is not None]
    assert len(held) == pushed["written"]
    assert {values[likelihood] for values in held} == {None}


def test_a_model_that_cannot_score_is_refused_in_words_and_the_current_one_stays(installed):
    home = installed("hubspot")
    none = home.truegrade("models", "hubspot")
    assert home.truegrade("pull", "hubspot").code == home.truegrade("train", "hubspot").code == 0
    first = home.truegrade("models", "hubspot", "--json").json["models"][0]["version"]
    assert home.truegrade("train", "hubspot", "--force").code == 0
    current = home.truegrade("status", "--json").json["connections"]["hubspot"]["model"]

    unknown = home.truegrade("use", "hubspot", "20200101-nothing")
    (home.home / "models" / "hubspot" / first / "model.json").write_text("{", encoding="utf-8")
    damaged = home.truegrade("use", "hubspot", first)
    (home.home / "short.yaml").write_text(preset_text("hubspot").replace("horizon_days: 90", "horizon_days: 60"))
    connections = home.home / "connections.yaml"
    connections.write_text(connections.read_text().replace("mapping: hubspot\n", "mapping: short.yaml\n"))
    unfit = home.truegrade("use", "hubspot", current)

    assert "has no model yet" in none.out
    assert (unknown.code, damaged.code, unfit.code) == (3, 3, 3)
    assert f"no model 20200101-nothing. It has {current}, {first}" in unknown.err
    assert "no whole model" in damaged.err
    assert "within 60 days" in unfit.err
    assert home.truegrade("status", "--json").json["connections"]["hubspot"]["model"] == current
