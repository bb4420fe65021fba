"""Activities that are objects of their own: pulled, counted, followed, and kept through a conversion."""

from datetime import timedelta

import pytest

from connector.clock import MovableClock
from connector.crm import Entity
from connector.limiter import NoLimiter
from connector.salesforce.adapter import connect
from connector.salesforce.signin import ClientCredentials
from connector.simulator.salesforce.org import SalesforceOrg
from connector.simulator.server import Simulator
from connector.simulator.world import generate
from mappings.file.load import parse, preset_text
from mappings.frames.features import feature_frame
from tasks.store import marks, records, stale
from tasks.verbs import frames
from tasks.verbs.pull import pull
from tests.tasks.verbs.conftest import NOW

NAME = "salesforce"
TASK, VISIT = Entity.of_object("Task"), Entity.of_object("Site_Visit__c")
LINKS = """  activity: {lead: LeadId}
  activities:
    - {object: Task, lead: WhoId, converted: ConvertedContactId}
    - {object: Site_Visit__c, lead: Lead__c}
"""
FEATURES = """features:
  - name: calls
    label: Calls
    kind: number
    family: engagement
    count: {object: Task, at: CreatedDate, window_days: 3000, where: {TaskSubtype: Call}}
  - name: visits
    label: Visits
    kind: number
    family: engagement
    count: {object: Site_Visit__c, at: CreatedDate, window_days: 3000}
"""
MAPPING = (
    preset_text("salesforce")
    .replace("  activity: {lead: LeadId}      # campaign members\n", LINKS)
    .replace("features:\n", FEATURES)
    .replace("  horizon_days: 90\n", "  horizon_days: 90\n  observe_days: 14\n")
)


class House:
    """One installation on a simulated org that logs calls and visits."""

    def __init__(self, store, org, crm, clock):
        self.store, self.org, self.crm, self.clock = store, org, crm, clock
        self.mapping = parse(MAPPING, "activities.yaml")

    def pull(self):
        self.clock.advance(timedelta(minutes=20))
        return pull(self.crm, self.store, self.mapping, connection=NAME, clock=self.clock)

    def counted(self, lead):
        """What is counted for a lead: calls, visits."""
        rows = records.get(self.store, NAME, Entity.LEAD, [lead])
        some = frames.of_leads(self.store, self.mapping, NAME, rows)
        made = feature_frame(self.mapping, some.leads, some.companies, some.activities)
        return made.select("calls", "visits").row(0)

    def stale(self):
        """The leads that something changed for; they are forgotten by it."""
        stale.mark(self.store, NAME, model="m", activities=self.mapping.activities)
        with self.store.write() as tx:
            found = stale.chunk(tx, NAME, after="", size=1_000)
            tx.exec_driver_sql("DELETE FROM stale")
            assert marks.read(tx, NAME).version
        return set(found.ids) if found else set()


@pytest.fixture
def house(store):
    clock = MovableClock(NOW)
    org = SalesforceOrg(generate(leads=60, seed=3, now=NOW), clock=clock)
    with Simulator(salesforce=org, hubspot=None, clock=clock) as simulator:
        crm = connect(
            ClientCredentials("truegrade", "truegrade-secret", simulator.url),
            base_url=simulator.url,
            clock=clock,
            limiter=NoLimiter(),
            jitter=lambda: 0.0,
        )
        yield House(store, org, crm, clock)
        crm.close()
    org.close()


@pytest.fixture
def lead(house):
    return house.org.pick("Lead", {"IsConverted": False}, limit=1)[0]


def test_activities_of_several_objects_are_counted_apart(house, lead):
    house.org.create("Task", {"WhoId": lead, "TaskSubtype": "Call"})
    house.org.create("Task", {"WhoId": lead, "TaskSubtype": "Email"})
    house.org.create("Site_Visit__c", {"Lead__c": lead})
    house.org.create("Site_Visit__c", {"Lead__c": lead})

    pulled = house.pull()

    assert (pulled.seen[TASK], pulled.seen[VISIT]) == (2, 2)
    assert house.counted(lead) == (1.0, 2.0)


def test_a_new_activity_makes_its_lead_alone_be_looked_at(house, lead):
    house.pull()
    house.stale()
    house.pull()
    before = house.stale()
    house.org.create("Task", {"WhoId": lead, "TaskSubtype": "Call"})

    house.pull()

    assert (before, house.stale()) == (set(), {lead})
    assert house.counted(lead) == (1.0, 0.0)


def test_a_conversion_that_gives_the_calls_to_a_contact_takes_none_away(house, lead):
    house.org.create("Task", {"WhoId": lead, "TaskSubtype": "Call"})
    house.pull()

    house.org.convert(lead, won=True)
    house.pull()

    assert house.counted(lead) == (1.0, 0.0)


def test_an_object_that_no_feature_counts_is_not_read(house):
    unused = FEATURES[FEATURES.index("  - name: visits") :]
    house.mapping = parse(MAPPING.replace(unused, ""), "activities.yaml")

    assert VISIT not in house.pull().seen


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (("object: Task, lead: WhoId", "object: Tasks, lead: WhoId"), "counts Task, which leads are not linked to"),
        (("object: Task, lead: WhoId", "object: Ta sk, lead: WhoId"), "no object can be named Ta sk"),
        (("object: Task, lead: WhoId", "lead: WhoId"), "links.activities has no object"),
        (("{object: Site_Visit__c, lead: Lead__c}", "Site_Visit__c"), "links.activities names Site_Visit__c"),
    ],
)
def test_a_link_that_is_wrong_is_told(wrong, told):
    with pytest.raises(Exception, match=told) as refused:
        parse(MAPPING.replace(*wrong), "activities.yaml")

    assert "activities.yaml:" in str(refused.value)
