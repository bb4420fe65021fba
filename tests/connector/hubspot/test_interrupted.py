"""An installation or a removal that is killed before any of its calls, and run once more, ends where it would have.

A client that is killed leaves nothing but the portal's state, so that each state that calls leave behind stands for all
calls that are made in it.
"""

import copy
import random
import sqlite3

import pytest

from connector.crm import Entity, PieceState
from connector.errors import Misconfigured
from connector.hubspot.adapter import connect
from connector.hubspot.signin import StaticToken
from connector.limiter import NoLimiter
from mappings.file.load import load_preset

ADMIN = "pat-na1-admin"
PREFIX = "tg_"
FIELDS = load_preset("hubspot").output_fields()
OURS = {Entity.LEAD: FIELDS, Entity.COMPANY: FIELDS[:3]}
KEPT = ("registries", "segments", "archived")


class Saved:
    """A portal as it is now."""

    def __init__(self, portal):
        self._state = portal._state
        self._db = sqlite3.connect(":memory:", check_same_thread=False)
        self._state.db.backup(self._db)
        self._kept = {name: copy.deepcopy(getattr(self._state, name)) for name in KEPT}

    def restore(self):
        self._db.backup(self._state.db)
        for name, value in self._kept.items():
            setattr(self._state, name, copy.deepcopy(value))


class Watching(NoLimiter):
    """Saves the portal before each call that finds it otherwise than the one before: there a client may be killed."""

    def __init__(self, portal):
        self._portal = portal
        self._last = told(portal)
        self.states = []

    def wait(self, bucket):
        now = told(self._portal)
        if now != self._last:
            self._last = now
            self.states.append(Saved(self._portal))


def told(portal):
    """What the portal says of itself: living properties, groups, segments; no stamps, no ids."""
    state = portal._state
    properties = {
        kind: (sorted((one.name, one.type, one.options) for one in registry.listed(archived=False)), [*registry.groups])
        for kind, registry in state.registries.items()
    }
    return repr((properties, sorted(one["name"] for one in state.segments.values())))


@pytest.fixture
def watching(portal):
    return Watching(portal)


@pytest.fixture
def admin(simulator, clock, watching):
    crm = connect(
        StaticToken(ADMIN),
        base_url=simulator.url,
        clock=clock,
        limiter=watching,
        jitter=random.Random(1).random,
    )
    yield crm
    crm.close()


def installed(crm):
    for entity, fields in OURS.items():
        crm.ensure_fields(entity, fields, dry_run=False)
    return crm.ensure_app(PREFIX, OURS, dry_run=False)


def test_an_installation_killed_at_any_call_is_finished_by_the_next(portal, admin, watching):
    installed(admin)
    wanted, states = told(portal), tuple(watching.states)

    assert len(states) >= len(FIELDS) + 3
    for state in states:
        state.restore()
        pieces = installed(admin)
        assert told(portal) == wanted
        assert {piece.state for piece in pieces} <= {PieceState.CREATED, PieceState.LEFT}


def test_a_removal_killed_at_any_call_is_finished_by_the_next(portal, admin, watching):
    wanted = told(portal)
    installed(admin)
    watching.states.clear()
    before = Saved(portal)

    admin.remove_all(PREFIX, OURS, dry_run=False)
    states = (before, *watching.states)

    assert told(portal) == wanted
    assert len(states) >= 7  # four segments and more, properties, groups
    for state in states:
        state.restore()
        admin.remove_all(PREFIX, OURS, dry_run=False)
        assert told(portal) == wanted


@pytest.mark.parametrize("scope", ["crm.schemas.contacts.write", "crm.schemas.companies.write"])
def test_a_missing_scope_is_named(portal, admin, scope):
    portal.set_scopes(ADMIN, [*(portal._state.grants.access[ADMIN].scopes - {scope})])

    with pytest.raises(Misconfigured, match=scope):
        installed(admin)


def test_a_token_tells_what_it_is_allowed(portal, admin):
    portal.set_scopes(ADMIN, [*(portal._state.grants.access[ADMIN].scopes - {"crm.lists.write"})])

    own = {right.name: right.held for right in admin.rights([Entity.LEAD], [Entity.LEAD], as_admin=False)}
    admins = {right.name: right for right in admin.rights([Entity.LEAD], [Entity.LEAD], as_admin=True)}

    assert own == dict.fromkeys(
        ("crm.objects.contacts.read", "crm.schemas.contacts.read", "crm.objects.contacts.write"), True
    )
    assert admins["crm.schemas.contacts.write"].held is True
    assert admins["crm.lists.write"].held is False
    assert admins["crm.lists.write"].optional
