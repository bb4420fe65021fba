"""HubSpot's addresses, with the one dated version that we speak.

HubSpot's paths carry a date since March 2026; each date is supported for 18 months at least, and the older v3 and v4
paths lose their support in 2027 (HubSpot developer docs, "Migration guide"), so none of them is ever sent. The object
schemas of "2026-03" are those of v3; "2026-09" also enforces a portal's own rules on writes.
"""

from collections.abc import Sequence
from urllib.parse import quote

VERSION = "2026-03"

Query = Sequence[tuple[str, str]]


def objects(kind: str) -> str:
    """List records: GET, in the order of their ids."""
    return f"/crm/objects/{VERSION}/{kind}"


def record(kind: str, record_id: str) -> str:
    return f"{objects(kind)}/{quote(record_id, safe='')}"


def batch(kind: str, verb: str) -> str:
    """Read or update up to 100 records: POST."""
    return f"{objects(kind)}/batch/{verb}"


def search(kind: str) -> str:
    return f"{objects(kind)}/search"


def associations(kind: str, to: str) -> str:
    """Read what up to 1,000 records point to: POST."""
    return f"/crm/associations/{VERSION}/{kind}/{to}/batch/read"


def properties(kind: str) -> str:
    return f"/crm/properties/{VERSION}/{kind}"


def one_property(kind: str, name: str) -> str:
    return f"{properties(kind)}/{quote(name, safe='')}"


def property_groups(kind: str) -> str:
    return f"{properties(kind)}/groups"


def segments() -> str:
    """Create a segment: POST."""
    return f"/crm/lists/{VERSION}"


def segment_by_name(type_id: str, name: str) -> str:
    return f"{segments()}/object-type-id/{type_id}/name/{quote(name, safe='')}"


def one_segment(list_id: str) -> str:
    return f"{segments()}/{quote(list_id, safe='')}"


def imports() -> str:
    """Start an import: POST of a form."""
    return f"/crm/imports/{VERSION}"


def one_import(import_id: str) -> str:
    return f"{imports()}/{quote(import_id, safe='')}"


def token() -> str:
    return f"/oauth/{VERSION}/token"


def token_info() -> str:
    """Tell what a static token may do: POST. HubSpot has given this one address no date ("Private apps")."""
    return "/oauth/v2/private-apps/get/access-token-info"


def daily_usage() -> str:
    return f"/account-info/{VERSION}/api-usage/daily/private-apps"


def with_query(path: str, query: Query) -> str:
    """Put a query behind a path; commas stay as they are, because they part the names of a property list."""
    if not query:
        return path
    return path + "?" + "&".join(f"{name}={quote(value, safe=',')}" for name, value in query)
