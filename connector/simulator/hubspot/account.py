"""The account itself: its details, what it has used of its day, its owners, and the token endpoint.

Source: HubSpot developer docs, "Account information", "Owners" and "Manage OAuth tokens".
"""

from connector.simulator.hubspot import auth
from connector.simulator.hubspot.limits import resets_at, used_today
from connector.simulator.hubspot.replies import Json, Reply, instant, not_found
from connector.simulator.hubspot.state import Call, State, query

_MADE = "2023-01-10T09:00:00.000Z"
# (owner id, user id, first name, last name, archived): owners and users are numbered apart
_OWNERS = (
    ("41629779", 9586504, "Robin", "Vale", False),
    ("60158084", 9586512, "Sam", "Okafor", False),
    ("60158085", 9586519, "Kim", "Lund", True),
)


def details(state: State, call: Call) -> Reply:
    """Answer GET /account-info/details."""
    offset_s = state.options.utc_offset_s
    hours, minutes = divmod(abs(offset_s) // 60, 60)
    return Reply(
        200,
        {
            "portalId": state.options.portal_id,
            "accountType": "STANDARD",
            "timeZone": state.options.time_zone,
            "companyCurrency": "USD",
            "additionalCurrencies": [],
            "utcOffset": f"{'-' if offset_s < 0 else '+'}{hours:02d}:{minutes:02d}",
            "utcOffsetMilliseconds": offset_s * 1000,
            "uiDomain": "app.hubspot.com",
            "dataHostingLocation": "na1",
        },
    )


def daily_usage(state: State, call: Call) -> Reply:
    """Answer GET /account-info/api-usage/daily/private-apps."""
    options = state.options
    usage: Json = {
        "name": "private-apps-api-calls-daily",
        "usageLimit": options.daily,
        "currentUsage": used_today(state.limits, options, call.at),
        "collectedAt": instant(call.at),
        "fetchStatus": "SUCCESS",
        "resetsAt": instant(resets_at(options, call.at)),
    }
    return Reply(200, {"results": [usage]})


def token_info(state: State, call: Call) -> Reply:
    """Answer POST /oauth/v2/private-apps/get/access-token-info: what a static token may do ("Private apps")."""
    grant = state.grants.access.get(str(call.json().get("tokenKey")))
    if grant is None or grant.expires_at is not None:
        raise not_found()
    return Reply(200, {"hubId": state.options.portal_id, "userId": 9586504, "appId": 1, "scopes": sorted(grant.scopes)})


def owners(state: State, call: Call) -> Reply:
    """Answer GET /crm/owners."""
    archived, email = call.flag("archived"), call.text("email")
    limit = call.number("limit", 100, most=500)
    listed = [one for one in _owners() if one["archived"] is archived and email in {None, one["email"]}]
    after = call.text("after") or "0"
    start = int(after) if after.isdecimal() else 0
    content: Json = {"results": listed[start : start + limit]}
    if start + limit < len(listed):
        content["paging"] = {"next": {"after": str(start + limit)}}
    return Reply(200, content)


def owner(state: State, call: Call) -> Reply:
    """Answer GET /crm/owners/{id}."""
    by = "userId" if call.text("idProperty") == "userId" else "id"
    for one in _owners():
        if str(one[by]) == call.params["id"] and one["archived"] is call.flag("archived"):
            return Reply(200, one)
    raise not_found()


def token(state: State, call: Call) -> Reply:
    """Answer POST /oauth/token; only v1 takes the fields from the query too."""
    fields = {name: values[-1] for name, values in query(call.content.decode(errors="replace")).items()}
    if call.version == "v1":
        fields = {name: values[-1] for name, values in call.query.items()} | fields
    return Reply(200, auth.refresh(state.grants, state.options, fields, call.at))


def _owners() -> list[Json]:
    return [
        {
            "id": owner_id,
            "email": f"{first}.{last}@example.com".lower(),
            "type": "PERSON",
            "firstName": first,
            "lastName": last,
            "userId": user_id,
            "userIdIncludingInactive": user_id,
            "createdAt": _MADE,
            "updatedAt": _MADE,
            "archived": archived,
            "teams": [{"id": "368389", "name": "Sales Team", "primary": True}],
        }
        for owner_id, user_id, first, last, archived in _OWNERS
    ]
