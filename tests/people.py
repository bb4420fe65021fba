"""What people do in the CRMs while Truegrade works: each lead is edited once at most, and some new ones are made."""

from tests.processes import seeded

LEAD = {"salesforce": "Lead", "hubspot": "contacts"}
TITLES = ("Director of Procurement", "Sales Assistant", "Chief Executive Officer", "Student", "Head of IT")
OPEN = {"salesforce": {"IsConverted": False}, "hubspot": {"lifecyclestage": "lead"}}
EDITED = {"salesforce": "Title", "hubspot": "jobtitle"}
UNMAPPED = {"salesforce": "Fax", "hubspot": "fax"}
MADE = "2026-03-02T04:00:00.000"
NEW = {
    "salesforce": {"LastName": "New", "Country": "Germany", "LeadSource": "Web", "CreatedDate": f"{MADE}+0000"},
    "hubspot": {"country": "Germany", "createdate": f"{MADE}Z"},  # a stage would be stamped with its moment
}


def edits(world, remote):
    """List what people will do, in order: (crm, lead, values); without a lead they make a new one."""
    draw, listed = seeded(world.seed, "edits"), []
    for crm in world.crms:
        picked = remote.operate(crm, "pick", object=LEAD[crm], where=OPEN[crm], limit=world.edits, seed=world.seed)
        for number, lead in enumerate(picked):
            field_name = UNMAPPED[crm] if number % 5 == 4 else EDITED[crm]
            listed.append((crm, lead, {field_name: draw.choice(TITLES)}))
        listed += [(crm, None, fresh(crm, number)) for number in range(-(-world.edits // 10))]
    draw.shuffle(listed)
    return listed


def fresh(crm, number):
    name = {"salesforce": "Company", "hubspot": "company"}[crm]
    mail = {"salesforce": "Email", "hubspot": "email"}[crm]
    return NEW[crm] | {name: f"Newcomer {number}", mail: f"new{number}@newcomer{number}.example"}
