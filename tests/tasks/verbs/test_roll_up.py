"""What companies get from their open leads: reckoned when those move, written once, and quiet else."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from connector.crm import Entity, Outcome
from mappings.companies import NO_ROLL_UP
from mappings.file.load import parse, preset_text
from tasks.lease import Held
from tasks.store import company_scores, company_sending, company_stale, erasing, people
from tasks.verbs import roll_up
from tasks.verbs.in_crm import clear_companies, standing
from tests.tasks.killing import Killed
from tests.tasks.verbs.conftest import NAME

SECTION = """
companies:
  roles:
    decision maker: {seniority: [c_level, vp]}
    finance: {department: [finance]}
    IT: {department: [it]}
"""
MAPPING = parse(preset_text("hubspot") + SECTION, "mapping.yaml")
LINE = {"level": 0.0, "best": 1.0, "joint": 0.8, "late": [1.0] * 13}


@pytest.fixture
def rolling(house, taught):
    """A house whose mapping gives values to companies, synced once."""
    house.mapping = MAPPING
    for entity, fields in MAPPING.own_fields.items():
        house.crm("pat-na1-admin").ensure_fields(entity, fields, dry_run=False)
    house.use(replace(taught, card=taught.card | {"companies": {"line": LINE}}))
    house.synced = house.sync()
    return house


def in_crm(house):
    """What the CRM holds of ours on companies that have any."""
    held = house.portal.snapshot("companies")
    names = [name for _, name in MAPPING.companies.outputs]
    return {one: {name: values[name] for name in names} for one, values in held.items() if values["tg_scored_at"]}


def firm_with(house, leads):
    """Give a company with so many open leads."""
    return next(one for one, values in in_crm(house).items() if numbered(values["tg_open_leads"]) == leads)


def numbered(open_leads):
    return sum(int(part.split()[0]) for part in (open_leads or "").split(", ") if part)


def leads_of(house, company):
    return [row.id for row in house.rows() if row.link == company]


def said(values):
    return {name: value for name, value in values.items() if name not in ("tg_scored_at", "tg_model")}


def moved(before, after):
    return {one for one in before.keys() | after.keys() if said(before.get(one, {})) != said(after.get(one, {}))}


def test_a_company_tells_of_its_best_lead_and_a_second_sync_writes_none(rolling):
    companies, leads = in_crm(rolling), rolling.portal.snapshot("contacts")
    counts = rolling.synced.companies

    again = rolling.sync().companies

    assert counts.written == counts.changed == len(companies) >= 8
    assert not again
    for company, values in companies.items():
        best = leads[values["tg_best_lead"]]
        assert (values["tg_score"], values["tg_grade"]) == (best["tg_score"], best["tg_grade"])
        assert values["tg_best_lead"] in leads_of(rolling, company)
        assert 0 < float(values["tg_likelihood"]) < 1
        assert values["tg_roles"].startswith(f"{round(float(values['tg_coverage']) * 3)} of 3 roles")
        assert values["tg_top_reason"].startswith(f"{numbered(values['tg_open_leads'])} open lead")
        assert values["tg_change"] is None


def test_a_new_lead_moves_its_company_alone(rolling):
    before, company = in_crm(rolling), firm_with(rolling, 1)
    title = {"jobtitle": "Chief Financial Officer", "lastname": "New", "email": "new@firm.example"}
    lead = rolling.portal.create("contacts", title, company_id=company)

    counts = rolling.sync().companies
    after = in_crm(rolling)

    assert lead in leads_of(rolling, company)
    assert (counts.written, moved(before, after)) == (1, {company})
    assert numbered(after[company]["tg_open_leads"]) == 2
    assert "1 more open lead since 3 Nov 2026" in after[company]["tg_change"]
    assert "decision maker, finance" in after[company]["tg_roles"]
    assert float(after[company]["tg_likelihood"]) > float(before[company]["tg_likelihood"])


@pytest.mark.parametrize("preserve", [False, True])
def test_leads_of_a_merged_company_count_for_its_survivor_in_the_same_sync(rolling, preserve):
    one, other = firm_with(rolling, 2), firm_with(rolling, 1)
    leads = {*leads_of(rolling, one), *leads_of(rolling, other)}
    survivor = rolling.portal.merge("companies", other, one, preserve=preserve)

    synced = rolling.sync()

    assert set(leads_of(rolling, survivor)) == leads
    assert numbered(in_crm(rolling)[survivor]["tg_open_leads"]) == 3
    quiet = rolling.sync(sweep=True)
    assert (synced.companies.written, quiet.pushed.taken, bool(quiet.companies)) == (1, 0, False)


@pytest.mark.parametrize("end", ["archived", "turned down", "elsewhere"])
def test_a_lead_that_leaves_leaves_its_company(rolling, end):
    company, elsewhere = firm_with(rolling, 1), firm_with(rolling, 2)
    lead = in_crm(rolling)[company]["tg_best_lead"]
    match end:
        case "archived":
            rolling.portal.archive("contacts", [lead])
        case "turned down":
            rolling.portal.edit("contacts", lead, {"hs_lead_status": "UNQUALIFIED"})
        case _:
            rolling.portal.edit("contacts", lead, {"associatedcompanyid": elsewhere})
    before = in_crm(rolling)

    rolling.sync(sweep=True)
    after = in_crm(rolling)

    assert moved(before, after) == ({company, elsewhere} if end == "elsewhere" else {company})
    assert after[company]["tg_top_reason"] == "No open lead."
    assert all(after[company][name] is None for name in ("tg_score", "tg_grade", "tg_likelihood", "tg_best_lead"))
    assert not rolling.sync().companies


def test_companies_move_with_the_day_and_rest_once_no_lead_is_in_time(rolling):
    before = in_crm(rolling)
    rolling.clock.advance(timedelta(days=200))

    counts = rolling.sync().companies

    assert counts.written == len(before)
    assert {values["tg_top_reason"] for values in in_crm(rolling).values()} == {"No open lead."}
    rolling.clock.advance(timedelta(days=1))
    assert not rolling.sync().companies


def test_what_the_crm_refuses_is_kept_in_its_words_and_sent_when_asked(rolling):
    company = firm_with(rolling, 1)
    rolling.portal.fail_row(company, "Ask the owner first", times=2, object="companies")
    rolling.portal.archive("contacts", leads_of(rolling, company))

    assert rolling.sync(sweep=True).companies.refused == 1
    [group] = company_sending.refused(rolling.store, NAME)
    assert (group.companies, "Ask the owner" in group.message) == (1, True)
    assert not rolling.sync().companies
    company_sending.requeue(rolling.store, NAME, now=rolling.clock.now(), asked=True)
    rolling.sync()
    company_sending.requeue(rolling.store, NAME, now=rolling.clock.now(), asked=True)

    assert rolling.sync().companies.written == 1
    assert in_crm(rolling)[company]["tg_top_reason"] == "No open lead."
    assert company_sending.refused(rolling.store, NAME) == []


def test_a_company_that_is_gone_is_let_go(rolling):
    company = firm_with(rolling, 1)
    rolling.portal.archive("companies", [company])

    counts = rolling.sync(sweep=True).companies

    assert (counts.gone, counts.taken) == (1, 0)
    assert company_scores.of_company(rolling.store, NAME, company) is None


@pytest.mark.parametrize("step", range(1, 12, 3))
def test_killed_anywhere_the_next_sync_ends_the_same(rolling, step):
    company = firm_with(rolling, 1)
    rolling.portal.archive("contacts", leads_of(rolling, company))
    rolling.pull(sweep=True)
    rolling.score()
    how = {"connection": NAME, "clock": rolling.clock, "held": Held("me")}
    stop = rolling.die_at(step)
    with suppress(Killed):
        roll_up.roll_up(rolling.crm(), rolling.store, MAPPING, **how)
    stop()

    rolling.sync()

    assert in_crm(rolling)[company]["tg_top_reason"] == "No open lead."
    assert not rolling.sync().companies


def test_whoever_is_erased_is_named_by_no_company(rolling):
    company = firm_with(rolling, 2)
    lead = in_crm(rolling)[company]["tg_best_lead"]

    with rolling.store.write() as tx:
        who = people.person(tx, NAME, lead)
        assert people.held(tx, who)["companies"]
        counts = erasing.erase(tx, who)

    assert counts["companies"] == 1
    assert company_scores.of_company(rolling.store, NAME, company).reckoned.outputs is None
    with rolling.store.read() as tx:
        assert company_stale.length(tx, NAME) == 1
    rolling.portal.archive("contacts", [lead])
    rolling.sync()
    assert in_crm(rolling)[company]["tg_best_lead"] not in (lead, None)


def test_a_company_s_field_that_names_the_erased_is_emptied_before_or_after_the_erasure(rolling):
    one, other = [firm_with(rolling, number) for number in (1, 2)]
    before = in_crm(rolling)
    first, second = before[one]["tg_best_lead"], before[other]["tg_best_lead"]
    with rolling.store.write() as tx:
        stands = standing(tx, MAPPING, NAME, first).companies
        erasing.erase(tx, people.person(tx, NAME, second))

    mapping = replace(MAPPING, companies=NO_ROLL_UP)  # whatever the mapping gives companies by now
    cleared = clear_companies(rolling.crm(), rolling.store, mapping, NAME, [first, second])

    assert stands == (one,)
    assert {done.id: done.outcome for done in cleared} == dict.fromkeys((one, other), Outcome.WRITTEN)
    emptied = {company: before[company] | {"tg_best_lead": None} for company in (one, other)}
    assert in_crm(rolling) == before | emptied
    assert clear_companies(rolling.crm(), rolling.store, mapping, NAME, [first, second]) == []
    with rolling.store.write() as tx:
        erasing.erase(tx, people.person(tx, NAME, first))
    rolling.portal.archive("contacts", [first, second])
    rolling.sync()
    after = in_crm(rolling)
    assert {after[company]["tg_best_lead"] for company in (one, other)}.isdisjoint({first, second})


def test_companies_wait_for_fields_that_are_not_there_and_leads_do_not(house, taught):
    house.mapping, admin = MAPPING, house.crm("pat-na1-admin")
    admin.ensure_fields(Entity.LEAD, MAPPING.own_fields[Entity.LEAD], dry_run=False)
    house.use(taught)

    synced = house.sync()

    assert synced.pushed.counts.written > 0
    assert synced.companies.unready == synced.companies.changed > 0
    assert synced.companies.taken == 0
    admin.ensure_fields(Entity.COMPANY, MAPPING.own_fields[Entity.COMPANY], dry_run=False)
    assert house.sync().companies.written == synced.companies.unready


def test_nothing_is_reckoned_where_the_mapping_gives_companies_nothing(scored):
    counts = roll_up.reckon(scored.store, scored.mapping, connection=NAME, clock=scored.clock)

    assert not counts
    assert company_scores.by_state(scored.store, NAME) == {}
    assert Entity.COMPANY not in scored.mapping.own_fields
