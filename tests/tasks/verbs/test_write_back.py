"""Enriched values on their way into fields of the CRM's own, on both CRMs: what people wrote stays.

The customer's table tells a town by e-mail address; it is written to the fax field, which nobody fills.
"""

import shutil
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from connector.clock import MovableClock
from connector.crm import Entity
from connector.hubspot import adapter as hubspot
from connector.hubspot.options import HubSpotOptions as ToHubSpot
from connector.hubspot.signin import StaticToken
from connector.limiter import NoLimiter
from connector.salesforce import adapter as salesforce
from connector.salesforce.options import SalesforceOptions as ToSalesforce
from connector.salesforce.signin import ClientCredentials
from connector.simulator.hubspot.options import HubSpotOptions
from connector.simulator.hubspot.portal import HubSpotPortal
from connector.simulator.salesforce.org import SalesforceOrg
from connector.simulator.server import Simulator
from connector.simulator.world import generate
from mappings.file.load import load
from mappings.frames.as_of import CHANGES
from mappings.frames.columns import completed
from tasks.lease import Held
from tasks.store import records, write_backs
from tasks.store.backs import State
from tasks.store.engine import Store, open_store
from tasks.verbs import enrich, frames, preview, previewed_backs
from tasks.verbs.predicted import judge
from tasks.verbs.previewed import End
from tasks.verbs.pull import pull
from tasks.verbs.score import score
from tasks.verbs.write_back import BATCH_LEADS, WrittenBack, write_back
from tasks.verbs.written_back import changes_apart
from tests.mappings.conftest import MINIMAL
from tests.tasks.killing import Killed, die_at
from tests.tasks.verbs.conftest import NOW

NAMES = {"hubspot": ("contacts", "email", "fax"), "salesforce": ("Lead", "Email", "Fax")}
OUTCOME = {
    "salesforce": MINIMAL[MINIMAL.index("outcome:") : MINIMAL.index("features:")],
    "hubspot": """\
outcome:
  milestone: won
  horizon_days: 90
  created: createdate
  deal: {leads_field: associations.contacts, won: hs_is_closed_won, closed: hs_is_closed, closed_at: closedate}
""",
}
TEXT = """\
version: 1
crm: {crm}
{outcome}features:
  - {{name: town, label: Town, kind: category, family: fit, from: [{fax}, enriched.town]}}
points:
  rules:
    - {{feature: town, is: [Berlin, Rome], points: 10}}
    - {{feature: town, is: Oslo, points: 20}}
enrich:
  - {{name: towns, table: towns.csv, key: exact, of: {email}, fields: {{town: Town}}, column: mail{more}}}
"""


class Together(NoLimiter):
    """With a barrier, lets calls go only so many at a time."""

    barrier: threading.Barrier | None = None

    def wait(self, bucket):
        if self.barrier is not None:
            self.barrier.wait(timeout=20)


@dataclass
class House:
    """One installation on a simulated CRM of that kind."""

    kind: str
    store: Store
    clock: MovableClock
    simulator: Simulator
    crm: Any
    simulated: Any
    home: Path
    together: "Together"
    leads: list[str] = field(default_factory=list)

    @property
    def mapping(self):
        return load(self.home / "mapping.yaml")

    def asks(self, more=", write_back: {town: %s}"):
        _, email, fax = NAMES[self.kind]
        how = {"crm": self.kind, "outcome": OUTCOME[self.kind], "email": email, "fax": fax}
        text = TEXT.format(**how, more=more % fax if "%s" in more else more)
        (self.home / "mapping.yaml").write_text(text)

    def told(self, *towns):
        """Let the table tell these towns of the first leads."""
        held, (_, email, _) = self.held(), NAMES[self.kind]
        rows = [f"{held[lead][email]},{town}" for lead, town in zip(self.leads, towns, strict=False) if town]
        (self.home / "towns.csv").write_text("\n".join(["mail,Town", *rows]) + "\n")

    def held(self):
        return self.simulated.snapshot(NAMES[self.kind][0])

    def fax(self, lead):
        return self.held()[lead][NAMES[self.kind][2]]

    def edit(self, lead, value):
        self.simulated.edit(NAMES[self.kind][0], lead, {NAMES[self.kind][2]: value})

    def scored(self, *, sweep=False):
        self.clock.advance(timedelta(minutes=10))
        pull(self.crm, self.store, self.mapping, connection=self.kind, clock=self.clock, sweep=sweep)
        return self.score()

    def score(self):
        enrich.note_tables(self.store, self.mapping, self.kind, now=self.clock.now())
        how = {"connection": self.kind, "clock": self.clock, "models_folder": self.home}
        return score(self.store, self.mapping, **how)

    def write(self, **how):
        how = {"connection": self.kind, "clock": self.clock, "held": Held("me")} | how
        return write_back(self.crm, self.store, self.mapping, **how)

    def round(self):
        self.scored()
        return self.write()

    def features(self, lead):
        rows = records.get(self.store, self.kind, Entity.LEAD, [lead])
        leads = frames.lead_frame(self.store, self.mapping, self.kind, rows)
        return completed(leads, ["enriched.town"]).select(NAMES[self.kind][2], "enriched.town").row(0)

    def kept(self, lead):
        return write_backs.of(self.store, self.kind, [lead]).get(lead, {}).get(NAMES[self.kind][2])


