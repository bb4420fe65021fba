from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from model import any_of
from model.windows import measured, windows

START = datetime(2026, 1, 5, tzinfo=UTC)
INSTANT = pl.Datetime("us", "UTC")
DAYS = {"horizon_days": 90, "observe_days": 14}


def lead(company, created, *, ended=None, won=None, likelihood=0.2):
    at = (None if day is None else START + timedelta(days=day) for day in (created, ended, won))
    created_at, ended_at, won_at = at
    return (company, created_at, ended_at, won_at, likelihood)


def leads(*rows):
    names = {"company": pl.String} | dict.fromkeys(("created_at", "ended_at", "won_at"), INSTANT)
    return pl.DataFrame(list(rows), schema=names | {"likelihood": pl.Float64}, orient="row")


def seen(*rows):
    return windows(leads(*rows), late=(1.0,) * 13, **DAYS)


def test_a_lead_counts_from_when_it_was_known_until_it_ends():
    found = seen(lead("acme", 0, won=40))

    assert found["at"].to_list() == [START + timedelta(days=day) for day in (14, 21, 28, 35)]
    assert found["won"].all()
    assert found["best"].to_list() == [0.2] * 4


def test_one_that_nobody_ended_counts_until_its_horizon_has_passed():
    found = seen(lead("acme", 0))

    assert found["at"].max() < START + timedelta(days=90)
    assert not found["won"].any()


def test_a_company_wins_if_any_of_those_open_then_does():
    found = seen(lead("acme", 0, won=30), lead("acme", 0), lead("other", 0))

    of = {company: dict(zip(rows["at"], rows["won"], strict=True)) for (company,), rows in found.group_by("company")}
    assert of["acme"][START + timedelta(days=28)]
    assert not of["acme"][START + timedelta(days=35)]  # the winner is a customer by then
    assert not any(of["other"].values())
    joint = found.filter((pl.col("company") == "acme") & (pl.col("leads") == 2))["joint"]
    assert joint.to_list() == pytest.approx([0.36] * len(joint))


def test_leads_of_no_company_and_those_that_the_model_has_learned_from_are_no_windows():
    assert seen(lead(None, 0), lead("acme", 0, likelihood=None)).is_empty()
    assert seen().is_empty()


def test_with_too_few_companies_there_is_no_line_and_the_card_says_so():
    found = measured(leads(*(lead(f"c{number}", number) for number in range(30))), **DAYS)

    assert found.line is None
    assert "30 with open leads at past times, 0 of which won; it takes 60 and 20" in found.card["told"]
    assert "line" not in found.card


def test_a_line_is_fitted_and_measured_on_companies_that_it_has_not_seen():
    rng = np.random.default_rng(5)
    rows = []
    for number in range(400):
        for _ in range(rng.integers(1, 4)):
            likelihood, created = rng.beta(1, 4), int(rng.integers(0, 100))
            won = created + int(rng.integers(15, 90)) if rng.random() < likelihood else None
            rows.append(lead(f"c{number}", created, won=won, likelihood=float(likelihood)))

    found = measured(leads(*rows), **DAYS)

    assert found.line == any_of.read(found.card["line"])
    assert found.card["companies"] > 300
    ours, plain = found.card["figures"], found.card["noisy_or"]
    assert ours["auc"] > 0.7
    assert ours["ece"] < 2 * ours["ece_floor"]
    assert ours["log_loss"] < plain["log_loss_prior"]
    assert f"AUC {ours['auc']:.3f}" in found.card["told"]
