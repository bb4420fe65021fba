from dataclasses import replace
from itertools import count

import orjson
import pytest

from connector.crm import Outcome, Written
from tasks.lease import Held
from tasks.store import refusals, scores, stale
from tasks.store.scores import Scored, State
from tasks.verbs import closed
from tasks.verbs.counts import DoNotReconcile
from tasks.verbs.push import push


@pytest.fixture
def desk(house):
    house.provision()
    house.pull()
    return Desk(house)


class Desk:
    """A pulled portal with scores of our own making."""

    def __init__(self, house):
        self.house, self.leads = house, [row.id for row in house.rows()]

    def score(self, points, leads=None, **outputs):
        rows = []
        for lead_id in leads or self.leads:
            text = orjson.dumps({"tg_score": points, "tg_top_reason": "Said so", **outputs}).decode()
            rows.append(Scored(lead_id, "m", "in", State.PENDING, points, "A", 0.5, text, f"{points}{outputs}"))
        span = stale.Span("", "~", 10**6)
        scores.save(self.house.store, self.house.name, rows, span=span, now=self.house.clock.now())

    def in_crm(self):
        return {key: values["tg_score"] for key, values in self.house.portal.snapshot("contacts").items()}

    def writes(self):
        return self.house.simulator.log.count("hubspot", "write")

    def states(self):
        return scores.by_state(self.house.store, self.house.name)


def test_scores_arrive_on_their_records(desk):
    desk.score(70)

    pushed = desk.house.push()

    assert (pushed.taken, pushed.counts.written) == (len(desk.leads), len(desk.leads))
    assert set(desk.in_crm().values()) == {"70"}
    assert desk.states() == {State.WRITTEN: len(desk.leads)}


def test_a_second_push_writes_nothing(desk):
    desk.score(70)
    desk.house.push()
    before = desk.writes()

    assert desk.house.push().taken == 0
    assert desk.writes() == before


def test_values_that_the_crm_holds_are_not_sent(desk):
    desk.score(70)
    desk.house.push()
    before = desk.writes()
    desk.score(70)

    pushed = desk.house.push()

    assert pushed.counts.unchanged == pushed.taken == len(desk.leads)
    assert desk.writes() == before
    assert desk.states() == {State.WRITTEN: len(desk.leads)}


def test_only_what_differs_is_sent(desk):
    desk.score(70)
    desk.house.push()
    desk.score(71, desk.leads[:3])

    assert desk.house.push().counts.written == 3
    assert sorted(desk.in_crm().values()).count("71") == 3


def test_our_own_writes_come_back_as_unchanged(desk):
    desk.score(70)
    desk.house.push()

    pulled = desk.house.pull()

    assert pulled.total.changed == pulled.total.new == 0
    assert stale.mark(desk.house.store, desk.house.name, model="m") == len(desk.leads)  # never scored by that model
    with desk.house.store.write() as tx:
        stale.done(tx, desk.house.name, stale.Span("", "~", 10**6))
    desk.house.pull()
    assert stale.mark(desk.house.store, desk.house.name, model="m") == 0


def test_a_refused_row_is_kept_with_the_words_of_the_crm_and_the_others_are_written(desk):
    desk.score(70)
    one = desk.leads[0]
    desk.house.portal.fail_row(one, "Ask the owner first", times=10)

    pushed = desk.house.push()

    assert (pushed.counts.refused, pushed.counts.written) == (1, len(desk.leads) - 1)
    assert "Ask the owner" in refusals.of_lead(desk.house.store, desk.house.name, one).message


def test_a_refusal_that_a_person_mended_is_sent_when_asked(desk):
    desk.score(70)
    desk.house.portal.fail_row(desk.leads[0], "Ask the owner first", times=2)
    assert desk.house.push().counts.refused == 1

    pushed = [desk.house.push()]
    for _ in range(2):
        refusals.requeue(desk.house.store, desk.house.name)
        pushed.append(desk.house.push())

    assert [one.counts.written for one in pushed] == [0, 0, 1]
    assert refusals.newest(desk.house.store, desk.house.name, limit=5) == []


