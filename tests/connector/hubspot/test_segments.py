"""What reps look at in a portal: made once, left to its owners, and taken out again."""

from collections import Counter
from dataclasses import replace

import pytest

from connector.crm import Entity, PieceState, Update
from connector.hubspot.signin import StaticToken
from mappings.file.load import load_preset

ADMIN = StaticToken("pat-na1-admin")
LEAD = Entity.LEAD
PREFIX = "tg_"
FIELDS = tuple(load_preset("hubspot").output_fields())
OURS = {LEAD: FIELDS}
NAMES = {"Truegrade: hottest leads", "Truegrade: rising leads", "Truegrade: leads going cold"}


@pytest.fixture
def admin(connected):
    return connected(ADMIN)


@pytest.fixture
def provisioned(admin):
    admin.ensure_fields(LEAD, FIELDS, dry_run=False)
    return admin


def renamed(prefix):
    return {LEAD: [replace(field, name=field.name.replace(PREFIX, prefix, 1)) for field in FIELDS]}


def states(pieces):
    return Counter(piece.state for piece in pieces)


def properties(portal):
    registry = portal._state.registries["contacts"]
    return [one.name for one in registry.listed(archived=False)], list(registry.groups)


def test_segments_are_made_once_and_then_left_alone(provisioned, portal):
    planned = provisioned.ensure_app(PREFIX, OURS, dry_run=True)
    assert portal._state.segments == {}
    made = provisioned.ensure_app(PREFIX, OURS, dry_run=False)
    again = provisioned.ensure_app(PREFIX, OURS, dry_run=False)

    assert planned == made
    assert {piece.name for piece in made} == NAMES
    assert states(made) == {PieceState.CREATED: 3}
    assert states(again) == {PieceState.LEFT: 3}
    assert len(portal._state.segments) == 3


def test_a_missing_scope_is_named_and_hinders_nothing_else(provisioned, portal):
    portal.set_scopes("pat-na1-admin", ["crm.schemas.contacts.read", "crm.schemas.contacts.write"])

    pieces = provisioned.ensure_app(PREFIX, OURS, dry_run=False)

    assert states(pieces) == {PieceState.REFUSED: 3}
    assert all("crm.lists" in piece.told for piece in pieces)


def test_without_our_properties_segments_are_refused_in_hubspot_s_words(admin):
    pieces = admin.ensure_app(PREFIX, OURS, dry_run=False)

    assert states(pieces) == {PieceState.REFUSED: 3}
    assert "tg_grade" in pieces[0].told


def test_two_prefixes_have_segments_of_their_own(provisioned):
    names = {piece.name for piece in provisioned.ensure_app("acme_", renamed("acme_"), dry_run=True)}

    assert names == {name.replace("Truegrade:", "Truegrade acme:") for name in NAMES}


def test_removal_leaves_the_portal_as_it_was(admin, portal):
    before = properties(portal)
    admin.ensure_fields(LEAD, FIELDS, dry_run=False)
    admin.ensure_app(PREFIX, OURS, dry_run=False)
    assert properties(portal) != before

    pieces = admin.remove_all(PREFIX, {LEAD: FIELDS}, dry_run=False)

    assert properties(portal) == before
    assert portal._state.segments == {}
    assert states(pieces) == {PieceState.REMOVED: 3 + len(FIELDS)}
    assert admin.remove_all(PREFIX, {LEAD: FIELDS}, dry_run=False) == ()


def test_a_dry_removal_tells_what_would_be_lost_and_takes_nothing(provisioned, connected, portal):
    provisioned.ensure_app(PREFIX, OURS, dry_run=False)
    [contact] = portal.pick("contacts", limit=1)
    list(connected().write(LEAD, [Update(contact, {"tg_score": 50})], expected=1))
    before = properties(portal)

    told = provisioned.remove_all(PREFIX, {LEAD: FIELDS}, dry_run=True)

    assert properties(portal) == before
    assert len(portal._state.segments) == 3
    assert {piece.name: piece.told for piece in told}["contacts.tg_score"].startswith("with ")
    assert states(told) == {PieceState.REMOVED: 3 + len(FIELDS)}


def test_a_property_of_the_customer_in_our_group_keeps_the_group(provisioned, portal):
    provisioned._gateway.send(
        "POST",
        "/crm/properties/2026-03/contacts",
        {"name": "their_own", "label": "Own", "groupName": "truegrade", "type": "string", "fieldType": "text"},
    )

    provisioned.remove_all(PREFIX, {LEAD: FIELDS}, dry_run=False)

    names, groups = properties(portal)
    assert "their_own" in names
    assert "truegrade" in groups


def test_the_integration_token_may_not_take_anything_out(provisioned, connected):
    pieces = connected().remove_all(PREFIX, {LEAD: FIELDS}, dry_run=False)

    [refused] = [piece for piece in pieces if piece.kind == "property"]
    assert (refused.name, refused.state) == ("contacts", PieceState.REFUSED)
    assert "crm.schemas.contacts.write" in refused.told


def test_an_admin_of_contacts_alone_takes_out_what_is_there(provisioned, portal):
    portal.set_scopes(
        "pat-na1-admin", ["crm.schemas.contacts.read", "crm.schemas.contacts.write", "crm.schemas.companies.read"]
    )

    pieces = provisioned.remove_all(PREFIX, {LEAD: FIELDS, Entity.COMPANY: FIELDS}, dry_run=False)

    assert Counter(piece.state for piece in pieces if piece.kind == "property") == {PieceState.REMOVED: len(FIELDS)}
