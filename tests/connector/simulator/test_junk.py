from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest

from connector.enrichment import forms, mail, names, phones
from connector.simulator import junk
from connector.simulator.families import alive, early
from connector.simulator.world import generate

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
HOW = {"leads": 20_000, "seed": 4, "now": NOW, "horizon_days": 90, "years": 2.0, "shown": "hubspot"}


@pytest.fixture(scope="module")
def world():
    return alive(**HOW)


@pytest.fixture(scope="module")
def drawn():
    return early(generate(**HOW), "hubspot").junk


def of(world, drawn, sign):
    return world.leads.filter(pl.Series(drawn.signs[:, junk.SIGNS.index(sign)]))


def test_some_eight_in_a_hundred_leads_are_junk(drawn):
    assert 0.05 < (drawn.how_many > 1).mean() < 0.09
    assert 0.08 < (drawn.how_many > 0).mean() < 0.14


def test_junk_nearly_never_buys_and_one_sign_tells_little(world, drawn):
    rate = [world.truth["wins"].to_numpy()[which].mean() for which in (drawn.how_many == 0, drawn.how_many == 1)]
    junk_rate = world.truth["wins"].to_numpy()[drawn.how_many > 1].mean()

    assert junk_rate < 0.02
    assert junk_rate < rate[1] / 2 < rate[0]


def test_every_name_and_provider_is_one_that_can_be_told():
    assert all(names.is_gibberish(name) for name in junk.NAMES)
    assert {mail.kind(f"a@{domain}") for domain in junk.DISPOSABLE} == {"disposable"}
    assert {mail.kind(f"{role}7@acme.com") for role in junk.ROLES} == {"role"}
    assert not any(phones.number(phone, "US").is_valid for phone in junk.PHONES)


def test_what_was_typed_shows_its_signs(world, drawn):
    parts = ("first_name", "last_name", "company_name")
    told = {
        sign: [forms.signs(*row, None, None) for row in of(world, drawn, sign).select(parts).iter_rows()]
        for sign in ("name", "copied")
    }

    assert all("name" in signs for signs in told["name"])
    assert np.mean(["copied" in signs for signs in told["copied"]]) > 0.95
    kinds = of(world, drawn, "address")["email"].map_elements(mail.kind, return_dtype=pl.String).value_counts()
    assert set(kinds["email"]) == {"disposable", "role"}


def test_machines_click_within_seconds_and_visit_nothing(world, drawn):
    bots = of(world, drawn, "bot")
    first = {
        kind: world.happenings.mails.filter(pl.col("kind") == kind)
        .group_by(key="lead_key")
        .agg(pl.col("at").min().alias(kind))
        for kind in ("sent", "clicked")
    }
    moments = bots.join(first["sent"], on="key").join(first["clicked"], on="key")

    assert (bots["emails_clicked"] == 2 * bots["emails_delivered"]).all()
    assert bots["visits"].sum() == 0
    assert (moments["clicked"] - moments["sent"]).dt.total_seconds().max() < 10


def test_addresses_stay_distinct(world):
    given = world.leads["email"].drop_nulls()

    assert given.n_unique() == len(given)
    assert not given.str.contains("@$").any()
