"""An admin switches companies on, on both CRMs: fields, values, what moves them, and what is said of them."""

import pytest

from mappings.file.load import preset_text

ROLES = """
companies:
  roles:
    decision maker: {seniority: [c_level, vp, director]}
    sales: {department: [sales]}
    IT: {department: [it]}
"""
OF = {"salesforce": ("Account", "Lead"), "hubspot": ("companies", "contacts")}
NAMES = {
    "salesforce": ("TG_Score__c", "TG_Best_Lead__c", "TG_Open_Leads__c", "TG_Top_Reason__c", "TG_Roles__c"),
    "hubspot": ("tg_score", "tg_best_lead", "tg_open_leads", "tg_top_reason", "tg_roles"),
}


@pytest.fixture(params=["salesforce", "hubspot"])
def home(request, installed):
    crm = request.param
    home = installed(crm, leads=300)
    home.crm, home.simulated = crm, getattr(home.simulator, crm)
    (home.home / "own.yaml").write_text(preset_text(crm) + ROLES, encoding="utf-8")
    connections = home.home / "connections.yaml"
    text = connections.read_text(encoding="utf-8")
    connections.write_text(text.replace(f"mapping: {crm}", "mapping: own.yaml"), encoding="utf-8")
    return home


def companies(home):
    """What companies hold of ours, by id, of those that hold anything."""
    held = home.simulated.snapshot(OF[home.crm][0])
    told = {one: tuple(values[name] for name in NAMES[home.crm]) for one, values in held.items()}
    return {one: values for one, values in told.items() if values[3]}


def synced(home):
    told = home.truegrade("sync", home.crm, "--json")
    assert told.code == 0, told.err
    return told.json["connections"][home.crm]


def take_away(home, lead):
    if home.crm == "salesforce":
        home.simulated.delete("Lead", lead)
    else:
        home.simulated.archive("contacts", [lead])


@pytest.mark.timeout(300)
def test_companies_get_values_that_move_with_their_leads_and_rest_else(home):
    made = home.truegrade("provision", home.crm, "--json")
    assert made.code == 0, made.err
    assert home.truegrade("connect", home.crm).code == 0

    looked = home.truegrade("pull", home.crm), home.truegrade("preview", home.crm, "--sample", "all", "--json")
    first = synced(home)["companies"]
    before = companies(home)
    assert looked[1].json["companies"] >= len(before), looked[1].err
    assert first["written"] == len(before) > 5
    assert "companies" not in synced(home)

    company = min(before)
    lead = before[company][1]
    told = home.truegrade("explain", company, "--company", "--json").json
    assert lead in [one["lead"] for one in told["leads"]]
    assert told["values"][NAMES[home.crm][0]] == max(one["score"] for one in told["leads"])
    said = home.truegrade("explain", company, "--company").out
    assert "The CRM holds these values." in said
    assert f"truegrade explain {company} --company" in home.truegrade("explain", company).err
    assert "with open leads" in home.truegrade("status", home.crm).out

    take_away(home, lead)
    assert home.truegrade("pull", home.crm, "--sweep").code == 0
    dry = home.truegrade("push", home.crm, "--dry-run", "--json").json["connections"][home.crm]
    assert dry["companies_to_reckon"] == 1
    assert companies(home) == before

    moved = synced(home)["companies"]
    after = companies(home)
    ours = {one for one in before if before[one] != after[one]}
    assert company in ours
    assert moved["written"] == len(ours)
    assert all(lead not in (values[1] or "") for values in after.values())
    assert "companies" not in synced(home)

    other = next(values[1] for one, values in sorted(after.items()) if one != company and values[1])
    gone = home.truegrade("forget", home.crm, "--lead", other, "--clear-crm", "--yes", "--json")
    assert gone.code == 0, gone.err
    assert gone.json["leads"][0]["companies_naming"] == []
    assert other not in {values[1] for values in companies(home).values()}
    (home.home / "own.yaml").write_text(preset_text(home.crm), encoding="utf-8")
    assert "reckoned anew" not in home.truegrade("status", home.crm).out
    next_one = next(values[1] for values in companies(home).values() if values[1])
    told = home.truegrade("forget", home.crm, "--lead", next_one, "--yes")
    assert f"still names {next_one} as its best lead and nothing renews it" in " ".join(told.out.split())
    assert home.truegrade("forget", home.crm, "--lead", next_one, "--clear-crm", "--yes").code == 0
    assert next_one not in {values[1] for values in companies(home).values()}


@pytest.mark.parametrize("home", ["salesforce"], indirect=True)
def test_accounts_of_one_web_domain_get_the_same_values(home):
    home.truegrade("provision", home.crm)
    synced(home)
    first = min(companies(home))
    website = home.simulated.read("Account", first)["Website"]

    twin = home.simulated.create("Account", {"Name": "Twin", "Website": website})

    assert synced(home)["companies"]["written"] == 1
    assert companies(home)[twin] == companies(home)[first]


def test_what_companies_lack_is_told_before_anything_is_written(home):
    own = home.home / "own.yaml"
    own.write_text(preset_text(home.crm), encoding="utf-8")
    assert home.truegrade("provision", home.crm).code == 0
    own.write_text(preset_text(home.crm) + ROLES, encoding="utf-8")

    told = home.truegrade("connect", home.crm)

    assert told.code == 3
    assert "write company" in told.out + told.err
    assert "truegrade provision" in told.out + told.err
