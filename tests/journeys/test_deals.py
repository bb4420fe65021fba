"""Deals are scored as leads are: from the first look at the CRM to a score, a reason, and peace where nothing moves."""

import pytest

from connector.simulator.hubspot.auth import INTEGRATION_SCOPES

DEALS = 900
OBJECT = {"salesforce": "Opportunity", "hubspot": "deals"}
SCORE = {"salesforce": "TG_Score__c", "hubspot": "tg_score"}
CLOSED = {"salesforce": ("IsClosed", 1), "hubspot": ("hs_is_closed", "true")}
AMOUNT = {"salesforce": "Amount", "hubspot": "amount"}
STAGE = {"salesforce": ("StageName", "Closed Won"), "hubspot": ("dealstage", "closedwon")}


CONTACTS = "  salesforce-contacts: {same_as: salesforce, scored: contact}\n"


def in_crm(home, crm):
    """Give the open and the closed deals as the CRM holds them."""
    field, closed = CLOSED[crm]
    held = getattr(home.simulator, crm).snapshot(OBJECT[crm])
    return (
        {one: values for one, values in held.items() if values[field] != closed},
        {one: values for one, values in held.items() if values[field] == closed},
    )


def ours(home, crm):
    """Give what each open or closed deal holds of ours."""
    return {
        one: {name: value for name, value in values.items() if name.lower().startswith("tg_")}
        for side in in_crm(home, crm)
        for one, values in side.items()
    }


def closes_before_the_push(home, crm, deal):
    """Of deals that got another score, close one before it is written."""
    side, (field, won), name = getattr(home.simulator, crm), STAGE[crm], f"{crm}-deals"
    closing, *others = sorted(set(in_crm(home, crm)[0]) - {deal})[:8]
    for one in (closing, *others):
        side.edit(OBJECT[crm], one, {AMOUNT[crm]: 9_000_000 if crm == "salesforce" else "9000000"})
    home.truegrade("pull", name)
    home.truegrade("score", name)
    side.edit(OBJECT[crm], closing, {field: won})
    before = ours(home, crm)

    dry = home.truegrade("push", name, "--dry-run", "--json").json["connections"][name]
    told = home.truegrade("push", name, "--json").json["connections"][name]

    after = ours(home, crm)
    assert told["excluded"] == 1
    assert (dry["cost"]["rows"], dry["cost"]["calls"]) == (len(others) + 1, 2)
    assert {one for one in after if after[one] != before[one]} == set(others)
    assert home.truegrade("push", name, "--json").json["connections"][name]["taken"] == 0


def test_a_key_that_may_not_write_deals_is_not_called_ready(installed):
    home = installed("hubspot", leads=300, deals=60)
    assert home.truegrade("provision", "hubspot-deals").code == 0
    assert home.truegrade("connect", "hubspot-deals").code == 0
    home.simulator.hubspot.set_scopes("pat-na1-integration", sorted(INTEGRATION_SCOPES - {"crm.objects.deals.write"}))

    told = home.truegrade("connect", "hubspot-deals")

    assert told.code == 3
    assert "crm.objects.deals.write" in told.out


@pytest.mark.timeout(300)
@pytest.mark.parametrize("crm", ["salesforce", "hubspot"])
def test_open_deals_are_scored_explained_and_left_alone_once_they_close(installed, crm):
    home, name = installed(crm, leads=2 * DEALS, deals=DEALS), f"{crm}-deals"
    side = getattr(home.simulator, crm)

    assert home.truegrade("connect", name).code == 3  # our fields are not there yet
    provisioned = home.truegrade("provision", name)
    assert provisioned.code == 0, provisioned.out + provisioned.err
    assert home.truegrade("connect", name).code == 0
    synced = home.truegrade("sync", name, "--json")
    assert synced.code == 0, synced.err

    open_deals, closed_deals = in_crm(home, crm)
    told = synced.json["connections"][name]
    assert told["written"] == len(open_deals) > 20
    assert told["pulled_new"] >= DEALS  # also what was read to learn the first model of
    assert all(values[SCORE[crm]] for values in open_deals.values())
    assert not any(values[SCORE[crm]] for values in closed_deals.values())
    assert home.truegrade("models", name, "--json").code == 0

    deal = next(iter(open_deals))
    explained = home.truegrade("explain", deal, "--connection", name)
    assert explained.code == 0, explained.err
    assert "stage" in explained.out.lower()

    quiet = home.truegrade("sync", name, "--json").json["connections"][name]
    assert (quiet["written"], quiet["scored"]) == (0, 0)

    field, won = STAGE[crm]
    score = open_deals[deal][SCORE[crm]]
    side.edit(OBJECT[crm], deal, {field: won})
    home.truegrade("sync", name)
    assert in_crm(home, crm)[1][deal][SCORE[crm]] == score

    closes_before_the_push(home, crm, deal)

    report = side.writes()
    assert (report["conflicting_writes"], report["reverted_writes"], report["foreign_writes"]) == (0, 0, 0)


@pytest.mark.timeout(300)
def test_contacts_are_scored_by_the_deals_that_they_have_a_role_in(installed):
    home, name = installed("salesforce", leads=2 * DEALS, deals=DEALS), "salesforce-contacts"
    connections = home.home / "connections.yaml"
    connections.write_text(connections.read_text(encoding="utf-8") + CONTACTS, encoding="utf-8")
    org = home.simulator.salesforce

    assert home.truegrade("provision", name).code == 0
    synced = home.truegrade("sync", name, "--json")
    assert synced.code == 0, synced.err
    told = synced.json["connections"][name]
    assert told["written"] == DEALS
    assert told["verdict"] == "champion", told
    [contact] = org.pick("Contact", {"Title": "Chief Financial Officer"})
    assert 1 <= org.read("Contact", contact)["TG_Score__c"] <= 99

    quiet = home.truegrade("sync", name, "--json").json["connections"][name]
    assert (quiet["written"], quiet["scored"]) == (0, 0)
    assert org.writes()["foreign_writes"] == 0
