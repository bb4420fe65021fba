"""Metadata packages: what a zip brings, and what it wants deleted ("Metadata API guide, deploy", "package.xml").

A package's files are taken apart into components as the Metadata API names them: Lead.TG_Score__c of type CustomField.
"""

import hashlib
import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from xml.etree import ElementTree as ET

SPACE = "{http://soap.sforce.com/2006/04/metadata}"
MANIFEST, DOOMED = "package.xml", "destructiveChanges.xml"

# What one .object file holds, by tag.
PARTS = {"fields": "CustomField", "listViews": "ListView", "compactLayouts": "CompactLayout"}
# Folders of one file a component, by the file's ending.
WHOLE = {
    "permissionset": "PermissionSet", "translation": "Translations", "reportType": "ReportType", "layout": "Layout",
    "flexipage": "FlexiPage", "profile": "Profile",
}  # fmt: skip
# Folders within which people sort: the folder itself is a component of the same type.
SORTED = {"reports": "Report", "dashboards": "Dashboard"}
BUNDLES = "lwc"


@dataclass(frozen=True, slots=True)
class Component:
    """One thing of a package. `content` is its XML, of a bundle that of its -meta.xml; None where that is missing."""

    kind: str
    name: str
    file: str
    content: ET.Element | None
    digest: str

    def text(self, tag: str) -> str:
        """Give the text of a direct child, "" when there is none."""
        return "" if self.content is None else self.content.findtext(f"{SPACE}{tag}") or ""

    def texts(self, *tags: str) -> list[str]:
        """Give the texts of all elements of these names, however deep."""
        if self.content is None:
            return []
        return [element.text or "" for tag in tags for element in self.content.iter(f"{SPACE}{tag}")]


@dataclass(frozen=True, slots=True)
class Package:
    """A zip that was sent: what it brings, names (by type) and wants deleted, and its files of no known sort."""

    components: tuple[Component, ...]
    named: frozenset[tuple[str, str]]
    doomed: tuple[tuple[str, str], ...]
    strange: tuple[str, ...]


def read(packed: bytes) -> Package:
    """Take a package apart. Raises zipfile.BadZipFile and ET.ParseError."""
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        files = {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")}
    strange: list[str] = []
    components = [
        *(one for name, content in files.items() for one in _components(name, content, strange)),
        *_bundles(files),
    ]
    named = frozenset(_members(files.get(MANIFEST, b"<Package/>")))
    doomed = tuple(_members(files[DOOMED])) if DOOMED in files else ()
    return Package(tuple(components), named, doomed, tuple(strange))


def _root(content: bytes) -> ET.Element:
    """Parse a file of a package."""
    return ET.fromstring(content)  # noqa: S314  the simulator listens on this machine, and only its user's client calls


def _components(file: str, content: bytes, strange: list[str]) -> Iterator[Component]:
    path = PurePosixPath(file)
    if file in {MANIFEST, DOOMED} or path.parts[0] == BUNDLES:
        return
    root = _root(content)
    if path.parts[0] == "objects":
        yield from _of_object(path.stem, root, file)
    elif path.parts[0] in SORTED:
        kind = SORTED[path.parts[0]]
        name = "/".join(path.parts[1:]).partition(".")[0].removesuffix("-meta")
        yield _component(kind, name, file, root)
    elif path.parts[0] == "labels":
        for label in root.findall(f"{SPACE}labels"):
            yield _component("CustomLabel", label.findtext(f"{SPACE}fullName") or "", file, label)
    elif (ending := path.suffix[1:]) in WHOLE:
        yield _component(WHOLE[ending], path.stem, file, root)
    else:
        strange.append(file)


def _of_object(sobject: str, root: ET.Element, file: str) -> Iterator[Component]:
    for element in root:
        kind = PARTS.get(element.tag.removeprefix(SPACE), element.tag.removeprefix(SPACE))
        yield _component(kind, f"{sobject}.{element.findtext(f'{SPACE}fullName') or ''}", file, element)


def _component(kind: str, name: str, file: str, root: ET.Element) -> Component:
    return Component(kind, name, file, root, hashlib.sha256(ET.tostring(root)).hexdigest())


def _bundles(files: Mapping[str, bytes]) -> Iterator[Component]:
    """Put the files of each Lightning web component together."""
    names = sorted({PurePosixPath(name).parts[1] for name in files if name.startswith(f"{BUNDLES}/")})
    for name in names:
        own = {file: content for file, content in sorted(files.items()) if file.startswith(f"{BUNDLES}/{name}/")}
        told = own.get(f"{BUNDLES}/{name}/{name}.js-meta.xml")
        digest = hashlib.sha256(b"".join(file.encode() + content for file, content in own.items())).hexdigest()
        root = _root(told) if told else None
        yield Component("LightningComponentBundle", name, f"{BUNDLES}/{name}", root, digest)


def _members(manifest: bytes) -> Iterator[tuple[str, str]]:
    root = _root(manifest)
    for types in root.findall(f"{SPACE}types"):
        kind = types.findtext(f"{SPACE}name") or ""
        for member in types.findall(f"{SPACE}members"):
            yield kind, member.text or ""