@pytest.fixture(scope="module")
def worlds():
    return {kind: generate(leads=40, seed=5, now=NOW, shown=kind) for kind in NAMES}


@pytest.fixture(params=list(NAMES))
def house(request, tmp_path, worlds, _sqlite_template):
    kind, clock = request.param, MovableClock(NOW)
    shutil.copy(_sqlite_template, tmp_path / "store.db")
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    together = Together()
    how = {"clock": clock, "limiter": together, "jitter": lambda: 0.0}
    if kind == "hubspot":
        simulated = HubSpotPortal(worlds[kind], clock=clock, options=HubSpotOptions(index_lag_s=0.0))
    else:
        simulated = SalesforceOrg(worlds[kind], clock=clock)
    with Simulator(**{"salesforce": None, "hubspot": None} | {kind: simulated}, clock=clock) as simulator:
        if kind == "hubspot":
            crm = hubspot.connect(StaticToken("pat-na1-integration"), base_url=simulator.url, **how)
        else:
            signin = ClientCredentials("truegrade", "truegrade-secret", simulator.url)
            crm = salesforce.connect(signin, base_url=simulator.url, **how)
        house = House(kind, store, clock, simulator, crm, simulated, tmp_path, together)
        object_name, email, _ = NAMES[kind]
        is_lead = {"IsConverted": False} if kind == "salesforce" else {"lifecyclestage": "lead"}
        found = sorted(simulated.pick(object_name, is_lead, limit=40))
        house.leads = [lead for lead in found if house.held()[lead][email]][:4]
        house.asks()
        house.told("Berlin", "Rome")
        yield house
        crm.close()
    simulated.close()
    store.close()


def test_a_value_is_written_once_and_the_crm_is_quiet_from_then_on(house):
    first, second = house.leads[:2]

    written = house.round()
    again = house.scored()

    assert written == WrittenBack(taken=2, written=2)
    assert (house.fax(first), house.fax(second), house.fax(house.leads[2])) == ("Berlin", "Rome", None)
    assert again.looked_at >= 2  # the CRM shows our own write as a change
    assert again.scored == 0
    assert house.write() == WrittenBack()
    assert (house.kept(first).written, house.kept(first).source) == ("Berlin", "towns")


def test_it_is_off_unless_it_is_asked_for(house):
    house.asks("")

    assert house.round() == WrittenBack()
    assert house.fax(house.leads[0]) is None


def test_what_people_wrote_stays_whenever_they_wrote_it(house):
    before, between = house.leads[:2]
    house.edit(before, "Ours since 1970")
    house.scored()
    house.edit(between, "Just now")  # after the pull, before the write

    written = house.write()

    assert written == WrittenBack(taken=1, left=1)
    assert (house.fax(before), house.fax(between)) == ("Ours since 1970", "Just now")
    assert house.round() == WrittenBack()


def test_what_somebody_takes_out_stays_out(house):
    house.round()
    house.edit(house.leads[0], "")

    assert house.round() == WrittenBack()
    assert not house.fax(house.leads[0])


