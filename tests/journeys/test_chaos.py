"""Kill anything, lose nothing: the small size of `./dev bench chaos`."""

import pytest

from tests.benchmarks.chaos import measure

LEADS = 1_500
KILLS = 12
SEED = 20_260_301


@pytest.mark.timeout(280)
def test_whatever_is_killed_every_lead_ends_as_without_a_fault(record_property):
    told = measure(
        LEADS,
        [SEED],
        kills=KILLS,
        crms=("salesforce",),  # whose tokens expire; the benchmark has both CRMs at once
        edits=10,
        gap_s=1.0,
        sync_every_s=2,
        chunk_leads=100,
        latency_ms=15.0,
        tell=lambda _: None,
    )
    [run] = told["runs"]
    record_property("shown", f"Chaos: seed {SEED}, {run['did']}, calls {run['api_calls_ratio']:.2f} of fault-free")

    assert run["kills"] >= KILLS
    assert run["examples"] == {"lost": [], "wrong": [], "theirs": []}
    assert (told["lost"], told["wrong"], told["conflicting_writes"], told["foreign_writes"]) == (0, 0, 0, 0)
    assert (told["unreconciled"], told["parked"]) == (0, 0)
    assert run["edits_alike"]
    assert run["model_frozen"]
    assert told["calm"]["leads_written"] > LEADS / 4
