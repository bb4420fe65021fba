"""Every operation that the portal answers, and how a path finds it.

HubSpot has the same operations under numbered paths (/crm/v3/objects/…, /crm/v4/associations/…) and dated ones
(/crm/objects/2026-03/…). Source: HubSpot developer docs, "Date-based versioning" migration guide.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from connector.simulator.hubspot import (
    account,
    associations,
    batch,
    definitions,
    imports,
    lists,
    objects,
    pipelines,
    search,
)
from connector.simulator.hubspot.objecttypes import object_type
from connector.simulator.hubspot.state import Endpoint

_NUMBERED = frozenset({"v1", "v2", "v3", "v4"})
_DATED = re.compile(r"20\d\d-(03|09)")
_READ = (("crm.objects.{type}.read",),)
_WRITE = (("crm.objects.{type}.write",),)
_LINKED = (("crm.objects.{from}.read",), ("crm.objects.{to}.read",))
_DEFINED = (("crm.schemas.{type}.read", "crm.objects.{type}.read"),)
_DEFINES = (("crm.schemas.{type}.write",),)
_IMPORT = (("crm.import",),)
_LISTS = (("crm.lists.read",),)
_LISTED = (("crm.lists.write",),)
_OWNERS = (("crm.objects.owners.read",),)

ENDPOINTS = (
    Endpoint("POST", "oauth/token", "sign-in", account.token, open=True),
    Endpoint("POST", "oauth/private-apps/get/access-token-info", "read", account.token_info),
    Endpoint("GET", "account-info/details", "describe", account.details),
    Endpoint("GET", "account-info/api-usage/daily/private-apps", "describe", account.daily_usage),
    Endpoint("GET", "crm/objects/{type}", "read", objects.list_page, _READ),
    Endpoint("POST", "crm/objects/{type}", "write", objects.create, _WRITE),
    Endpoint("GET", "crm/objects/{type}/{id}", "read", objects.get_one, _READ),
    Endpoint("PATCH", "crm/objects/{type}/{id}", "write", objects.patch, _WRITE),
    Endpoint("DELETE", "crm/objects/{type}/{id}", "write", objects.delete, _WRITE),
    Endpoint("POST", "crm/objects/{type}/search", "read", search.search, _READ, "search"),
    Endpoint("POST", "crm/objects/{type}/merge", "write", objects.merge_two, _WRITE),
    Endpoint(
        "POST", "crm/objects/contacts/gdpr-delete", "write", objects.gdpr_delete, (("crm.objects.contacts.write",),)
    ),
    Endpoint("POST", "crm/objects/{type}/batch/read", "read", batch.batch_read, _READ),
    Endpoint("POST", "crm/objects/{type}/batch/update", "write", batch.batch_update, _WRITE),
    Endpoint("POST", "crm/objects/{type}/batch/create", "write", batch.batch_create, _WRITE),
    Endpoint("POST", "crm/objects/{type}/batch/archive", "write", batch.batch_archive, _WRITE),
    Endpoint(
        "GET",
        "crm/objects/{type}/{id}/associations/{to}",
        "read",
        associations.list_of_one,
        (("crm.objects.{type}.read",), ("crm.objects.{to}.read",)),
        "associations",
    ),
    Endpoint(
        "POST", "crm/associations/{from}/{to}/batch/read", "read", associations.batch_read, _LINKED, "associations"
    ),
    Endpoint("GET", "crm/properties/{type}", "describe", definitions.list_all, _DEFINED),
    Endpoint("POST", "crm/properties/{type}", "admin", definitions.create, _DEFINES),
    Endpoint("GET", "crm/properties/{type}/groups", "describe", definitions.list_groups, _DEFINED),
    Endpoint("POST", "crm/properties/{type}/groups", "admin", definitions.create_group, _DEFINES),
    Endpoint("GET", "crm/properties/{type}/groups/{name}", "describe", definitions.get_group, _DEFINED),
    Endpoint("DELETE", "crm/properties/{type}/groups/{name}", "admin", definitions.archive_group, _DEFINES),
    Endpoint("GET", "crm/properties/{type}/{name}", "describe", definitions.get_one, _DEFINED),
    Endpoint("PATCH", "crm/properties/{type}/{name}", "admin", definitions.patch, _DEFINES),
    Endpoint("DELETE", "crm/properties/{type}/{name}", "admin", definitions.archive, _DEFINES),
    Endpoint("POST", "crm/properties/{type}/batch/create", "admin", definitions.batch_create, _DEFINES),
    Endpoint("POST", "crm/properties/{type}/batch/read", "describe", definitions.batch_read, _DEFINED),
    Endpoint("POST", "crm/properties/{type}/batch/archive", "admin", definitions.batch_archive, _DEFINES),
    Endpoint("GET", "crm/pipelines/{type}", "describe", pipelines.list_all, _DEFINED),
    Endpoint("GET", "crm/pipelines/{type}/{id}", "describe", pipelines.get_one, _DEFINED),
    Endpoint("GET", "crm/pipelines/{type}/{id}/stages", "describe", pipelines.list_stages, _DEFINED),
    Endpoint("POST", "crm/lists", "admin", lists.create, _LISTED),
    Endpoint("GET", "crm/lists/object-type-id/{type}/name/{name}", "describe", lists.get_by_name, _LISTS),
    Endpoint("DELETE", "crm/lists/{id}", "admin", lists.delete, _LISTED),
    Endpoint("GET", "crm/owners", "describe", account.owners, _OWNERS),
    Endpoint("GET", "crm/owners/{id}", "describe", account.owner, _OWNERS),
    Endpoint("GET", "crm/imports", "poll", imports.list_all, _IMPORT),
    Endpoint("POST", "crm/imports", "write", imports.start, _IMPORT),
    Endpoint("GET", "crm/imports/{id}", "poll", imports.get_one, _IMPORT),
    Endpoint("GET", "crm/imports/{id}/errors", "poll", imports.errors, _IMPORT),
    Endpoint("POST", "crm/imports/{id}/cancel", "write", imports.cancel, _IMPORT),
)


@dataclass(frozen=True, slots=True)
class Match:
    """The operation of a path, with what the path names."""

    endpoint: Endpoint
    version: str
    params: Mapping[str, str]

    def scopes(self) -> list[list[str]]:
        """List what the token needs: one of each. Raises the 400 of an object type that is none."""
        kinds = {key: object_type(self.params[key]) for key in ("type", "from", "to") if key in self.params}
        names = {key: kind.scope or kind.name for key, kind in kinds.items()}
        return [[scope.format_map(names) for scope in any_of] for any_of in self.endpoint.scopes]


def find(method: str, path: str) -> Match | None:
    """Find the operation that answers; slashes at the end are allowed. None: there is none."""
    version, parts = _split(path)
    if version is None:
        return None
    for endpoint, pattern in _TABLE.get((method, len(parts)), ()):
        if all(mark == part or mark.startswith("{") for mark, part in zip(pattern, parts, strict=True)):
            params = {mark[1:-1]: part for mark, part in zip(pattern, parts, strict=True) if mark.startswith("{")}
            return Match(endpoint, version, params)
    return None


def _split(path: str) -> tuple[str | None, list[str]]:
    """Take the version out of a path: second for numbered paths, for dated ones behind the API's name."""
    parts = [part for part in path.split("/") if part]
    if len(parts) > 2 and parts[1] in _NUMBERED:
        return parts[1], [parts[0], *parts[2:]]
    place = 2 if parts and parts[0] == "crm" else 1
    if len(parts) > place and _DATED.fullmatch(parts[place]):
        return parts[place], parts[:place] + parts[place + 1 :]
    return None, parts


def _ordered() -> dict[tuple[str, int], list[tuple[Endpoint, list[str]]]]:
    """Index the operations by method and length; those with fewer unnamed parts come first."""
    table: dict[tuple[str, int], list[tuple[Endpoint, list[str]]]] = {}
    for endpoint in sorted(ENDPOINTS, key=lambda one: one.pattern.count("{")):
        pattern = endpoint.pattern.split("/")
        table.setdefault((endpoint.method, len(pattern)), []).append((endpoint, pattern))
    return table


_TABLE = _ordered()
