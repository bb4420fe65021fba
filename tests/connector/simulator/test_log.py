from datetime import UTC, datetime

import pytest

from connector.simulator.log import Entry, Log, masked

AT = datetime(2026, 1, 5, tzinfo=UTC)


def entry(crm, kind, path="/crm/v3/objects"):
    return Entry(crm, "GET", path, kind, 200, AT)


def test_requests_are_counted_by_crm_and_kind():
    log = Log()

    for one in (entry("hubspot", "read"), entry("hubspot", "read"), entry("salesforce", "write")):
        log.add(one)

    assert log.counts() == {"hubspot": {"read": 2}, "salesforce": {"write": 1}}
    assert log.count("hubspot") == 2
    assert log.count(kind="write") == 1
    assert log.count() == 3


def test_entries_are_listed_oldest_first_and_by_what_is_asked():
    log = Log()
    first, second = entry("hubspot", "read", "/a"), entry("hubspot", "write", "/b")

    log.add(first)
    log.add(second)

    assert log.entries() == (first, second)
    assert log.entries("hubspot", "write") == (second,)
    assert log.entries("salesforce") == ()


def test_a_cleared_log_is_empty():
    log = Log()
    log.add(entry("hubspot", "read"))

    log.clear()

    assert log.counts() == {}


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/services/data/v65.0/query?q=SELECT+Email", "/services/data/v65.0/query"),
        ("/oauth/v1/access-tokens/pat-na1-secret", "/oauth/v1/access-tokens/{token}"),
        ("/oauth/v1/refresh-tokens/na1-refresh", "/oauth/v1/refresh-tokens/{token}"),
        ("/crm/v3/objects/contacts/anna@acme.com", "/crm/v3/objects/contacts/{email}"),
        ("/crm/v3/objects/contacts/anna%40acme.com/associations", "/crm/v3/objects/contacts/{email}/associations"),
        ("/crm/v3/objects/contacts/51", "/crm/v3/objects/contacts/51"),
    ],
)
def test_a_logged_path_has_no_query_no_token_and_no_address(path, shown):
    assert masked(path) == shown
