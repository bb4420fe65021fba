"""What we install in an org beside fields: the panel, list views, reports and the dashboard, read from `app/`.

`app/` is a project in Salesforce's source format, for admins who deploy by themselves; here it becomes components of a
metadata package ("Metadata API guide, file formats": parts of an object go into the object's one file, and files lose
"-meta.xml"). Names begin with the connection's prefix instead of TG_.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import resources
from importlib.abc import Traversable
from pathlib import PurePosixPath
from xml.etree import ElementTree as ET

from connector.salesforce.package import SPACE, Component, text_of

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
    views: tuple[Component, ...]  # list views and a compact layout
    reports: tuple[Component, ...]  # with their folders, and the dashboard

    @property
    def panel_digest(self) -> str:
        """Tell panels apart that differ in anything."""
        parts = [name.encode() + content for one in self.panel for name, content in sorted(one.files.items())]
        return hashlib.sha256(b"".join(parts)).hexdigest()[:12]


def content(prefix: str) -> Content:
    """Read what is installed under a prefix."""
    files = {name: _named(text, prefix) for name, text in _shipped()}
    files = {_named(name, prefix): text for name, text in files.items()}
    return Content(
        prefix=prefix,
        panel=(*_labels(files), *_bundles(files)),
        views=tuple(_parts(files)),
        reports=tuple(_in_folders(files)),
    )


def _named(text: str, prefix: str) -> str:
    return re.sub(rf"(?<![A-Za-z0-9]){PREFIX}", prefix, text)


def _shipped() -> Iterator[tuple[str, str]]:
    """Yield the project's files as (path below its root, text), in the order of paths."""
    start = resources.files("connector.salesforce")
    for name in ROOT:
        start = start / name
    yield from _below(start, PurePosixPath())


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
    return ET.fromstring(text)  # noqa: S314  read from this package alone, never from a network or a user


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


def _parts(files: dict[str, str]) -> Iterator[Component]:
    for path, text in files.items():
        _, sobject, folder, *_ = (*PurePosixPath(path).parts, "", "")[:4]
        if path.startswith("objects/") and folder in PARTS:
            element = _root(text)
            element.tag = f"{SPACE}{folder}"
            yield Component(PARTS[folder], f"{sobject}.{element.findtext(f'{SPACE}fullName')}", element=element)


def _in_folders(files: dict[str, str]) -> Iterator[Component]:
    """Yield folders before what lies in them, and reports before the dashboard that shows them."""
    for folder, (kind, ending) in FOLDERS.items():
        own = sorted(
            (path for path in files if path.startswith(f"{folder}/")), key=lambda path: (path.count("/"), path)
        )
        for path in own:
            found = META.fullmatch(path.removeprefix(f"{folder}/"))
            if found:
                name = found[1]
                target = f"{folder}/{name}.{ending}" if "/" in name else f"{folder}/{name}-meta.xml"
                root = _root(files[path])
                yield Component(kind, name, {target: text_of(root)})


def names(components: Iterable[Component], kind: str) -> list[str]:
    """List the names of the components of one type."""
    return [one.name for one in components if one.kind == kind]
