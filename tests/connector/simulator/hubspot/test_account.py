def test_the_account_tells_its_zone(api):
    body = api.get("/account-info/v3/details").json()

    assert body["portalId"] == 62515
    assert (body["timeZone"], body["utcOffset"], body["utcOffsetMilliseconds"]) == ("US/Eastern", "-05:00", -18_000_000)
    assert body["accountType"] == "STANDARD"
    assert api.get("/account-info/2026-03/details").json() == body


def test_the_account_tells_what_it_used_today(api, portal):
    portal.set_option("daily", 1000)
    api.get("/crm/v3/owners")

    usage = api.get("/account-info/v3/api-usage/daily/private-apps").json()["results"][0]

    assert (usage["name"], usage["usageLimit"]) == ("private-apps-api-calls-daily", 1000)
    assert usage["currentUsage"] == 2
    assert usage["resetsAt"] == "2026-11-04T05:00:00.000Z"


def test_owners_and_users_are_numbered_apart(api):
    owners = api.get("/crm/v3/owners/").json()["results"]

    first = owners[0]
    assert (first["id"], first["userId"]) == ("41629779", 9586504)
    assert api.get("/crm/owners/2026-03/41629779").json() == first
    assert api.get("/crm/v3/owners/9586504", idProperty="userId").json() == first
    assert api.get("/crm/v3/owners", email=first["email"]).json()["results"] == [first]
    assert api.get("/crm/v3/owners/1").status_code == 404


def test_owners_are_paged_and_archived_ones_are_listed_apart(api):
    page = api.get("/crm/v3/owners", limit=1).json()
    last = api.get("/crm/v3/owners", limit=1, after=page["paging"]["next"]["after"]).json()
    archived = api.get("/crm/v3/owners", archived="true").json()["results"]

    assert "paging" not in last
    assert [one["firstName"] for one in archived] == ["Kim"]
