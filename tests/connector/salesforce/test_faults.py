"""Whatever goes wrong once on whichever road: the end state is that of a run without faults."""

from datetime import timedelta

import pytest

from connector.crm import Entity, Outcome, Part, Update
from connector.errors import Misconfigured

LEAD = Entity.LEAD
FAULTS = ["503", "429", "expired", "reset", "reset-after", "cut", "html"]
NAMES = ("Title", "NumberOfEmployees")
SMALL_JOBS = {"bulk_write_from": 50, "bulk_job_from": 50, "bulk_job_rows": 120}


def records(pages):
    return {record.id: record.values for page in pages for record in page.records}


def everything(connected, org, clock):
    crm = connected()
    return lambda: records(crm.everything(LEAD, NAMES, Part()))


def by_bulk(connected, org, clock):
    crm = connected(bulk_reads=True, bulk_page_rows=100)
    return lambda: records(crm.everything(LEAD, NAMES, Part()))


def by_parts(connected, org, clock):
    crm = connected()
    return lambda: records(crm.everything(LEAD, NAMES, Part(0, 2))) | records(crm.everything(LEAD, NAMES, Part(1, 2)))


def changed(connected, org, clock):
    crm = connected()
    cursor = crm.start(LEAD)
    for lead in org.pick("Lead", limit=100):
        org.edit("Lead", lead, {"Title": "Head"})
    clock.advance(timedelta(minutes=1))
    return lambda: records(crm.changed(LEAD, NAMES, cursor))


def got(connected, org, clock):
    crm = connected()
    ids = org.pick("Lead", limit=100)
    return lambda: records([crm.get(LEAD, NAMES, ids)])


def removed(connected, org, clock):
    crm = connected()
    for lead in org.pick("Lead", limit=20):
        org.delete("Lead", lead)
    clock.advance(timedelta(minutes=5))
    return lambda: records(crm.removed(LEAD, clock.now() - timedelta(hours=1)))


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("after", [0, 1, 3])
@pytest.mark.parametrize("road", [everything, by_bulk, by_parts, changed, got, removed])
def test_a_read_survives(road, after, fault, connected, org, clock, simulator):
    read = road(connected, org, clock)
    calm = read()
    simulator.faults.add("salesforce", "any", fault, after=after)

    stormy = read()

    assert calm
    assert stormy == calm


@pytest.mark.parametrize("options", [{"batch_rows": 40}, SMALL_JOBS], ids=["batches", "jobs"])
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("after", [0, 1, 2, 3, 4, 6, 8])
def test_a_write_survives(after, fault, options, connected, org, simulator):
    ids = [*org.pick("Lead", where={"IsConverted": False}, limit=130)]
    crm = connected(**options)
    crm.describe(LEAD)
    simulator.faults.add("salesforce", "any", fault, after=after)
    updates = (Update(one, {"Title": f"Head {number}", "Description": None}) for number, one in enumerate(ids))

    outcomes = list(crm.write(LEAD, updates, expected=len(ids)))

    assert sorted(one.id for one in outcomes) == sorted(ids)
    assert {one.outcome for one in outcomes} == {Outcome.WRITTEN}
    after_all = org.snapshot("Lead")
    assert [after_all[one]["Title"] for one in ids] == [f"Head {number}" for number in range(len(ids))]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("kind", ["sign-in", "describe"])
def test_the_way_in_survives(kind, fault, connected, org, simulator):
    simulator.faults.add("salesforce", kind, "reset" if kind == "sign-in" and fault in {"429", "expired"} else fault)

    assert connected().describe(LEAD)


def test_a_token_that_is_never_accepted_needs_a_person(connected, simulator):
    crm = connected()
    simulator.faults.add("salesforce", "read", "expired", times=3)

    with pytest.raises(Misconfigured, match="Reconnect"):
        crm.start(LEAD)


def test_an_expired_token_is_renewed_once(connected, org, simulator):
    crm = connected()
    crm.describe(LEAD)
    org.expire_tokens()
    simulator.log.clear()

    list(crm.everything(LEAD, NAMES, Part()))

    assert sum(entry.kind == "sign-in" for entry in simulator.log.entries()) == 1


def test_our_writes_leave_theirs_alone(connected, org):
    open_lead, converted, deleted = org.pick("Lead", where={"IsConverted": False}, limit=3)
    owner = org.snapshot("Lead")[open_lead].get("OwnerId")
    org.convert(converted)
    org.delete("Lead", deleted)

    for options in ({}, SMALL_JOBS | {"bulk_job_from": 1, "bulk_write_from": 1}):
        updates = [Update(one, {"Title": f"Head {len(options)}"}) for one in (open_lead, converted, deleted)]
        outcomes = {one.id: one.outcome for one in connected(**options).write(LEAD, updates, expected=3)}

        assert outcomes == {open_lead: Outcome.WRITTEN, converted: Outcome.CONVERTED, deleted: Outcome.DELETED}

    assert org.snapshot("Lead")[open_lead].get("OwnerId") == owner
