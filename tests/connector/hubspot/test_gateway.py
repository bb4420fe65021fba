import gzip
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import orjson
import pytest

from connector.crm import Budget
from connector.errors import Misconfigured, OutOfQuota, Retryable
from connector.hubspot.gateway import Gateway, UnexpectedReply
from connector.hubspot.options import HubSpotOptions
from connector.hubspot.signin import OAuthRefresh, StaticToken
from connector.limiter import NoLimiter

PATH = "/crm/objects/2026-03/contacts"
GOOD = b'{"results":[]}'
TOKEN = b'{"access_token":"fresh","refresh_token":"r","expires_in":1800}'


class Buckets(NoLimiter):
    """A limiter that lets all pass and remembers who waited where, who was too fast, and what was told."""

    def __init__(self):
        self.waited, self.penalties, self.told = [], [], []

    def wait(self, bucket):
        self.waited.append(bucket)

    def penalize(self, bucket, seconds):
        self.penalties.append((bucket, seconds))

    def reported(self, budget):
        self.told.append(budget)


@pytest.fixture
def gateway_to(clock):
    made = []

    def make(url, sign_in=StaticToken("pat"), limiter=None, **options):  # noqa: B008  # frozen
        gateway = Gateway(
            sign_in,
            base_url=url,
            clock=clock,
            limiter=limiter or NoLimiter(),
            jitter=lambda: 0.0,
            vault=None,
            options=HubSpotOptions(**options),
        )
        made.append(gateway)
        return gateway

    yield make
    for gateway in made:
        gateway.close()


def test_a_call_carries_token_name_and_json(scripted, gateway_to):
    scripted.says(200, GOOD)
    limiter = Buckets()

    reply = gateway_to(scripted.url, limiter=limiter).send(
        "POST", PATH + "/search", {"limit": 1}, bucket="search", expects="results"
    )

    (asked,) = scripted.asked
    assert reply.data == {"results": []}
    assert (asked.method, asked.path, asked.body) == ("POST", PATH + "/search", b'{"limit":1}')
    assert asked.headers["Authorization"] == "Bearer pat"
    assert asked.headers["User-Agent"].startswith("Truegrade/")
    assert asked.headers["Accept-Encoding"] == "gzip"
    assert limiter.waited == ["search"]


def test_a_compressed_reply_is_read(scripted, gateway_to):
    scripted.says(200, gzip.compress(GOOD), Content_Encoding="gzip")

    assert gateway_to(scripted.url).get(PATH).data == {"results": []}


def test_a_reply_without_body_is_taken(scripted, gateway_to):
    scripted.says(204, b"")

    assert gateway_to(scripted.url).get(PATH).data == {}


@pytest.mark.parametrize(
    "broken",
    [
        b"HTTP/1.1 200 x\r\nContent-Length: 500\r\n\r\n" + GOOD,
        b'HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"res',
        b'HTTP/1.1 200 x\r\n\r\n{"results":[{',
        b"HTTP/1.1 200 x\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope",
        b"HTTP/1.1 200 x\r\nContent-Type: text/html\r\nContent-Length: 17\r\n\r\n<html>back soon</",
        b"HTTP/1.1 200 x\r\nContent-Length: 2\r\n\r\n[]",
        b'HTTP/1.1 200 x\r\nContent-Length: 17\r\n\r\n{"status":"fine"}',
        b"HTTP/1.1 503 x\r\nContent-Length: 3\r\n\r\n<a>",
        b"",
    ],
    ids=["cut", "cut-chunks", "cut-open", "no-gzip", "html", "no-object", "other-json", "503", "nothing"],
)
def test_a_broken_reply_is_asked_for_again(scripted, gateway_to, broken):
    scripted.replies.append(broken)
    scripted.says(200, GOOD)

    assert gateway_to(scripted.url).get(PATH, expects="results").data == {"results": []}
    assert len(scripted.asked) == 2


def test_a_call_is_given_up_after_six_attempts(scripted, gateway_to, clock):
    for _ in range(6):
        scripted.says(429, b'{"policyName":"TEN_SECONDLY_ROLLING"}')

    with pytest.raises(Retryable) as caught:
        gateway_to(scripted.url).get(PATH)

    assert caught.value.after_s == 10.0
    assert clock.slept == [10.0] * 5


