"""What the org tells of the integration's writes, of what records hold, and how it takes its time."""

import time
from datetime import timedelta

import pytest

from connector.simulator.salesforce.auth import CLIENTS

LEADS = "/services/data/v59.0/sobjects/Lead/"
FAST_MS = 30.0


@pytest.fixture
def signed(simulator, session):
    """Sign in as a client; gives headers."""

    def sign(client="truegrade"):
        asked = {"grant_type": "client_credentials", "client_id": client, "client_secret": CLIENTS[client][0]}
        token = session.post(f"{simulator.url}/services/oauth2/token", data=asked).json()["access_token"]
        return {"authorization": f"Bearer {token}", "Sforce-Auto-Assign": "FALSE"}

    return sign


@pytest.fixture
def lead(org):
    return org.pick("Lead", {"IsConverted": False})[0]


def test_what_the_integration_writes_elsewhere_is_foreign_and_what_others_do_is_not(
    simulator, session, signed, org, lead
):
    org.edit("Lead", lead, {"Title": "CEO"})
    session.patch(simulator.url + LEADS + lead, json={"Title": "CFO"}, headers=signed("truegrade-admin"))
    quiet = org.writes()
    headers = signed()
    session.patch(simulator.url + LEADS + lead, json={"Title": "CTO"}, headers=headers)
    session.patch(simulator.url + LEADS + lead, json={}, headers=headers | {"Sforce-Auto-Assign": "TRUE"})
    session.delete(simulator.url + LEADS + lead, headers=headers)

    assert (quiet["writes"], quiet["foreign_writes"]) == (0, 0)
    assert org.writes()["foreign"] == [f"Lead {lead} Title", f"Lead {lead} OwnerId", f"Lead {lead} deleted"]


def test_a_digest_tells_what_was_edited(org, lead):
    before = org.digest("Lead")
    org.touch("Lead", lead)
    touched = org.digest("Lead")
    org.edit("Lead", lead, {"Title": "Chief of everything"})
    after = org.digest("Lead")

    assert touched == before
    assert [one for one in after if after[one] != before[one]] == [lead]
    assert before[lead][0] is None


def test_calls_take_the_time_that_they_are_told_to(simulator, session, signed, org):
    headers = signed()
    org.set_option("latency_ms", FAST_MS)
    org.set_option("jitter_ms", FAST_MS)

    began = time.monotonic()
    reply = session.get(f"{simulator.url}/services/data/v59.0/limits/", headers=headers)

    assert reply.status_code == 200
    assert time.monotonic() - began >= FAST_MS / 1000  # no earlier; how much later is the machine's doing


def test_ingest_jobs_are_worked_through_one_after_the_other_on_the_orgs_clock(
    simulator, session, signed, org, clock, lead
):
    headers = signed()
    org.set_option("ingest_rows_per_s", 0.1)
    jobs = f"{simulator.url}/services/data/v59.0/jobs/ingest"

    def started():
        job = session.post(jobs, json={"operation": "update", "object": "Lead"}, headers=headers).json()["id"]
        rows = f'Id,Title\n{lead},"C\nE\nO"\n'
        session.put(f"{jobs}/{job}/batches", data=rows, headers=headers | {"content-type": "text/csv"})
        session.patch(f"{jobs}/{job}", json={"state": "UploadComplete"}, headers=headers)
        return job

    def states(of):
        return [session.get(f"{jobs}/{job}", headers=headers).json()["state"] for job in of]

    both = [started(), started()]
    early = [states(both) for _ in range(3)]
    clock.advance(timedelta(seconds=11))
    one = states(both)
    clock.advance(timedelta(seconds=10))

    assert early == [["InProgress", "InProgress"]] * 3
    assert one == ["JobComplete", "InProgress"]
    assert states(both) == ["JobComplete", "JobComplete"]


def test_others_may_use_the_day_up_until_their_calls_fall_out_of_it(simulator, session, signed, org):
    headers = signed()
    address = f"{simulator.url}/services/data/v59.0/limits/"

    org.spend(200_000)
    refused = session.get(address, headers=headers)
    org.spend(-200_000)

    assert (refused.status_code, refused.json()[0]["errorCode"]) == (403, "REQUEST_LIMIT_EXCEEDED")
    assert session.get(address, headers=headers).status_code == 200
