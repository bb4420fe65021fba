"""Creating our fields in an org, once, with the admin's own credential.

One deployment by the Metadata API (REST), tried out with checkOnly first, then done in earnest: the fields that are
missing, and those of our two permission sets that do not exist yet. A permission set that exists may have been extended
by the admin, and a deployment would replace it whole, so that one only gets the grants it lacks ("REST guide,
FieldPermissions"). Then the integration user gets its permission set. Everything can be repeated.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from connector.crm import Field, Kind, NewField, Provisioned
from connector.errors import Misconfigured
from connector.salesforce import soql
from connector.salesforce.calls import Call, Rejected
from connector.salesforce.deployment import deploy
from connector.salesforce.gateway import Gateway
from connector.salesforce.lookups import permission_sets, rows
from connector.salesforce.package import INTEGRATION, USER, GrantSet, custom_field, permission_set
from connector.salesforce.rights import ASSIGN, VIEW_SETUP, needing
from connector.salesforce.rights import SETS as MANAGE_SETS

SETS = (INTEGRATION, USER)
USER_KEY = "005"
NEEDS = "Customize Application"

# Kinds under which a field of ours may exist already: options are plain text here, an admin may have made a picklist.
FITTING = {Kind.OPTION: frozenset({Kind.OPTION, Kind.TEXT})}


@dataclass(frozen=True, slots=True)
class Grant:
    """What a permission set says about one field."""

    id: str
    readable: bool
    editable: bool


@dataclass(frozen=True, slots=True)
class Found:
    """What an org has of ours: permission sets' ids by name, and all grants of our fields by (set's id, field)."""

    sets: Mapping[str, str]
    grants: Mapping[tuple[str, str], Grant]

    @property
    def granted(self) -> frozenset[str]:
        """The fields that anybody was given access to, which therefore exist."""
        return frozenset(field for _, field in self.grants)

    def lacks(self, grant_set: GrantSet, field: str) -> bool:
        """Tell whether the set gives less access to the field than it should."""
        grant = self.grants.get((self.sets.get(grant_set.name, ""), field))
        return grant is None or not grant.readable or (grant_set.editable and not grant.editable)


def ensure(
    gateway: Gateway, sobject: str, wanted: Sequence[NewField], described: Sequence[Field], *, dry_run: bool
) -> Provisioned:
    """Create what is missing; see `CRM.ensure_fields`. `described` is how the object looks to the admin now.

    A new field is shown to nobody but whom it was granted to, not even to admins, so that a describe alone does not
    tell what exists.
    """
    if not wanted:
        return Provisioned((), (), ())
    shown = {field.name: field for field in described}
    for new in wanted:
        if new.name in shown:
            _require_fit(sobject, new, shown[new.name])
    names = [new.name for new in wanted]
    user = _integration_user(gateway)  # asked for first: a wrong name must not be found out halfway
    found = _found(gateway, sobject, names)
    existing = {name for name in names if name in shown or f"{sobject}.{name}" in found.granted}
    missing = [new for new in wanted if new.name not in existing]
    plan = Provisioned(
        created=tuple(new.name for new in missing),
        existing=tuple(name for name in names if name in existing),
        granted=tuple(name for name in names if found.lacks(INTEGRATION, f"{sobject}.{name}")),
        assigned=user is not None and not _has_set(gateway, user, found.sets.get(INTEGRATION.name)),
        record=sobject,
        needs=NEEDS,
    )
    if not dry_run:
        absent = [grant_set for grant_set in SETS if grant_set.name not in found.sets]
        if missing or absent:
            granted = [f"{sobject}.{name}" for name in names]
            fields = [custom_field(sobject, new) for new in missing]
            sets = [permission_set(grant_set, granted) for grant_set in absent]
            deploy(gateway, [*fields, *sets])
        with needing(MANAGE_SETS):
            _grant(gateway, sobject, names, found)
        if user is not None and plan.assigned:
            _assign(gateway, user)
    return plan


def _require_fit(sobject: str, new: NewField, existing: Field) -> None:
    if existing.kind not in FITTING.get(new.kind, {new.kind}):
        raise Misconfigured(
            f"The field {sobject}.{new.name} exists, but holds a {existing.kind} where we write a {new.kind}.",
            fix="Give our field another name in the mapping's outputs, or rename yours.",
        )
    if new.length and existing.length and existing.length < new.length:
        raise Misconfigured(
            f"The field {sobject}.{new.name} exists, but holds {existing.length} characters; we write {new.length}.",
            fix=f"Make it {new.length} long in Setup, Object Manager, {sobject}, Fields & Relationships.",
        )


def _found(gateway: Gateway, sobject: str, names: Sequence[str]) -> Found:
    with needing(VIEW_SETUP):
        sets = permission_sets(gateway)
    columns = ("Id", "ParentId", "Field", "PermissionsRead", "PermissionsEdit")
    ours = soql.one_of("Field", [f"{sobject}.{name}" for name in names])
    where = soql.both(f"SobjectType = {soql.literal(sobject)}", ours)
    grants = rows(gateway, soql.select("FieldPermissions", columns, where=where))
    return Found(
        {name: number for number, name in sets.items()},
        {
            (row["ParentId"], row["Field"]): Grant(row["Id"], row["PermissionsRead"], row["PermissionsEdit"])
            for row in grants
        },
    )


def _grant(gateway: Gateway, sobject: str, names: Sequence[str], found: Found) -> None:
    """Add the grants that permission sets lack which existed before."""
    for grant_set in SETS:
        parent = found.sets.get(grant_set.name)
        for name in names if parent else ():
            field = f"{sobject}.{name}"
            if found.lacks(grant_set, field):
                _grant_one(gateway, grant_set, field, found.grants.get((str(parent), field)), parent=str(parent))


def _grant_one(gateway: Gateway, grant_set: GrantSet, field: str, grant: Grant | None, *, parent: str) -> None:
    rights = {"PermissionsRead": True, "PermissionsEdit": grant_set.editable}
    if grant is not None:
        body = orjson.dumps(rights)
        gateway.ask(Call("grant", "PATCH", f"sobjects/FieldPermissions/{grant.id}", body=body))
        return
    sobject = field.partition(".")[0]
    content = {"ParentId": parent, "SobjectType": sobject, "Field": field, **rights}
    _make(gateway, "FieldPermissions", content)


def _integration_user(gateway: Gateway) -> str | None:
    """Return the id of the integration user, by id or username; None when the connection names none."""
    named = gateway.options.integration_username
    if named is None:
        return None
    return named if named.startswith(USER_KEY) and "@" not in named else _user_id(gateway, named)


def _has_set(gateway: Gateway, user: str, permission_set: str | None) -> bool:
    if permission_set is None:
        return False
    ids = {"AssigneeId": user, "PermissionSetId": permission_set}
    where = soql.both(*(f"{name} = {soql.literal(value)}" for name, value in ids.items()))
    return bool(rows(gateway, soql.select("PermissionSetAssignment", ("Id",), where=where)))


def _assign(gateway: Gateway, user: str) -> None:
    """Give the integration user its permission set."""
    where = f"Name = {soql.literal(INTEGRATION.name)}"
    [permission_set] = rows(gateway, soql.select("PermissionSet", ("Id",), where=where))
    with needing(ASSIGN):
        _make(gateway, "PermissionSetAssignment", {"AssigneeId": user, "PermissionSetId": permission_set["Id"]})


def _user_id(gateway: Gateway, username: str) -> str:
    where = soql.both(f"Username = {soql.literal(username)}", "IsActive = true")
    found = rows(gateway, soql.select("User", ("Id",), where=where))
    if not found:
        raise Misconfigured(
            "Salesforce has no active user with the integration username of this connection.",
            fix="Correct integration_username in connections.yaml, or activate the user.",
        )
    return str(found[0]["Id"])


def _make(gateway: Gateway, sobject: str, content: Mapping[str, Any]) -> None:
    """Create a record of which there can be only one; that it exists already is what we wanted."""
    try:
        gateway.ask(Call("grant", "POST", f"sobjects/{sobject}", body=orjson.dumps(content)))
    except Rejected as error:
        if error.code != "DUPLICATE_VALUE":
            raise
