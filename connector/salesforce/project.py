"""All that we install, as files for admins who deploy by themselves: metadata packages, and a project in source format.

Formats: "Metadata API guide, file formats" and "Salesforce DX developer guide, source format": in a project each part
of an object is a file of its own, and every file of metadata ends with -meta.xml.
"""

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import resources
from itertools import chain

from connector.crm import NewField
from connector.salesforce.content import PREFIX, Content, beside, content
from connector.salesforce.lookups import own_name
from connector.salesforce.options import SalesforceOptions
from connector.salesforce.package import (
    APP_API_VERSION,
    INTEGRATION,
    SPACE,
    USER,
    Component,
    custom_field,
    packed,
    permission_set,
    text_of,
)
from connector.salesforce.panel import marked

FIELDS_ZIP, APP_ZIP = "1-fields.zip", "2-panel-views-reports.zip"
SOURCE = "project/force-app/main/default"
OF_OBJECTS = {  # a part of an object: its folder, and the ending of its file
    "CustomField": ("fields", "field"),
    "ListView": ("listViews", "listView"),
    "CompactLayout": ("compactLayouts", "compactLayout"),
}
FOLDERS = {"Report": "reportFolder", "Dashboard": "dashboardFolder"}
AS_IT_IS = "LightningComponentBundle"


def files(prefix: str, fields: Mapping[str, Sequence[NewField]]) -> dict[str, bytes]:
    """Write everything as files by path: steps in README.md, two packages in the order of deploying, the project.

    `fields` are ours by object. The same content gives the same bytes.
    """
    ours = content(prefix, {sobject: [field.name for field in own] for sobject, own in fields.items()})
    first, then = _fields(fields), _app(ours)
    steps = (resources.files("connector.salesforce") / "by_hand.md").read_text(encoding="utf-8")
    return {
        "README.md": steps.replace(PREFIX, prefix).encode(),
        FIELDS_ZIP: packed(first, api_version=SalesforceOptions().api_version),
        APP_ZIP: packed(then, api_version=APP_API_VERSION),
        **{f"project/{path}": text.encode() for path, text in beside(prefix).items()},
        **{f"{SOURCE}/{path}": text for path, text in _sources((*first, *then))},
    }


def _fields(fields: Mapping[str, Sequence[NewField]]) -> list[Component]:
    made = [custom_field(sobject, field) for sobject, own in fields.items() for field in own]
    names = [one.name for one in made]
    return [*made, *(permission_set(one, names) for one in (INTEGRATION, USER))]


def _app(ours: Content) -> list[Component]:
    return [*marked(ours), *ours.views, *ours.reports, *ours.dashboards]


def _sources(components: Iterable[Component]) -> Iterator[tuple[str, bytes]]:
    """Yield the components' files in source format."""
    return chain.from_iterable(map(_source, components))


def _source(one: Component) -> Iterator[tuple[str, bytes]]:
    if one.element is not None:
        folder, ending = OF_OBJECTS[one.kind]
        root = copy.deepcopy(one.element)
        root.tag = f"{SPACE}{one.kind}"
        sobject = one.name.partition(".")[0]
        yield f"objects/{sobject}/{folder}/{own_name(one.name)}.{ending}-meta.xml", text_of(root)
        return
    for path, text in one.files.items():
        if one.kind in FOLDERS and "/" not in one.name:
            yield f"{path.removesuffix('-meta.xml')}.{FOLDERS[one.kind]}-meta.xml", text
        else:
            yield path if one.kind == AS_IT_IS else f"{path}-meta.xml", text
