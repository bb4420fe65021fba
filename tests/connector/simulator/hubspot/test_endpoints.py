import pytest

from connector.simulator.hubspot.endpoints import find


@pytest.mark.parametrize(
    "path",
    [
        "/crm/v3/objects/contacts",
        "/crm/v3/objects/contacts/",
        "/crm/v4/objects/0-1",
        "/crm/objects/2026-03/contacts",
        "/crm/objects/2026-09/0-1/",
        "/crm/objects/2026-03/contact",
    ],
)
def test_every_way_to_call_the_contacts_gives_them(api, path):
    reply = api.get(path, limit=1)

    assert reply.status_code == 200
    assert reply.json()["results"][0]["id"] == "901"


@pytest.mark.parametrize(
    "path",
    ["/crm/objects/contacts", "/crm/2026-03/objects/contacts", "/crm/objects/2026-04/contacts", "/crm/v3/tickets"],
)
def test_a_path_that_is_none_is_a_404(api, path):
    assert api.get(path).status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("POST", "/oauth/v1/token", "sign-in"),
        ("POST", "/oauth/2026-03/token", "sign-in"),
        ("GET", "/crm/objects/2026-03/contacts?limit=1", "read"),
        ("POST", "/crm/v3/objects/contacts/search", "read"),
        ("POST", "/crm/v3/objects/contacts/batch/read", "read"),
        ("POST", "/crm/associations/2026-03/contacts/companies/batch/read", "read"),
        ("POST", "/crm/v3/objects/contacts/batch/update", "write"),
        ("POST", "/crm/v3/objects/contacts", "write"),
        ("POST", "/crm/v3/imports/", "write"),
        ("GET", "/crm/v3/imports/3000", "poll"),
        ("GET", "/crm/properties/2026-03/contacts", "describe"),
        ("POST", "/crm/properties/2026-03/contacts", "admin"),
        ("GET", "/nothing", "read"),
    ],
)
def test_the_log_knows_what_a_request_is_for(portal, method, path, kind):
    assert portal.classify(method, path) == kind


def test_a_named_part_comes_before_a_parameter():
    assert find("GET", "/crm/v3/properties/contacts/groups").endpoint.pattern == "crm/properties/{type}/groups"


def test_an_unknown_object_type_is_a_400(api):
    reply = api.get("/crm/v3/objects/0-136")

    assert reply.status_code == 400
    assert reply.json()["message"] == "Unable to infer object type from: 0-136"
