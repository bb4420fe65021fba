from datetime import timedelta

CONTACTS = "/crm/objects/2026-03/contacts"
PAIRS = "/crm/associations/2026-03/contacts/companies/batch/read"


def test_the_eleventh_call_in_ten_seconds_is_refused(api, portal, clock):
    portal.set_option("burst_per_10s", 10)

    replies = [api.get(CONTACTS, limit=1) for _ in range(11)]
    clock.advance(timedelta(seconds=10))
    later = api.get(CONTACTS, limit=1)

    assert [reply.status_code for reply in replies] == [200] * 10 + [429]
    assert later.status_code == 200
    body = replies[-1].json()
    assert body["message"] == "You have reached your ten_secondly_rolling limit."
    assert (body["errorType"], body["policyName"]) == ("RATE_LIMIT", "TEN_SECONDLY_ROLLING")
    assert "category" not in body
    assert "Retry-After" not in replies[-1].headers


def test_rate_headers_count_down(api, portal):
    portal.set_option("burst_per_10s", 190)
    portal.set_option("daily", 1000)

    headers = [api.get(CONTACTS, limit=1).headers for _ in range(2)][1]

    assert headers["X-HubSpot-RateLimit-Max"] == "190"
    assert headers["X-HubSpot-RateLimit-Remaining"] == "188"
    assert headers["X-HubSpot-RateLimit-Interval-Milliseconds"] == "10000"
    assert headers["X-HubSpot-RateLimit-Daily"] == "1000"
    assert headers["X-HubSpot-RateLimit-Daily-Remaining"] == "998"


def test_retry_after_can_be_switched_on(api, portal):
    portal.set_option("burst_per_10s", 1)
    portal.set_option("retry_after", True)

    replies = [api.get(CONTACTS, limit=1) for _ in range(2)]

    assert replies[1].headers["Retry-After"] == "10"


def test_searches_have_a_limit_of_their_own_and_no_rate_headers(api, portal, clock):
    portal.set_option("search_per_s", 5)
    portal.set_option("burst_per_10s", 1)

    replies = [api.search("contacts", limit=1) for _ in range(6)]
    clock.advance(timedelta(seconds=1))

    assert [reply.status_code for reply in replies] == [200] * 5 + [429]
    assert replies[-1].json()["policyName"] == "SECONDLY"
    assert replies[-1].json()["message"] == "You have reached your secondly limit."
    assert not [name for name in replies[0].headers if "ratelimit" in name.lower()]
    assert api.search("contacts", limit=1).status_code == 200
    assert api.get(CONTACTS, limit=1).status_code == 200


def test_the_search_limit_is_the_accounts_the_burst_limit_the_apps(api, portal):
    portal.set_option("search_per_s", 1)
    portal.set_option("burst_per_10s", 1)
    api.search("contacts", limit=1)
    api.get(CONTACTS, limit=1)

    path = f"{CONTACTS}/search"
    assert api.post(path, {}, token="pat-na1-admin").status_code == 429
    assert api.get(CONTACTS, limit=1, token="pat-na1-admin").status_code == 200


def test_associations_have_a_bucket_of_their_own(api, portal):
    portal.set_option("associations_per_10s", 2)
    portal.set_option("burst_per_10s", 1)

    replies = [api.post(PAIRS, {"inputs": [{"id": "901"}]}) for _ in range(3)]

    assert [reply.status_code == 429 for reply in replies] == [False, False, True]


def test_the_day_ends_at_midnight_of_the_account(api, portal, clock):
    portal.set_option("daily", 3)

    replies = [api.get(CONTACTS, limit=1) for _ in range(4)]
    clock.advance(timedelta(hours=13, minutes=59))  # 23:59 in New York
    before = api.get(CONTACTS, limit=1)
    clock.advance(timedelta(minutes=1))
    after = api.get(CONTACTS, limit=1)

    assert replies[-1].status_code == before.status_code == 429
    assert replies[-1].json()["message"] == "You have reached your daily limit."
    assert replies[-1].json()["policyName"] == "DAILY"
    assert after.status_code == 200


def test_oauth_apps_have_another_burst_limit_and_no_daily_headers(api, portal):
    form = {"grant_type": "refresh_token", "client_id": "truegrade", "client_secret": "truegrade-secret"}
    token = api.session.post(api.url + "/oauth/v3/token", data={**form, "refresh_token": "na1-refresh"}).json()
    portal.set_option("oauth_burst_per_10s", 110)
    portal.set_option("daily", 10)

    headers = api.get(CONTACTS, token=token["access_token"], limit=1).headers

    assert headers["X-HubSpot-RateLimit-Max"] == "110"
    assert "X-HubSpot-RateLimit-Daily" not in headers
