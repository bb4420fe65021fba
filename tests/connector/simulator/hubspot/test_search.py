from datetime import timedelta

import pytest

STAMP = "lastmodifieddate"


def since(stamp, operator="GTE"):
    return {"propertyName": STAMP, "operator": operator, "value": stamp}


def above(record):
    return {"propertyName": "hs_object_id", "operator": "GT", "value": record}


def by_id():
    return [{"propertyName": "hs_object_id", "direction": "ASCENDING"}]


def test_an_empty_search_finds_everything_ten_at_a_time(api, portal):
    body = api.search("contacts").json()

    assert body["total"] == len(portal.snapshot("contacts")) == 320
    assert [one["id"] for one in body["results"]][:2] == ["901", "951"]
    assert len(body["results"]) == 10
    assert body["paging"] == {"next": {"after": "10"}}


def test_after_is_an_offset(api):
    whole = api.search("contacts", limit=200).json()["results"]
    text = api.search("contacts", limit=5, after="7").json()["results"]
    number = api.search("contacts", limit=5, after=7).json()["results"]

    assert text == number == whole[7:12]


def test_the_last_page_names_no_next(api):
    body = api.search("contacts", limit=200, after=200).json()

    assert len(body["results"]) == 120
    assert "paging" not in body


@pytest.mark.parametrize(
    "body",
    [
        {"limit": 201},
        {"limit": 200, "after": 9_900},
        {"after": "10000"},
        {"after": "x"},
        {"filterGroups": [{"filters": []}] * 6},
        {"filterGroups": [{"filters": [above("1")] * 7}]},
        {"filterGroups": [{"filters": [above("1")] * 5}] * 4},
        {"sorts": [*by_id(), *by_id()]},
        {"sorts": [{"propertyName": "none_such"}]},
        {"filters": [{"propertyName": "none_such", "operator": "EQ", "value": "1"}]},
        {"filters": [{"propertyName": "email", "operator": "LIKE", "value": "1"}]},
        {"filters": [{"propertyName": "email", "operator": "EQ"}]},
        {"filters": [{"propertyName": "email", "operator": "IN", "value": "x"}]},
        {"filters": [since("yesterday")]},
        {"filters": [{"propertyName": "hs_email_open", "operator": "GT", "value": "many"}]},
        {"filters": "email"},
        {"properties": ["hs_analytics_num_page_views"] * 120},
    ],
)
def test_what_a_search_does_not_allow_is_a_400(api, body):
    reply = api.search("contacts", **body)

    assert (reply.status_code, reply.json()["category"]) == (400, "VALIDATION_ERROR")


def test_too_many_groups_are_counted(api):
    message = api.search("contacts", filterGroups=[{"filters": []}] * 6).json()["message"]

    assert message == "Invalid input JSON: too many filterGroups (count: 6, max allowed: 5)"


def test_the_wall_stands_at_ten_thousand(api, portal):
    portal.set_option("search_reach", 300)

    assert api.search("contacts", limit=100, after=200).status_code == 200
    assert api.search("contacts", limit=100, after=201).status_code == 400
    assert api.search("contacts", limit=100, after=200).json()["total"] == 320


def test_a_mass_update_is_walked_by_id_within_one_stamp(api, portal):
    stamp = portal.same_stamp("contacts")
    found, last = [], "0"

    while page := api.found("contacts", since(stamp), since(stamp, "LTE"), above(last), sorts=by_id(), limit=50):
        found += page
        last = page[-1]

    assert len(found) == len(set(found)) == 320


def test_a_write_shows_when_the_index_has_caught_up(api, portal, clock):
    portal.set_option("index_lag_s", 3.0)
    before = portal.snapshot("contacts")["901"]["jobtitle"]
    now = clock.now().isoformat()
    api.update({"id": "901", "properties": {"jobtitle": "Stargazer"}})

    clock.advance(timedelta(seconds=2.9))
    early = api.search("contacts", filters=[above("900")], properties=["jobtitle"], limit=1).json()["results"][0]
    early_ids = api.found("contacts", since(now))
    clock.advance(timedelta(seconds=0.1))

    assert early["properties"]["jobtitle"] == before
    assert "901" not in early_ids
    assert api.found("contacts", since(now)) == ["901"]
    assert api.found("contacts", {"propertyName": "jobtitle", "operator": "EQ", "value": "stargazer"}) == ["901"]


def test_each_of_several_writes_shows_in_its_turn(api, portal, clock):
    portal.edit("contacts", "901", {"jobtitle": "zero"})
    portal.set_option("index_lag_s", 3.0)
    seen = []

    for title in ("one", "two", "three"):
        api.update({"id": "901", "properties": {"jobtitle": title}})
        clock.advance(timedelta(seconds=0.8))
    for _ in range(4):
        page = api.search("contacts", filters=[above("900")], properties=["jobtitle"], limit=1).json()
        seen.append(page["results"][0]["properties"]["jobtitle"])
        clock.advance(timedelta(seconds=0.8))

    assert seen == ["zero", "one", "two", "three"]


def test_a_new_record_and_an_archived_one_take_their_time_too(api, portal, clock):
    portal.set_option("index_lag_s", 3.0)
    made = portal.create("contacts", {"firstname": "Newcomer"})
    portal.archive("contacts", ["901"])

    early = api.found("contacts", above("0")), api.search("contacts").json()["total"]
    clock.advance(timedelta(seconds=3))
    late = api.found("contacts", above("0"), limit=200, after=200), api.search("contacts").json()["total"]

    assert "901" in early[0]
    assert early[1] == late[1] == 320
    assert made in late[0]
    assert "901" not in api.found("contacts", above("0"))


def test_results_can_be_sorted(api):
    down = [{"propertyName": "createdate", "direction": "DESCENDING"}]

    stamps = [one["createdAt"] for one in api.search("contacts", sorts=down, limit=200).json()["results"]]

    assert stamps == sorted(stamps, reverse=True)


def test_the_two_ways_to_read_a_page_agree(api, portal):
    """Whether a page walks the ids or an index is a matter of speed only."""
    stamp = sorted(str(one[STAMP]) for one in portal.snapshot("contacts").values())[100]
    by_index = api.found("contacts", since(stamp), above("1500"), sorts=by_id())

    portal.set_option("walk_above", 0)

    assert api.found("contacts", since(stamp), above("1500"), sorts=by_id()) == by_index
    assert len(by_index) > 100