@pytest.mark.parametrize("over", ["never", "ours"])
def test_a_newer_value_takes_the_place_of_ours_only_if_that_is_asked_for(house, over):
    house.asks(", write_back: {town: %s}, overwrite: " + over)
    house.round()
    house.edit(house.leads[1], "A person's")
    house.round()
    house.told("Oslo", "Oslo")

    written = house.round()

    assert written.written == (1 if over == "ours" else 0)
    assert house.fax(house.leads[0]) == ("Oslo" if over == "ours" else "Berlin")
    assert house.fax(house.leads[1]) == "A person's"
    house.scored()
    assert house.features(house.leads[0]) == (None, "Oslo")


def test_our_own_value_does_not_come_back_as_a_person_s(house):
    house.round()
    house.scored()

    assert house.features(house.leads[0]) == (None, "Berlin")
    house.edit(house.leads[0], "Madrid")
    house.scored()
    assert house.features(house.leads[0]) == ("Madrid", "Berlin")


def test_what_was_ours_before_a_change_is_nobody_s_in_training(house):
    lead, other = house.leads[:2]
    house.round()
    fax = NAMES[house.kind][2]
    rows = [(lead, fax, "2026-10-01T00:00:00.000Z", "Berlin"), (other, fax, "2026-10-01T00:00:00.000Z", "Lima")]
    changes = pl.DataFrame([*rows, (lead, "other", rows[0][2], "Berlin")], schema=CHANGES, orient="row")

    apart = changes_apart(house.store, house.kind, changes)

    assert apart["old"].to_list() == [None, "Lima", "Berlin"]
    assert apart.drop("old").equals(changes.drop("old"))


def test_a_value_that_is_too_long_is_refused_before_it_is_sent(house):
    house.told("B" * 70_000)
    house.scored()
    house.simulator.log.clear()

    written = house.write()

    assert written == WrittenBack(taken=1, refused=1)
    assert house.simulator.log.count(kind="write") == 0
    [refused] = write_backs.refused(house.store, house.kind)
    assert (refused.leads, "characters" in refused.message) == (1, True)
    assert house.round() == WrittenBack()
    assert write_backs.requeue(house.store, house.kind, now=house.clock.now(), asked=True) == 1


def test_a_refusal_is_kept_in_the_crm_s_words_and_tried_again_when_somebody_asks(house):
    lead = house.leads[0]
    told = ("FIELD_CUSTOM_VALIDATION_EXCEPTION", "No towns here") if house.kind == "salesforce" else ("No towns here",)
    house.simulated.fail_row(lead, *told)
    house.scored()

    written = house.write()

    assert written == WrittenBack(taken=2, written=1, refused=1)
    assert (house.kept(lead).state, house.kept(lead).written) == (State.REFUSED, None)
    assert "No towns here" in house.kept(lead).message
    assert house.write() == WrittenBack()
    write_backs.requeue(house.store, house.kind, now=house.clock.now(), asked=True)
    assert house.write() == WrittenBack(taken=1, written=1)


@pytest.mark.parametrize("step", [1, 3, 5, 7, 9])
def test_killed_anywhere_it_ends_the_same_and_knows_its_own(house, step):
    house.asks(", write_back: {town: %s}, overwrite: ours")
    house.scored()
    call_off = die_at(house.store.engine, step)
    with suppress(Killed):
        house.write()
    call_off()

    house.write()

    assert [house.fax(lead) for lead in house.leads[:2]] == ["Berlin", "Rome"]
    assert [house.kept(lead).written for lead in house.leads[:2]] == ["Berlin", "Rome"]
    assert house.round() == WrittenBack()


def test_a_lead_that_is_gone_leaves_nothing_behind(house):
    house.scored()
    object_name = NAMES[house.kind][0]
    if house.kind == "hubspot":
        house.simulated.archive(object_name, [house.leads[0]])
    else:
        house.simulated.delete(object_name, house.leads[0])

    assert house.write() == WrittenBack(taken=2, written=1, excluded=1)
    assert house.kept(house.leads[0]) is None


def test_a_mapping_that_asks_no_more_writes_no_more(house):
    house.scored()
    house.asks(", write_back: {town: %s}".replace("%s", "zip" if house.kind == "hubspot" else "PostalCode"))

    assert house.write() == WrittenBack()
    assert house.fax(house.leads[0]) is None


def test_what_we_wrote_is_known_as_ours_when_the_mapping_asks_no_more(house):
    house.round()
    house.asks("")
    house.scored()

    assert house.features(house.leads[0]) == (None, "Berlin")
    assert house.write() == WrittenBack()


