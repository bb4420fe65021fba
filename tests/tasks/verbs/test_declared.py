"""What a mapping declares of its purpose is on the card and in the report of what is learned by it."""

import json
from dataclasses import replace

from mappings.parts import Privacy
from model.report.page import page

DECLARED = Privacy("Which new leads sales calls first", "legitimate interest", ("salutation",), ("birthdate",))


def test_a_declared_purpose_is_on_the_card_and_in_the_report(learned):
    learned.mapping = replace(learned.mapping, privacy=DECLARED)

    trained = learned.train()

    assert "Purpose: Which new leads sales calls first. Lawful basis: legitimate interest." in trained.told
    assert trained.card["privacy"]["never_read"] == ("birthdate",)
    shown = page(json.loads((trained.path / "report.json").read_text(encoding="utf-8")))
    assert "lawful basis: legitimate interest; sensitive fields: salutation; never read: birthdate" in shown
