import json

import numpy as np
import pytest
from polars.testing import assert_frame_equal

from mappings.words import MEASURES, TRANSFORMS
from tests.benchmarks.mapped_leads import made
from tests.benchmarks.mapping import main
from tests.benchmarks.one_mapping import EVERYTHING, make, mapping_of


@pytest.mark.parametrize("leads", [1, 3_000])
def test_by_hand_comes_to_the_same_as_ours(leads):
    frames = made(0, leads, np.random.default_rng(1)).values()
    mapping = mapping_of("salesforce")

    assert_frame_equal(make("by_hand", mapping, *frames), make("ours", mapping, *frames))


def test_everything_uses_every_word():
    rules = mapping_of("everything").rules

    assert {step.name for rule in rules for step in rule.steps} == set(TRANSFORMS)
    assert {rule.count.measure for rule in rules if rule.count} == set(MEASURES)
    assert EVERYTHING.is_file()


def test_it_tells_the_cost_of_each(capsys):
    assert main(["--leads", "1000", "--json"]) == 0

    (found,) = json.loads(capsys.readouterr().out.splitlines()[-1]).values()
    assert [one["rows"] for one in found["runs"]] == [1000] * 5
    assert set(found["times_by_hand"]) == {"chunks", "whole"}