def test_a_bound_leaves_the_rest_for_the_next_run(house):
    house.scored()

    assert house.write(most=1) == WrittenBack(taken=1, written=1)
    assert house.write(most=1) == WrittenBack(taken=1, written=1)


def test_a_preview_tells_old_and_new_values_and_a_push_writes_those(house):
    house.scored()
    fax, fields = NAMES[house.kind][2], house.crm.describe(Entity.LEAD)
    how = {"connection": house.kind, "judge": judge(house.kind, fields)}
    clock = {"clock": house.clock, "models_folder": house.home}
    scoring = preview.scorer(house.store, house.mapping, connection=house.kind, **clock)

    chunks = preview.previewed(house.store, scoring, house.mapping, now=house.clock.now(), ids=None, **how)
    found = {lead.id: lead for chunk in chunks for lead in chunk if fax in lead.fields}
    waiting = [lead for page in previewed_backs.waiting(house.store, house.mapping, **how) for lead in page]
    house.write()

    assert [(lead.id, lead.end, dict(lead.new.values)) for lead in waiting] == [
        (lead, End.WRITE, {fax: house.fax(lead)}) for lead in house.leads[:2]
    ]
    assert {lead: (one.old.values[fax], one.new.values[fax]) for lead, one in found.items()} == {
        lead: (None, house.fax(lead)) for lead in house.leads[:2]
    }
    assert not list(previewed_backs.waiting(house.store, house.mapping, **how))


def stopped_after_the_crm_took_it(house):
    """Write what waits; the process ends before it has kept what became of it."""
    for step in range(1, 20):
        call_off = die_at(house.store.engine, step)
        with suppress(Killed):
            house.write(lanes=1)
        call_off()
        if house.fax(house.leads[0]):
            break
    assert (house.fax(house.leads[0]), house.kept(house.leads[0]).state) == ("Berlin", State.SENDING)


@pytest.mark.parametrize("more", ["", ", write_back: {town: %s}"])
def test_what_was_on_its_way_is_ours_when_the_mapping_asks_no_more(house, more):
    house.scored()
    stopped_after_the_crm_took_it(house)

    house.asks(more.replace("%s", "zip" if house.kind == "hubspot" else "PostalCode"))
    house.round()
    house.round()

    assert house.features(house.leads[0]) == (None, "Berlin")


@pytest.mark.parametrize("pulled", [False, True])
def test_what_was_on_its_way_is_ours_and_gives_way_when_another_value_is_told(house, pulled):
    house.asks(", write_back: {town: %s}, overwrite: ours")
    house.scored()
    stopped_after_the_crm_took_it(house)
    house.told("Oslo", "Oslo")

    if pulled:
        house.scored()
    else:
        house.score()
    house.write()
    house.round()

    assert house.fax(house.leads[0]) == "Oslo"
    assert house.features(house.leads[0]) == (None, "Oslo")


def test_every_value_of_ours_is_nobody_s_in_training(house):
    lead, fax = house.leads[0], NAMES[house.kind][2]
    house.asks(", write_back: {town: %s}, overwrite: ours")
    house.round()
    house.told("Oslo")
    house.round()
    house.edit(lead, "Madrid")
    house.scored()
    rows = [(lead, fax, f"2026-10-0{day}T00:00:00.000Z", town) for day, town in enumerate(("Berlin", "Oslo", "Rome"))]

    apart = changes_apart(house.store, house.kind, pl.DataFrame(rows, schema=CHANGES, orient="row"))

    assert apart["old"].to_list() == [None, None, "Rome"]


def test_what_we_wrote_is_ours_in_the_record_that_lives_on_after_a_merge(house):
    lead, other = house.leads[0], house.leads[2]
    house.round()
    house.edit(other, "")
    if house.kind == "hubspot":
        survivor = house.simulated.merge("contacts", other, lead)
    else:
        house.simulated.merge(other, [lead])
        house.edit(survivor := other, "Berlin")  # the user kept the value of the record that goes

    house.scored()

    assert house.fax(survivor) == "Berlin"
    assert house.features(survivor)[0] is None


