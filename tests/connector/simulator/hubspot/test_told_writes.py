"""What the portal tells of an integration's writes and of what records hold, and how it takes its time."""

import time
from datetime import timedelta

FAST_MS = 30.0


def named(portal, name):
    return portal.pick("contacts", {}, limit=3, seed=name)


def test_what_the_integration_writes_elsewhere_is_foreign_and_what_people_do_is_not(portal, api):
    one, two, three = named(portal, 1)
    portal.edit("contacts", one, {"jobtitle": "CEO"})
    portal.archive("contacts", [three])
    quiet = portal.writes()
    api.update({"id": one, "properties": {"jobtitle": "CFO"}})
    api.post("/crm/objects/2026-03/contacts/batch/archive", {"inputs": [{"id": two}]})

    assert (quiet["writes"], quiet["foreign_writes"]) == (0, 0)
    assert portal.writes()["writes"] == 1
    assert portal.writes()["foreign"] == [f"contacts {one} jobtitle", f"contacts {two} archived"]


def test_a_digest_tells_what_was_edited(portal):
    one, two, _ = named(portal, 2)
    before = portal.digest("contacts")
    portal.same_stamp("contacts", [one])
    stamped = portal.digest("contacts")
    portal.edit("contacts", two, {"jobtitle": "Chief of everything"})
    after = portal.digest("contacts")

    assert stamped == before
    assert [record for record in after if after[record] != before[record]] == [two]
    assert before[two][0] is None


def test_calls_take_the_time_that_they_are_told_to(portal, api):
    portal.set_option("latency_ms", FAST_MS)

    began = time.monotonic()
    reply = api.get("/crm/objects/2026-03/contacts", limit=1)

    assert reply.status_code == 200
    assert time.monotonic() - began >= FAST_MS / 1000  # no earlier; how much later is the machine's doing


def test_others_may_use_the_day_up_and_the_next_one_is_whole(portal, api, clock):
    portal.set_option("daily", 100)

    used = portal.spend(100)
    refused = api.get("/crm/objects/2026-03/contacts", limit=1)
    clock.advance(timedelta(days=1))

    assert (used, refused.status_code) == (100, 429)
    assert refused.json()["policyName"] == "DAILY"
    assert api.get("/crm/objects/2026-03/contacts", limit=1).status_code == 200
