"""The default properties of contacts, companies and deals that this portal has, with their options.

Source: HubSpot knowledge base, "HubSpot's default contact/company/deal properties", and the properties API of a live
portal. Not complete: those that say something about a lead, those that give the outcome away, and the usual ones
around them.
"""

from connector.simulator.hubspot.properties import Group, Option, Property


def _worded(values: str) -> tuple[Option, ...]:
    """Make options of values that are separated by spaces; labels follow from the values."""
    return tuple(Option(value, value.replace("_", " ").capitalize()) for value in values.split())


LIFECYCLE = tuple(
    Option(label.replace(" ", "").lower(), label)
    for label in (
        "Subscriber",
        "Lead",
        "Marketing Qualified Lead",
        "Sales Qualified Lead",
        "Opportunity",
        "Customer",
        "Evangelist",
        "Other",
    )
)

LEAD_STATUS = _worded("NEW OPEN IN_PROGRESS OPEN_DEAL UNQUALIFIED ATTEMPTED_TO_CONTACT CONNECTED BAD_TIMING")
SOURCES = _worded(
    "ORGANIC_SEARCH PAID_SEARCH EMAIL_MARKETING SOCIAL_MEDIA REFERRALS OTHER_CAMPAIGNS DIRECT_TRAFFIC OFFLINE "
    "PAID_SOCIAL AI_REFERRALS"
)
EMPLOYEES = tuple(Option(value, value) for value in ("1-5", "5-25", "25-50", "50-100", "100-500", "500-1000", "1000+"))
INDUSTRIES = _worded(
    "ACCOUNTING APPAREL_FASHION AUTOMOTIVE BANKING BIOTECHNOLOGY BROADCAST_MEDIA BUILDING_MATERIALS CHEMICALS "
    "CIVIL_ENGINEERING COMPUTER_HARDWARE COMPUTER_NETWORKING COMPUTER_SOFTWARE CONSTRUCTION CONSUMER_ELECTRONICS "
    "CONSUMER_GOODS EDUCATION_MANAGEMENT ELECTRICAL_ELECTRONIC_MANUFACTURING ENTERTAINMENT ENVIRONMENTAL_SERVICES "
    "FARMING FINANCIAL_SERVICES FOOD_BEVERAGES GOVERNMENT_ADMINISTRATION HIGHER_EDUCATION HOSPITAL_HEALTH_CARE "
    "HOSPITALITY HUMAN_RESOURCES INDUSTRIAL_AUTOMATION INFORMATION_SERVICES INFORMATION_TECHNOLOGY_AND_SERVICES "
    "INSURANCE INTERNET LEGAL_SERVICES LEISURE_TRAVEL_TOURISM LOGISTICS_AND_SUPPLY_CHAIN MACHINERY "
    "MANAGEMENT_CONSULTING MARITIME MARKETING_AND_ADVERTISING MECHANICAL_OR_INDUSTRIAL_ENGINEERING MEDICAL_DEVICES "
    "NON_PROFIT_ORGANIZATION_MANAGEMENT OIL_ENERGY PHARMACEUTICALS PROFESSIONAL_TRAINING_COACHING PUBLISHING "
    "REAL_ESTATE RECREATIONAL_FACILITIES_AND_SERVICES RESEARCH RESTAURANTS RETAIL SPORTS STAFFING_AND_RECRUITING "
    "TELECOMMUNICATIONS TEXTILES TRANSPORTATION_TRUCKING_RAILROAD UTILITIES WHOLESALE"
)
COMPANY_TYPES = _worded("PROSPECT PARTNER RESELLER VENDOR OTHER")
DEAL_TYPES = (Option("newbusiness", "New Business"), Option("existingbusiness", "Existing Business"))
YES_NO = (Option("true", "Yes"), Option("false", "No"))

# (id, label, probability, closed) of the default sales pipeline, in its order
STAGES = (
    ("appointmentscheduled", "Appointment Scheduled", "0.2", False),
    ("qualifiedtobuy", "Qualified To Buy", "0.4", False),
    ("presentationscheduled", "Presentation Scheduled", "0.6", False),
    ("decisionmakerboughtin", "Decision Maker Bought-In", "0.8", False),
    ("contractsent", "Contract Sent", "0.9", False),
    ("closedwon", "Closed Won", "1.0", True),
    ("closedlost", "Closed Lost", "0.0", True),
)