@pytest.mark.parametrize(
    ("bucket", "policy", "headers", "penalty"),
    [
        ("burst", "TEN_SECONDLY_ROLLING", {}, [("burst", 10.0)]),
        ("burst", "TEN_SECONDLY_ROLLING", {"Retry_After": "4"}, [("burst", 4.0)]),
        ("search", "SECONDLY", {}, [("search", 1.0)]),
    ],
)
def test_a_call_too_many_keeps_everybody_out_of_its_bucket(scripted, gateway_to, bucket, policy, headers, penalty):
    scripted.says(429, b'{"policyName":"%s"}' % policy.encode(), **headers)
    scripted.says(200, GOOD)
    limiter = Buckets()

    gateway_to(scripted.url, limiter=limiter).send("POST", PATH, {}, bucket=bucket)

    assert limiter.penalties == penalty


def test_a_lock_is_no_reason_to_keep_others_out(scripted, gateway_to):
    scripted.says(423, b"{}")
    scripted.says(200, GOOD)
    limiter = Buckets()

    gateway_to(scripted.url, limiter=limiter).get(PATH)

    assert limiter.penalties == []


def test_the_limiter_is_told_of_the_days_calls(scripted, gateway_to, clock):
    scripted.says(200, GOOD, X_HubSpot_RateLimit_Daily="1000", X_HubSpot_RateLimit_Daily_Remaining="990")
    scripted.says(200, GOOD)
    limiter = Buckets()
    gateway = gateway_to(scripted.url, limiter=limiter)

    gateway.get(PATH)
    gateway.get(PATH)
    gateway.day(Budget(12, 1000, clock.now()))

    assert limiter.told == [Budget(10, 1000), Budget(12, 1000, clock.now())]


def test_a_limiter_that_refuses_stops_the_call_before_it_is_sent(scripted, gateway_to):
    class Spent(NoLimiter):
        def wait(self, bucket):
            raise OutOfQuota(f"No {bucket} today.")

    with pytest.raises(OutOfQuota, match="No burst today"):
        gateway_to(scripted.url, limiter=Spent()).get(PATH)

    assert scripted.asked == []


def test_nobody_there_was_never_sent(scripted, gateway_to):
    with pytest.raises(Retryable) as caught:
        gateway_to("http://127.0.0.1:9").get(PATH)

    assert not caught.value.sent


def test_a_server_that_says_nothing_is_given_up(scripted, gateway_to):
    gateway = gateway_to(scripted.url, read_s=0.05)
    scripted.replies.extend([b"HTTP/1.1 200 x\r\nContent-Length: 3\r\n\r\n{}"] * 6)

    with pytest.raises(Retryable):
        gateway.get(PATH)


def test_daily_quota_parks_the_work_until_the_day_ends(scripted, gateway_to, clock):
    scripted.says(429, b'{"policyName":"DAILY"}')
    gateway = gateway_to(scripted.url)
    gateway.day_ends_at = clock.now() + timedelta(hours=3)

    with pytest.raises(OutOfQuota) as caught:
        gateway.get(PATH)

    assert caught.value.until == gateway.day_ends_at
    assert len(scripted.asked) == 1


def test_a_moving_portal_parks_the_work(scripted, gateway_to, clock):
    scripted.says(477, b"", Retry_After="7200")

    with pytest.raises(OutOfQuota) as caught:
        gateway_to(scripted.url).get(PATH)

    assert caught.value.until == clock.now() + timedelta(hours=2)


def test_missing_scopes_are_named(scripted, gateway_to):
    scripted.says(
        403, b'{"errors":[{"context":{"requiredGranularScopes":["crm.import"]}}],"category":"MISSING_SCOPES"}'
    )

    with pytest.raises(Misconfigured, match=r"crm\.import"):
        gateway_to(scripted.url).get(PATH)


def test_a_static_token_is_not_tried_twice(scripted, gateway_to):
    scripted.says(401, b'{"category":"INVALID_AUTHENTICATION"}')

    with pytest.raises(Misconfigured, match="Connect HubSpot again"):
        gateway_to(scripted.url).get(PATH)

    assert len(scripted.asked) == 1


