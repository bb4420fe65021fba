from datetime import UTC, datetime, timedelta

import pytest

from connector.crm import Outcome, Written
from tasks.store import company_scores, company_sending, company_stale
from tasks.store.company_scores import Reckoned

NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
NAME = "hubspot"


def reckoned(company="1", says="a"):
    return Reckoned(company, f"key{company}", "9", 70, 2, 0.3, '{"tg_score": 70}', says, None, 2, "2026-11-03")


@pytest.fixture
def keep(store):
    def keep(*rows):
        with store.write() as tx:
            before = company_scores.known(tx, NAME, "company_id", [row.company_id for row in rows])
            return company_scores.save(tx, NAME, rows, before, now=NOW)

    return keep


def sent(store, outcome=Outcome.WRITTEN, now=NOW, **told):
    rows = company_sending.page(store, NAME, after="", size=10)
    ended = [(row, Written(row.company_id, outcome, **told)) for row in rows]
    return company_sending.save_outcomes(store, NAME, ended, now=now)


def test_what_the_crm_holds_does_not_wait_again(store, keep):
    assert keep(reckoned()) == 1
    assert sent(store)["written"] == 1

    assert keep(reckoned()) == 0
    assert keep(reckoned(says="b")) == 1
    assert keep(reckoned(says="a")) == 0
    assert company_sending.waiting(store, NAME) == 0


def test_what_was_reckoned_while_older_values_were_on_their_way_still_waits(store, keep):
    keep(reckoned(says="a"))
    [row] = company_sending.page(store, NAME, after="", size=10)
    keep(reckoned(says="b"))

    counts = company_sending.save_outcomes(store, NAME, [(row, Written("1", Outcome.WRITTEN))], now=NOW)

    assert (counts["superseded"], sum(counts.values())) == (1, 1)
    assert company_sending.waiting(store, NAME) == 1


def test_what_went_back_while_other_values_were_on_their_way_is_written_once_more(store, keep):
    keep(reckoned(says="a"))
    sent(store)
    keep(reckoned(says="b"))
    [row] = company_sending.page(store, NAME, after="", size=10)
    assert keep(reckoned(says="a")) == 0

    company_sending.save_outcomes(store, NAME, [(row, Written("1", Outcome.WRITTEN))], now=NOW)

    assert company_sending.waiting(store, NAME) == 1
    assert sent(store)["written"] == 1


def test_a_refusal_that_can_pass_goes_out_again_in_time_and_another_only_when_asked(store, keep):
    keep(reckoned("1"), reckoned("2"))
    rows = company_sending.page(store, NAME, after="", size=10)
    refused = [Written(row.company_id, Outcome.REFUSED, "C", "no", passing=row.company_id == "1") for row in rows]
    company_sending.save_outcomes(store, NAME, list(zip(rows, refused, strict=True)), now=NOW)

    assert company_sending.requeue(store, NAME, now=NOW) == 0
    assert company_sending.requeue(store, NAME, now=NOW + timedelta(minutes=5)) == 1
    assert [group.companies for group in company_sending.refused(store, NAME)] == [2]
    assert company_sending.requeue(store, NAME, now=NOW, asked=True) == 1


def test_parked_values_wait_and_companies_that_are_gone_do_not(store, keep):
    keep(reckoned("1"), reckoned("2"))
    assert sent(store, Outcome.PARKED)["parked"] == 2
    assert company_sending.waiting(store, NAME) == 2

    assert sent(store, Outcome.DELETED)["excluded"] == 2
    assert company_scores.by_state(store, NAME) == {}


def test_only_companies_that_got_something_lose_by_a_lead_that_leaves(store, keep):
    keep(reckoned("1"))

    with store.write() as tx:
        company_stale.add_left(tx, NAME, ["key1", "key2"])
        assert company_stale.some(tx, NAME, size=10) == ["key1"]
        company_stale.done(tx, NAME, ["key1"])
        assert company_stale.length(tx, NAME) == 0


def test_a_new_day_asks_for_companies_with_open_leads_and_other_rules_for_all(store, keep):
    keep(reckoned("1"), reckoned("2")._replace(leads=0))
    how = {"rules": "r", "day": "2026-11-03"}

    def asked(**other):
        number = company_stale.mark(store, NAME, **{**how, **other})
        with store.write() as tx:
            company_stale.done(tx, NAME, company_stale.some(tx, NAME, size=10))
        return number

    assert [asked(), asked(), asked(day="2026-11-04"), asked(day="2026-11-04"), asked(rules="s")] == [2, 0, 1, 0, 2]