# name | label | type/fieldType | flags: r read-only, c calculated (and read-only)
_CONTACTS = """
firstname|First Name|string/text
lastname|Last Name|string/text
email|Email|string/text
jobtitle|Job Title|string/text
company|Company Name|string/text
phone|Phone Number|string/phonenumber
mobilephone|Mobile Phone Number|string/phonenumber
website|Website URL|string/text
fax|Fax Number|string/text
address|Street Address|string/text
country|Country/Region|string/text
state|State/Region|string/text
city|City|string/text
zip|Postal Code|string/text
industry|Industry|string/text
annualrevenue|Annual Revenue|string/text
hs_seniority|Employment Seniority|string/text
job_function|Job function|string/text
message|Message|string/textarea
hs_language|Preferred language|string/text
hs_object_id|Record ID|number/number|r
createdate|Create Date|datetime/date|r
lastmodifieddate|Last Modified Date|datetime/date|r
hs_merged_object_ids|Merged record IDs|string/text|r
hs_calculated_merged_vids|Merged vids with timestamps of a contact|string/text|c
hs_additional_emails|Additional email addresses|string/text|r
associatedcompanyid|Primary Associated Company ID|number/number|c
num_associated_deals|Number of Associated Deals|number/number|c
recent_deal_amount|Recent Deal Amount|number/number|c
recent_deal_close_date|Recent Deal Close Date|datetime/date|c
total_revenue|Total Revenue|number/number|c
hs_analytics_num_page_views|Number of Pageviews|number/number|r
hs_analytics_num_visits|Number of Sessions|number/number|r
hs_analytics_num_event_completions|Number of event completions|number/number|r
hs_analytics_first_timestamp|Time First Seen|datetime/date|r
hs_analytics_last_visit_timestamp|Time of Last Session|datetime/date|r
hs_analytics_source_data_1|Original Traffic Source Drill-Down 1|string/text|r
num_conversion_events|Number of Form Submissions|number/number|r
num_unique_conversion_events|Number of Unique Forms Submitted|number/number|r
hs_email_delivered|Marketing emails delivered|number/number|r
hs_email_open|Marketing emails opened|number/number|r
hs_email_click|Marketing emails clicked|number/number|r
hs_email_replied|Marketing emails replied|number/number|r
hs_email_bounce|Marketing emails bounced|number/number|r
hs_email_domain|Email Domain|string/text|c
hs_sales_email_last_replied|Recent Sales Email Replied Date|datetime/date|r
notes_last_contacted|Last Contacted|datetime/date|r
num_notes|Number of Sales Activities|number/number|r
num_contacted_notes|Number of times contacted|number/number|r
hs_latest_disqualified_lead_date|Latest disqualified lead date|datetime/date|r
hs_lifecyclestage_lead_date|Became a Lead Date|datetime/date|r
hs_lifecyclestage_opportunity_date|Became an Opportunity Date|datetime/date|r
hs_lifecyclestage_customer_date|Became a Customer Date|datetime/date|r
hs_v2_date_entered_lead|Date entered "Lead"|datetime/date|r
hs_v2_date_entered_opportunity|Date entered "Opportunity"|datetime/date|r
hs_v2_date_entered_customer|Date entered "Customer"|datetime/date|r
hs_predictivecontactscore_v2|Likelihood to close|number/number|r
hubspot_owner_id|Contact owner|string/text
"""

_COMPANIES = """
name|Company name|string/text
domain|Company Domain Name|string/text
website|Website URL|string/text
phone|Phone Number|string/phonenumber
numberofemployees|Number of Employees|number/number
annualrevenue|Annual Revenue|number/number
country|Country/Region|string/text
state|State/Region|string/text
city|City|string/text
hs_object_id|Record ID|number/number|r
createdate|Create Date|datetime/date|r
hs_lastmodifieddate|Last Modified Date|datetime/date|r
hs_merged_object_ids|Merged record IDs|string/text|r
hs_num_open_deals|Number of open deals|number/number|c
num_associated_contacts|Number of Associated Contacts|number/number|c
hubspot_owner_id|Company owner|string/text
"""

_DEALS = """
dealname|Deal Name|string/text
amount|Amount|number/number
closedate|Close Date|datetime/date
pipeline|Pipeline|string/text
closed_lost_reason|Closed Lost Reason|string/textarea
closed_won_reason|Closed Won Reason|string/textarea
hs_object_id|Record ID|number/number|r
createdate|Create Date|datetime/date
hs_lastmodifieddate|Last Modified Date|datetime/date|r
hs_merged_object_ids|Merged record IDs|string/text|r
hs_deal_stage_probability|Deal probability|number/number|c
hs_v2_date_entered_closedwon|Date entered "Closed Won"|datetime/date|r
hs_v2_date_entered_closedlost|Date entered "Closed Lost"|datetime/date|r
hubspot_owner_id|Deal owner|string/text
"""

