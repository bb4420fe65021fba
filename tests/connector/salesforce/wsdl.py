"""What a file of metadata must look like: the Metadata API's own types, from the WSDL inside simple-salesforce."""

from functools import cache
from importlib import resources

from lxml import etree

SCHEMA = "{http://www.w3.org/2001/XMLSchema}"
NAMESPACE = "http://soap.sforce.com/2006/04/metadata"

# The WSDL has them as encoded bytes; files hold XML there ("Metadata API guide, LightningComponentBundle").
ENCODED = {"LightningComponentBundle": "targetConfigs"}


def problems(content):
    """List what the WSDL has against a file of metadata; empty when it is valid."""
    root = etree.fromstring(content)
    kind = etree.QName(root).localname
    for element in root.findall(f"{{{NAMESPACE}}}{ENCODED.get(kind, '-')}"):
        root.remove(element)
    schema = _schema()
    schema.validate(root)
    return [f"line {error.line}: {error.message.replace(f'{{{NAMESPACE}}}', '')}" for error in schema.error_log]


@cache
def _schema():
    wsdl = etree.fromstring((resources.files("simple_salesforce") / "metadata.wsdl").read_bytes())
    [schema] = wsdl.iter(f"{SCHEMA}schema")
    named = {element.get("name") for element in schema.findall(f"{SCHEMA}element")}
    for kind in [one.get("name") for one in schema.findall(f"{SCHEMA}complexType")]:
        if kind not in named:  # a file's root is the type itself
            etree.SubElement(schema, f"{SCHEMA}element", name=kind, type=f"tns:{kind}", nsmap={"tns": NAMESPACE})
    return etree.XMLSchema(etree.fromstring(etree.tostring(schema)))