def test_what_we_wrote_is_ours_in_a_record_that_comes_back(house):
    lead, object_name = house.leads[0], NAMES[house.kind][0]
    house.round()
    if house.kind == "hubspot":
        house.simulated.archive(object_name, [lead])
    else:
        house.simulated.delete(object_name, lead)
    house.scored(sweep=True)
    assert (house.kept(lead).value, house.kept(lead).written) == ("", None)

    if house.kind == "hubspot":
        house.simulated.restore(object_name, [lead])
    else:
        house.simulated.undelete(object_name, lead)
    house.round()

    assert house.fax(lead) == "Berlin"
    assert house.features(lead)[0] is None


def test_a_lead_that_is_one_no_more_by_now_is_left_alone(house, monkeypatch):
    customers = "  converted: lifecyclestage\n  converted_values: [customer]\n  deal:"
    monkeypatch.setitem(OUTCOME, "hubspot", OUTCOME["hubspot"].replace("  deal:", customers))
    house.asks()
    house.scored()
    ended = {"lifecyclestage": "customer"} if house.kind == "hubspot" else {"IsConverted": True}
    house.simulated.edit(NAMES[house.kind][0], house.leads[0], ended)

    assert house.write() == WrittenBack(taken=2, written=1, excluded=1)
    assert house.fax(house.leads[0]) is None


def test_what_waited_is_written_when_the_mapping_asks_for_it_again(house):
    house.scored()
    house.asks("")
    assert house.write() == WrittenBack()

    house.asks()

    assert house.write() == WrittenBack(taken=2, written=2)


def test_a_person_s_value_stays_though_it_reads_as_a_number_like_ours(house):
    house.asks(", write_back: {town: %s}, overwrite: ours")
    house.told("01234")
    house.round()
    house.edit(house.leads[0], "1234")
    house.scored()
    house.told("05555")

    assert house.round() == WrittenBack()
    assert (house.fax(house.leads[0]), house.features(house.leads[0])) == ("1234", ("1234", "05555"))


def test_as_many_are_read_at_once_as_one_call_writes(house):
    options = {"salesforce": ToSalesforce(), "hubspot": ToHubSpot()}[house.kind]
    house.scored()

    def edit(_verb, done, _total):
        if done == 1:
            house.edit(house.leads[1], "A person's")

    assert options.batch_rows >= BATCH_LEADS
    assert house.write(batch_leads=1, lanes=1, on_progress=edit) == WrittenBack(taken=2, written=1, left=1)
    assert house.fax(house.leads[1]) == "A person's"


def test_a_field_that_is_spelled_otherwise_is_refused_as_it_cannot_be_read(house):
    fax = NAMES[house.kind][2]
    house.edit(house.leads[0], "A person's")
    house.asks(", write_back: {town: %s}, overwrite: ours".replace("%s", fax.upper()))

    written = house.round()

    assert written == WrittenBack(taken=2, refused=2)
    assert (house.fax(house.leads[0]), house.fax(house.leads[1])) == ("A person's", None)
    [refused] = write_backs.refused(house.store, house.kind)
    assert f"spells {fax.upper()} as {fax}" in refused.message


@pytest.fixture
def stopped(house, monkeypatch):
    """What was on its way when the process ended, before its outcome was kept."""
    house.asks(", write_back: {town: %s}, overwrite: ours")
    house.scored()

    def stop(before):
        saving, writing = write_backs.save, type(house.crm).write

        def kill(*given, **how):
            if before or given[2]:
                raise Killed
            return saving(*given, **how)

        monkeypatch.setattr(*((type(house.crm), "write", kill) if before else (write_backs, "save", kill)))
        with suppress(Killed):
            house.write()
        monkeypatch.setattr(type(house.crm), "write", writing)
        monkeypatch.setattr(write_backs, "save", saving)
        assert house.kept(house.leads[0]).state == State.SENDING

    return stop


def test_what_never_reached_the_crm_is_sent_again(house, stopped):
    stopped(before=True)

    assert house.write() == WrittenBack(taken=2, written=2)


@pytest.mark.parametrize("value", ["", "A person's"])
def test_what_somebody_changed_meanwhile_stays_so(house, stopped, value):
    stopped(before=False)
    house.clock.advance(timedelta(minutes=1))
    house.edit(house.leads[0], value)

    assert house.write() == WrittenBack(taken=2, written=1, left=1)
    assert house.round() == WrittenBack()
    house.told("Oslo", "Oslo")
    assert house.round() == WrittenBack(taken=1, written=1)
    assert (house.fax(house.leads[0]) or "") == value


