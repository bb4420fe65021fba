"""What we install in an org beside fields: the panel, list views, reports and the dashboard, read from `app/`.

`app/` is a project in Salesforce's source format, for admins who deploy by themselves; here it becomes components of a
metadata package ("Metadata API guide, file formats": parts of an object go into the object's one file, and files lose
"-meta.xml"). Names begin with the connection's prefix instead of TG_.
"""

import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from importlib.abc import Traversable
from pathlib import PurePosixPath
from xml.etree import ElementTree as ET

from connector.salesforce.package import SPACE, Component, text_of
from connector.salesforce.pruning import Fields, on_board, pruned

PREFIX = "TG_"  # in `app/`
ROOT = ("app", "force-app", "main", "default")
PANEL = "truegradeScore"  # the component that an admin puts on a page; the others are its parts

META = re.compile(r"(.+)\.(\w+)-meta\.xml")
PARTS = {"listViews": "ListView", "compactLayouts": "CompactLayout"}  # of objects, by folder
FOLDERS = {"reports": ("Report", "report"), "dashboards": ("Dashboard", "dashboard")}
NOT_SHIPPED = ("__", "jsconfig", ".eslintrc", "package")  # tests and tools beside the components


@dataclass(frozen=True, slots=True)
class Content:
    """Everything that belongs to one connection's prefix, by what people call it."""

    prefix: str
    panel: tuple[Component, ...]
    views: tuple[Component, ...]  # list views and compact layouts
    reports: tuple[Component, ...]  # their types and their folder first
    dashboards: tuple[Component, ...]  # of all reports; `shown_on` leaves out those that there are not

    @property
    def panel_digest(self) -> str:
        """Tell panels apart that differ in anything."""
        parts = [name.encode() + content for one in self.panel for name, content in sorted(one.files.items())]
        return hashlib.sha256(b"".join(parts)).hexdigest()[:12]


def content(prefix: str, fields: Fields) -> Content:
    """Read what is installed under a prefix where these are our fields."""
    files = sources(prefix)
    found = _in_folders(files, "reports", lambda root: pruned(root, "", fields))
    reports = (*_report_types(files, found, fields), *found)
    return Content(
        prefix=prefix,
        panel=(*_labels(files), *_bundles(files)),
        views=tuple(_parts(files, fields)),
        reports=reports,
        dashboards=tuple(_in_folders(files, "dashboards", lambda root: on_board(root, names(reports, "Report")))),
    )


def shown_on(dashboards: Iterable[Component], reports: Collection[str]) -> tuple[Component, ...]:
    """Give the dashboards with what shows these reports; one that shows none of them, or no folder's, is left out."""
    given = [(one, on_board(_root(text.decode()), reports)) for one in dashboards for text in one.files.values()]
    boards = [
        Component(one.kind, one.name, dict.fromkeys(one.files, text_of(root)))
        for one, root in given
        if root is not None and "/" in one.name
    ]
    folders = {one.name.partition("/")[0] for one in boards}
    return (*(one for one in dashboards if one.name in folders), *boards)


def sources(prefix: str) -> dict[str, str]:
    """Read the project's files under a prefix: text by path below its root, in the order of paths."""
    start = resources.files("connector.salesforce")
    for name in ROOT:
        start = start / name
    return {_named(path, prefix): _named(text, prefix) for path, text in _below(start, PurePosixPath())}


def beside(prefix: str) -> dict[str, str]:
    """Read what stands beside the project's main folder: its README, its settings, translations."""
    files = _below(resources.files("connector.salesforce") / ROOT[0], PurePosixPath())
    return {path: _named(text, prefix) for path, text in files if not path.startswith(ROOT[1])}


def _named(text: str, prefix: str) -> str:
    return re.sub(rf"(?<![A-Za-z0-9]){PREFIX}", prefix, text)


def _below(folder: Traversable, path: PurePosixPath) -> Iterator[tuple[str, str]]:
    for entry in sorted(folder.iterdir(), key=lambda one: one.name):
        if entry.name.startswith(NOT_SHIPPED):
            continue
        if entry.is_dir():
            yield from _below(entry, path / entry.name)
        else:
            yield str(path / entry.name), entry.read_text(encoding="utf-8")


def _root(text: str) -> ET.Element:
    """Parse a file of `app/`."""
    return ET.fromstring(text)  # noqa: S314  files that ship in this package, held valid by a test


def _bundles(files: dict[str, str]) -> Iterator[Component]:
    names = dict.fromkeys(PurePosixPath(path).parts[1] for path in files if path.startswith("lwc/"))
    for name in names:
        own = {path: text.encode() for path, text in files.items() if path.startswith(f"lwc/{name}/")}
        yield Component("LightningComponentBundle", name, own)


def _labels(files: dict[str, str]) -> Iterator[Component]:
    """Yield one component for each label; the first brings the file they share."""
    for path, text in files.items():
        if path.startswith("labels/"):
            own = {path.removesuffix("-meta.xml"): text.encode()}
            for label in _root(text).findall(f"{SPACE}labels"):
                yield Component("CustomLabel", label.findtext(f"{SPACE}fullName") or "", own)
                own = {}


def _parts(files: dict[str, str], fields: Fields) -> Iterator[Component]:
    for path, text in files.items():
        _, sobject, folder, *_ = (*PurePosixPath(path).parts, "", "")[:4]
        if path.startswith("objects/") and folder in PARTS:
            element = pruned(_root(text), sobject, fields)
            if element is None:
                continue
            element.tag = f"{SPACE}{folder}"
            yield Component(PARTS[folder], f"{sobject}.{element.findtext(f'{SPACE}fullName')}", element=element)


def _in_folders(files: dict[str, str], folder: str, fit: Callable[[ET.Element], ET.Element | None]) -> list[Component]:
    """List what lies in a folder and `fit` leaves, and the folders of that first."""
    kind, ending = FOLDERS[folder]
    found: list[Component] = []
    for path in sorted((path for path in files if path.startswith(f"{folder}/")), key=lambda path: -path.count("/")):
        named = META.fullmatch(path.removeprefix(f"{folder}/"))
        name = named[1] if named else ""
        if "/" in name and (root := fit(_root(files[path]))) is not None:
            found.append(Component(kind, name, {f"{folder}/{name}.{ending}": text_of(root)}))
        elif name and any(one.name.startswith(f"{name}/") for one in found):
            found.insert(0, Component(kind, name, {f"{folder}/{name}-meta.xml": text_of(_root(files[path]))}))
    return found


def uses(report: Component, report_type: str) -> bool:
    """Tell whether a report is of this type of ours."""
    return any(f"<reportType>{report_type}__c<".encode() in text for text in report.files.values())


def _report_types(files: dict[str, str], reports: Sequence[Component], fields: Fields) -> Iterator[Component]:
    """Yield the types that these reports are of."""
    for path, text in files.items():
        name = PurePosixPath(path).name.partition(".")[0]
        root = _root(text) if path.startswith("reportTypes/") and any(uses(one, name) for one in reports) else None
        kept = None if root is None else pruned(root, root.findtext(f"{SPACE}baseObject") or "", fields)
        if kept is not None:
            yield Component("ReportType", name, {path.removesuffix("-meta.xml"): text_of(kept)})


def names(components: Iterable[Component], kind: str) -> list[str]:
    """List the names of the components of one type."""
    return [one.name for one in components if one.kind == kind]
