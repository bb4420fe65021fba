import pytest

from connector.simulator.writes import Writes


@pytest.fixture
def writes():
    return Writes({"Lead"})


def wrote(writes, *scores, lead="A"):
    for number, score in enumerate(scores):
        values = {"TG_Score__c": score, "TG_Scored_At__c": f"2026-03-02T06:00:{number:02}"}
        writes.wrote("Lead", lead, values, at_s=float(number))


def found(writes, *names):
    report = writes.report()
    return [report[f"{name}_writes"] for name in names]


def test_the_same_values_again_are_no_conflict(writes):
    wrote(writes, 70, 70, 70)

    report = writes.report()

    assert (report["writes"], report["leads"]) == (3, 1)
    assert found(writes, "conflicting", "reverted", "foreign") == [0, 0, 0]
    assert len({write.values for write in writes.of("A")}) == 1


def test_two_values_without_an_edit_between_are_a_conflict(writes):
    wrote(writes, 70, 71)
    wrote(writes, 50, lead="B")

    assert writes.report()["conflicting"] == ["A"]


def test_an_edit_explains_one_more_value_and_no_more(writes):
    wrote(writes, 70)
    writes.edited("Lead", "A")
    wrote(writes, 75)
    told = found(writes, "conflicting", "reverted")
    wrote(writes, 80)

    assert told == [0, 0]
    assert writes.report()["conflicting"] == ["A"]


def test_an_edit_of_another_record_explains_nothing(writes):
    wrote(writes, 70)
    writes.edited("Account", "A")
    writes.edited("Lead", "B")
    wrote(writes, 71)

    assert writes.report()["conflicting"] == ["A"]


def test_an_old_value_after_a_new_one_is_told(writes):
    wrote(writes, 70)
    writes.edited("Lead", "A")
    wrote(writes, 75, 70, 75)

    assert found(writes, "conflicting", "reverted") == [0, 1]


def test_what_is_not_ours_is_told(writes):
    writes.wrote("Lead", "A", {"TG_Score__c": 1, "Company": "Acme"}, at_s=0.0)
    writes.wrote("Account", "B", {"TG_Score__c": 1}, at_s=0.0)
    writes.touched("Lead", "C", "deleted")

    assert writes.report()["foreign"] == ["Lead A Company", "Account B *", "Lead C deleted"]
