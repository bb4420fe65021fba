"""What a step of the checklist says, and the place in each CRM's set-up, or here, where it is mended.

Places: Salesforce help, "Create an external client app", "Integration user"; HubSpot knowledge base, "Service keys".
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from tasks.ready import Check


class State(StrEnum):
    """How far a step has come."""

    OK = "ok"
    NOT_YET = "not yet"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the checklist. `told`: what was found, and what to do. `where` it is done; "" when all is well."""

    name: str
    state: State
    told: str
    where: str = ""


SETTINGS = "connections.yaml, in the home folder"
HERE = "this machine"
PLACES = {
    "salesforce": {
        "secrets": "Setup, External Client App Manager, the app, OAuth Settings: Consumer Key and Secret",
        "address": "Setup, My Domain: the current address; here: `url` in connections.yaml, and the firewall",
        "sign-in": "Setup, External Client App Manager, the app. OAuth Settings: Consumer Key and Secret, flows. "
        "Policies: run-as user, permitted users",
        "read": "Setup, Permission Sets, one of the integration user's: Object Settings, the object, Field Permissions",
        "write": "here: `truegrade provision` makes fields. Once they are there: Setup, Users, the integration user, "
        "Permission Set Assignments: Truegrade Integration",
        "history": "Setup, Object Manager, the object that is scored, Fields & Relationships, Set History Tracking",
        "quota": "Setup, Company Information: API Requests, Last 24 Hours; here: `daily_share` in connections.yaml",
        "views and panel": "the object's list views; Reports and Dashboards, folder Truegrade",
    },
    "hubspot": {
        "secrets": "Development, Keys, Service keys: show the key",
        "address": "the firewall of this machine: it must reach https://api.hubapi.com",
        "sign-in": "Development, Keys, Service keys",
        "read": "Development, Keys, Service keys, the key: scopes crm.objects.*.read and crm.schemas.*.read",
        "write": "here: `truegrade provision` makes them. Once they are there: Settings, Properties, group Truegrade",
        "history": "HubSpot keeps it of itself",
        "quota": "Development, Monitoring, API call usage; here: `daily_share` in connections.yaml",
        "views and panel": "CRM, Segments",
    },
}


def ok(name: str, told: str) -> Step:
    """Say that a step is done."""
    return Step(name, State.OK, told)


def not_yet(name: str, told: str, where: str) -> Step:
    """Say what has to be done, and where."""
    return Step(name, State.NOT_YET, told, where)


def cannot_tell(name: str, told: str, where: str = "") -> Step:
    """Say that a step cannot be looked at, and why."""
    return Step(name, State.CANNOT_TELL, told, where)


def of(check: Check, where: str) -> Step:
    """Put what a check found into a step."""
    return ok(check.what, check.told) if check.well else not_yet(check.what, check.told, where)


def as_admin(steps: Iterable[Step]) -> list[Step]:
    """Name steps as those of the admin's own sign-in."""
    return [replace(step, name=f"admin {step.name}") for step in steps]
