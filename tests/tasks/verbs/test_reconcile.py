"""What reconciliation finds beside polling, on a simulated HubSpot and on a simulated Salesforce."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import orjson
import pytest

from connector.clock import MovableClock
from connector.crm import Entity, Part
from connector.limiter import NoLimiter
from connector.salesforce import adapter as salesforce
from connector.salesforce.signin import ClientCredentials
from connector.simulator.salesforce.org import SalesforceOrg
from connector.simulator.server import Simulator
from connector.simulator.world import generate
from mappings.file.load import load_preset
from tasks.store import records
from tasks.verbs.reconcile import look, part_of, reconcile
from tests.tasks.verbs.conftest import House

NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
LEAD, COMPANY, ACTIVITY, DEAL = Entity.LEAD, Entity.COMPANY, Entity.ACTIVITY, Entity.DEAL


@dataclass
class OrgHouse(House):
    """An installation on a simulated Salesforce."""

    def crm(self, token="", **options):
        user = "truegrade-admin" if "admin" in token else "truegrade"
        crm = salesforce.connect(
            ClientCredentials(user, f"{user}-secret", self.simulator.url),
            base_url=self.simulator.url,
            clock=self.clock,
            limiter=NoLimiter(),
            jitter=lambda: 0.0,
            options=salesforce.SalesforceOptions(integration_username="integration@truegrade.invalid", **options),
        )
        self.open.append(crm)
        return crm

    @property
    def org(self):
        return self.portal

    def changed(self):
        """The values of the leads by id, as the store has them."""
        return {row.id: orjson.loads(row.data) for row in self.rows()}


@pytest.fixture
def org_house(store, tmp_path):
    clock = MovableClock(NOW)
    org = SalesforceOrg(generate(leads=120, seed=7, now=NOW), clock=clock)
    with Simulator(salesforce=org, hubspot=None, clock=clock) as simulator:
        house = OrgHouse(store, org, simulator, clock, load_preset("salesforce"), tmp_path / "models")
        yield house
        house.close()
    org.close()


def reconciled(house, verb=reconcile, **how):
    house.clock.advance(timedelta(minutes=5))
    return verb(house.crm(), house.store, house.mapping, connection=house.name, clock=house.clock, **how)


def proof(found, entity):
    return next(one for one in found.proofs if one.entity is entity)


def stale(house):
    with house.store.read() as tx:
        return {row[0] for row in tx.exec_driver_sql("SELECT lead_id FROM stale")}


def emptied(house):
    """Forget that leads were stale, as a scoring does."""
    house.score()
    assert stale(house) == set()


def test_equal_counts_are_the_proof(org_house):
    org_house.pull()

    found = reconciled(org_house)

    held = {entity: len(org_house.org.snapshot(name)) for entity, name in ((LEAD, "Lead"), (COMPANY, "Account"))}
    assert found.is_proven
    assert found.pulled.total.new == found.pulled.total.changed == 0
    assert {one.entity: (one.in_crm, one.in_store) for one in found.proofs if one.entity in held} == {
        entity: ((number, number), number) for entity, number in held.items()
    }
    assert not any(one.read_again for one in found.proofs)
    assert f"lead: the CRM counts {held[LEAD]}, the store holds {held[LEAD]}." in found.told()


def test_a_first_reconciliation_loads_everything(org_house):
    found = reconciled(org_house)

    assert found.is_proven
    assert found.pulled.counts[LEAD].new == len(org_house.org.snapshot("Lead"))


def test_hard_deletions_are_found(org_house):
    org_house.pull()
    gone = org_house.org.pick("Lead", limit=3)
    for lead in gone:
        org_house.org.hard_delete("Lead", lead)
    org_house.pull()
    assert set(gone) <= {row.id for row in org_house.rows()}

    found = reconciled(org_house)

    assert found.pulled.counts[LEAD].deleted == 3
    assert found.is_proven
    assert not proof(found, LEAD).read_again


def test_a_campaign_member_that_vanished_makes_its_lead_stale(org_house):
    org_house.pull()
    emptied(org_house)
    member = org_house.rows(ACTIVITY)[0]
    org_house.org.hard_delete("CampaignMember", member.id)

    reconciled(org_house)

    assert member.id not in {row.id for row in org_house.rows(ACTIVITY)}
    assert stale(org_house) == {member.link}


def test_what_was_erased_without_a_word_is_found_by_the_counts(house):
    house.pull()
    house.portal.gdpr_delete(house.portal.pick("contacts", limit=2))

    found = reconciled(house)

    assert proof(found, LEAD).read_again
    assert found.pulled.counts[LEAD].deleted == 2
    assert found.is_proven
    assert {row.id for row in house.rows()} == set(house.portal.snapshot("contacts"))


def test_formulas_are_read_whole_because_they_move_no_stamp(org_house):
    org_house.org.formula("Lead", "Industry")
    org_house.pull()
    [lead] = org_house.org.pick("Lead")
    org_house.org.recalculate("Lead", lead, {"Industry": "Shipping"})
    org_house.pull()
    assert org_house.changed()[lead].get("Industry") != "Shipping"

    found = reconciled(org_house)

    assert org_house.changed()[lead]["Industry"] == "Shipping"
    assert proof(found, LEAD).unstamped == ("Industry",)
    assert "they change without a stamp: Industry" in found.told()
    assert not proof(found, COMPANY).read_again


def test_a_change_that_was_committed_later_than_any_overlap_is_found(org_house):
    org_house.pull()
    org_house.clock.advance(timedelta(hours=3))
    org_house.pull()
    [lead] = org_house.org.pick("Lead")
    [company] = org_house.org.pick("Account")
    org_house.org.late_commit("Lead", lead, {"Title": "Chief Latecomer"}, stamp_age_s=2 * 3600)
    org_house.org.late_commit("Account", company, {"Industry": "Lateness"}, stamp_age_s=2 * 3600)
    org_house.pull()
    assert org_house.changed()[lead].get("Title") != "Chief Latecomer"

    planned = reconciled(org_house, look)
    found = reconciled(org_house)

    assert planned.missed.seen == found.missed.counts.changed == 2
    assert org_house.changed()[lead]["Title"] == "Chief Latecomer"
    assert (
        orjson.loads(records.get(org_house.store, org_house.name, COMPANY, [company])[0].data)["Industry"] == "Lateness"
    )
    assert reconciled(org_house).missed.seen == 0


def test_the_survivor_of_a_merge_gets_the_activities_of_the_other(org_house):
    org_house.pull()
    loser = next(row.link for row in org_house.rows(ACTIVITY) if row.link)
    own = {row.id for row in org_house.rows(ACTIVITY) if row.link == loser}
    winner = next(lead for lead in org_house.org.snapshot("Lead") if lead != loser)
    org_house.org.merge(winner, [loser])
    org_house.pull()
    emptied(org_house)

    found = reconciled(org_house)

    assert {row.id for row in org_house.rows(ACTIVITY) if row.link == winner} >= own
    assert found.moved.counts.changed == len(own)
    org_house.score()  # marks what the moved ones concern, and finds the survivor's inputs to be others
    assert reconciled(org_house).moved.seen == 0


def test_leads_that_still_point_to_a_company_that_was_merged_are_fetched(house):
    house.pull()
    one, other = sorted({row.link for row in house.rows() if row.link})[:2]
    survivor = house.portal.merge("companies", one, other)
    house.pull()
    with house.store.write() as tx:  # as a store of an earlier version has it
        tx.exec_driver_sql(f"UPDATE records SET link = '{one}' WHERE entity = 'lead' AND link = '{survivor}'")
    leads = {row.id for row in house.rows() if row.link == one}

    found = reconciled(house)

    assert {row.id for row in house.rows() if row.link == survivor} == leads
    assert found.moved.counts.changed == len(leads) > 1
    assert reconciled(house).moved.seen == 0


def test_both_the_old_and_the_new_lead_of_an_activity_become_stale(org_house):
    org_house.pull()
    emptied(org_house)
    member = next(row for row in org_house.rows(ACTIVITY) if row.link)
    other = next(lead for lead in org_house.org.snapshot("Lead") if lead != member.link)
    org_house.org.edit("CampaignMember", member.id, {"LeadId": other})

    org_house.pull()
    scored = org_house.score()

    assert scored.looked_at == 2


def test_deals_that_got_another_contact_are_found(house):
    house.pull()
    deal = house.rows(DEAL)[0]
    extra = next(one for one in house.portal.snapshot("contacts") if one not in (deal.link or ""))
    house.clock.advance(timedelta(minutes=10))
    house.portal.associate("deals", deal.id, "contacts", extra)
    house.pull()
    assert extra not in (records.get(house.store, house.name, DEAL, [deal.id])[0].link or "")

    found = reconciled(house)

    assert extra in records.get(house.store, house.name, DEAL, [deal.id])[0].link
    assert "associations.contacts" in proof(found, DEAL).unstamped


def test_a_search_that_lags_behind_is_waited_for(house):
    house.pull()
    house.portal.set_option("index_lag_s", 45.0)
    house.clock.advance(timedelta(minutes=5))
    found = look_after_creating(house)

    assert found.is_proven
    assert not proof(found, LEAD).read_again


def look_after_creating(house):
    """Reconcile while five leads are on their way into the index, of which the store has one already."""
    made = [house.portal.create("contacts", {"email": f"new{number}@acme.example"}) for number in range(5)]
    crm = house.crm()
    page = crm.get(LEAD, house.mapping.source_fields(LEAD), made[:1])
    records.save_page(house.store, house.name, page, identify=house.mapping.linker(LEAD, page.fields))
    return reconcile(crm, house.store, house.mapping, connection=house.name, clock=house.clock)


def test_a_difference_that_stays_is_told_with_both_numbers(house):
    house.pull()
    crm = house.crm()

    class OneMore:
        """A CRM whose search counts a record that its list does not show."""

        def __getattr__(self, name):
            return getattr(crm, name)

        def count(self, entity):
            return crm.count(entity) + (entity is COMPANY)

    found = reconcile(OneMore(), house.store, house.mapping, connection=house.name, clock=house.clock)

    held = len(house.portal.snapshot("companies"))
    assert not found.is_proven
    assert f"company: the CRM counts {held + 1}, but the store holds {held}, after everything was read" in found.told()
    assert found.as_dict()["counts"]["company"]["in_crm"] == held + 1


def test_a_crm_that_does_not_count_is_no_difference(house):
    house.pull()
    crm = house.crm()

    class Silent:
        """A CRM that takes too long to count."""

        def __getattr__(self, name):
            return getattr(crm, name)

        def count(self, _entity):
            return None

    found = reconcile(Silent(), house.store, house.mapping, connection=house.name, clock=house.clock)

    assert found.is_proven
    assert not proof(found, LEAD).read_again
    assert "lead: the CRM does not tell how many there are" in found.told()


def settled(house):
    """Let so much time pass that what was written is no longer fresh."""
    house.clock.advance(timedelta(hours=1))
    return house


def test_a_quiet_crm_is_left_as_it_is(scored):
    settled(scored)
    writes = scored.simulator.log.count("hubspot", "write")

    found = reconciled(scored)

    assert found.ours.looked_at == found.ours.same == len(scored.said())
    assert found.ours.queued == 0
    assert scored.sync().pushed.taken == 0
    assert scored.simulator.log.count("hubspot", "write") == writes


def test_our_fields_that_others_changed_are_written_again(scored):
    was = scored.in_crm()
    edited, cleared, moved = sorted(was)[:3]
    scored.portal.edit("contacts", edited, {"tg_score": 1})
    scored.portal.edit("contacts", cleared, {"tg_grade": None, "tg_reasons": None})
    scored.portal.edit("contacts", moved, {"tg_model": "mine", "tg_scored_at": None})
    settled(scored)

    found = reconciled(scored)

    assert found.ours.queued == 2
    assert found.ours.fields == {"tg_score": 1, "tg_grade": 1, "tg_reasons": 1}
    assert "2 leads wait to be written again" in found.told()
    assert scored.sync().pushed.counts.written == 2
    assert {lead: held for lead, held in scored.in_crm().items() if lead != moved} == {
        lead: held for lead, held in was.items() if lead != moved
    }
    assert reconciled(settled(scored)).ours.queued == 0


def test_nothing_but_our_own_fields_is_written_again(scored):
    [lead] = sorted(scored.in_crm())[:1]
    scored.portal.edit("contacts", lead, {"tg_score": 1, "jobtitle": "Their own"})
    settled(scored)

    reconciled(scored)
    scored.push()

    assert scored.portal.snapshot("contacts")[lead]["jobtitle"] == "Their own"


def test_what_was_just_written_is_not_compared(scored):
    lead = min(scored.in_crm())
    scored.portal.edit("contacts", lead, {"tg_score": 1})

    assert reconciled(scored).ours.looked_at == 0


def test_many_leads_are_compared_in_parts_that_take_turns(scored):
    settled(scored)
    seen = 0

    for _ in range(4):
        found = reconciled(scored, check_rows=60)
        assert found.parts[LEAD].count == 4
        seen += found.ours.looked_at
        scored.clock.advance(timedelta(days=1))

    assert seen >= len(scored.said())
    assert f"Looked at part {found.parts[LEAD].index + 1} of 4 of lead" in found.told()


def test_todays_part_is_another_one_each_day():
    assert [part_of(1000, 300, NOW + timedelta(days=day)).index for day in range(5)] == [3, 0, 1, 2, 3]
    assert part_of(0, 300, NOW) == Part(0, 1)


def test_fields_that_are_not_shown_are_told(scored):
    settled(scored)
    outputs = (*scored.mapping.outputs[:1], ("grade", "tg_lost"))
    scored.mapping = replace(scored.mapping, outputs=outputs)

    found = reconciled(scored)

    assert found.ours.hidden == ("tg_lost",)
    assert "Not shown to this user: tg_lost. Run `truegrade provision`." in found.told()


def test_a_look_changes_nothing(scored):
    lead, other = sorted(scored.in_crm())[:2]
    scored.portal.edit("contacts", lead, {"tg_score": 1})
    settled(scored)
    scored.portal.gdpr_delete([other])
    scored.clock.advance(timedelta(minutes=1))
    before, writes = scored.states(), scored.simulator.log.count("hubspot", "write")

    found = reconciled(scored, look)

    assert proof(found, LEAD).in_crm == (proof(found, LEAD).in_store - 1,) * 2
    assert found.ours.queued == 1
    assert "1 leads would be written again" in found.told()
    assert "brings what changed since the last sync" in found.told()
    assert scored.states() == before
    assert scored.simulator.log.count("hubspot", "write") == writes


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("step", [3, 8, 13, 18, 23])
def test_a_reconciliation_that_was_killed_anywhere_is_made_good_by_the_next(scored, step):
    lead = min(scored.in_crm())
    was = scored.in_crm()
    scored.portal.edit("contacts", lead, {"tg_score": 1})
    settled(scored)
    stop = scored.die_at(step)
    with pytest.raises(scored.killed):
        reconciled(scored)
    stop()

    found = reconciled(scored)
    scored.sync()

    assert found.is_proven
    assert scored.in_crm() == was
