"""Earlier leads of the same person or company: kept up to date, across connections, and used by features."""

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from connector.clock import MovableClock
from connector.crm import Entity, Page, Record
from mappings.file.load import parse
from mappings.frames.features import feature_frame
from tasks.store import lead_ends, marks, records, stale
from tasks.verbs import duplicates, earlier, frames
from tasks.verbs.examples import gathered
from tasks.verbs.scorer import Scorer
from tests.tasks.killing import Killed, die_at

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
FACTS = ("leads", "days", "won", "lost", "disqualified", "company_leads", "company_won")
PLAIN = "{name: plain, kind: category, family: fit, from: website}"
HUBSPOT = """
version: 1
crm: hubspot
links: {{company: {{by: domain, lead: website, company: domain, created: createdate}}}}
outcome:
  milestone: won
  horizon_days: 90
  created: createdate
  disqualified: status
  disqualified_values: [bad]
  deal: {{leads_field: leads, won: won, closed: closed, closed_at: closedate}}
duplicates: {{lead: {{email: email}}, company: {{phone: phone, name: name, website: domain}}}}
features: [{features}]
"""
SALESFORCE = """
version: 1
crm: salesforce
links: {{company: {{by: domain, lead: Website, company: Website, created: CreatedDate}}}}
outcome:
  milestone: won
  horizon_days: 90
  created: CreatedDate
  converted: IsConverted
  deal: {{lead_field: ConvertedOpportunityId, won: IsWon, closed: IsClosed, closed_at: CloseDate}}
duplicates: {{lead: {{email: Email}}, company: {{website: Website}}}}
features: [{features}]
"""
USED = ", ".join(f"{{name: {name}, kind: number, family: fit, from: earlier.{name}}}" for name in FACTS)
HUB, SF = parse(HUBSPOT.format(features=USED), "hub.yaml"), parse(SALESFORCE.format(features=USED), "sf.yaml")
SF_UNUSED = parse(SALESFORCE.format(features=PLAIN.replace("website", "Website")), "sf.yaml")
HUB_UNUSED = parse(HUBSPOT.format(features=PLAIN), "hub.yaml")
CREATED = {"hub": "createdate", "sf": "CreatedDate"}


def day(number):
    return (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=number)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


class Desk:
    """Two connections whose records are put into a store as a pull would."""

    def __init__(self, store):
        self.store, self._seconds = store, count()
        self.mappings = {"hub": HUB, "sf": SF_UNUSED}

    def put(self, name, entity, changes):
        mapping, at = self.mappings[name], day(200 + next(self._seconds))
        fields = mapping.source_fields(entity)
        rows = tuple(
            Record(one, at, tuple((values or {}).get(field) for field in fields), None if values else "deleted")
            for one, values in changes.items()
        )
        identify = mapping.linker(entity, fields)
        how = {"identify": identify, "remember": mapping.remembered_fields(entity)}
        return records.save_page(self.store, name, Page(entity, fields, rows, None), **how)

    def leads(self, name="hub", **changes):
        made = {one: values and values | {CREATED[name]: day(values["at"])} for one, values in changes.items()}
        return self.put(name, Entity.LEAD, made)

    def look(self, *names):
        for name in names or ("hub", "sf"):
            how = {"connection": name, "now": NOW}
            duplicates.refresh(self.store, self.mappings[name], **how)
            earlier.refresh(self.store, self.mappings[name], **how)

    def told(self, lead, name="hub"):
        mapping = self.mappings[name]
        some = frames.of_leads(self.store, mapping, name, records.get(self.store, name, Entity.LEAD, [lead]))
        made = feature_frame(mapping, some.leads, some.companies, some.activities)
        return {fact: value for fact, value in made.row(0, named=True).items() if value and fact != "id"}

    def queued(self, name="hub"):
        with self.store.read() as tx:
            chunk = stale.chunk(tx, name, after="", size=100)
        return list(chunk.ids) if chunk else []

    def empty(self, name="hub"):
        """Take everything out of the queue, as a scoring would."""
        with self.store.write() as tx:
            newest = marks.read(tx, name).version
            stale.done(tx, name, stale.Span("", "\U0010ffff", newest))
        stale_before = self.queued(name)
        assert not stale_before


@pytest.fixture
def desk(store):
    return Desk(store)


