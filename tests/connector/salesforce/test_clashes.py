"""What is ours by name and not by nature: told, and left as it is. What is ours and old: brought up to date."""

from dataclasses import replace

import pytest

from connector.crm import Entity, PieceState
from connector.errors import Misconfigured
from connector.salesforce.content import PANEL, content
from connector.salesforce.deployment import deploy_what_is_taken
from connector.salesforce.package import APP_API_VERSION
from connector.simulator.salesforce import describe
from mappings.file.load import load_preset
from tests.connector.salesforce.conftest import ADMIN
from tests.connector.salesforce.orgstate import told

LEAD, PREFIX = Entity.LEAD, "TG_"
FIELDS = load_preset("salesforce").output_fields()
NAMES = {"Lead": [field.name for field in FIELDS]}
OURS = {LEAD: FIELDS}


@pytest.fixture
def admin(connected):
    return connected(ADMIN, integration_username="integration@truegrade.invalid")


def states(pieces):
    return {piece.name: piece.state for piece in pieces}


def theirs(org, **field):
    """Let the customer have a field that everybody sees."""
    name, kind = field.pop("name"), field.pop("type")
    org._state.add_column("Lead", describe.field(name, kind, custom=True, **field))
    org._state.granted.add(("Lead", name))


def test_a_field_of_another_kind_is_told_and_nothing_is_made(admin, org):
    theirs(org, name="TG_Score__c", type="string")
    before = told(org)

    with pytest.raises(Misconfigured, match=r"Lead\.TG_Score__c exists, but holds a text where we write a number"):
        admin.ensure_fields(LEAD, FIELDS, dry_run=False)

    assert told(org) == before


def test_a_field_that_is_too_short_is_told_with_the_place_to_mend_it(admin, org):
    theirs(org, name="TG_Top_Reason__c", type="string", length=80)
    before = told(org)

    with pytest.raises(Misconfigured, match=r"holds 80 characters.*Object Manager, Lead"):
        admin.ensure_fields(LEAD, FIELDS, dry_run=False)

    assert told(org) == before


def test_a_list_view_of_our_name_stays_as_it_is(admin, org):
    admin.ensure_fields(LEAD, FIELDS, dry_run=False)
    [view] = [one for one in content(PREFIX, NAMES).views if one.name == "Lead.TG_Rising_Leads"]
    label = next(element for element in view.element if element.tag.endswith("label"))
    label.text = "Our own risers"
    deploy_what_is_taken(admin._gateway, [view])
    before = org._state.components["ListView", view.name]

    pieces = admin.ensure_app(PREFIX, OURS, dry_run=False)

    assert states(pieces)[view.name] is PieceState.LEFT
    assert org._state.components["ListView", view.name] == before


def test_a_component_of_somebody_else_s_is_told_and_left(admin, org):
    admin.ensure_fields(LEAD, FIELDS, dry_run=False)
    own = [one for one in content(PREFIX, NAMES).panel if one.name == PANEL]
    path = f"lwc/{PANEL}/{PANEL}.js-meta.xml"
    text = own[0].files[path].replace(b"that Truegrade wrote on this record", b"of our own making")
    deploy_what_is_taken(admin._gateway, [replace(own[0], files={path: text})])
    before = org._state.components["LightningComponentBundle", PANEL]

    [panel] = [piece for piece in admin.ensure_app(PREFIX, OURS, dry_run=False) if piece.kind == "panel"]
    gone = states(admin.remove_all(PREFIX, OURS, dry_run=False))

    assert panel.state is PieceState.REFUSED
    assert "not Truegrade's" in panel.told
    assert gone[PANEL] is PieceState.LEFT
    assert org._state.components["LightningComponentBundle", PANEL] == before


