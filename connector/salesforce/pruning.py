"""Leaving out of views and reports what an org has no fields for: outputs that a mapping switched off, other objects.

A column goes alone. What filters, groups or sorts by a missing field, and a view of ours without a field of ours, is
no view any more.
"""

import copy
import re
from collections.abc import Collection, Iterator, Mapping
from xml.etree import ElementTree as ET

from connector.salesforce.package import SPACE

# A custom field in a list view or layout (TG_Score__c), in a report (Lead.TG_Score__c), or in one on a report type of
# ours (Lead$TG_Score__c).
CUSTOM = re.compile(r"(?:(\w+)[.$])?(\w+__c)")
TYPE_OF = f"{SPACE}reportType"  # names a report type, which ends like a field
COLUMNS = frozenset({f"{SPACE}columns", f"{SPACE}fields"})

Fields = Mapping[str, Collection[str]]  # names of our fields by object


def pruned(root: ET.Element, sobject: str, fields: Fields) -> ET.Element | None:
    """Give a view without the columns whose fields are not among `fields`; None when nothing to show is left.

    `sobject` is whose fields those are that are named without an object.
    """
    kept = copy.deepcopy(root)
    for parent in [*kept.iter()]:
        for column in [child for child in parent if child.tag in COLUMNS and _lacks(child, sobject, fields)]:
            parent.remove(column)
    if _lacks(kept, sobject, fields) or (any(_named(root, sobject)) and not any(_named(kept, sobject))):
        return None
    return kept


def on_board(root: ET.Element, reports: Collection[str]) -> ET.Element | None:
    """Give a dashboard with the components alone whose reports there are; None when there is none."""
    kept = copy.deepcopy(root)
    part = f"{SPACE}dashboardGridComponents"
    for parent in [*kept.iter()]:
        for component in parent.findall(part):
            if component.findtext(f".//{SPACE}report") not in reports:
                parent.remove(component)
    return kept if any(kept.iter(part)) else None


def _lacks(root: ET.Element, sobject: str, fields: Fields) -> bool:
    return any(name not in fields.get(whose, ()) for whose, name in _named(root, sobject))


def _named(root: ET.Element, sobject: str) -> Iterator[tuple[str, str]]:
    """Yield the custom fields that it names, as (object, field)."""
    for element in root.iter():
        if element.tag != TYPE_OF and (found := CUSTOM.fullmatch((element.text or "").strip())):
            yield found[1] or sobject, found[2]