def kim(at, **more):
    return {"email": "kim@acme.com", "at": at, **more}


def test_the_earlier_lead_of_a_person_its_deal_and_its_company_are_known(desk):
    desk.leads(L1=kim(0, website="acme.com"), L2={"email": "pat@acme.com", "website": "acme.com", "at": 5})
    desk.leads(L9=kim(60, website="acme.com"))
    won = {"leads": "L1;L7", "won": "true", "closed": "true", "closedate": day(30)}
    desk.put("hub", Entity.DEAL, {"D1": won})

    desk.look()

    assert desk.told("L9") == {"leads": 1, "days": 60, "won": 1, "company_leads": 2, "company_won": 1}
    assert desk.told("L1") == {}


def test_leads_of_another_connection_are_known_by_what_its_own_mapping_says_of_their_end(desk):
    desk.look()
    desk.leads("sf", S1={"Email": "Kim@acme.com", "ConvertedOpportunityId": "O1", "at": 0})
    desk.put("sf", Entity.DEAL, {"O1": {"IsWon": "false", "IsClosed": "true", "CloseDate": "2026-01-20"}})
    desk.leads(L9=kim(60))

    desk.look()

    assert desk.told("L9") == {"leads": 1, "days": 60, "lost": 1}


def test_companies_that_are_one_share_their_leads_across_connections(desk):
    desk.look()
    desk.put("sf", Entity.COMPANY, {"A1": {"Website": "acme.com", "CreatedDate": day(0)}})
    desk.put("hub", Entity.COMPANY, {"C1": {"domain": "acme.com", "createdate": day(0)}})
    desk.leads("sf", S1={"Website": "acme.com", "at": 0}, S2={"Website": "other.com", "at": 0})
    desk.leads(L9={"website": "acme.com", "at": 60})

    desk.look()

    assert desk.told("L9") == {"company_leads": 1}


def test_only_leads_that_it_tells_something_new_are_queued(desk):
    desk.leads(L1=kim(0), L9=kim(60), L8={"email": "else@beta.com", "at": 70})
    desk.put("hub", Entity.DEAL, {"D1": {"leads": "L1", "won": "false", "closed": "false"}})
    desk.look()
    desk.empty()

    desk.put("hub", Entity.DEAL, {"D1": {"leads": "L1", "won": "true", "closed": "true", "closedate": day(30)}})
    desk.look()
    assert desk.queued() == ["L9"]
    assert desk.told("L9")["won"] == 1

    desk.empty()
    desk.look()
    assert desk.queued() == []


def test_a_new_duplicate_queues_its_cluster_and_so_does_one_of_another_connection(desk):
    desk.leads(L1=kim(0), L8={"email": "else@beta.com", "at": 70})
    desk.look()
    desk.empty()

    desk.leads("sf", S1={"Email": "kim@acme.com", "at": -50})
    desk.look()
    assert desk.queued() == ["L1"]
    assert desk.told("L1") == {"leads": 1, "days": 50}
    assert desk.queued("sf") == []  # its mapping makes nothing of it

    desk.empty()
    desk.leads("sf", S1=None)
    desk.look()
    assert desk.queued() == ["L1"]
    assert desk.told("L1") == {}


def test_a_lead_that_names_its_deal_is_looked_at_when_the_deal_alone_changes(store):
    desk = Desk(store)
    desk.mappings = {"sf": SF}
    desk.leads(
        "sf", S1={"Email": "k@acme.com", "ConvertedOpportunityId": "O1", "at": 0}, S2={"Email": "k@acme.com", "at": 90}
    )
    desk.look("sf")
    desk.empty("sf")

    desk.put("sf", Entity.DEAL, {"O1": {"IsWon": "true", "IsClosed": "true", "CloseDate": "2026-01-20"}})
    desk.look("sf")

    assert desk.queued("sf") == ["S2"]
    assert desk.told("S2", "sf") == {"leads": 1, "days": 90, "won": 1}


def test_one_that_was_turned_down_counts_from_the_moment_that_this_was_seen(desk):
    desk.leads(L1=kim(0), L2=kim(190), L3=kim(300))
    desk.leads(L1=kim(0, status="bad"))  # seen on day 201

    desk.look()

    assert desk.told("L2") == {"leads": 1, "days": 190}
    assert desk.told("L3")["disqualified"] == 1


