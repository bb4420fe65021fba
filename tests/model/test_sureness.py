import pytest

from model.figures import auc_interval
from model.sureness import sureness


@pytest.mark.parametrize(
    ("wins", "losses", "share", "end"),
    [
        (63, 900, 0.442, "learned from 63 wins; 44 % of the score is the points rules."),
        (12_000, 90_000, 0.0, "learned from 12,000 wins."),
        (900, 63, 0.0, "learned from 63 leads that did not win."),
    ],
)
def test_it_says_how_many_outcomes_there_were_and_what_is_the_rules(wins, losses, share, end):
    told = sureness({"auc": 0.8, "wins": 40, "rows": 200}, wins=wins, losses=losses, rules_share=share)

    low, high = auc_interval(0.8, wins=40, losses=160)
    assert told == f"Sure to within {(high - low) / 2:.2f} AUC (95 %): {end}"


def test_a_ranking_that_could_not_be_tested_is_not_sure():
    told = sureness({"auc": None, "wins": 0, "rows": 20}, wins=20, losses=80, rules_share=1.0)

    assert told.startswith("Not sure at all, for the latest leads all ended alike: learned from 20 wins")


def test_an_interval_cut_at_one_is_told_by_its_longer_side():
    assert "within 0.00" not in sureness({"auc": 0.99, "wins": 4, "rows": 10}, wins=20, losses=80, rules_share=0.0)
