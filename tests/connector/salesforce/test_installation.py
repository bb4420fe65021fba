"""What reps look at in an org: installed once, left to its owners, and taken out again without a trace."""

import json
from collections import Counter
from dataclasses import replace

import pytest

from connector.crm import Entity, NewField, PieceState, Update
from connector.errors import Misconfigured
from connector.salesforce import content as contents
from connector.salesforce.content import content
from connector.salesforce.package import packed
from mappings.file.load import load_preset
from tests.assets.metadata import problems_in
from tests.connector.salesforce.conftest import ADMIN
from tests.connector.salesforce.test_package import unpacked

LEAD = Entity.LEAD
PREFIX = "TG_"
FIELDS = tuple(load_preset("salesforce").output_fields())
OURS = {LEAD: FIELDS}
NAMES = {"Lead": [field.name for field in FIELDS]}
USER = "integration@truegrade.invalid"
SHOWN = {"panel": 1, "compact layout": 1, "list view": 3, "report type": 1, "report": 5, "dashboard": 1}
ALL = sum(SHOWN.values())


@pytest.fixture
def admin(connected):
    return connected(ADMIN, integration_username=USER)


@pytest.fixture
def provisioned(admin):
    admin.ensure_fields(LEAD, FIELDS, dry_run=False)
    return admin


def describes(org):
    """All that the org says of itself."""
    return json.dumps(org._state.objects)


def changes(pieces):
    return Counter(piece.state for piece in pieces)


def kinds(pieces):
    return dict(Counter(piece.kind for piece in pieces))


def test_everything_is_installed_once_and_then_left_alone(provisioned):
    planned = provisioned.ensure_app(PREFIX, OURS, dry_run=True)
    made = provisioned.ensure_app(PREFIX, OURS, dry_run=False)
    again = provisioned.ensure_app(PREFIX, OURS, dry_run=False)

    assert planned == made
    assert kinds(made) == SHOWN
    assert changes(made) == {PieceState.CREATED: ALL}
    assert changes(again) == {PieceState.LEFT: ALL}
    assert all(piece.needs for piece in made)


def test_a_second_round_deploys_nothing(provisioned, org):
    provisioned.ensure_app(PREFIX, OURS, dry_run=False)
    before = dict(org._endpoints.deployments)

    provisioned.ensure_app(PREFIX, OURS, dry_run=False)

    assert org._endpoints.deployments == before


def test_another_version_s_panel_is_replaced_and_nothing_else(provisioned, monkeypatch):
    provisioned.ensure_app(PREFIX, OURS, dry_run=False)
    monkeypatch.setattr(contents.Content, "panel_digest", "0123456789ab")

    later = provisioned.ensure_app(PREFIX, OURS, dry_run=False)
    again = provisioned.ensure_app(PREFIX, OURS, dry_run=False)

    assert {piece.kind for piece in later if piece.state is PieceState.REPLACED} == {"panel"}
    assert changes(later)[PieceState.LEFT] == ALL - 1
    assert changes(again) == {PieceState.LEFT: ALL}


def test_without_our_fields_what_stands_on_them_is_refused_and_told(admin):
    pieces = admin.ensure_app(PREFIX, OURS, dry_run=False)

    refused = {piece.name: piece.told for piece in pieces if piece.state is PieceState.REFUSED}
    assert "TG_Score__c" in refused["Lead.TG_Hottest_Open_Leads"]
    assert "Lead.TG_Score__c" in refused["TG_Truegrade/TG_Score_Distribution"]
    assert "none of its reports" in refused["TG_Truegrade/TG_Lead_Scores"]
    assert [piece.kind for piece in pieces if piece.state is PieceState.CREATED] == ["panel"]


def test_what_was_refused_comes_when_the_reason_is_gone(admin):
    admin.ensure_app(PREFIX, OURS, dry_run=False)
    admin.ensure_fields(LEAD, FIELDS, dry_run=False)

    pieces = admin.ensure_app(PREFIX, OURS, dry_run=False)

    assert changes(pieces) == {PieceState.CREATED: ALL - 1, PieceState.LEFT: 1}


def test_the_prefix_names_everything(connected):
    other = connected(ADMIN, integration_username=USER)
    fields = [NewField(one.name.replace("TG_", "ACME_"), one.label, one.kind, one.description, one.length,
                       one.digits, one.decimals, one.percent) for one in FIELDS]  # fmt: skip
    other.ensure_fields(LEAD, fields, dry_run=False)

    pieces = other.ensure_app("ACME_", {LEAD: fields}, dry_run=False)

    assert changes(pieces) == {PieceState.CREATED: ALL}
    assert not [piece for piece in pieces if "TG_" in piece.name]
    files = unpacked(
        packed(
            [
                *content("ACME_", {"Lead": [field.name for field in fields]}).views,
                *content("ACME_", {"Lead": [field.name for field in fields]}).panel,
            ],
            api_version="59.0",
        )
    )
    assert "TG_" not in "".join(files.values())


