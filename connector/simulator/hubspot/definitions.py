"""The properties API: definitions and groups, one at a time and in batches.

Source: HubSpot developer docs, "Properties". The texts for a name that is taken and for a bad pair of types are
assumptions; so is that an archived property keeps its name from being used again.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from connector.simulator.hubspot import database
from connector.simulator.hubspot.objecttypes import ObjectType
from connector.simulator.hubspot.properties import PAIRS, Group, Option, Property, shown, shown_group
from connector.simulator.hubspot.replies import ApiError, Json, Reply, error, instant, invalid
from connector.simulator.hubspot.state import Call, State, required, stamped

_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")
_CHANGEABLE = ("label", "description", "groupName", "fieldType", "options", "hidden", "formField", "displayOrder",
               "numberDisplayHint")  # fmt: skip


def list_all(state: State, call: Call) -> Reply:
    """Answer GET /crm/properties/{type}."""
    listed = state.registries[call.kind().name].listed(archived=call.flag("archived"))
    return Reply(200, {"results": [shown(one) for one in listed]})


def get_one(state: State, call: Call) -> Reply:
    """Answer GET /crm/properties/{type}/{name}."""
    one = state.registries[call.kind().name].properties.get(call.params["name"])
    if one is None or (one.archived_at is not None) is not call.flag("archived"):
        raise _unknown(call.params["name"])
    return Reply(200, shown(one))


def create(state: State, call: Call) -> Reply:
    """Answer POST /crm/properties/{type}."""
    return Reply(201, shown(_create(state, call, call.json())))


def patch(state: State, call: Call) -> Reply:
    """Answer PATCH /crm/properties/{type}/{name}; name and type cannot change."""
    registry = state.registries[call.kind().name]
    one = registry.living(call.params["name"])
    if one is None:
        raise _unknown(call.params["name"])
    body = {key: value for key, value in call.json().items() if key in _CHANGEABLE}
    if one.hubspot_defined and set(body) - {"options", "displayOrder", "hidden", "formField"}:
        raise invalid(f"{one.name} is defined by HubSpot and cannot be changed")
    before = shown(one) | {"options": [_sent(option) for option in one.options]}
    after = replace(
        _read(state, call.kind(), before | body),
        hubspot_defined=one.hubspot_defined,
        read_only=one.read_only,
        calculated=one.calculated,
        created_at=one.created_at,
        updated_at=instant(call.at),
    )
    registry.put(after)
    return Reply(200, shown(after))


def archive(state: State, call: Call) -> Reply:
    """Answer DELETE /crm/properties/{type}/{name}."""
    _archive(state, call, call.params["name"])
    return Reply(204, None)


def batch_create(state: State, call: Call) -> Reply:
    """Answer POST /crm/properties/{type}/batch/create."""
    results: list[Json] = []
    errors: list[Json] = []
    for one in _inputs(state, call):
        try:
            results.append(shown(_create(state, call, one)))
        except ApiError as failure:
            name = {"name": [str(one.get("name"))]}
            errors.append({**failure.body, "context": name})
    return _reply(call, results, errors, good=201)


def batch_read(state: State, call: Call) -> Reply:
    """Answer POST /crm/properties/{type}/batch/read."""
    registry = state.registries[call.kind().name]
    archived = bool(call.json().get("archived"))
    names = [str(one.get("name")) for one in _inputs(state, call)]
    found = {one.name: one for one in registry.listed(archived=archived)}
    errors = [{**_unknown(name).body, "context": {"name": [name]}} for name in names if name not in found]
    return _reply(call, [shown(found[name]) for name in names if name in found], errors)


def batch_archive(state: State, call: Call) -> Reply:
    """Answer POST /crm/properties/{type}/batch/archive: 204, whatever the names."""
    for one in _inputs(state, call):
        if state.registries[call.kind().name].living(str(one.get("name"))) is not None:
            _archive(state, call, str(one.get("name")))
    return Reply(204, None)


def list_groups(state: State, call: Call) -> Reply:
    """Answer GET /crm/properties/{type}/groups."""
    groups = state.registries[call.kind().name].groups.values()
    return Reply(200, {"results": [shown_group(group) for group in groups]})


def get_group(state: State, call: Call) -> Reply:
    """Answer GET /crm/properties/{type}/groups/{name}."""
    group = state.registries[call.kind().name].groups.get(call.params["name"])
    if group is None:
        raise error(404, f"Property group {call.params['name']} does not exist", category="OBJECT_NOT_FOUND")
    return Reply(200, shown_group(group))


def create_group(state: State, call: Call) -> Reply:
    """Answer POST /crm/properties/{type}/groups."""
    body = call.json()
    required(body, "name", "label")
    groups = state.registries[call.kind().name].groups
    name = str(body["name"])
    if name in groups:
        raise error(409, f"A property group named '{name}' already exists.", category="OBJECT_ALREADY_EXISTS")
    order = body.get("displayOrder")
    groups[name] = Group(name, str(body["label"]), order if isinstance(order, int) else -1)
    return Reply(201, shown_group(groups[name]))


def archive_group(state: State, call: Call) -> Reply:
    """Answer DELETE /crm/properties/{type}/groups/{name}; one that still has properties stays."""
    registry = state.registries[call.kind().name]
    name = call.params["name"]
    if name not in registry.groups:
        raise error(404, f"Property group {name} does not exist", category="OBJECT_NOT_FOUND")
    if any(one.group == name for one in registry.listed(archived=False)):
        raise invalid(f"Property group {name} still has properties")
    del registry.groups[name]
    return Reply(204, None)


def _create(state: State, call: Call, body: Json) -> Property:
    kind = call.kind()
    registry = state.registries[kind.name]
    required(body, "name", "label", "groupName", "type", "fieldType")
    name = str(body["name"])
    taken = registry.properties.get(name)
    if taken is not None:
        words = "exists but is archived" if taken.archived_at else "already exists"
        raise error(409, f"A property named '{name}' {words}.", category="OBJECT_ALREADY_EXISTS")
    if not _NAME.fullmatch(name) or name.startswith("hs_"):
        raise invalid(f"{name} is no valid name of a property", context={"name": [name]})
    at = instant(call.at)
    made = replace(_read(state, kind, body), created_at=at, updated_at=at)
    database.add_column(state.db, kind, name)
    registry.put(made)
    return made


def _read(state: State, kind: ObjectType, body: Json) -> Property:
    """Read a definition. Raises the 400 of types that do not go together, or of an unknown group."""
    of_type, field_type, group = (str(body[key]) for key in ("type", "fieldType", "groupName"))
    if field_type not in PAIRS.get(of_type, frozenset()):
        raise invalid(f"fieldType {field_type} is not valid for type {of_type}", context={"fieldType": [field_type]})
    if group not in state.registries[kind.name].groups:
        raise invalid(f"Property group {group} does not exist", context={"groupName": [group]})
    options = _options(body.get("options") or [])
    if of_type == "enumeration" and not options and field_type != "calculation_equation":
        raise invalid("A property of type enumeration needs options", context={"options": []})
    if of_type == "bool" and {option.value for option in options} != {"true", "false"}:
        raise invalid('A property of type bool needs the options "true" and "false"', context={"options": []})
    order, hint = body.get("displayOrder"), body.get("numberDisplayHint")
    return Property(
        str(body["name"]),
        str(body["label"]),
        of_type,
        field_type,
        group,
        description=str(body.get("description") or ""),
        options=options,
        hubspot_defined=False,
        unique=bool(body.get("hasUniqueValue")),
        hidden=bool(body.get("hidden")),
        form_field=bool(body.get("formField")),
        display_order=order if isinstance(order, int) else -1,
        number_hint=str(hint) if hint is not None else None,
    )


def _options(given: object) -> tuple[Option, ...]:
    if not isinstance(given, list):
        raise invalid("Invalid input JSON: options must be a list")
    options: list[Option] = []
    for one in given:
        required(one, "label", "value")
        options.append(Option(str(one["value"]), str(one["label"]), hidden=bool(one.get("hidden"))))
    values = [option.value for option in options]
    if len(set(values)) < len(values):
        raise invalid("Property options must have distinct values", context={"options": values})
    return tuple(options)


def _sent(option: Option) -> Json:
    return {"label": option.label, "value": option.value, "hidden": option.hidden}


def _archive(state: State, call: Call, name: str) -> None:
    registry = state.registries[call.kind().name]
    one = registry.living(name)
    if one is None:
        raise _unknown(name)
    if one.hubspot_defined:
        raise invalid(f"{name} is defined by HubSpot and cannot be archived")
    registry.archive(name, instant(call.at))


def _inputs(state: State, call: Call) -> Sequence[Json]:
    body = call.json()
    required(body, "inputs")
    inputs = body["inputs"]
    if not isinstance(inputs, list) or len(inputs) > state.options.batch_size:
        raise invalid(f"The batch may hold at most {state.options.batch_size} inputs")
    return inputs


def _reply(call: Call, results: list[Json], errors: list[Json], *, good: int = 200) -> Reply:
    content: Json = {"status": "COMPLETE", "results": results, **stamped(call)}
    if errors:
        content |= {"numErrors": len(errors), "errors": errors}
    return Reply(207 if errors else good, content)


def _unknown(name: str) -> ApiError:
    return error(404, f"Property {name} does not exist", category="OBJECT_NOT_FOUND")
