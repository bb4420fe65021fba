import json

import numpy as np
import pytest
from polars.testing import assert_frame_equal

from mappings.enrichment import OFFLINE
from mappings.words import MEASURES, TRANSFORMS
from tests.benchmarks.mapped_leads import TABLE, firms, made
from tests.benchmarks.mapping import main
from tests.benchmarks.one_mapping import make, mapping_of


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("leads")
    firms(np.random.default_rng(1)).write_csv(folder / TABLE)
    return folder


@pytest.mark.parametrize("leads", [1, 3_000])
def test_by_hand_comes_to_the_same_as_ours(leads, folder):
    frames = made(0, leads, np.random.default_rng(1)).values()
    mapping = mapping_of("enriched", folder)

    assert_frame_equal(make("by_hand", mapping, *frames), make("ours", mapping, *frames))


def test_enriched_has_all_that_enrichment_tells(folder):
    assert set(OFFLINE) <= set(mapping_of("enriched", folder).enriched)


def test_everything_uses_every_word(folder):
    rules = mapping_of("everything", folder).rules

    assert {step.name for rule in rules for step in rule.steps} == set(TRANSFORMS)
    assert {rule.count.measure for rule in rules if rule.count} == set(MEASURES)


def test_it_tells_of_every_run(capsys):
    assert main(["--leads", "50", "--json"]) == 0

    told = json.loads(capsys.readouterr().out.splitlines()[-1])["50"]
    assert len(told["runs"]) == 7
    assert all(one["rows"] == 50 and one["rows_per_cpu_s"] > 0 and one["peak_mib"] > 0 for one in told["runs"])
    assert all(times > 0 for times in told["times_by_hand"].values())