_MEETINGS = """
hs_timestamp|Activity date|datetime/date
hs_meeting_title|Meeting name|string/text
hs_meeting_start_time|Start time|datetime/date
hs_meeting_end_time|End time|datetime/date
hs_object_id|Record ID|number/number|r
hs_createdate|Create date|datetime/date|r
createdate|Create Date|datetime/date|r
hs_lastmodifieddate|Last modified date|datetime/date|r
hs_merged_object_ids|Merged record IDs|string/text|r
"""

GROUPS = {
    "contacts": (
        Group("contactinformation", "Contact information"),
        Group("analyticsinformation", "Web Analytics History"),
        Group("emailinformation", "Email Information"),
        Group("conversioninformation", "Conversion Information"),
    ),
    "companies": (Group("companyinformation", "Company information"),),
    "deals": (Group("dealinformation", "Deal information"),),
    "meetings": (Group("meetinginformation", "Meeting information"),),
}


def default_properties(object_name: str) -> list[Property]:
    """List the default properties of an object type."""
    table, choices = {
        "contacts": (_CONTACTS, _contact_choices()),
        "companies": (_COMPANIES, _company_choices()),
        "deals": (_DEALS, _deal_choices()),
        "meetings": (_MEETINGS, []),
    }[object_name]
    group = GROUPS[object_name][0].name
    return [_read(line, group) for line in table.strip().splitlines()] + choices


def _read(line: str, group: str) -> Property:
    name, label, types, *flags = line.split("|")
    of_type, field_type = types.split("/")
    if name.startswith("hs_analytics"):
        group = "analyticsinformation"
    elif name.startswith("hs_email"):
        group = "emailinformation"
    elif "conversion" in name:
        group = "conversioninformation"
    return Property(
        name,
        label,
        of_type,
        field_type,
        group,
        read_only=bool(flags),
        calculated=flags == ["c"],
        form_field=not flags and not name.startswith("hs_"),
    )


def _choice(name: str, label: str, group: str, options: tuple[Option, ...], *, flag: str = "") -> Property:
    return Property(
        name, label, "enumeration", "select", group, options=options, read_only=bool(flag), calculated=flag == "c"
    )


def _yes_no(name: str, label: str, group: str, *, flag: str = "") -> Property:
    return Property(
        name, label, "bool", "booleancheckbox", group, options=YES_NO, read_only=bool(flag), calculated=flag == "c"
    )


def _contact_choices() -> list[Property]:
    return [
        _choice("lifecyclestage", "Lifecycle Stage", "contactinformation", LIFECYCLE),
        _choice("hs_lead_status", "Lead Status", "contactinformation", LEAD_STATUS),
        _choice("numemployees", "Number of Employees", "contactinformation", EMPLOYEES),
        _choice("hs_analytics_source", "Original Traffic Source", "analyticsinformation", SOURCES, flag="r"),
        _choice("hs_latest_source", "Latest Traffic Source", "analyticsinformation", SOURCES, flag="r"),
        _yes_no("hs_email_optout", "Unsubscribed from all email", "emailinformation", flag="r"),
        _yes_no("hs_is_unworked", "Contact unworked", "contactinformation", flag="c"),
    ]


def _company_choices() -> list[Property]:
    return [
        _choice("industry", "Industry", "companyinformation", INDUSTRIES),
        _choice("type", "Type", "companyinformation", COMPANY_TYPES),
        _choice("lifecyclestage", "Lifecycle Stage", "companyinformation", LIFECYCLE),
        _yes_no("hs_target_account", "Target Account", "companyinformation"),
    ]


def _deal_choices() -> list[Property]:
    stages = tuple(Option(stage, label) for stage, label, _, _ in STAGES)
    return [
        _choice("dealstage", "Deal Stage", "dealinformation", stages),
        _choice("dealtype", "Deal Type", "dealinformation", DEAL_TYPES),
        _yes_no("hs_is_closed", "Is Deal Closed?", "dealinformation", flag="c"),
        _yes_no("hs_is_closed_won", "Is Closed Won", "dealinformation", flag="c"),
        _yes_no("hs_is_closed_lost", "Is Closed Lost", "dealinformation", flag="c"),
    ]
