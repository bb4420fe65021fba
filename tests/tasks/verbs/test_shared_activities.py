"""Activities that hang on several leads count for each of them, on both CRMs; erasing one leaves them to the others."""

import shutil
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from connector.clock import MovableClock
from connector.crm import Entity
from connector.hubspot import adapter as hubspot
from connector.hubspot.signin import StaticToken
from connector.limiter import NoLimiter
from connector.salesforce import adapter as salesforce
from connector.salesforce.signin import ClientCredentials
from connector.simulator.hubspot.options import HubSpotOptions
from connector.simulator.hubspot.portal import HubSpotPortal
from connector.simulator.salesforce.org import SalesforceOrg
from connector.simulator.server import Simulator
from connector.simulator.world import generate
from mappings.file.load import MappingInvalid, parse
from mappings.frames.features import feature_frame
from tasks.store import records, stale
from tasks.store.engine import Store, open_store
from tasks.verbs import frames
from tasks.verbs.forget import forget
from tasks.verbs.pull import pull
from tests.mappings.conftest import MINIMAL
from tests.tasks.verbs.conftest import NOW

HUBSPOT = """\
version: 1
crm: hubspot
links:
  activities:
    - {object: meetings, lead: associations.contacts}
outcome:
  milestone: won
  horizon_days: 90
  observe_days: 14
  created: createdate
  deal: {leads_field: associations.contacts, won: hs_is_closed_won, closed: hs_is_closed, closed_at: closedate}
features:
  - name: met
    label: Meetings
    kind: number
    family: engagement
    count: {object: meetings, at: hs_timestamp, window_days: 3000}
"""
THROUGH = "{object: EventRelation, activity: EventId, lead: RelationId}"
SALESFORCE = (
    MINIMAL.replace("  horizon_days: 90\n", "  horizon_days: 90\n  observe_days: 14\n")
    .replace(
        "  activity: {lead: LeadId}\n",
        f"  activities:\n    - {{object: Event, lead: WhoId, converted: ConvertedContactId, through: {THROUGH}}}\n",
    )
    .replace(
        "features:\n",
        """features:
  - name: met
    label: Meetings
    kind: number
    family: engagement
    count: {object: Event, at: StartDateTime, window_days: 3000}
""",
    )
)


@dataclass
class House:
    """One installation on a simulated CRM of that kind."""

    kind: str
    store: Store
    clock: MovableClock
    crm: Any
    simulated: Any
    leads: list[str]

    @property
    def mapping(self):
        return parse(HUBSPOT if self.kind == "hubspot" else SALESFORCE, "shared.yaml")

    def meet(self, *leads):
        """Let a meeting be with these leads."""
        if self.kind == "hubspot":
            meeting = self.simulated.create("meetings", {"hs_timestamp": "2026-10-01T10:00:00.000Z"})
            for lead in leads:
                self.simulated.associate("meetings", meeting, "contacts", lead)
            return meeting
        event = self.simulated.create("Event", {"WhoId": leads[0], "StartDateTime": "2026-10-01T10:00:00.000+0000"})
        for lead in leads[1:]:
            self.simulated.create("EventRelation", {"EventId": event, "RelationId": lead, "IsParent": True})
        return event

    def cancel(self, meeting):
        if self.kind == "hubspot":
            self.simulated.archive("meetings", [meeting])
        else:
            self.simulated.delete("Event", meeting)

    def move(self, meeting):
        if self.kind == "hubspot":
            self.simulated.edit("meetings", meeting, {"hs_timestamp": "2026-10-02T10:00:00.000Z"})
        else:
            self.simulated.edit("Event", meeting, {"StartDateTime": "2026-10-02T10:00:00.000+0000"})

    def pull(self, **how):
        self.clock.advance(timedelta(minutes=20))
        return pull(self.crm, self.store, self.mapping, connection=self.kind, clock=self.clock, **how)

    def met(self, *leads):
        """How often each lead was met: all in one batch, which is the same as one by one."""
        together = self._met(list(leads))
        assert together == {lead: self._met([lead])[lead] for lead in leads}
        return [int(together[lead]) for lead in leads]

    def _met(self, leads):
        rows = records.get(self.store, self.kind, Entity.LEAD, leads)
        some = frames.of_leads(self.store, self.mapping, self.kind, rows)
        made = feature_frame(self.mapping, some.leads, some.companies, some.activities)
        return dict(made.select("id", "met").iter_rows())

    def stale(self):
        """The leads that something changed for; they are forgotten by it."""
        how = {"activities": self.mapping.activities, "through": self.mapping.through}
        stale.mark(self.store, self.kind, model="m", **how)
        with self.store.write() as tx:
            found = stale.chunk(tx, self.kind, after="", size=1_000)
            tx.exec_driver_sql("DELETE FROM stale")
        return set(found.ids) if found else set()

    def links(self):
        with self.store.read() as tx:
            return {tuple(row) for row in tx.exec_driver_sql("SELECT id, link FROM links")}


@pytest.fixture(scope="module")
def worlds():
    return {kind: generate(leads=30, seed=3, now=NOW, shown=kind) for kind in ("hubspot", "salesforce")}