def test_an_expired_token_is_renewed_once(scripted, gateway_to):
    scripted.says(200, TOKEN)
    scripted.says(401, b'{"category":"EXPIRED_AUTHENTICATION"}')
    scripted.says(200, TOKEN.replace(b'"fresh"', b'"fresher"'))
    scripted.says(200, GOOD)

    gateway_to(scripted.url, OAuthRefresh("app", "hush", "r")).get(PATH)

    assert [asked.path for asked in scripted.asked] == ["/oauth/2026-03/token", PATH, "/oauth/2026-03/token", PATH]
    assert scripted.asked[0].body == b"grant_type=refresh_token&client_id=app&client_secret=hush&refresh_token=r"
    assert scripted.asked[0].headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert "Authorization" not in scripted.asked[0].headers
    assert scripted.asked[3].headers["Authorization"] == "Bearer fresher"


def test_a_token_that_stays_refused_is_the_admins_matter(scripted, gateway_to):
    for _ in range(2):
        scripted.says(200, TOKEN)
        scripted.says(401)

    with pytest.raises(Misconfigured):
        gateway_to(scripted.url, OAuthRefresh("app", "hush", "r")).get(PATH)

    assert len(scripted.asked) == 4


def test_a_limited_token_address_is_asked_again(scripted, gateway_to, clock):
    scripted.says(429, b"{}", Retry_After="4")
    scripted.says(200, b"<html>")
    scripted.says(200, TOKEN)
    scripted.says(200, GOOD)

    gateway_to(scripted.url, OAuthRefresh("app", "hush", "r")).get(PATH)

    assert clock.slept[0] == 4.0


def test_a_dead_grant_is_the_admins_matter(scripted, gateway_to):
    scripted.says(400, b'{"error":"invalid_grant","status":"BAD_REFRESH_TOKEN","message":"x"}')

    with pytest.raises(Misconfigured, match="consent"):
        gateway_to(scripted.url, OAuthRefresh("app", "hush", "r")).get(PATH)


def test_a_refusal_that_nobody_expects_is_a_bug_without_values(scripted, gateway_to):
    body = {"category": "VALIDATION_ERROR", "message": "ada@example.com is no number", "correlationId": "c-1"}
    scripted.says(400, orjson.dumps(body))

    with pytest.raises(UnexpectedReply) as caught:
        gateway_to(scripted.url).get(PATH, [("properties", "email")])

    assert str(caught.value) == f"HubSpot refused the call: 400 VALIDATION_ERROR c-1 [GET {PATH}]"


def test_an_expected_refusal_is_handed_over(scripted, gateway_to):
    scripted.says(404, b'{"message":"resource not found"}')

    assert gateway_to(scripted.url).get(PATH, allowed=frozenset({404})).status == 404


def test_a_redirect_is_not_followed(scripted, gateway_to):
    scripted.says(302, b"", Location=f"{scripted.url}/elsewhere")

    with pytest.raises(Misconfigured, match="address"):
        gateway_to(scripted.url).get(PATH)

    assert len(scripted.asked) == 1


def test_hubspots_time_is_known_from_its_replies(scripted, gateway_to, clock):
    scripted.says(200, GOOD, Date=format_datetime(datetime(2026, 11, 3, 15, 0, 7, tzinfo=UTC), usegmt=True))
    gateway = gateway_to(scripted.url)

    gateway.get(PATH)
    clock.advance(timedelta(seconds=10))

    assert gateway.now() == datetime(2026, 11, 3, 15, 0, 17, 999_000, tzinfo=UTC)


@pytest.mark.parametrize("date", ["yesterday", "Tue, 03 Nov 2026 15:00:07 -0000"])
def test_a_date_that_says_nothing_is_passed_over(scripted, gateway_to, clock, date):
    scripted.says(200, GOOD, Date=date)
    gateway = gateway_to(scripted.url)

    gateway.get(PATH)

    assert gateway.now() == clock.now()


def test_the_days_calls_are_known_from_its_replies(scripted, gateway_to):
    scripted.says(200, GOOD, X_HubSpot_RateLimit_Daily="650000", X_HubSpot_RateLimit_Daily_Remaining="649999")
    scripted.says(200, GOOD)
    gateway = gateway_to(scripted.url)

    gateway.get(PATH)
    gateway.get(PATH)

    assert gateway.daily == (649_999, 650_000)
