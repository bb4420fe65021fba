"""Whether a metadata file is what Salesforce takes: held against the vendor's WSDL (63.0) inside simple-salesforce.

The WSDL knows every type, tag, enumeration and order. One thing it does not know: `targetConfigs` of a Lightning
component travels as encoded text, so that its content is checked by a small schema of ours, after "LWC developer guide,
configuration file tags".
"""

import copy
from functools import cache
from pathlib import Path

import simple_salesforce
from lxml import etree

XSD = "http://www.w3.org/2001/XMLSchema"
NAMESPACE = "http://soap.sforce.com/2006/04/metadata"

TARGET_CONFIGS = f"""
<xsd:schema xmlns:xsd="{XSD}" xmlns="{NAMESPACE}" targetNamespace="{NAMESPACE}" elementFormDefault="qualified">
  <xsd:element name="targetConfigs"><xsd:complexType><xsd:sequence>
    <xsd:element name="targetConfig" maxOccurs="unbounded"><xsd:complexType>
      <xsd:sequence>
        <xsd:element name="property" minOccurs="0" maxOccurs="unbounded"><xsd:complexType>
          <xsd:attribute name="name" use="required"/>
          <xsd:attribute name="type" use="required"><xsd:simpleType><xsd:restriction base="xsd:string">
            <xsd:enumeration value="Boolean"/><xsd:enumeration value="Integer"/><xsd:enumeration value="String"/>
          </xsd:restriction></xsd:simpleType></xsd:attribute>
          <xsd:attribute name="label" use="required"/>
          <xsd:attribute name="default"/>
          <xsd:attribute name="min" type="xsd:integer"/>
          <xsd:attribute name="max" type="xsd:integer"/>
        </xsd:complexType></xsd:element>
        <xsd:element name="objects"><xsd:complexType><xsd:sequence>
          <xsd:element name="object" type="xsd:string" maxOccurs="unbounded"/>
        </xsd:sequence></xsd:complexType></xsd:element>
        <xsd:element name="supportedFormFactors"><xsd:complexType><xsd:sequence>
          <xsd:element name="supportedFormFactor" maxOccurs="2"><xsd:complexType>
            <xsd:attribute name="type" use="required"><xsd:simpleType><xsd:restriction base="xsd:string">
              <xsd:enumeration value="Large"/><xsd:enumeration value="Small"/>
            </xsd:restriction></xsd:simpleType></xsd:attribute>
          </xsd:complexType></xsd:element>
        </xsd:sequence></xsd:complexType></xsd:element>
      </xsd:sequence>
      <xsd:attribute name="targets" use="required"/>
    </xsd:complexType></xsd:element>
  </xsd:sequence></xsd:complexType></xsd:element>
</xsd:schema>"""


def problems_in(text: bytes) -> list[str]:
    """Say what is wrong with a metadata file, each with its line; empty when it is right."""
    try:
        root = etree.fromstring(text)
    except etree.XMLSyntaxError as error:
        return [f"line {error.lineno}: {error.msg}"]
    schema = _schema(etree.QName(root).localname)
    if schema is None:
        return [f"line 1: the WSDL has no type {etree.QName(root).localname}"]
    found = []
    for configs in root.findall(f"{{{NAMESPACE}}}targetConfigs"):
        found += _told(_target_configs(), copy.deepcopy(configs))
        for child in list(configs):
            configs.remove(child)
        configs.text = ""
    return found + _told(schema, root)


def _told(schema: etree.XMLSchema, root: etree._Element) -> list[str]:
    schema.validate(root)
    return [f"line {error.line}: {error.message.replace(f'{{{NAMESPACE}}}', '')}" for error in schema.error_log]


@cache
def _target_configs() -> etree.XMLSchema:
    return etree.XMLSchema(etree.fromstring(TARGET_CONFIGS))


@cache
def _schema(name: str) -> etree.XMLSchema | None:
    """Compile the WSDL's schema with one more element: a file's root, of the type that it is named after."""
    wsdl = etree.parse(Path(simple_salesforce.__file__).parent / "metadata.wsdl")
    # Written and read again, for it uses prefixes that the WSDL around it declares.
    schema = etree.fromstring(etree.tostring(next(wsdl.iter(f"{{{XSD}}}schema"))))
    if not schema.xpath(f"*[local-name() = 'complexType' and @name = '{name}']"):
        return None
    element = etree.SubElement(schema, f"{{{XSD}}}element", name=name)
    element.set("type", f"tns:{name}")
    return etree.XMLSchema(schema)
