"""Salesforce ids: three characters for the object, twelve for the record, three that make letter case count."""

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
SUFFIX = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
PREFIXES = {
    "Lead": "00Q", "Contact": "003", "Account": "001", "Opportunity": "006", "OpportunityContactRole": "00K",
    "Campaign": "701", "CampaignMember": "00v", "User": "005", "Organization": "00D", "PermissionSet": "0PS",
    "PermissionSetAssignment": "0Pa", "FieldPermissions": "01k", "Event": "00U", "Task": "00T", "Site_Visit__c": "a0V",
    "EventRelation": "0RE", "Social_Touch__c": "a0W", "ListView": "00B", "Folder": "00l", "Report": "00O",
    "Dashboard": "01Z", "LightningComponentBundle": "0Rb", "CompactLayout": "0AH",
    "LeadHistory": "017", "AccountHistory": "017", "ContactHistory": "017", "OpportunityFieldHistory": "017",
    "OpportunityHistory": "008",
}  # fmt: skip
ORG = "5g00000Sim1"


def make(sobject: str, number: int) -> str:
    """Make the 18 characters of the record's id; numbers rise as ids do."""
    return long(PREFIXES[sobject] + "5g" + _digits(number, 10))


def job(prefix: str, number: int) -> str:
    """Make an id of something that is no record: a bulk job, a deployment, a locator."""
    return long(prefix + "5g" + _digits(number, 10))


def long(text: str) -> str:
    """Give the 18 characters of an id of 15 or 18; any other text as it is."""
    if len(text) != 15:
        return text
    groups = [text[start : start + 5] for start in (0, 5, 10)]
    return text + "".join(
        SUFFIX[sum(1 << bit for bit, char in enumerate(group) if "A" <= char <= "Z")] for group in groups
    )


def is_id(text: object) -> bool:
    """Whether this could be an id at all."""
    return isinstance(text, str) and len(text) in {15, 18} and text.isalnum()


def _digits(number: int, width: int) -> str:
    text = ""
    while number:
        number, digit = divmod(number, 62)
        text = DIGITS[digit] + text
    return text.rjust(width, "0")
