import numpy as np
import pytest

from model.recipe import QUICK
from tests.benchmarks.families import ENRICHED, auc, gained, measure, parts, show
from tests.mappings.preset_families import FAMILIES


@pytest.fixture(scope="module")
def measured():
    return measure("hubspot", 1_500, recipe=QUICK, threads=1, families=["online"])


def test_a_small_world_is_measured_whole(measured, capsys):
    start, online = measured["steps"]

    assert measured["tested_on"] > measured["wins"] > 0
    assert "gain" not in start
    assert online["gain"] == pytest.approx(online["auc"] - start["auc"])
    assert online["interval"][0] < online["gain"] < online["interval"][1]
    assert measured["truth"]["auc"] > start["auc"]
    show({"hubspot": measured})
    assert "+ online" in capsys.readouterr().out


@pytest.mark.parametrize("crm", FAMILIES)
def test_every_family_and_enrichment_is_a_step(crm):
    assert list(parts(crm, None)) == ["start", *FAMILIES[crm], "enrichment"]
    assert parts(crm, None)["enrichment"] == tuple(ENRICHED)


def test_what_is_chance_earns_no_place_and_what_is_not_does():
    rng = np.random.default_rng(3)
    label = rng.random(2_000) < 0.2
    noise, better = rng.random(2_000), rng.random(2_000) + 0.5 * label

    assert gained(label, noise, better)["verdict"] == "earns its place"
    assert gained(label, better, better + 1e-3 * rng.random(2_000))["verdict"] == "does not"
    assert auc(label, label.astype(float)) == 1