def test_two_prefixes_of_one_org_do_not_harm_each_other(provisioned, connected, org):
    provisioned.ensure_app(PREFIX, OURS, dry_run=False)
    other = connected(ADMIN, integration_username=USER)
    theirs = [replace(field, name=field.name.replace("TG_", "XX_")) for field in FIELDS]
    other.ensure_fields(LEAD, theirs, dry_run=False)

    [panel] = [piece for piece in other.ensure_app("XX_", {LEAD: theirs}, dry_run=False) if piece.kind == "panel"]
    assert panel.state is PieceState.REFUSED
    assert "TG_" in panel.told

    pieces = other.remove_all("XX_", {LEAD: theirs}, dry_run=False)
    left = {piece.name for piece in pieces if piece.state is PieceState.LEFT}
    assert left == {contents.PANEL, "Truegrade_Integration", "Truegrade_User"}
    seen = {field.name for field in connected().describe(LEAD)}
    assert {field.name for field in FIELDS} <= seen
    assert not seen & {field.name for field in theirs}
    assert changes(provisioned.ensure_app(PREFIX, OURS, dry_run=True)) == {PieceState.LEFT: ALL}


def test_the_integration_user_may_not_install(connected):
    with pytest.raises(Misconfigured, match="Customize Application"):
        connected().ensure_app(PREFIX, OURS, dry_run=False)


def test_removal_leaves_the_org_as_it_was_byte_for_byte(admin, org):
    before = describes(org)
    admin.ensure_fields(LEAD, FIELDS, dry_run=False)
    admin.ensure_app(PREFIX, OURS, dry_run=False)
    assert describes(org) != before

    pieces = admin.remove_all(PREFIX, {LEAD: FIELDS}, dry_run=False)

    assert describes(org) == before
    assert changes(pieces) == {PieceState.REMOVED: ALL + 2 + len(FIELDS)}
    assert org._state.components == {}
    assert admin.remove_all(PREFIX, {LEAD: FIELDS}, dry_run=False) == ()


def test_a_dry_removal_tells_what_would_be_lost_and_takes_nothing(provisioned, connected, org):
    provisioned.ensure_app(PREFIX, OURS, dry_run=False)
    leads = org.pick("Lead", where={"IsConverted": False}, limit=2)
    for name in ("TG_Score__c", "TG_Grade__c"):
        org._state.granted.add(("Lead", name))  # this admin sees two of our fields
    org._state.access.clear()
    list(connected().write(LEAD, [Update(lead, {"TG_Score__c": 50}) for lead in leads], expected=2))
    before = describes(org)

    told = provisioned.remove_all(PREFIX, {LEAD: FIELDS}, dry_run=True)

    assert describes(org) == before
    by_name = {piece.name: piece.told for piece in told}
    assert by_name["Lead.TG_Score__c"] == "with 2 values"
    assert by_name["Lead.TG_Grade__c"] == "with 0 values"
    assert by_name["Lead.TG_Route__c"] == "with all its values"
    assert by_name["Truegrade_Integration"] == "users who have it: 1"
    assert changes(told) == {PieceState.REMOVED: ALL + 2 + len(FIELDS)}


def test_what_the_customer_uses_stays_and_the_rest_goes(provisioned, org):
    provisioned.ensure_app(PREFIX, OURS, dry_run=False)
    org.place(contents.PANEL, "Lead Record Page")
    org.use("Lead", "TG_Score__c", "Flow - Route hot leads")

    pieces = provisioned.remove_all(PREFIX, {LEAD: FIELDS}, dry_run=False)

    refused = {piece.name: piece.told for piece in pieces if piece.state is PieceState.REFUSED}
    assert set(refused) == {contents.PANEL, "Lead.TG_Score__c"}
    assert "Lead Record Page" in refused[contents.PANEL]
    assert "Route hot leads" in refused["Lead.TG_Score__c"]

    org.place(contents.PANEL, "")
    org._state.uses.clear()
    left = provisioned.remove_all(PREFIX, {LEAD: FIELDS}, dry_run=False)

    assert {piece.name for piece in left} == {contents.PANEL, "Lead.TG_Score__c"}


@pytest.mark.parametrize("part", ["panel", "views", "reports", "dashboards"])
def test_every_file_is_valid_by_the_vendor_s_wsdl(part):
    files = unpacked(packed(getattr(content(PREFIX, NAMES), part), api_version="59.0"))
    found = {name: problems_in(text.encode()) for name, text in files.items() if text.startswith("<?xml")}

    assert found
    assert found == {name: [] for name in found}


def test_only_our_fields_and_standard_ones_are_named():
    ours = {f"{of}{field.name}" for field in FIELDS for of in ("", "Lead.", "Lead$")} | {"TG_Leads_with_Touches__c"}
    files = unpacked(packed([*content(PREFIX, NAMES).views, *content(PREFIX, NAMES).reports], api_version="59.0"))
    custom = {word for text in files.values() for word in text.replace("<", ">").split(">") if word.endswith("__c")}

    assert custom <= ours
