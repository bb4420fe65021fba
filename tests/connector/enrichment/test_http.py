"""Strangers on a real socket: whatever they do, a request ends, in time and in bounded memory."""

import time
import tracemalloc
from contextlib import suppress
from datetime import UTC, datetime

import pytest

from connector.clock import MovableClock, SystemClock
from connector.enrichment.http import Service
from connector.enrichment.replies import Unusable
from connector.enrichment.sources import KeyedBy, ServiceSource, address_problem, parse_path
from connector.errors import ConnectorError, Misconfigured, OutOfQuota, Retryable
from connector.limiter import MemoryLimiter, NoLimiter
from tests import stranger
from tests.stranger import well

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FIELDS = (("industry", ("industry",)), ("staff", ("metrics", "staff")), ("city", ("sites", 0, "city")))


def asking(service, *, clock=None, limiter=None, pay=lambda: None, **told):
    source = ServiceSource("provider", f"{service.url}/v1/{{key}}", KeyedBy("domain", ("Email",)), FIELDS)
    source = ServiceSource(**{name: getattr(source, name) for name in source.__slots__} | {"timeout_s": 1.0} | told)
    limiter = limiter or NoLimiter()
    clock = clock or MovableClock(NOW)
    return Service(source, secret="s3cret", clock=clock, limiter=limiter, jitter=lambda: 0.0, pay=pay)


def told(service, key="acme.com", **how):
    [(_, values)] = asking(service, **how).told([key])
    return values


def test_values_come_by_their_paths(service):
    service.behaves = well({"industry": " Tools\n& Dies ", "metrics": {"staff": 250.0}, "sites": [{"city": True}]})

    assert told(service) == {"industry": "Tools & Dies", "staff": "250", "city": "true"}


def test_what_is_not_there_or_no_single_value_is_left_out(service):
    service.behaves = well({"industry": {"name": "Tools"}, "metrics": [], "sites": []})

    assert told(service) == {}


def test_the_key_stays_one_piece_of_the_address(service):
    service.behaves = well({})

    told(service, "a/../b?c=d#e f")

    assert service.asked[0][0] == "/v1/a%2F..%2Fb%3Fc%3Dd%23e%20f"


@pytest.mark.parametrize("key", [".", ".."])
def test_a_key_that_would_be_another_folder_is_not_asked(service, key):
    assert told(service, key) is None
    assert service.asked == []


def test_the_secret_goes_into_its_header(service):
    service.behaves = well({})

    told(service, header="Authorization", scheme="Bearer")

    assert service.asked[0][1]["Authorization"] == "Bearer s3cret"


def test_a_body_holds_the_key_whatever_it_is(service):
    service.behaves = well({"industry": "Tools"})

    told(service, 'a"}, "b": {"', url=f"{service.url}/match", body='{"domain": "{key}", "n": [1, "{key}"]}')

    assert service.asked[0][2] == rb'{"domain":"a\"}, \"b\": {\"","n":[1,"a\"}, \"b\": {\""]}'


@pytest.mark.parametrize("number", [204, 404, 422])
def test_a_key_that_the_service_does_not_know_is_none(service, number):
    service.behaves = stranger.status(number)

    assert told(service) is None


def test_a_packed_reply_is_unpacked(service):
    service.behaves = stranger.packed

    assert told(service) == {"industry": "Tools"}


@pytest.mark.parametrize(
    ("behaves", "error"),
    [
        (stranger.html, Unusable),
        (stranger.invalid, Unusable),
        (stranger.huge, Unusable),
        (stranger.half, Retryable),
        (stranger.slow, Retryable),
        (stranger.status(500), Retryable),
        (stranger.status(429), Retryable),
        (stranger.status(401), Misconfigured),
        (stranger.status(402), Misconfigured),
    ],
)
def test_what_is_no_reply_ends_by_what_to_do_next(service, behaves, error):
    service.behaves = behaves

    with pytest.raises(error) as caught:
        told(service)

    assert "acme" not in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_a_bomb_stays_packed(service):
    service.behaves = stranger.bomb
    assert len(stranger.BOMB) < 100_000
    tracemalloc.start()

    with pytest.raises(Unusable, match="larger"):
        told(service)

    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 10_000_000  # of 50 MB


