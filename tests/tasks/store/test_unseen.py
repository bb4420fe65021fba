from connector.crm import Entity
from tasks.store import unseen


def children(shelf, size=2):
    return [one for ids in unseen.children(shelf.store, shelf.name, Entity.ACTIVITY, size=size) for one in ids]


def test_activities_of_leads_that_are_gone_are_found(shelf):
    shelf.save(shelf.page(shelf.lead(1), shelf.lead(2), shelf.lead(3)))
    shelf.save(shelf.activities(*(shelf.activity(number, f"L{1 + number % 3:04}") for number in range(7))))
    assert children(shelf) == []

    shelf.save(shelf.page(shelf.lead(2, 5, gone="merged", into="L0001"), shelf.lead(3, 5, gone="deleted")))

    assert children(shelf) == ["A1", "A2", "A4", "A5"]


def test_an_activity_of_a_lead_that_was_never_seen_is_none_of_them(shelf):
    shelf.save(shelf.activities(shelf.activity(1, "L9999")))

    assert children(shelf) == []


def test_what_is_newer_elsewhere_or_unknown_here_is_named(shelf):
    shelf.save(shelf.page(shelf.lead(1, 10), shelf.lead(2, 10), shelf.lead(3, 10)))
    shown = {"L0001": shelf.stamp(10), "L0002": shelf.stamp(11), "L0003": shelf.stamp(9), "L0004": shelf.stamp(1)}

    assert unseen.newer(shelf.store, shelf.name, Entity.LEAD, shown) == ["L0002", "L0004"]
