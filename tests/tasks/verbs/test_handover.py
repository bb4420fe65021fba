"""Hot leads told to a webhook on a real socket: once for each rise, signed, and never in the way of a sync."""

import base64
import hashlib
import hmac
import json
import threading
from collections import deque
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from mappings.file.handing import Handover, Webhook
from tasks.settings import SettingsInvalid
from tasks.store import handovers, overrides
from tasks.store.handovers import State
from tasks.store.overrides import Override
from tasks.verbs import handover
from tasks.verbs.handover import Told
from tasks.verbs.webhook import NotTaken, signature

SECRET = "correct horse battery staple"
DAY = timedelta(days=1)


class Receiver:
    """A webhook: `answers` are the next statuses, 200 when there are none left."""

    def __init__(self):
        self.answers, self.got = deque(), []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((dict(self.headers), body))
                self.send_response(receiver.answers.popleft() if receiver.answers else 200)
                self.send_header("Location", f"{receiver.url}elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hot/"

    @contextmanager
    def serving(self):
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            thread.join()
            self._server.server_close()


@pytest.fixture
def receiver():
    with Receiver().serving() as receiver:
        yield receiver


@pytest.fixture
def told(scored, receiver):
    """A house in sync, with a webhook for leads that become A from now on."""
    webhook = Webhook(receiver.url, "env:SECRET", ("A",), ("company",))
    scored.mapping = replace(scored.mapping, handover=Handover(webhook))
    return scored


def look(reference, where):
    assert (reference, where) == ("env:SECRET", "secret of handover.webhook")
    return SECRET


def deliver(house, look=look):
    return handover.deliver(house.store, house.mapping, connection=house.name, clock=house.clock, look=look)


def put(house, lead, grade="A"):
    now = house.clock.now()
    overrides.put(house.store, house.name, Override(lead, grade, None, "why", "ann", now, now + 90 * DAY))
    house.sync()


def cold(house):
    return min(lead for lead, values in house.in_crm().items() if values["tg_grade"] == "D")


def test_a_lead_that_rises_is_told_once_with_our_values_and_the_named_fields_alone(told, receiver):
    lead = cold(told)
    put(told, lead)

    assert deliver(told) == Told(sent=1)
    assert deliver(told) == Told()

    ((_, body),) = receiver.got
    message = json.loads(body)
    assert message["type"] == "lead.hot"
    data = message["data"]
    assert (data["lead_id"], data["connection"], data["grade"], data["was"]) == (lead, told.name, "A", "D")
    assert set(data["fields"]) == {"company"}
    assert {name: str(value) for name, value in data["values"].items()}["tg_grade"] == "A"
    assert set(data["values"]) <= {name for _, name in told.mapping.outputs}


def test_a_message_is_signed_as_standard_webhooks_has_it(told, receiver):
    put(told, cold(told))
    deliver(told)

    ((headers, body),) = receiver.got
    named = {name.lower(): value for name, value in headers.items()}
    content = f"{named['webhook-id']}.{named['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(SECRET.encode(), content, hashlib.sha256).digest()).decode()
    assert named["webhook-signature"] == f"v1,{expected}"
    assert int(named["webhook-timestamp"]) == int(told.clock.now().timestamp())


def test_the_signature_is_that_of_the_specification_s_libraries():
    # The test vector of standard-webhooks/libraries (python, test_webhooks).
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'

    signed = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body)

    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_each_rise_is_told_and_a_score_that_stays_hot_is_not(told, receiver):
    lead = cold(told)
    for grade in ("A", "C", "A"):
        put(told, lead, grade)
        deliver(told)
    told.sync()
    deliver(told)

    assert len(receiver.got) == 2
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 2


def test_a_lead_that_is_hot_no_more_is_not_told(told, receiver):
    lead = cold(told)
    put(told, lead)
    put(told, lead, "C")

    assert deliver(told) == Told(over=1)
    assert receiver.got == []


def test_the_first_load_of_a_portal_tells_of_new_leads_alone(house, taught, receiver):
    house.provision()
    house.use(taught)
    webhook = Webhook(receiver.url, "env:SECRET", ("A", "B", "C", "D"), new_within_days=30)
    house.mapping = replace(house.mapping, handover=Handover(webhook))
    house.sync()

    made_at = {one.lead_id: one for one in (kept.rise for kept in handovers.newest(house.store, house.name, limit=999))}
    recent = house.clock.now() - 30 * DAY
    contacts = house.portal.snapshot("contacts")
    new = {lead for lead in house.in_crm() if contacts[lead]["createdate"] >= recent.isoformat()}
    assert set(made_at) == new
    assert 0 < len(new) < len(house.in_crm())


@pytest.mark.parametrize("status", [302, 400, 500])
def test_a_receiver_that_does_not_take_it_gets_the_same_message_again_later(told, receiver, status):
    receiver.answers.append(status)
    put(told, cold(told))

    assert deliver(told) == Told(failed=1)
    assert deliver(told) == Told()
    told.clock.advance(timedelta(minutes=1))
    assert deliver(told) == Told(sent=1)

    (first, second) = (headers["webhook-id"] for headers, _ in receiver.got)
    assert first == second
    (kept,) = handovers.newest(told.store, told.name, limit=5)
    assert kept.state is State.SENT


def test_a_receiver_that_is_down_is_asked_once_and_its_address_is_in_no_words(told, receiver):
    gone = Webhook("http://127.0.0.1:9/s3cret", "env:SECRET", ("A",))
    told.mapping = replace(told.mapping, handover=Handover(gone))
    first, second = sorted(lead for lead, values in told.in_crm().items() if values["tg_grade"] == "D")[:2]
    put(told, first)
    put(told, second)

    assert deliver(told) == Told(failed=1)
    reasons = [one.told for one in handovers.newest(told.store, told.name, limit=5) if one.told]
    assert reasons
    assert all("s3cret" not in reason and "127.0.0.1" not in reason for reason in reasons)
    assert told.in_crm()[second]["tg_grade"] == "A"


def test_a_secret_that_is_not_set_is_told_and_tried_again(told, receiver):
    def missing(_reference, _where):
        raise SettingsInvalid("secret of handover.webhook is not set. Set it.")

    put(told, cold(told))

    assert deliver(told, missing) == Told(failed=1)
    (kept,) = handovers.newest(told.store, told.name, limit=5)
    assert kept.told == "secret of handover.webhook is not set. Set it."
    assert receiver.got == []


def test_a_secret_that_is_no_base64_after_its_mark_is_told_without_it():
    with pytest.raises(NotTaken) as caught:
        signature("whsec_not base64!", "msg_1", "1", b"{}")

    assert "base64!" not in str(caught.value)


def test_an_address_that_a_reference_names_must_be_https_as_well(told, receiver):
    named = Webhook("env:URL", "env:SECRET", ("A",))
    told.mapping = replace(told.mapping, handover=Handover(named))
    put(told, cold(told))

    assert deliver(
        told, lambda reference, _: {"env:URL": "http://a.example/", "env:SECRET": SECRET}[reference]
    ) == Told(failed=1)
    (kept,) = handovers.newest(told.store, told.name, limit=5)
    assert "https://" in kept.told
    assert "a.example" not in kept.told


def test_without_the_section_nothing_is_noted(scored):
    put(scored, cold(scored))

    assert handovers.counts(scored.store, scored.name) == {}
    assert deliver(scored) == Told()