def test_nothing_is_kept_where_nobody_makes_use_of_it(desk):
    desk.mappings["hub"] = HUB_UNUSED
    desk.leads(L1=kim(0), L2=kim(60))
    desk.look()
    with desk.store.read() as tx:
        assert lead_ends.of(tx, "hub", ["L1", "L2"]) == lead_ends.marks(tx) == {}

    desk.mappings["hub"] = HUB
    desk.look()
    assert desk.told("L2") == {"leads": 1, "days": 60}

    desk.mappings["hub"] = HUB_UNUSED
    desk.look()
    with desk.store.read() as tx:
        assert lead_ends.of(tx, "hub", ["L1", "L2"]) == lead_ends.marks(tx) == {}


def test_a_lead_is_scored_otherwise_when_an_earlier_one_of_its_person_is_found(desk):
    points = "points: {rules: [{feature: leads, from: 1, points: 10}, {feature: won, from: 1, points: 10}]}\n"
    mapping = desk.mappings["hub"] = parse(HUBSPOT.format(features=USED) + points, "hub.yaml")
    desk.leads(L1=kim(0, email="kim@home.com"), L9=kim(60))
    desk.look()
    scorer = Scorer(desk.store, mapping, "hub", None, "points", MovableClock(NOW))

    def scored():
        rows = records.get(desk.store, "hub", Entity.LEAD, ["L9"])
        (one,) = scorer.scored(rows, {}, NOW)
        return one.score, one.inputs_hash

    before = scored()
    assert before == scored()

    desk.leads(L1=kim(0))
    desk.look()
    assert scored()[0] > before[0]
    assert scored()[1] != before[1]


def test_examples_know_what_scoring_knows(desk):
    desk.leads(L1=kim(0), L2=kim(60, website="acme.com"), L3={"email": "x@y.com", "website": "acme.com", "at": 70})

    made = gathered(desk.store, HUB, connection="hub", now=NOW, chunk_leads=1).examples

    told = {row["id"]: {name: row[name] for name in FACTS if row[name]} for row in made.iter_rows(named=True)}
    assert told == {lead: desk.told(lead) for lead in ("L1", "L2", "L3")}
    assert told["L2"] == {"leads": 1, "days": 60}
    assert told["L3"] == {"company_leads": 1}


def test_looking_bit_by_bit_is_looking_at_all_at_once(desk, monkeypatch):
    desk.leads(**{f"L{number}": kim(number * 10, website="acme.com") for number in range(6)})
    desk.look()
    for number in range(6):
        ended = {"won": str(number % 2 == 0).lower(), "closed": "true", "closedate": day(number * 10 + 5)}
        desk.put("hub", Entity.DEAL, {f"D{number}": ended | {"leads": f"L{number}"}})
        desk.look()
    bit_by_bit = [desk.told(f"L{number}") for number in range(6)]
    monkeypatch.setattr(earlier, "CHUNK", 2)

    earlier.refresh(desk.store, HUB, connection="hub", now=NOW, anew=True)

    assert [desk.told(f"L{number}") for number in range(6)] == bit_by_bit
    assert bit_by_bit[5]["company_won"] == bit_by_bit[5]["won"] == 3


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_killed_anywhere_the_next_look_ends_the_same(desk):
    desk.leads(L1=kim(0), L9=kim(60))
    desk.look()
    desk.empty()
    desk.put("hub", Entity.DEAL, {"D1": {"leads": "L1", "won": "true", "closed": "true", "closedate": day(30)}})
    for step in count(1):
        stop = die_at(desk.store.engine, step)
        try:
            desk.look("hub")
        except Killed:
            continue
        stop()
        break

    assert step > 3
    assert desk.told("L9")["won"] == 1
    assert desk.queued() == ["L9"]


def test_a_lead_that_goes_leaves_nothing_behind(desk):
    desk.leads(L1=kim(0, website="acme.com"), L2={"website": "acme.com", "at": 60})
    desk.look()
    desk.empty()
    desk.leads(L1=None)

    desk.look()

    with desk.store.read() as tx:
        assert lead_ends.of(tx, "hub", ["L1"]) == {}
    assert desk.queued() == ["L2"]
    assert desk.told("L2") == {}