def test_a_deleted_lead_is_left_alone(desk):
    desk.score(70)
    desk.house.portal.archive("contacts", desk.leads[:2])

    pushed = desk.house.push()

    assert pushed.counts.excluded == pushed.counts.deleted == 2
    assert desk.states()[State.EXCLUDED] == 2


def test_without_quota_scores_are_parked_and_go_on_later(desk):
    desk.score(70)
    desk.house.portal.set_option("daily", 1)

    parked = desk.house.push()
    desk.house.portal.set_option("daily", None)
    rest = desk.house.push()

    assert parked.counts.parked > 0
    assert parked.reconciles()
    assert rest.taken == rest.counts.written == parked.counts.parked
    assert set(desk.in_crm().values()) == {"70"}


def test_deals_that_have_closed_since_are_left_alone_and_without_calls_to_ask_all_are_parked(desk):
    desk.score(70)
    outcome = replace(desk.house.mapping.outcome, converted="jobtitle", converted_values=("Closed",))
    deals = replace(desk.house.mapping, scored="deal", outcome=outcome)
    for lead in desk.leads:
        title = "closed" if lead in desk.leads[:3] else "open"
        desk.house.portal.edit("contacts", lead, {"jobtitle": title})
    desk.house.portal.set_option("daily", 1)

    parked = desk.house.push(ends=closed.asking(desk.house.crm(), deals))
    desk.house.portal.set_option("daily", None)
    rest = desk.house.push(ends=closed.asking(desk.house.crm(), deals), read_rows=60)

    assert parked.counts.parked == parked.taken == rest.taken == len(desk.leads)
    assert (rest.counts.excluded, rest.counts.written) == (3, len(desk.leads) - 3)
    assert [desk.in_crm()[lead] for lead in desk.leads[:4]] == [None, None, None, "70"]
    assert desk.states()[State.EXCLUDED] == 3


def test_progress_is_told(desk):
    desk.score(70)
    told = []

    desk.house.push(save_rows=50, on_progress=lambda *step: told.append(step))

    assert told[0] == ("push", 50, len(desk.leads))
    assert told[-1] == ("push", len(desk.leads), len(desk.leads))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("step", range(1, 11))
def test_a_push_that_was_killed_anywhere_ends_where_an_undisturbed_one_does(desk, step):
    desk.score(70)
    desk.house.die_at(step)

    def push_until_killed():
        for _ in count():
            desk.house.push(read_rows=60, save_rows=60)

    with pytest.raises(desk.house.killed):
        push_until_killed()
    last = desk.house.push()

    assert last.reconciles()
    assert set(desk.in_crm().values()) == {"70"}
    assert desk.states() == {State.WRITTEN: len(desk.leads)}
    assert desk.house.push().taken == 0


class Talking:
    """Gives outcomes as it likes: what a CRM adapter must never do, which the counts have to find."""

    def __init__(self, outcomes):
        self.outcomes = outcomes

    def write(self, entity, updates, *, expected):
        return self.outcomes(list(updates))


@pytest.mark.parametrize(
    "outcomes",
    [
        lambda updates: [Written(update.id, Outcome.WRITTEN) for update in updates[1:]],
        lambda _updates: [Written("nobody", Outcome.WRITTEN)],
        lambda updates: [Written(updates[0].id, Outcome.WRITTEN)] * 2,
    ],
    ids=["too few", "of another row", "one twice"],
)
def test_a_row_that_ends_nowhere_fails_the_push_loudly(desk, outcomes):
    desk.score(70)

    with pytest.raises(DoNotReconcile):
        push(Talking(outcomes), desk.house.store, connection=desk.house.name, clock=desk.house.clock, held=Held("me"))


def test_a_score_that_is_replaced_on_its_way_goes_out_with_the_next_push(desk):
    desk.score(70)
    house = desk.house

    def answer(updates):
        desk.score(80, desk.leads[:5])  # someone scores again while these are on their way
        return [Written(update.id, Outcome.WRITTEN) for update in updates]

    first = push(Talking(answer), house.store, connection=house.name, clock=house.clock, held=Held("me"))
    second = house.push()

    assert (first.counts.superseded, first.counts.written) == (5, len(desk.leads) - 5)
    assert second.taken == second.counts.written == 5
    assert replace(first.counts, superseded=0).total == len(desk.leads) - 5
