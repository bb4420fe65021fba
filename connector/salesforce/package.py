"""Metadata packages: zips for the Metadata API, always the same bytes for the same content.

Formats: "Metadata API guide, CustomField, PermissionSet, Sample package.xml"; elements stand in the order of the API's
WSDL. A package holds only what is ours; nothing that a customer could have changed is replaced.
"""

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from xml.etree import ElementTree as ET

from connector.crm import Kind, NewField

NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
SPACE = f"{{{NAMESPACE}}}"
MANIFEST, DOOMED = "package.xml", "destructiveChanges.xml"
# The API version of the app's components (Spring '25): its -meta.xml files and sfdx-project.json say the same.
APP_API_VERSION = "63.0"
BEFORE_ALL = (1980, 1, 1, 0, 0, 0)  # the oldest time a zip can tell

TEXT_LENGTH = 255  # the most that a Text field takes; more is a long text area
OPTION_LENGTH = 40
VISIBLE_LINES = 5

SIMPLE = {
    Kind.INSTANT: [("type", "DateTime")],
    Kind.DATE: [("type", "Date")],
    Kind.BOOLEAN: [("type", "Checkbox"), ("defaultValue", "false")],
}


@dataclass(frozen=True, slots=True)
class Component:
    """One thing of a package, as the Metadata API names it: type CustomField, name Lead.TG_Score__c.

    Either `files` (path in the package to content), or, for a part of an object, the `element` that goes into the
    object's file.
    """

    kind: str
    name: str
    files: Mapping[str, bytes] = field(default_factory=dict)
    element: ET.Element | None = None


@dataclass(frozen=True, slots=True)
class GrantSet:
    """A permission set of ours: for the integration user, which writes our fields, or for reps, who read them."""

    name: str
    label: str
    description: str
    editable: bool


INTEGRATION = GrantSet(
    "Truegrade_Integration", "Truegrade Integration", "For the user that writes Truegrade's fields.", editable=True
)
USER = GrantSet("Truegrade_User", "Truegrade User", "Shows Truegrade's fields to those who work leads.", editable=False)


def packed(components: Iterable[Component], *, api_version: str, doomed: Iterable[tuple[str, str]] = ()) -> bytes:
    """Zip components to deploy, and name those to delete as (type, name)."""
    brought = list(components)
    files = {MANIFEST: _manifest([(one.kind, one.name) for one in brought], api_version)}
    if gone := list(doomed):
        files[DOOMED] = _manifest(gone, None)
    for one in brought:
        files |= one.files
    files |= _objects(one for one in brought if one.element is not None)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(zipfile.ZipInfo(name, BEFORE_ALL), content)
    return archive.getvalue()


def custom_field(sobject: str, new: NewField) -> Component:
    """Describe a new field of an object."""
    told = [
        ("label", new.label),
        ("description", new.description),
        ("inlineHelpText", new.description),
        ("externalId", "false"),
        ("required", "false"),
        ("trackHistory", "false"),
        *_type_of(new),
    ]
    element = ET.Element(f"{SPACE}fields")
    _put(element, [("fullName", new.name), *sorted(told)])
    return Component("CustomField", f"{sobject}.{new.name}", element=element)


def permission_set(grant: GrantSet, fields: Sequence[str]) -> Component:
    """Describe a permission set of ours that grants access to `fields`, each as Lead.TG_Score__c."""
    root = ET.Element(f"{SPACE}PermissionSet")
    _put(root, [("description", grant.description)])
    for name in fields:
        editable = "true" if grant.editable else "false"
        rights = ET.SubElement(root, f"{SPACE}fieldPermissions")
        _put(rights, [("editable", editable), ("field", name), ("readable", "true")])
    _put(root, [("hasActivationRequired", "false"), ("label", grant.label)])
    return Component("PermissionSet", grant.name, {f"permissionsets/{grant.name}.permissionset": text_of(root)})


def text_of(root: ET.Element) -> bytes:
    """Write XML as the Metadata API does."""
    ET.register_namespace("", NAMESPACE)
    ET.indent(root, "    ")
    return bytes(ET.tostring(root, encoding="UTF-8", xml_declaration=True)) + b"\n"


def _manifest(members: Iterable[tuple[str, str]], api_version: str | None) -> bytes:
    root = ET.Element(f"{SPACE}Package")
    for kind, named in groupby(sorted(members), key=lambda member: member[0]):
        types = ET.SubElement(root, f"{SPACE}types")
        _put(types, [*(("members", name) for _, name in named), ("name", kind)])
    if api_version is not None:
        _put(root, [("version", api_version)])
    return text_of(root)


def _objects(parts: Iterable[Component]) -> dict[str, bytes]:
    """Write one file for each object, its parts in the order of their tags."""
    files = {}
    for sobject, of_one in groupby(sorted(parts, key=_place), key=lambda one: one.name.partition(".")[0]):
        root = ET.Element(f"{SPACE}CustomObject")
        root.extend(one.element for one in of_one if one.element is not None)
        files[f"objects/{sobject}.object"] = text_of(root)
    return files


def _place(one: Component) -> tuple[str, str]:
    return one.name.partition(".")[0], "" if one.element is None else one.element.tag


def _type_of(field: NewField) -> list[tuple[str, str]]:
    """Name the field's type with what that type needs, and nothing else: Salesforce refuses superfluous attributes."""
    match field.kind:
        case Kind.NUMBER:
            sizes = [("precision", str(field.digits)), ("scale", str(field.decimals))]
            return [("type", "Percent" if field.percent else "Number"), *sizes]
        case Kind.TEXT if (field.length or TEXT_LENGTH) > TEXT_LENGTH:
            return [("type", "LongTextArea"), ("length", str(field.length)), ("visibleLines", str(VISIBLE_LINES))]
        case Kind.TEXT:
            return [("type", "Text"), ("length", str(field.length or TEXT_LENGTH))]
        case Kind.OPTION:  # plain text: a value set could refuse a value, by record type even a valid one
            return [("type", "Text"), ("length", str(field.length or OPTION_LENGTH))]
        case kind if kind in SIMPLE:
            return SIMPLE[kind]
        case kind:
            raise ValueError(f"A field of ours cannot be of kind {kind}.")


def _put(parent: ET.Element, children: Iterable[tuple[str, str]]) -> None:
    for tag, text in children:
        ET.SubElement(parent, f"{SPACE}{tag}").text = text
