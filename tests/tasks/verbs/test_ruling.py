"""Rules and decisions by hand on their way to the CRM."""

from datetime import timedelta

import pytest

from mappings.file.load import parse, preset_text
from tasks.store import overrides
from tasks.store.overrides import Override

DAY = timedelta(days=1)
RULES = """
rules:
  list:
    - {name: no_phone, when: {feature: has_phone, is: false}, score: lowest, route: disqualify, because: no phone}
    - {name: bosses, when: {feature: seniority, is: [c_level, vp]}, grade: A, because: decides alone}
"""


@pytest.fixture
def ruled(scored):
    """A house in sync whose mapping has got rules."""
    scored.mapping = parse(preset_text("hubspot") + RULES, "hubspot.yaml")
    scored.provision()
    return scored


def put(house, lead, *, grade="A", route=None, until=DAY):
    now = house.clock.now()
    overrides.put(house.store, house.name, Override(lead, grade, route, "board member", "ann", now, now + until))


def codes(values):
    return values.get("tg_reason_codes", "").split(";")


def test_rules_decide_for_learned_models_and_the_rest_keeps_its_score(ruled):
    before = ruled.in_crm()

    ruled.sync()

    after = ruled.in_crm()
    out = {lead for lead, values in after.items() if "RULE_NO_PHONE" in codes(values)}
    bosses = {lead for lead, values in after.items() if "RULE_BOSSES" in codes(values)}
    assert out
    assert bosses
    for lead in out:
        assert (after[lead]["tg_score"], after[lead]["tg_grade"], after[lead]["tg_route"]) == ("1", "D", "disqualify")
        assert after[lead]["tg_top_reason"] == "Disqualified: no phone"
        assert "tg_likelihood" not in after[lead]
    for lead in bosses:
        assert after[lead]["tg_grade"] == "A"
        assert after[lead]["tg_score"] == before[lead]["tg_score"]
        assert after[lead]["tg_likelihood"] == before[lead]["tg_likelihood"]
    untouched = after.keys() - out - bosses
    assert {lead: after[lead] for lead in untouched} == {lead: before[lead] for lead in untouched}


def test_a_quiet_crm_stays_quiet_under_rules(ruled):
    ruled.sync()

    again = ruled.sync()

    assert again.pushed.counts.written == 0
    assert again.scored.scored == 0


def test_rules_that_are_taken_back_leave_every_lead_as_it_was(ruled):
    before = ruled.in_crm()
    ruled.sync()

    ruled.mapping = parse(preset_text("hubspot"), "hubspot.yaml")
    ruled.sync()

    assert ruled.in_crm() == before


def test_rules_decide_for_points_as_well(few):
    few.mapping = parse(preset_text("hubspot") + RULES, "hubspot.yaml")
    few.provision()
    few.sync()

    out = [values for values in few.in_crm().values() if "RULE_NO_PHONE" in codes(values)]
    assert out
    assert {(values["tg_score"], values["tg_grade"]) for values in out} == {("1", "D")}


def test_a_note_of_change_names_no_input_where_a_rule_set_the_score(ruled):
    ruled.sync()
    names = ("tg_score", "tg_change", "tg_reason_codes")
    rows = [{name: row[name] for name in names} for row in ruled.portal.snapshot("contacts").values()]

    told = [row["tg_change"] for row in rows if "RULE_NO_PHONE" in (row["tg_reason_codes"] or "") and row["tg_change"]]
    assert told
    assert all(":" not in change for change in told)


def test_a_decision_by_hand_changes_exactly_its_lead_and_its_end_brings_back_what_was(scored):
    before = scored.in_crm()
    lead = min(lead for lead, values in before.items() if values["tg_grade"] == "D")
    put(scored, lead, until=2 * DAY)

    set_ = scored.sync()

    after = scored.in_crm()
    assert (set_.scored.looked_at, set_.pushed.counts.written) == (1, 1)
    assert (after[lead]["tg_grade"], after[lead]["tg_route"]) == ("A", "sales")
    assert after[lead]["tg_score"] == before[lead]["tg_score"]
    assert after[lead]["tg_top_reason"] == "Set by hand until 5 Nov 2026: board member"
    assert codes(after[lead])[0] == "OVERRIDE"
    assert {one: after[one] for one in after if one != lead} == {one: before[one] for one in before if one != lead}

    assert scored.sync().scored.scored == 0
    scored.clock.advance(2 * DAY)
    over = scored.sync()

    assert over.pushed.counts.written == 1
    assert scored.in_crm() == before


def test_ending_one_by_hand_does_the_same(scored):
    before = scored.in_crm()
    lead = min(before)
    put(scored, lead, grade=None, route="disqualify")
    scored.sync()
    assert scored.in_crm()[lead]["tg_route"] == "disqualify"

    overrides.end(scored.store, scored.name, lead, now=scored.clock.now(), actor="ann")
    scored.sync()

    assert scored.in_crm() == before


def test_a_decision_by_hand_goes_before_rules(ruled):
    ruled.sync()
    lead = min(lead for lead, values in ruled.in_crm().items() if "RULE_NO_PHONE" in codes(values))
    put(ruled, lead, grade="B")

    ruled.sync()

    values = ruled.in_crm()[lead]
    assert (values["tg_grade"], values["tg_route"]) == ("B", "sales")
    assert "RULE_NO_PHONE" not in codes(values)
    assert "tg_likelihood" in values