@pytest.fixture(params=["hubspot", "salesforce"])
def house(request, tmp_path, worlds, _sqlite_template):
    kind, clock = request.param, MovableClock(NOW)
    shutil.copy(_sqlite_template, tmp_path / "store.db")
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    if kind == "hubspot":
        simulated = HubSpotPortal(worlds[kind], clock=clock, options=HubSpotOptions(index_lag_s=0.0))
        leads = simulated.pick("contacts", {"lifecyclestage": "lead"}, limit=3)
    else:
        simulated = SalesforceOrg(worlds[kind], clock=clock)
        leads = simulated.pick("Lead", {"IsConverted": False}, limit=3)
    how = {"clock": clock, "limiter": NoLimiter(), "jitter": lambda: 0.0}
    with Simulator(**{"salesforce": None, "hubspot": None} | {kind: simulated}, clock=clock) as simulator:
        if kind == "hubspot":
            crm = hubspot.connect(StaticToken("pat-na1-integration"), base_url=simulator.url, **how)
        else:
            signin = ClientCredentials("truegrade", "truegrade-secret", simulator.url)
            crm = salesforce.connect(signin, base_url=simulator.url, **how)
        yield House(kind, store, clock, crm, simulated, sorted(leads))
        crm.close()
    simulated.close()
    store.close()


def test_a_meeting_counts_for_each_of_its_leads(house):
    first, second, third = house.leads
    house.meet(first, second)
    house.meet(second, third)
    house.meet(second)

    pulled = house.pull()

    assert pulled.reconciles()
    assert house.met(first, second, third) == [1, 3, 1]


def test_all_its_leads_are_looked_at_when_it_comes_changes_or_goes(house):
    first, second, third = house.leads
    house.pull()
    house.stale()
    meeting = house.meet(first, third)
    house.pull()
    assert house.stale() == {first, third}
    assert house.met(first, second, third) == [1, 0, 1]

    house.move(meeting)
    house.pull()
    assert house.stale() == {first, third}

    house.cancel(meeting)
    house.pull(sweep=True)
    assert house.stale() == {first, third}
    assert house.met(first, second, third) == [0, 0, 0]
    assert house.links() == set()


def test_a_lead_that_joins_or_leaves_is_looked_at(house):
    first, second, third = house.leads
    meeting = house.meet(first, second)
    house.pull()
    house.stale()
    if house.kind == "hubspot":
        house.simulated.associate("meetings", meeting, "contacts", third)
        house.move(meeting)
    else:
        house.simulated.create("EventRelation", {"EventId": meeting, "RelationId": third, "IsParent": True})
    house.pull()

    assert third in house.stale()
    assert house.met(first, second, third) == [1, 1, 1]
    if house.kind == "salesforce":
        [relation] = house.simulated.pick("EventRelation", {"RelationId": third})
        house.simulated.delete("EventRelation", relation)
        house.pull()
        assert house.stale() == {third}
        assert house.met(first, second, third) == [1, 1, 0]


def test_a_meeting_of_an_erased_lead_stays_with_the_others(house, tmp_path):
    first, second, _ = house.leads
    house.meet(first, second)
    house.meet(first)
    house.pull()
    gone = second if house.kind == "salesforce" else first

    how = {"connection": house.kind, "models_folder": tmp_path, "now": house.clock.now(), "asked_by": "me", "why": ""}
    forget(house.store, house.mapping, gone, **how)
    house.pull(reload=True)

    assert house.met(second if gone == first else first) == [1 if gone == first else 2]
    with house.store.read() as tx:
        for table in ("records", "links", "changes"):
            assert gone not in str([tuple(row) for row in tx.exec_driver_sql(f"SELECT * FROM {table}")])


@pytest.mark.parametrize("house", ["salesforce"], indirect=True)  # on HubSpot a contact stays what it is
def test_a_conversion_takes_no_shared_meeting_away(house):
    first, second, _ = house.leads
    house.meet(first, second)
    house.pull()

    house.simulated.convert(second, won=True)
    house.pull()

    assert house.met(first, second) == [1, 1]


@pytest.mark.parametrize("house", ["salesforce"], indirect=True)
def test_a_lead_that_is_there_twice_is_counted_once(house):
    [lead] = house.leads[:1]
    event = house.meet(lead)
    house.pull()
    converted = house.simulated.read("Lead", lead)
    assert converted["ConvertedContactId"] is None
    house.simulated.convert(lead, won=True)
    contact = house.simulated.read("Lead", lead)["ConvertedContactId"]
    house.simulated.create("EventRelation", {"EventId": event, "RelationId": contact, "IsParent": True})
    house.pull()

    assert house.met(lead) == [1]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("{object: Event, activity: EventId, lead: RelationId}", "names Event, as another does"),
        ("{object: EventRelation, lead: RelationId}", "has no activity"),
        ("EventRelation", "write a block of keys"),
        ("{object: EventRelation, event: EventId, activity: A, lead: B}", "no key event"),
    ],
)
def test_a_junction_that_cannot_be_is_told(wrong, told):
    with pytest.raises(MappingInvalid, match=told):
        parse(SALESFORCE.replace(THROUGH, wrong), "shared.yaml")


def test_what_is_counted_is_no_junction():
    more = "  activities:\n    - {object: EventRelation, lead: RelationId}\n"

    with pytest.raises(MappingInvalid, match="counts EventRelation, through which it finds leads"):
        parse(SALESFORCE.replace("  activities:\n", more), "shared.yaml")


def test_a_junction_is_read_only_where_its_activities_are_counted_and_moves_the_version():
    mapping = parse(SALESFORCE, "shared.yaml")
    junction = Entity.of_object("EventRelation")
    unused = parse(SALESFORCE.replace("object: Event, at", "object: Task, at").replace(
        "  activities:\n", "  activities:\n    - {object: Task, lead: WhoId}\n"), "shared.yaml")  # fmt: skip

    assert mapping.source_fields(junction) == ("EventId", "RelationId")
    assert junction in mapping.entities
    assert junction not in unused.entities
    assert mapping.version != parse(SALESFORCE.replace(f", through: {THROUGH}", ""), "shared.yaml").version
