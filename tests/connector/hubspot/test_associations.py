from connector.crm import Entity, Part

FIELDS = ("associations.contacts",)


def deals(pages):
    return {record.id: record.values[0] for page in pages for record in page.records}


def test_listed_deals_come_with_their_contacts(crm, portal, simulator):
    found = deals(crm.everything(Entity.DEAL, FIELDS, Part()))

    assert set(found) == set(portal.snapshot("deals"))
    assert all(found.values())
    assert simulator.log.count(kind="read") == 1


def test_asked_for_deals_come_with_their_contacts(crm):
    listed = deals(crm.everything(Entity.DEAL, FIELDS, Part()))

    asked = deals([crm.get(Entity.DEAL, FIELDS, list(listed))])

    assert asked == listed


def test_a_deal_without_contacts_has_none(crm, portal):
    lonely = portal.create("deals", {"dealname": "Lonely"})

    assert deals(crm.everything(Entity.DEAL, FIELDS, Part()))[lonely] is None
    assert deals([crm.get(Entity.DEAL, FIELDS, [lonely])]) == {lonely: None}


def test_contacts_beyond_a_page_are_read_on(crm, portal):
    portal.set_option("associations_page", 2)
    (deal,) = portal.pick("deals")
    extra = portal.pick("contacts", limit=7)
    for one in extra:
        portal.associate("deals", deal, "contacts", one)

    listed = deals(crm.everything(Entity.DEAL, FIELDS, Part()))[deal]
    asked = deals([crm.get(Entity.DEAL, FIELDS, [deal])])[deal]

    assert listed == asked
    assert set(extra) <= set(asked.split(";"))
    assert asked.split(";") == sorted(asked.split(";"))


def test_many_deals_take_a_call_for_a_thousand(connected, portal, simulator):
    ids = list(portal.snapshot("deals"))
    crm = connected(association_rows=10)
    crm.describe(Entity.DEAL)
    simulator.log.clear()

    crm.get(Entity.DEAL, FIELDS, ids)

    paths = [entry.path for entry in simulator.log.entries()]
    assert paths.count("/crm/associations/2026-03/deals/contacts/batch/read") == -(-len(ids) // 10)