def test_an_org_with_an_older_version_gets_what_is_new_and_a_new_panel(admin, org):
    old = [field for field in FIELDS if field.name not in {"TG_Change__c", "TG_Route__c"}]
    admin.ensure_fields(LEAD, old, dry_run=False)
    ours = content(PREFIX, NAMES)
    stale = [replace(one, files={**one.files, f"lwc/{one.name}/old.js": b"// old"}) for one in ours.panel if one.files]
    deploy_what_is_taken(admin._gateway, [*stale, *(one for one in ours.panel if not one.files)])

    plan = admin.ensure_fields(LEAD, FIELDS, dry_run=False)
    pieces = admin.ensure_app(PREFIX, OURS, dry_run=False)
    again = admin.ensure_app(PREFIX, OURS, dry_run=False)

    assert plan.created == plan.granted == ("TG_Change__c", "TG_Route__c")
    assert states(pieces)[PANEL] is PieceState.REPLACED
    assert set(states(again).values()) == {PieceState.LEFT}


def test_an_org_of_an_older_release_gets_all_but_the_panel_and_is_told_why(admin, org):
    org.set_option("newest_api", 62)
    admin.ensure_fields(LEAD, FIELDS, dry_run=False)

    pieces = admin.ensure_app(PREFIX, OURS, dry_run=False)

    [panel] = [piece for piece in pieces if piece.kind == "panel"]
    assert panel.state is PieceState.REFUSED
    assert APP_API_VERSION in panel.told
    assert {piece.state for piece in pieces if piece is not panel} == {PieceState.CREATED}

    org.set_option("newest_api", 63)
    assert states(admin.ensure_app(PREFIX, OURS, dry_run=False))[PANEL] is PieceState.CREATED


def test_views_show_only_the_fields_that_the_mapping_has(admin, org):
    fields = [field for field in FIELDS if field.name not in {"TG_Likelihood__c", "TG_Change__c", "TG_Grade__c"}]
    admin.ensure_fields(LEAD, fields, dry_run=False)

    pieces = admin.ensure_app(PREFIX, {LEAD: fields}, dry_run=False)

    assert set(states(pieces).values()) == {PieceState.CREATED}
    assert "Lead.TG_Rising_Leads" not in states(pieces)  # it filters by the change
    assert "TG_Truegrade/TG_Conversion_by_Grade" not in states(pieces)
    assert {"Lead.TG_Truegrade", "TG_Truegrade/TG_Score_Distribution", "TG_Truegrade/TG_Lead_Scores"} <= {
        *states(pieces)
    }
    gone = admin.remove_all(PREFIX, {LEAD: fields}, dry_run=False)
    assert {piece.state for piece in gone} == {PieceState.REMOVED}
    assert org._state.components == {}


def test_fields_of_companies_bring_their_own_views_and_stay_when_those_of_leads_go(admin, org):
    both = {LEAD: FIELDS, Entity.COMPANY: FIELDS}
    for entity, fields in both.items():
        admin.ensure_fields(entity, fields, dry_run=False)
    pieces = admin.ensure_app(PREFIX, both, dry_run=False)
    assert "Account.TG_Truegrade" in states(pieces)
    assert not [name for name in states(pieces) if name.startswith("Opportunity.")]

    left = {piece.name for piece in admin.remove_all(PREFIX, OURS, dry_run=False) if piece.state is PieceState.LEFT}

    assert left == {PANEL, "Truegrade_Integration", "Truegrade_User"}
    assert "TG_Score__c" in org._state.fields("Account")
    rest = admin.remove_all(PREFIX, {Entity.COMPANY: FIELDS}, dry_run=False)
    assert set(states(rest).values()) == {PieceState.REMOVED}
    assert org._state.components == {}


def test_the_app_s_files_name_one_api_version():
    from importlib import resources

    app = resources.files("connector.salesforce") / "app"
    metas = [path for path in app.rglob("*.js-meta.xml") if "node_modules" not in path.parts]

    assert metas
    assert all(f"<apiVersion>{APP_API_VERSION}<" in path.read_text() for path in metas)
    assert f'"sourceApiVersion": "{APP_API_VERSION}"' in (app / "sfdx-project.json").read_text()
