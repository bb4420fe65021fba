from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.company_words import Before, OpenLead, change, company_values, open_leads
from mappings.file.load import parse, preset_text
from mappings.outputs import COMPANY_OUTPUTS

NOW = datetime(2026, 11, 26, 8, tzinfo=UTC)
GROUP = "{boss: {seniority: [c_level, vp]}, finance: {department: [finance]}, IT: {department: [it]}}"
MAPPINGS = {
    crm: parse(f"{preset_text(crm)}\ncompanies: {{roles: {GROUP}}}\n", "own.yaml") for crm in ("salesforce", "hubspot")
}
LEADS = st.lists(
    st.builds(
        OpenLead,
        st.text("0123456789ab", min_size=1, max_size=18),
        st.integers(1, 99),
        st.sampled_from("ABCD"),
        st.none() | st.floats(0, 1),
        st.frozensets(st.integers(0, 2)),
    ),
    max_size=20,
)
BEFORE = st.none() | st.builds(
    Before, st.none() | st.integers(1, 99), st.integers(0, 30), st.dates(date(2026, 1, 1), date(2026, 11, 26))
)


def told(leads, crm="hubspot", likelihood=None, before=None):
    values = company_values(MAPPINGS[crm], leads, likelihood=likelihood, before=before, model="m", now=NOW)
    return {role: values[name] for role, name in MAPPINGS[crm].companies.outputs}


def test_three_leads_of_two_roles():
    leads = [
        OpenLead("1", 91, "A", 0.4, frozenset({0})),
        OpenLead("2", 70, "B", 0.2, frozenset({0, 2})),
        OpenLead("3", 65, "B", 0.1),
    ]

    found = told(leads, likelihood=0.51234, before=Before(79, 1, date(2026, 11, 19)))

    assert found == {
        "score": 91,
        "grade": "A",
        "likelihood": 0.5123,
        "top_reason": "3 open leads, the best scores 91 (A); nobody from finance yet.",
        "best_lead": "1",
        "open_leads": "1 A, 2 B",
        "coverage": 0.6667,
        "roles": "2 of 3 roles: boss, IT; nobody from finance",
        "change": "+12 since 19 Nov 2026, 2 more open leads",
        "model": "m",
        "scored_at": "2026-11-26T08:00:00.000Z",
    }
    assert told(leads, "salesforce", likelihood=0.51234)["likelihood"] == 51.23


def test_a_company_whose_leads_have_all_gone_is_cleared():
    found = told([], likelihood=0.3, before=Before(79, 1, date(2026, 11, 19)))

    assert found["top_reason"] == "No open lead."
    assert {role for role, value in found.items() if value is None} == {
        "score", "grade", "likelihood", "best_lead", "open_leads",
    }  # fmt: skip
    assert found["change"] == "1 fewer open lead since 19 Nov 2026"


def test_the_likeliest_lead_is_the_best_and_of_points_the_highest():
    assert told([OpenLead("1", 80, "B", 0.3), OpenLead("2", 80, "B", 0.4)])["best_lead"] == "2"
    assert told([OpenLead("1", 80, "B"), OpenLead("2", 60, "C")])["best_lead"] == "1"
    disqualified = OpenLead("1", 1, "D")
    assert told([disqualified, OpenLead("2", 60, "C", 0.1)])["best_lead"] == "2"


@pytest.mark.parametrize(
    ("score", "leads", "said"),
    [(70, 2, ""), (75, 2, "+5 since 3 Nov 2026"), (70, 1, "1 fewer open lead since 3 Nov 2026"), (None, 2, "")],
)
def test_what_has_not_moved_is_not_told(score, leads, said):
    assert change(score, leads, Before(70, 2, date(2026, 11, 3))) == said


@given(LEADS, st.none() | st.floats(0, 1), BEFORE, st.sampled_from(sorted(MAPPINGS)))
def test_every_value_fits_its_field(leads, likelihood, before, crm):
    for role, value in told(leads, crm, likelihood, before).items():
        output = COMPANY_OUTPUTS[role]
        if isinstance(value, str):
            assert value == " ".join(value.split())
            assert output.length is None or 0 < len(value) <= output.length
        elif value is not None:
            assert 0 <= value <= output.most


@given(LEADS)
def test_leads_by_grade_are_all_of_them(leads):
    parts = (open_leads(leads) or "").split(", ")

    assert sum(int(part.split()[0]) for part in parts if part) == len(leads)
