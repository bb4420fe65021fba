"""The guides to signing in name lines of the doctor, and those are what it says."""

import re
from pathlib import Path

import pytest

CONNECTOR = Path(__file__).resolve().parents[2] / "connector"


def lines_named(crm):
    """The lines of the doctor that a guide names, in brackets behind each of its steps."""
    text = (CONNECTOR / crm / "README.md").read_text(encoding="utf-8")
    guide = text.partition("## Sign in, step by step")[2].partition("\n## ")[0]
    groups = re.findall(r"\(((?:`[^`]+`(?:,\s+|,? \.\.\.,?\s*)?)+)\)", guide)
    return {re.sub(r"\s+", " ", name) for group in groups for name in re.findall(r"`([^`]+)`", group)}


@pytest.mark.parametrize("crm", ["salesforce", "hubspot"])
def test_every_line_that_a_guide_names_is_one_of_the_doctor_s(installed, crm):
    home = installed(crm, leads=300)
    assert home.truegrade("provision", crm).code == 0
    said = {step["step"] for step in home.truegrade("doctor", crm, "--json").json["steps"]}

    named = lines_named(crm)

    assert len(named) >= 8, named
    for name in named:
        begin = name.removesuffix("...").rstrip(". ")
        assert name in said or (name.endswith("...") and any(step.startswith(begin) for step in said)), name
