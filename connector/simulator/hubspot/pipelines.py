"""The one sales pipeline of this portal.

Source: HubSpot developer docs, "Pipelines": a stage's metadata are texts, also the boolean and the number.
"""

from connector.simulator.hubspot.catalog import STAGES
from connector.simulator.hubspot.objecttypes import DEALS
from connector.simulator.hubspot.replies import Json, Reply, not_found
from connector.simulator.hubspot.state import Call, State

_MADE = "2023-01-10T09:00:00Z"


def list_all(state: State, call: Call) -> Reply:
    """Answer GET /crm/pipelines/{type}."""
    return Reply(200, {"results": _pipelines(call)})


def get_one(state: State, call: Call) -> Reply:
    """Answer GET /crm/pipelines/{type}/{id}."""
    for pipeline in _pipelines(call):
        if pipeline["id"] == call.params["id"]:
            return Reply(200, pipeline)
    raise not_found()


def list_stages(state: State, call: Call) -> Reply:
    """Answer GET /crm/pipelines/{type}/{id}/stages."""
    return Reply(200, {"results": get_one(state, call).content["stages"]})  # type: ignore[index]  # always has a body


def _pipelines(call: Call) -> list[Json]:
    if call.kind() is not DEALS:
        return []
    stages = [_stage(order, *stage) for order, stage in enumerate(STAGES)]
    return [{"id": "default", "label": "Sales Pipeline", "displayOrder": 0, "stages": stages, **_made()}]


def _stage(order: int, name: str, label: str, probability: str, closed: bool) -> Json:
    return {
        "id": name,
        "label": label,
        "displayOrder": order,
        "metadata": {"isClosed": "true" if closed else "false", "probability": probability},
        "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
        **_made(),
    }


def _made() -> Json:
    return {"archived": False, "createdAt": _MADE, "updatedAt": _MADE}
