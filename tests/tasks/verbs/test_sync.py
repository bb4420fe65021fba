"""The laws that the store and the verbs keep together, on a simulated portal."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.crm import Entity
from model.errors import NotEnoughHistory
from model.scorecard import NO_RULES
from tasks.store import models, records, refusals, sending
from tasks.store.models import Verdict
from tasks.verbs.counts import DoNotReconcile, require


def test_a_first_sync_learns_scores_and_writes(learned):
    learned.provision()

    synced = learned.sync()

    assert synced.trained.version == models.current(learned.store, learned.name).version
    assert synced.scored.looked_at == 1_500
    assert synced.pushed.counts.written == synced.scored.pending > 0
    assert learned.in_crm() == learned.said()


def test_a_second_sync_without_edits_writes_nothing(scored):
    writes = scored.simulator.log.count("hubspot", "write")

    second = [scored.sync(), scored.sync()]

    assert all(synced.scored.looked_at == synced.pushed.taken == 0 for synced in second)
    assert scored.simulator.log.count("hubspot", "write") == writes


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_model_is_learned_only_when_there_is_none_or_when_asked(learned, taught):
    learned.provision()
    learned.use(taught)
    learned.sync()

    learned.clock.advance(timedelta(days=30))
    assert learned.sync().trained is None
    again = learned.sync(train=True)

    assert again.trained is not None
    assert again.trained.verdict is Verdict.STAYED  # a month brings too few outcomes to tell which is better
    assert again.scored.looked_at == 0


def test_a_first_sync_with_too_little_history_scores_by_points_and_says_so_once(few):
    few.provision()

    first, second = few.sync(), few.sync()

    assert first.trained is None
    assert "A model needs 100, with 20 won and 20 not" in first.told
    assert first.as_dict()["told"].endswith("a sync tries again once a day.")
    assert first.pushed.counts.written == first.scored.pending > 0
    assert {held["tg_model"] for held in few.in_crm().values()} == {"points"}
    assert "told" not in second.as_dict()
    assert second.scored.looked_at == second.pushed.taken == 0


def test_the_first_model_is_tried_for_once_a_day(few):
    few.provision()
    few.sync()
    few.clock.advance(timedelta(hours=6))
    same_day = few.sync()
    few.clock.advance(timedelta(hours=24))

    next_day = few.sync()

    assert (bool(same_day.told), bool(next_day.told)) == (False, True)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_as_soon_as_there_is_a_model_it_scores_all_in_place_of_points(learned):
    learned.provision()
    learned.score()
    learned.push()

    synced = learned.sync()

    assert synced.trained.took_over
    assert synced.scored.looked_at == 1_500
    assert {held["tg_model"] for held in learned.in_crm().values()} == {synced.trained.version}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_too_little_history_ends_a_sync_where_there_are_no_points_or_a_model_was_asked_for(few, taught):
    few.provision()
    mapping = few.mapping
    few.mapping = replace(mapping, points=NO_RULES)
    with pytest.raises(NotEnoughHistory):
        few.sync()
    few.mapping = mapping
    assert few.sync(train=True).told
    few.use(taught)

    with pytest.raises(NotEnoughHistory):
        few.sync(train=True)


def test_every_term_is_reported_and_adds_up(scored):
    scored.portal.fail_row(min(scored.in_crm()), "No", times=50)
    for lead_id in sorted(scored.in_crm())[:5]:
        scored.portal.edit("contacts", lead_id, {"jobtitle": "Chief Executive Officer"})

    terms = scored.sync().as_dict()

    parts = ("pulled_new", "pulled_changed", "pulled_unchanged", "pulled_deleted", "pulled_merged")
    assert terms["pulled"] == sum(terms[name] for name in parts)
    ends = ("written", "unchanged", "refused", "superseded", "excluded", "parked")
    assert terms["scored"] + terms["carried"] == sum(terms[name] for name in ends)
    assert (terms["scored"], terms["refused"]) == (5, 1)


def test_parked_scores_are_carried_into_the_next_sync(scored):
    for lead_id in sorted(scored.in_crm())[:5]:
        scored.portal.edit("contacts", lead_id, {"jobtitle": "Chief Executive Officer"})
    scored.pull()
    scored.score()
    waiting = sending.waiting(scored.store, scored.name, now=scored.clock.now()).free

    synced = scored.sync()

    assert synced.carried == synced.pushed.counts.written == waiting > 0
    assert synced.reconciles()


def test_a_carried_score_that_is_replaced_is_superseded(scored):
    [one, *_] = sorted(scored.in_crm())
    scored.portal.edit("contacts", one, {"jobtitle": "Chief Executive Officer", "hs_analytics_num_page_views": 500})
    scored.pull()
    scored.score()
    scored.portal.edit("contacts", one, {"jobtitle": "Intern", "hs_analytics_num_page_views": 0})

    synced = scored.sync()

    assert (synced.carried, synced.superseded) == (1, 1)
    assert synced.reconciles()


def test_counts_that_do_not_add_up_fail_the_run():
    with pytest.raises(DoNotReconcile, match="lost"):
        require(False, {"lost": 1})


TITLES = st.sampled_from(["Chief Executive Officer", "Intern", "VP Sales", None])
NUMBERS = st.integers(0, 40)
STEPS = st.one_of(
    st.tuples(st.just("title"), NUMBERS, TITLES),
    st.tuples(st.just("unmapped"), NUMBERS, st.sampled_from(["Zoe", "Max"])),
    st.tuples(st.just("company"), NUMBERS, st.sampled_from(["10", "20000", None])),
    st.tuples(st.just("customer"), NUMBERS, st.none()),
    st.tuples(st.just("archive"), NUMBERS, st.none()),
    st.tuples(st.just("merge"), NUMBERS, st.integers(1, 10)),
    st.tuples(st.just("create"), NUMBERS, TITLES),
    st.tuples(st.just("refuse"), NUMBERS, st.integers(1, 3)),
    st.tuples(st.just("lag"), st.integers(0, 30), st.none()),
    st.tuples(st.just("sync"), NUMBERS, st.none()),
    st.tuples(st.just("kill"), st.integers(1, 40), st.none()),
)


def act(house, step):
    """Do one thing that reps, the CRM or the machine may do."""
    kind, number, value = step
    match kind:
        case "lag":
            house.clock.advance(timedelta(seconds=number))
        case "sync":
            assert house.sync(sweep=number % 5 == 0).reconciles()
        case "kill":
            killed_at(house, number)
        case "company":
            companies = sorted(house.portal.snapshot("companies"))
            house.portal.edit("companies", companies[number % len(companies)], {"numberofemployees": value})
        case _:
            work_on_a_lead(house.portal, kind, number, value)


def work_on_a_lead(portal, kind, number, value):
    leads = sorted(portal.snapshot("contacts"))
    lead = leads[number % len(leads)]
    match kind:
        case "title":
            portal.edit("contacts", lead, {"jobtitle": value})
        case "unmapped":
            portal.edit("contacts", lead, {"firstname": value})
        case "customer":
            portal.edit("contacts", lead, {"lifecyclestage": "customer"})
        case "archive":
            portal.archive("contacts", [lead])
        case "merge":
            portal.merge("contacts", lead, leads[(number + value) % len(leads)])
        case "create":
            portal.create("contacts", {"jobtitle": value, "email": f"p{number}@acme.example"})
        case "refuse":
            portal.fail_row(lead, "Not now", times=value)


def killed_at(house, step):
    stop = house.die_at(step)
    try:
        house.sync(chunk_leads=30)
    except house.killed:
        pass
    finally:
        stop()


@settings(max_examples=15)
@given(steps=st.lists(STEPS, min_size=1, max_size=8))
def test_whatever_happens_and_wherever_it_is_killed_the_end_state_is_right_and_then_quiet(open_house, fresh, steps):
    with open_house() as house:
        house.sync()
        for step in steps:
            act(house, step)
        for _ in range(2):  # the first tells of deletions that nothing else tells
            house.sync(sweep=True)
            refusals.requeue(house.store, house.name)
            house.push()
        quiet = house.sync()

        assert quiet.scored.scored == quiet.pushed.taken == 0
        assert {row.id for row in house.rows()} == set(house.portal.snapshot("contacts"))
        with fresh(house) as right:
            right.pull()
            right.score()
            assert house.said() == right.said()
            assert house.states().get("excluded") == right.states().get("excluded")
            in_crm = house.in_crm()
            for lead_id, said in right.said().items():
                assert in_crm[lead_id] == said
        assert records.count(house.store, house.name)[Entity.LEAD] == len(house.rows())