def test_a_person_s_own_value_is_theirs_even_if_it_was_ours_before(house):
    lead = house.leads[0]
    house.asks(", write_back: {town: %s}, overwrite: ours")
    house.round()
    house.edit(lead, "Madrid")
    house.scored()
    house.edit(lead, "Berlin")
    house.scored()
    features = house.features(lead)
    house.told("Oslo", "Oslo")

    assert features == ("Berlin", "Berlin")
    assert house.round() == WrittenBack(taken=1, written=1)
    assert (house.fax(lead), house.fax(house.leads[1])) == ("Berlin", "Oslo")


@pytest.mark.parametrize("told", ["12.3456789", "1e3"])
def test_a_number_is_known_as_ours_however_the_crm_keeps_it(house, told):
    field = "AnnualRevenue" if house.kind == "salesforce" else "annualrevenue"
    lead = house.leads[0]
    house.simulated.edit(NAMES[house.kind][0], lead, {field: None if house.kind == "salesforce" else ""})
    house.asks(f", write_back: {{town: {field}}}, overwrite: ours")
    house.told(told)

    assert house.round() == WrittenBack(taken=1, written=1)
    assert house.round() == WrittenBack()
    rows = records.get(house.store, house.kind, Entity.LEAD, [lead])
    leads = frames.lead_frame(house.store, house.mapping, house.kind, rows)
    back = write_backs.of(house.store, house.kind, [lead])[lead][field]
    assert (leads[field][0], float(house.held()[lead][field])) == (None, float(back.written))
    assert house.round() == WrittenBack()


def test_a_push_s_preview_knows_what_people_have_written(house):
    house.scored()
    house.edit(house.leads[0], "Madrid")
    house.scored()
    judged = judge(house.kind, house.crm.describe(Entity.LEAD))

    found = previewed_backs.waiting(house.store, house.mapping, connection=house.kind, judge=judged)

    assert [lead.id for page in found for lead in page] == [house.leads[1]]
    assert house.write() == WrittenBack(taken=2, written=1, left=1)


@pytest.mark.parametrize(
    ("held", "seconds", "is_ours"), [("BERLIN", 30, True), ("BERLIN", 90, False), ("Bern", 30, False)]
)
def test_what_a_flow_of_the_crm_makes_of_ours_at_once_is_ours_and_a_person_s_later_edit_is_not(
    house, held, seconds, is_ours
):
    lead = house.leads[0]
    house.asks(", write_back: {town: %s}, overwrite: ours")
    house.round()
    house.clock.advance(timedelta(seconds=seconds))
    house.edit(lead, held)
    house.told("Oslo", "Oslo")
    house.score()

    before = house.write()
    house.round()

    assert before.written == 0
    assert house.fax(lead) == ("Oslo" if is_ours else held)
    house.scored()
    assert house.features(lead) == ((None if is_ours else held), "Oslo")


def test_what_a_flow_made_of_ours_stays_ours_when_the_record_moves_on(house):
    lead, other = house.leads[0], "jobtitle" if house.kind == "hubspot" else "Title"
    house.round()
    house.edit(lead, "BERLIN")
    house.scored()
    house.clock.advance(timedelta(days=3))
    house.simulated.edit(NAMES[house.kind][0], lead, {other: "Warden"})
    house.scored()

    assert house.features(lead) == (None, "Berlin")
    assert house.write() == WrittenBack()


def test_batches_go_side_by_side(house):
    house.scored()
    house.crm.describe(Entity.LEAD)
    house.together.barrier = threading.Barrier(2)  # no call of one batch goes before one of the other

    written = house.write(batch_leads=1, lanes=2)

    house.together.barrier = None
    assert written == WrittenBack(taken=2, written=2)
    assert [house.fax(lead) for lead in house.leads[:2]] == ["Berlin", "Rome"]


def test_a_spent_day_parks_what_is_left_and_loses_none(house):
    house.told("Berlin", "Rome", "Oslo", "Lima")
    house.scored()
    spent = {"salesforce": "daily", "hubspot": "429-daily"}[house.kind]
    house.simulator.faults.add(house.kind, "write", spent, after=1)

    found = house.write(batch_leads=1, lanes=2)

    assert 1 <= found.written < found.taken <= 4
    assert found.taken == found.written + found.parked
    assert write_backs.waiting(house.store, house.kind) == 4 - found.written
