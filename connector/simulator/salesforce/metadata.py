"""Deploying metadata: the Metadata API over REST ("Metadata API guide, deployRequest").

A deployment is all or nothing, and with checkOnly it is nothing at all; either way it tells of each component whether
it came, changed or stayed.
"""

import zipfile
from email import message_from_bytes
from typing import Any
from xml.etree import ElementTree as ET

import orjson

from connector.simulator.salesforce import admission, components, packages, permissions
from connector.simulator.salesforce.errors import Refused
from connector.simulator.salesforce.packages import Package
from connector.simulator.salesforce.state import State

Told = dict[str, Any]


def parts(content_type: str, body: bytes) -> tuple[dict[str, Any], bytes]:
    """Find the options and the zip in a multipart request, by their content types."""
    message = message_from_bytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    options: dict[str, Any] = {}
    packed = b""
    for part in message.walk():
        payload = part.get_payload(decode=True)
        if not isinstance(payload, bytes):
            continue
        if part.get_content_type() == "application/json":
            options = orjson.loads(payload)["deployOptions"]
        elif payload[:2] == b"PK":
            packed = payload
    if not packed:
        raise Refused(400, "INVALID_FILE", "no zip in the request")
    return options, packed


def deploy(state: State, user: str, options: dict[str, Any], packed: bytes) -> tuple[list[Told], list[Told]]:
    """Do what the package says, or with checkOnly only look; returns (failures, successes). One failure undoes all."""
    for permission in (permissions.METADATA, permissions.CUSTOMIZE):
        permissions.require(state, user, permission)
    try:
        package = packages.read(packed)
    except (zipfile.BadZipFile, ET.ParseError) as error:
        raise Refused(400, "INVALID_FILE", str(error)) from None
    forbidden = _forbidden(state, user, package)
    failures = [*_misnamed(package), *forbidden, *_refused(state, package), *_held(state, package)]
    successes = [] if failures else [*_coming(state, package), *_going(state, package)]
    if not failures and not options.get("checkOnly"):
        for one in package.components:
            components.apply(state, one)
        for kind, name in package.doomed:
            components.delete(state, kind, name)
    return failures, successes


def result(job: str, told: tuple[list[Told], list[Told]]) -> dict[str, Any]:
    """Describe a deployment that has ended."""
    failures, successes = told
    return {
        "id": job,
        "deployResult": {
            "id": job, "status": "Failed" if failures else "Succeeded", "done": True, "success": not failures,
            "numberComponentErrors": len(failures), "numberComponentsDeployed": len(successes),
            "numberComponentsTotal": len(failures) + len(successes),
            "details": {"componentFailures": failures, "componentSuccesses": successes},
        },
    }  # fmt: skip


def _misnamed(package: Package) -> list[Told]:
    brought = {(one.kind, one.name) for one in package.components}
    missing = [
        _failure(kind, name, packages.MANIFEST, f"Entity of type '{kind}' named '{name}' cannot be found")
        for kind, name in sorted(package.named - brought)
    ]
    unnamed = [
        _failure(one.kind, one.name, one.file, "was found in zipped directory but is not in package.xml")
        for one in package.components
        if (one.kind, one.name) not in package.named
    ]
    return [
        *missing,
        *unnamed,
        *(_failure("", name, name, "Unknown type of component") for name in package.strange),
    ]


def _forbidden(state: State, user: str, package: Package) -> list[Told]:
    return [
        _failure(one.kind, one.name, one.file, "You do not have the level of access necessary to perform the operation")
        for one in package.components
        if (needed := permissions.OF_COMPONENTS.get(one.kind)) and not permissions.holds(state, user, needed)
    ]


def _refused(state: State, package: Package) -> list[Told]:
    return [
        _failure(one.kind, one.name, one.file, problem)
        for one in package.components
        for problem in admission.problems(state, one, package)
    ]


def _held(state: State, package: Package) -> list[Told]:
    return [
        _failure(kind, name, packages.DOOMED, problem)
        for kind, name in package.doomed
        if components.exists(state, kind, name)
        for problem in components.hindrances(state, kind, name, package.doomed)
    ]


def _coming(state: State, package: Package) -> list[Told]:
    told = []
    for one in package.components:
        new = not components.exists(state, one.kind, one.name)
        changed = state.components.get((one.kind, one.name)) != one.digest
        told.append(_success(one.kind, one.name, one.file, created=new, changed=changed))
    return told


def _going(state: State, package: Package) -> list[Told]:
    """Tell what is deleted; what was never there is a warning, and hinders nothing."""
    told = []
    for kind, name in package.doomed:
        there = components.exists(state, kind, name)
        success = _success(kind, name, packages.DOOMED, deleted=there, changed=there)
        if not there:
            success |= {"problemType": "Warning", "problem": f"No {kind} named: {name} found"}
        told.append(success)
    return told


def _success(
    kind: str, full: str, file: str, *, created: bool = False, changed: bool = False, deleted: bool = False
) -> Told:
    return {
        "componentType": kind, "fullName": full, "fileName": file, "success": True, "created": created,
        "changed": changed, "deleted": deleted, "problem": None, "problemType": None,
    }  # fmt: skip


def _failure(kind: str, full: str, file: str, problem: str) -> Told:
    return {
        "componentType": kind, "fullName": full, "fileName": file, "problemType": "Error", "problem": problem,
        "lineNumber": 1, "columnNumber": 1, "success": False, "created": False, "changed": False, "deleted": False,
    }  # fmt: skip
