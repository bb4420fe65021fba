"""Deployments by the Metadata API over REST: tried out with checkOnly first, then done in earnest, all or nothing.

Source: "Metadata API guide, Deploying with REST, deployRequest". What cannot be told beforehand is thus told before
anything was changed.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connector.errors import Misconfigured, Retryable
from connector.salesforce import bulk
from connector.salesforce.calls import Call
from connector.salesforce.gateway import Gateway
from connector.salesforce.package import Component, packed
from connector.salesforce.rights import CUSTOMIZE, GIVEN, METADATA, SETS, needing

LONGEST_DEPLOYMENT_S = 900.0
SHOWN_PROBLEMS = 3


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a component was refused, in Salesforce's words."""

    name: str
    told: str
    kind: str = ""


def deploy(gateway: Gateway, components: Sequence[Component]) -> None:
    """Create components, none of whose fields may exist. Raises Misconfigured, and then nothing was done."""
    archive = packed(components, api_version=gateway.options.api_version)
    _require_new(_well(_sent(gateway, archive, check_only=True)))
    _well(_sent(gateway, archive, check_only=False))


def deploy_what_is_taken(
    gateway: Gateway, components: Sequence[Component], *, whole: bool = False, api_version: str = ""
) -> dict[str, str]:
    """Create or replace components, leaving out those that the org refuses; returns why, by name.

    Tried out until nothing is refused any more: what stands on a refused one is refused in the next round. A refusal
    with the name "" concerns all. `whole`: one refusal keeps all of them out. `api_version`: of the components, where
    it is not the connection's.
    """
    left, refused = list(components), dict[str, str]()
    while left:
        archive = packed(left, api_version=api_version or gateway.options.api_version)
        problems = _problems(_sent(gateway, archive, check_only=True))
        if not problems:
            _well(_sent(gateway, archive, check_only=False))
            break
        refused |= {problem.name: problem.told for problem in reversed(problems)}
        staying = [one for one in left if one.name not in refused]
        if whole or len(staying) == len(left):
            return refused | {one.name: problems[0].told for one in staying if not whole}
        left = staying
    return refused


def delete(
    gateway: Gateway, doomed: Sequence[tuple[str, str]], *, dry_run: bool, tried: bool = True
) -> tuple[dict[str, str], frozenset[str]]:
    """Delete components, given as (type, name); returns why some are held on to, by name, and which are gone.

    Those that were never there are neither. Not `tried`: what would go is taken for gone, for it cannot be tried yet.
    """
    if not tried:
        return {}, frozenset(name for _, name in doomed)
    left, refused = list(doomed), dict[str, str]()
    while left:
        archive = packed((), api_version=gateway.options.api_version, doomed=left)
        result = _sent(gateway, archive, check_only=True)
        problems = _problems(result)
        if not problems:
            if not dry_run:
                result = _well(_sent(gateway, archive, check_only=False))
            return refused, frozenset(str(one["fullName"]) for one in _successes(result) if not one.get("problem"))
        refused |= {problem.name: problem.told for problem in reversed(problems)}
        staying = [one for one in left if one[1] not in refused]
        if len(staying) == len(left):
            return refused | {name: problems[0].told for _, name in left}, frozenset()
        left = staying
    return refused, frozenset()


def request(packed: bytes, *, check_only: bool) -> tuple[str, bytes]:
    """Write content type and body of a deployment request: the options as JSON, then the zip."""
    options = {
        "allowMissingFiles": False,
        "autoUpdatePackage": False,
        "checkOnly": check_only,
        "ignoreWarnings": True,
        "performRetrieve": False,
        "purgeOnDelete": False,
        "rollbackOnError": True,
        "runTests": [],
        "singlePackage": True,
        "testLevel": "NoTestRun",
    }
    boundary = hashlib.sha256(packed).hexdigest()
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="json"\r\nContent-Type: application/json\r\n\r\n'
        f"{json.dumps({'deployOptions': options})}\r\n"
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="deploy.zip"\r\n'
        "Content-Type: application/zip\r\n\r\n"
    )
    return f'multipart/form-data; boundary="{boundary}"', head.encode() + packed + f"\r\n--{boundary}--\r\n".encode()


def _sent(gateway: Gateway, archive: bytes, *, check_only: bool) -> dict[str, Any]:
    """Send a package, wait for the end, and return the result."""
    content_type, body = request(archive, check_only=check_only)
    # Repeatable: a second deployment of the same package finds everything as it should be.
    call = Call("deployment", "POST", "metadata/deployRequest", headers={"Content-Type": content_type}, body=body)
    with needing(CUSTOMIZE, METADATA):
        job = gateway.ask(call).value["id"]
    return _ended(gateway, job)


def _ended(gateway: Gateway, job: str) -> dict[str, Any]:
    waited, pause = 0.0, bulk.FIRST_POLL_S
    while waited < LONGEST_DEPLOYMENT_S:
        call = Call("deployment", "GET", f"metadata/deployRequest/{job}", params={"includeDetails": "true"})
        result: dict[str, Any] = gateway.ask(call).value["deployResult"]
        if result["done"]:
            return result
        gateway.clock.sleep(pause)
        waited, pause = waited + pause, min(pause * bulk.POLL_GROWTH, bulk.LONGEST_POLL_S)
    raise Retryable("Salesforce takes longer over the deployment than we wait for one.")


def _problems(result: Mapping[str, Any]) -> list[Problem]:
    if result["success"]:
        return []
    failures = (result.get("details") or {}).get("componentFailures") or []
    told = [
        Problem(str(failure["fullName"]), str(failure["problem"]), str(failure.get("componentType")))
        for failure in failures
    ]
    return told or [Problem("", str(result.get("errorMessage") or result["status"]))]


def _well(result: dict[str, Any]) -> dict[str, Any]:
    """Give the result back when it is a success. Raises Misconfigured with what Salesforce said."""
    problems = _problems(result)
    if problems:
        what = "; ".join(f"{one.name}: {one.told}" if one.name else one.told for one in problems[:SHOWN_PROBLEMS])
        needs = (
            f" Permission sets take {SETS}: {GIVEN}." if any(one.kind == "PermissionSet" for one in problems) else ""
        )
        raise Misconfigured(f"Salesforce refused the deployment ({what}).{needs}", fix="Solve that, and run it again.")
    return result


def _require_new(result: Mapping[str, Any]) -> None:
    """Refuse to go on when a field exists that nobody may see: a deployment could change its type, and lose values.

    One that the deployment leaves as it is (`changed`: "Metadata API guide, DeployMessage") is ours, from a run that
    was broken off before anybody was given access to it.
    """
    for success in _successes(result):
        is_another_s = success.get("created") is False and success.get("changed") is not False
        if success.get("componentType") == "CustomField" and is_another_s:
            raise Misconfigured(
                f"The field {success['fullName']} exists, but nobody has access to it.",
                fix="Give yourself access to it and run this again, or delete it.",
            )


def _successes(result: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    return (result.get("details") or {}).get("componentSuccesses") or []
