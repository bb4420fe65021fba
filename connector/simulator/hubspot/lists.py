"""The lists API: segments that people filter by, made and deleted by name.

Source: HubSpot developer docs, "Lists", and the client's generated models (hubspot.crm.lists): the shape of filters.
Which refusals there are, and their words, are assumptions. Segments hold no members here: nobody asks for them.
"""

from typing import Any

from connector.simulator.hubspot.objecttypes import object_type
from connector.simulator.hubspot.replies import Reply, error, instant, invalid
from connector.simulator.hubspot.state import Call, State, required

OPERATORS = {
    "ENUMERATION": frozenset({"IS_ANY_OF", "IS_NONE_OF"}),
    "MULTISTRING": frozenset({"IS_EQUAL_TO", "CONTAINS", "STARTS_WITH", "ENDS_WITH"}),
    "NUMBER": frozenset({"IS_EQUAL_TO", "IS_GREATER_THAN", "IS_GREATER_THAN_OR_EQUAL_TO", "IS_LESS_THAN"}),
}


def create(state: State, call: Call) -> Reply:
    """Answer POST /crm/lists."""
    body = call.json()
    required(body, "name", "objectTypeId", "processingType")
    kind = object_type(str(body["objectTypeId"]))
    name = str(body["name"])
    if any(one["name"] == name and one["objectTypeId"] == kind.type_id for one in state.segments.values()):
        raise invalid(f"A list named {name} already exists", context={"name": [name]})
    known = state.registries[kind.name]
    for one in _filters(body.get("filterBranch") or {}):
        if known.living(str(one.get("property"))) is None:
            raise invalid(f"Property {one.get('property')} does not exist", context={"property": [one.get("property")]})
        operation = one.get("operation") or {}
        if operation.get("operator") not in OPERATORS.get(str(operation.get("operationType")), ()):
            raise invalid(f"Invalid operation: {operation}")
    number = str(max(map(int, state.segments), default=0) + 1)
    at = instant(call.at)
    state.segments[number] = {
        "listId": number,
        **body,
        "createdAt": at,
        "updatedAt": at,
        "processingStatus": "COMPLETE",
    }
    return Reply(200, {"list": state.segments[number]})


def get_by_name(state: State, call: Call) -> Reply:
    """Answer GET /crm/lists/object-type-id/{type}/name/{name}."""
    kind = object_type(call.params["type"])
    for one in state.segments.values():
        if one["name"] == call.params["name"] and one["objectTypeId"] == kind.type_id:
            return Reply(200, {"list": one})
    raise error(404, f"List {call.params['name']} does not exist", category="OBJECT_NOT_FOUND")


def delete(state: State, call: Call) -> Reply:
    """Answer DELETE /crm/lists/{id}."""
    if state.segments.pop(call.params["id"], None) is None:
        raise error(404, f"List {call.params['id']} does not exist", category="OBJECT_NOT_FOUND")
    return Reply(204, None)


def _filters(branch: Any) -> list[dict[str, Any]]:
    """Collect the filters of all branches. Raises the 400 of a root that is not OR."""
    if branch.get("filterBranchType") != "OR":
        raise invalid("The root filter branch must be of type OR")
    return [one for part in branch.get("filterBranches") or () for one in part.get("filters") or ()]
