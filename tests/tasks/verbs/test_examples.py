"""Examples from the store, with the past that pulls met or the CRM's own history told."""

from dataclasses import replace
from datetime import timedelta

import orjson
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from connector.crm import Entity
from tasks.store import records, snapshots
from tasks.verbs.examples import gathered

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def made(house, **how):
    how = {"now": house.clock.now(), "chunk_leads": 1_000, **how}
    return gathered(house.store, house.mapping, connection=house.name, **how).examples


def features(frame, house):
    return frame.select("id", "label", *(feature.name for feature in house.mapping.features))


def oldest(house, number):
    return made(house).sort("created_at")["id"].to_list()[:number]


def edit_everything(house, ids):
    """Let reps and HubSpot change what these contacts and their companies say of themselves."""
    held = house.portal.snapshot("contacts")
    for contact in ids:
        house.clock.advance(timedelta(seconds=1))
        house.portal.edit("contacts", contact, {"jobtitle": "Chief Tester", "hs_email_open": "99", "phone": ""})
        if company := held[contact]["associatedcompanyid"]:
            house.portal.edit("companies", company, {"industry": "BANKING", "numberofemployees": "9"})


def test_the_size_of_chunks_does_not_matter_and_all_leads_are_counted(house):
    house.pull()
    how = {"connection": house.name, "now": house.clock.now()}

    whole = gathered(house.store, house.mapping, chunk_leads=1_000, **how)
    pieces = gathered(house.store, house.mapping, chunk_leads=17, **how)

    assert_frame_equal(pieces.examples, whole.examples)
    assert pieces.funnel == whole.funnel
    assert whole.funnel[0][1] == len(house.rows()) == sum(rows for _, rows, _ in whole.funnel[1:-1])
    assert whole.funnel[-2][1] == whole.examples.height > 0


def test_what_pulls_met_later_changes_no_example(house):
    house.pull()
    before = made(house)
    edit_everything(house, oldest(house, 20))

    house.pull()

    titles = [orjson.loads(row.data).get("jobtitle") for row in house.rows()]
    assert titles.count("Chief Tester") == 20
    assert_frame_equal(features(made(house), house), features(before, house))


def test_field_history_tells_what_was_there_before_we_were(house):
    house.pull()
    before = made(house)
    ids = oldest(house, 20)
    with house.store.write() as tx:  # the same portal, as one that we begin with only now
        for table in ("records", "cursors", "changes"):
            tx.exec_driver_sql(f"DELETE FROM {table}")
    edit_everything(house, ids)

    house.pull()
    hindsight = made(house)
    pulled = house.pull(history=True)

    assert pulled.history[Entity.LEAD] >= 40
    after = made(house)  # without those whose disqualification history dates before they would be looked at
    same = before.filter(pl.col("id").is_in(after["id"].implode()))
    assert 20 < after.height <= before.height
    assert set(ids[:5]) & set(after["id"])
    assert not features(hindsight, house).equals(features(before, house))
    assert_frame_equal(features(after, house), features(same, house))


def test_history_is_read_once_and_then_followed(house):
    house.pull(history=True)
    house.portal.edit("contacts", oldest(house, 1)[0], {"jobtitle": "Chief Tester"})
    house.simulator.log.clear()

    again = house.pull(history=True)

    assert again.history[Entity.LEAD] == 1
    assert house.simulator.log.count() < 15


def test_history_is_read_anew_when_more_fields_are_wanted(house):
    rules = house.mapping.rules
    house.mapping = replace(house.mapping, rules=tuple(rule for rule in rules if rule.feature.name != "source"))
    house.pull(history=True)
    contact = oldest(house, 1)[0]
    house.portal.edit("contacts", contact, {"hs_analytics_source": "REFERRALS"})
    house.clock.advance(timedelta(days=1))
    house.pull(history=True)

    house.mapping = replace(house.mapping, rules=rules)
    house.pull(history=True)

    kept = snapshots.of(house.store, house.name, Entity.LEAD, [contact])
    assert "hs_analytics_source" in {change.field for change in kept}


def test_a_pull_without_it_makes_no_call_for_history(house):
    house.pull()
    house.simulator.log.clear()

    house.pull()

    assert house.simulator.log.count() <= 6
    assert snapshots.read_until(house.store, house.name, Entity.LEAD) is None


def test_more_fields_leave_no_past_that_was_none(house):
    rules = house.mapping.rules
    house.mapping = replace(
        house.mapping, rules=tuple(rule for rule in rules if all(source.field != "jobtitle" for source in rule.reads))
    )
    house.pull()

    house.mapping = replace(house.mapping, rules=rules)
    house.pull()

    ids = [row.id for row in house.rows()]
    assert snapshots.of(house.store, house.name, Entity.LEAD, ids) == []


def test_a_lead_keeps_the_company_that_it_had(house):
    house.pull()
    before = made(house)
    companies = sorted(house.portal.snapshot("companies"), key=int)
    contact, had = next(
        (row.id, row.link)
        for row in house.rows()
        if row.link and row.id in set(before["id"]) and row.link != companies[0]
    )
    house.portal.edit("contacts", contact, {"associatedcompanyid": companies[0]})

    house.pull()

    [row] = records.get(house.store, house.name, Entity.LEAD, [contact])
    assert row.link == companies[0] != had
    assert_frame_equal(features(made(house), house), features(before, house))


def test_a_deal_that_was_reopened_is_no_win_at_the_next_training(house):
    house.pull()
    won = made(house).filter("label")["id"].to_list()
    deals = {deal.id for deal in house.rows(Entity.DEAL) if set((deal.link or "").split(";")) & set(won)}
    for deal in deals:
        house.portal.edit("deals", deal, {"dealstage": "contractsent"})

    house.pull()

    assert won
    assert made(house)["label"].sum() == 0


def test_amounts_and_groups_stand_beside_the_examples(house):
    house.pull()

    found = made(house)

    assert found.filter("label")["amount"].null_count() == 0
    assert found.filter(~pl.col("label"))["amount"].null_count() == found.filter(~pl.col("label")).height
    links = {row.id: row.link for row in house.rows()}
    groups = dict(zip(found["id"], found["group"], strict=True))
    for link in set(links.values()) - {None}:
        assert len({groups[lead] for lead in groups if links[lead] == link}) <= 1


def test_who_is_there_twice_is_in_one_group_whatever_the_company(house):
    house.pull()
    links = {row.id: row.link for row in house.rows()}
    groups = dict(made(house).select("id", "group").iter_rows())
    one = next(lead for lead in groups if links[lead])
    other = next(lead for lead in groups if links[lead] not in {None, links[one]} and groups[lead] != groups[one])
    email = house.portal.snapshot("contacts")[one]["email"] or "kim@acme.com"
    for lead, address in ((one, email), (other, email.replace("@", "+crm@"))):
        house.clock.advance(timedelta(seconds=1))
        house.portal.edit("contacts", lead, {"email": address})

    house.pull()
    again = dict(made(house).select("id", "group").iter_rows())

    assert again[one] == again[other]
    for link in (links[one], links[other]):
        assert {again[lead] for lead in again if links[lead] == link} == {again[one]}


def test_a_crm_that_does_not_show_amounts_works_without_them(house):
    outcome = replace(house.mapping.outcome, deal=replace(house.mapping.outcome.deal, amount="no_such_property"))
    house.mapping = replace(house.mapping, outcome=outcome)
    house.pull()

    assert made(house)["amount"].null_count() == made(house).height > 0
