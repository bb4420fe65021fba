"""The metadata package that creates our fields: a zip for the Metadata API, always the same bytes for the same fields.

Formats: "Metadata API guide, CustomField, PermissionSet, Sample package.xml". Only fields and our own two permission
sets are in it; nothing that a customer could have changed is replaced.
"""

import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from connector.crm import Kind, NewField

NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
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


def package(
    sobject: str, new: Sequence[NewField], sets: Sequence[GrantSet], granted: Sequence[str], *, api_version: str
) -> bytes:
    """Zip new fields of one object, and permission sets that grant access to the fields named in `granted`."""
    members = {
        "CustomField": [f"{sobject}.{field.name}" for field in new],
        "PermissionSet": [grant.name for grant in sets],
    }
    files = {"package.xml": _manifest(members, api_version)}
    if new:
        files[f"objects/{sobject}.object"] = _object(new)
    for grant in sets:
        files[f"permissionsets/{grant.name}.permissionset"] = _permission_set(grant, sobject, granted)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, BEFORE_ALL), content)
    return packed.getvalue()


def _manifest(members: dict[str, list[str]], api_version: str) -> bytes:
    root = ET.Element("Package", xmlns=NAMESPACE)
    for kind, names in members.items():
        if names:
            types = ET.SubElement(root, "types")
            _put(types, [("members", name) for name in names])
            _put(types, [("name", kind)])
    _put(root, [("version", api_version)])
    return _text(root)


def _object(new: Sequence[NewField]) -> bytes:
    root = ET.Element("CustomObject", xmlns=NAMESPACE)
    for field in new:
        _put(
            ET.SubElement(root, "fields"),
            [
                ("fullName", field.name),
                ("label", field.label),
                *_type_of(field),
                ("description", field.description),
                ("inlineHelpText", field.description),
                ("externalId", "false"),
                ("required", "false"),
                ("trackHistory", "false"),
            ],
        )
    return _text(root)


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


def _permission_set(grant: GrantSet, sobject: str, granted: Sequence[str]) -> bytes:
    root = ET.Element("PermissionSet", xmlns=NAMESPACE)
    _put(root, [("description", grant.description)])
    for name in granted:
        editable = "true" if grant.editable else "false"
        _put(
            ET.SubElement(root, "fieldPermissions"),
            [("editable", editable), ("field", f"{sobject}.{name}"), ("readable", "true")],
        )
    _put(root, [("hasActivationRequired", "false"), ("label", grant.label)])
    return _text(root)


def _put(parent: ET.Element, children: Iterable[tuple[str, str]]) -> None:
    for tag, text in children:
        ET.SubElement(parent, tag).text = text


def _text(root: ET.Element) -> bytes:
    ET.indent(root, "    ")
    return bytes(ET.tostring(root, encoding="UTF-8", xml_declaration=True)) + b"\n"
