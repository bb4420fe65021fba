"""All that we install, as files for admins who do it by themselves: properties, segments, and the app with its card.

The JSON files are bodies of HubSpot's public API ("Properties", "Lists"); the app is a project of its developer
platform, uploaded with its command line.
"""

from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from importlib.abc import Traversable

import orjson

from connector.crm import NewField
from connector.hubspot import paths
from connector.hubspot.provision import GROUP, GROUP_LABEL, definition
from connector.hubspot.segments import definitions

PREFIX = "tg_"  # in `app/`
NOT_SHIPPED = ("__", "node_modules", "package-lock", "tsconfig")  # tools beside the card
HOST = "https://api.hubapi.com"
POST = (
    'curl -sS -X POST {host}{path} -H "Authorization: Bearer $HUBSPOT_ADMIN_TOKEN" -H "Content-Type: application/json"'
)


def files(prefix: str, fields: Mapping[str, Sequence[NewField]]) -> dict[str, bytes]:
    """Write everything as files by path: steps in README.md, the bodies of API calls, the app's project.

    `fields` are our properties by object type. The same content gives the same bytes.
    """
    calls = dict(_calls(prefix, fields))
    steps = (resources.files("connector.hubspot") / "by_hand.md").read_text(encoding="utf-8")
    commands = "\n".join(f"{POST.format(host=HOST, path=path)} -d @{file}" for file, (path, _) in calls.items())
    return {
        "README.md": steps.replace("COMMANDS", commands).encode(),
        **{file: orjson.dumps(body, option=orjson.OPT_INDENT_2) + b"\n" for file, (_, body) in calls.items()},
        **dict(_app(prefix)),
    }


def _calls(prefix: str, fields: Mapping[str, Sequence[NewField]]) -> Iterator[tuple[str, tuple[str, object]]]:
    """Yield each call's file with its address and body, in the order of making them."""
    for kind, own in fields.items():
        group = {"name": GROUP, "label": GROUP_LABEL, "displayOrder": -1}
        yield f"properties/{kind}-group.json", (paths.property_groups(kind), group)
        inputs = {"inputs": [definition(field) for field in own]}
        yield f"properties/{kind}.json", (f"{paths.properties(kind)}/batch/create", inputs)
    names = {kind: [field.name for field in own] for kind, own in fields.items()}
    for number, body in enumerate(definitions(prefix, names), start=1):
        yield f"segments/{number}.json", (paths.segments(), body)


def _app(prefix: str) -> Iterator[tuple[str, bytes]]:
    for path, text in _below(resources.files("connector.hubspot") / "app", "project"):
        yield path, text.replace(f"'{PREFIX}'", f"'{prefix}'").encode()


def _below(folder: Traversable, path: str) -> Iterator[tuple[str, str]]:
    for entry in sorted(folder.iterdir(), key=lambda one: one.name):
        if entry.name.startswith(NOT_SHIPPED):
            continue
        if entry.is_dir():
            yield from _below(entry, f"{path}/{entry.name}")
        else:
            yield f"{path}/{entry.name}", entry.read_text(encoding="utf-8")
