"""Telling of hot leads: where nothing is due nothing is loaded, and what cannot be told is left for later."""

from datetime import UTC, datetime

import pytest

from mappings.file.load import preset_text
from tasks.settings import load_settings
from tasks.store import handovers
from tasks.store.handovers import Rise, State
from tasks.telling import tell_of_hot_leads
from tasks.wiring import open_wiring

LEAD = "00Q000000000001EAA"
SIGN_IN = "{kind: client_credentials, client_id: 'env:NOT_ASKED', client_secret: 'env:NOT_ASKED'}"


@pytest.fixture
def wiring(tmp_path):
    """An installation with one connection, of which a rise waits, and that of another which is no more."""
    (tmp_path / "connections.yaml").write_text(
        f"connections:\n  acme:\n    crm: salesforce\n    url: https://acme.example\n    sign_in: {SIGN_IN}\n"
        "    mapping: acme.yaml\n"
    )
    opened = open_wiring(load_settings(tmp_path))
    with opened.store.write() as tx:
        for name in ("acme", "gone"):
            handovers.add(tx, name, "webhook", [Rise(LEAD, "first", "A", None)], now=datetime(2026, 1, 1, tzinfo=UTC))
    yield opened
    opened.store.close()


def test_a_mapping_that_cannot_be_read_leaves_all_for_later(wiring, tmp_path):
    (tmp_path / "acme.yaml").write_text("version: 7\n")

    assert tell_of_hot_leads(wiring) == {}
    assert handovers.counts(wiring.store, "acme") == {State.WAITING: 1}


def test_a_lead_that_is_gone_is_over_and_what_is_no_connection_stays(wiring, tmp_path):
    section = "handover: {webhook: {url: 'https://hooks.example.com/', secret: 'env:NOT_SET'}}\n"
    (tmp_path / "acme.yaml").write_text(preset_text("salesforce") + section)

    assert tell_of_hot_leads(wiring, ["acme"])["over"] == 1
    assert handovers.counts(wiring.store, "gone") == {State.WAITING: 1}
