import pytest

from connector.simulator.planted import LEAKS, NULLS
from tests.benchmarks.world import FIELDS, examples, measure, show

LEADS = 4_000


@pytest.fixture(scope="module")
def measured():
    return measure(LEADS, threads=1, recipe="quick")


def test_examples_have_what_was_planted_and_no_outcome_among_the_features():
    rows, features, effects = examples(1_000)
    names = {feature.name for feature in features}

    assert set(LEAKS) | set(NULLS) <= names
    assert names.isdisjoint({"id", "created_at", "label", "group", "amount", "priority", "truth"})
    assert rows.height == effects.height
    assert rows["created_at"].is_sorted()
    assert 0.05 < rows["label"].mean() < 0.25


def test_a_small_world_is_measured_whole(measured, capsys):
    assert measured["auc_of_truth"] > 0.75
    assert measured["difference"] == pytest.approx(measured["auc_of_truth"] - measured["auc"])
    assert set(measured["nulls"]) == set(NULLS)
    assert measured["drivers"]["for"]["by_field"].keys() <= set(FIELDS)
    assert measured["cpu_s"] > 0
    show(measured)
    assert "AUC" in capsys.readouterr().out


def test_leaks_are_caught_and_honest_fields_are_not(measured):
    leaks = measured["leaks"]

    assert set(leaks["caught"]) | set(leaks["missed"]) == set(LEAKS)
    assert set(leaks["missed"]) <= {"lost_reason"}  # of so few leads, too few are lost
    assert leaks["false_alarms"] == []
