"""An installation or a removal that is killed before any of its calls, and run once more, ends where it would have.

A client that is killed leaves nothing but the org's state, so that each state that calls leave behind stands for all
calls that are made in it.
"""

import random

import pytest

from connector.crm import Entity, PieceState
from connector.salesforce.adapter import SalesforceOptions, connect
from mappings.file.load import load_preset
from tests.connector.salesforce.conftest import ADMIN
from tests.connector.salesforce.orgstate import Saved, Watching, told

PREFIX = "TG_"
FIELDS = load_preset("salesforce").output_fields()
OURS = {Entity.LEAD: FIELDS, Entity.COMPANY: FIELDS[:3]}
USER = "integration@truegrade.invalid"


@pytest.fixture
def watching(org):
    return Watching(org)


@pytest.fixture
def admin(simulator, clock, watching):
    crm = connect(
        ADMIN,
        base_url=simulator.url,
        clock=clock,
        limiter=watching,
        jitter=random.Random(1).random,
        options=SalesforceOptions(integration_username=USER),
    )
    yield crm
    crm.close()


def installed(crm):
    for entity, fields in OURS.items():
        crm.ensure_fields(entity, fields, dry_run=False)
    return crm.ensure_app(PREFIX, OURS, dry_run=False)


def test_an_installation_killed_at_any_call_is_finished_by_the_next(org, admin, watching):
    installed(admin)
    wanted, states = told(org), tuple(watching.states)

    assert len(states) >= 5  # fields, assignment, panel, views, reports, dashboard
    for state in states:
        state.restore()
        pieces = installed(admin)
        assert told(org) == wanted
        assert {piece.state for piece in pieces} <= {PieceState.CREATED, PieceState.LEFT}


def test_a_removal_killed_at_any_call_is_finished_by_the_next(org, admin, watching):
    wanted = told(org)
    installed(admin)
    watching.states.clear()
    before = Saved(org)

    admin.remove_all(PREFIX, OURS, dry_run=False)
    states = (before, *watching.states)

    assert told(org) == wanted
    assert len(states) >= 6  # assignment, dashboard, reports, views, panel, sets, fields
    for state in states:
        state.restore()
        admin.remove_all(PREFIX, OURS, dry_run=False)
        assert told(org) == wanted
