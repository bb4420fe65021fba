import re
from pathlib import Path

import pytest

import mappings
from connector.crm import Entity
from mappings.companies import NO_ROLL_UP
from mappings.file.load import MappingInvalid, load_preset, parse, preset_text
from mappings.outputs import COMPANY_OUTPUTS, ROLES

README = Path(mappings.__path__[0]) / "README.md"


FEATURE = "\nfeatures: [{name: title, kind: category, family: fit, from: jobtitle}]\nroutes:"


def read(section, crm="salesforce"):
    return parse(f"{preset_text(crm)}\n{section}", "own.yaml")


def problems(section, crm="salesforce"):
    with pytest.raises(MappingInvalid) as told:
        read(section, crm)
    return "\n".join(str(problem) for problem in told.value.problems)


def test_without_the_section_companies_get_nothing():
    mapping = load_preset("salesforce")

    assert mapping.companies == NO_ROLL_UP
    assert Entity.COMPANY not in mapping.own_fields


def test_an_empty_section_gives_all_but_what_needs_a_buying_group():
    mapping = read("companies: {}")

    assert {role for role, _ in mapping.companies.outputs} == {*COMPANY_OUTPUTS} - {"coverage", "roles"}
    assert mapping.version == load_preset("salesforce").version


def test_the_documented_section_is_read():
    (text,) = re.findall(r"```yaml companies\n(.*?)```", README.read_text(), flags=re.DOTALL)
    mapping = read(text, "hubspot")

    assert [role.name for role in mapping.companies.group] == ["decision maker", "finance", "user"]
    assert mapping.companies.group[0].where == (("seniority", ("c_level", "vp")),)
    assert {role for role, _ in mapping.companies.outputs} == {*COMPANY_OUTPUTS} - {"best_lead"}
    assert mapping.companies.features == {"seniority", "department"}


def test_our_fields_have_the_leads_prefix():
    text = preset_text("salesforce") + "\noutputs: {prefix: Acme_}\ncompanies: {}\n"

    names = {field.name for field in parse(text, "own.yaml").company_fields()}

    assert "Acme_Best_Lead__c" in names
    assert all(name.startswith("Acme_") for name in names)


def test_companies_are_read_even_if_no_feature_looks_at_them():
    text = preset_text("hubspot")
    text = re.sub(r"\nfeatures:\n.*?\npoints:\n.*?\nroutes:", FEATURE, text, flags=re.DOTALL)
    plain, rolling = (parse(f"{text}\n{more}", "own.yaml") for more in ("", "companies: {}"))

    assert Entity.COMPANY in rolling.entities
    assert "hs_object_id" in rolling.source_fields(Entity.COMPANY)
    assert "associatedcompanyid" in rolling.remembered_fields(Entity.LEAD)
    assert plain.source_fields(Entity.COMPANY) != rolling.source_fields(Entity.COMPANY)
    assert plain.version == rolling.version


@pytest.mark.parametrize(
    ("section", "told"),
    [
        ("companies: {rolls: {}}", "there is no key rolls in companies"),
        ("companies: {outputs: {fit: false}}", "there is no key fit in companies.outputs"),
        ("companies: {roles: {boss: {}}}", "companies.roles.boss asks for nothing"),
        ("companies: {roles: {boss: {rank: [high]}}}", "asks for rank, which is no feature"),
        ("companies: {roles: {boss: {seniority: [cheif]}}}", "asks for cheif, which seniority never is"),
        ("companies: {roles: {boss: {employees: [10]}}}", "asks for employees, which is no category of a field"),
        ("companies: {roles: {'a;b': {seniority: [vp]}}}", "no role can be called a;b"),
        ("companies: {roles: {'': {seniority: [vp]}}}", "no role can be called a blank"),
        ("companies: {roles: {' ': {seniority: [vp]}}}", "no role can be called a blank"),
        ('companies: {roles: {"a\\nb": {seniority: [vp]}}}', "no role can be called a b"),
        ('companies: {roles: {"a\\u202eb": {seniority: [vp]}}}', "no role can be called a"),
        ("companies: {roles: {a: {seniority: [vp]}, A: {seniority: [vp]}}}", "the roles a and A read alike"),
        ("companies: {roles: {boss: {seniority: []}}}", "companies.roles.boss asks seniority for no value"),
    ],
)
def test_a_mistake_is_told_with_what_to_do(section, told):
    assert told in problems(section)


def test_all_outputs_off_is_a_mistake():
    off = ", ".join(f"{role}: false" for role in COMPANY_OUTPUTS)

    assert "every output of companies is switched off" in problems(f"companies: {{outputs: {{{off}}}}}")


def test_leads_that_link_to_no_company_cannot_give_it_anything():
    text = re.sub(r"  company: +# .*\n(    .*\n)+", "", preset_text("salesforce"))
    text = re.sub(r"^.*company\..*\n", "", text, flags=re.MULTILINE)

    with pytest.raises(MappingInvalid, match="no lead links to one"):
        parse(f"{text}\ncompanies: {{}}\n", "own.yaml")


def test_deals_give_companies_nothing():
    with pytest.raises(MappingInvalid, match="not of a deal"):
        parse(f"{preset_text('salesforce-deals')}\ncompanies: {{}}\n", "own.yaml")


def test_roles_are_named_for_each_entity():
    assert ROLES[Entity.COMPANY] == tuple(COMPANY_OUTPUTS)
