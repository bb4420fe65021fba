"""What the benchmark counts, on runs that are written down here."""

from collections import Counter

from tests.benchmarks.chaos import compared, summed
from tests.rehearsal import Ended

WRITES = {"writes": 3, "leads": 3, "conflicting_writes": 0, "reverted_writes": 0, "foreign_writes": 0, "foreign": []}
CALM = {"A": ["a", "x"], "B": ["b", "x"], "C": [None, "x"]}


def ended(held=None, *, writes=WRITES, answered=100, **changed):
    held = CALM if held is None else held
    carried = sum(ours is not None for ours, _ in held.values())
    given = {
        "calls": Counter(), "refused": Counter(), "seconds": 9.0, "versions": {"salesforce": "m"},
        "kept": {"salesforce": carried}, "parked": [], "failed": [], "failures": [],
        "revived": 0, "edited": frozenset(), "kills": Counter(worker=2, reset=1),
    }  # fmt: skip
    return Ended(held={"salesforce": held}, writes={"salesforce": writes}, answered=answered, **given | changed)


def test_a_run_that_ended_alike_has_nothing_to_tell():
    run = compared(ended(), ended())

    assert run["kills"] == 2
    assert (run["lost"], run["wrong"], run["theirs_changed"], run["unreconciled"]) == (0, 0, 0, 0)
    assert run["api_calls_ratio"] == 1.0
    assert run["edits_alike"]
    assert run["model_frozen"]


def test_what_differs_is_told_apart():
    rough = ended({"A": [None, "x"], "B": ["c", "x"], "C": ["d", "y"]}, versions={"salesforce": "n"}, answered=150)

    run = compared(ended(), rough)

    assert run["examples"] == {"lost": ["A"], "wrong": ["B", "C"], "theirs": ["C"]}
    assert run["api_calls_ratio"] == 1.5
    assert not run["model_frozen"]


def test_store_and_crm_that_count_differently_do_not_reconcile():
    run = compared(ended(), ended(kept={"salesforce": 1}, failed=["DoNotReconcile: ..."]))

    assert run["unreconciled"] == 2


def test_the_worst_seed_decides_on_calls_and_counts_add_up():
    writes = WRITES | {"foreign_writes": 1, "conflicting_writes": 2}
    runs = [compared(ended(), ended(writes=writes)), compared(ended(), ended(answered=120))]

    told = summed(3, [1, 2], ended(), [{"seed": 1} | runs[0], {"seed": 2} | runs[1]])

    assert (told["kills"], told["foreign_writes"], told["conflicting_writes"]) == (4, 1, 2)
    assert told["api_calls_ratio"] == 1.2
    assert told["seeds"] == [1, 2]