def test_a_reply_that_drips_ends_when_its_time_is_over(service):
    service.behaves = stranger.dripping
    began = time.monotonic()

    with pytest.raises(Unusable, match="slowly"):
        told(service, clock=SystemClock(), timeout_s=0.5)

    assert time.monotonic() - began < 5


def test_a_head_that_drips_is_cut(service):
    service.behaves = stranger.slow_head
    began = time.monotonic()

    with pytest.raises(ConnectorError):
        told(service, timeout_s=0.4)

    assert time.monotonic() - began < 6


def test_a_broken_head_puts_no_key_into_the_log(service, caplog):
    service.behaves = stranger.broken_head

    with suppress(ConnectorError):
        told(service)

    assert len(service.asked) > 0
    assert "acme" not in caplog.text


def test_a_long_wait_is_not_kept_to_where_leads_go_without(service):
    service.behaves = stranger.status(429, Retry_After="3600")
    clock = MovableClock(NOW)

    with pytest.raises(Retryable):
        told(service, clock=clock)

    assert sum(clock.slept) <= 10


def test_a_redirect_is_not_followed_and_no_secret_leaves(service):
    with stranger.stranger() as other:
        service.behaves = stranger.elsewhere(f"{other.url}/steal")

        with pytest.raises(Misconfigured, match="another address"):
            told(service, header="Authorization")

        assert other.asked == []
    assert len(service.asked) == 1


def test_it_waits_as_long_as_it_is_asked_to(service):
    replies = iter([stranger.status(429, Retry_After="5"), well({"industry": "Tools"})])
    service.behaves = lambda handler: (next(replies))(handler)  # noqa: PLW0108  another one each time
    clock = MovableClock(NOW)

    assert told(service, clock=clock) == {"industry": "Tools"}
    assert clock.slept == [5.0]


def test_each_request_is_paid_for_before_it_is_made(service):
    service.behaves = stranger.status(503)
    left = iter([None, OutOfQuota("spent")])

    def pay():
        if error := next(left):
            raise error

    with pytest.raises(OutOfQuota):
        told(service, pay=pay)

    assert len(service.asked) == 1


def test_it_keeps_to_its_rate(service):
    service.behaves = well({})
    clock = MovableClock(NOW)

    list(asking(service, clock=clock, limiter=MemoryLimiter(clock, {"provider": 2.0})).told(list("abcdef")))

    assert (clock.now() - NOW).total_seconds() >= 2.0


def test_nobody_at_the_address_is_a_reason_to_try_later():
    class Gone:
        url = "http://127.0.0.1:1"

    with pytest.raises(Retryable, match="cannot be reached"):
        told(Gone)


@pytest.mark.parametrize(
    ("url", "is_well"),
    [
        ("https://api.example.com/{key}", True),
        ("http://127.0.0.1:8080/{key}", True),
        ("http://api.example.com/{key}", False),
        ("https://{key}.example.com/", False),
        ("https://user:pass@example.com/{key}", False),
        ("https://example.com:x/{key}", False),
        ("ftp://example.com/{key}", False),
        ("https://[bad/{key}", False),
    ],
)
def test_only_https_to_a_host_that_the_mapping_names(url, is_well):
    assert (address_problem(url) is None) == is_well


@pytest.mark.parametrize(
    ("text", "path"),
    [("a", ("a",)), ("a.b[0].c", ("a", "b", 0, "c")), ("a..b", None), ("", None), ("[0]", None), ("a[x]", None)],
)
def test_paths_are_dots_and_numbers(text, path):
    assert parse_path(text) == path
